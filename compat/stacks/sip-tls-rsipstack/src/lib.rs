#![doc = include_str!("../README.md")]
//!
//! # What it does
//!
//! A [`TlsTransport`] gives an endpoint of rsipstack TLS connections of an [`Endpoint`]. It replaces rsipstack's own TLS, which
//! has other options, verifies no client, checks no revocation lists, and needs a C compiler (its feature `rustls`, which
//! stays off here).
//!
//! Requests to a `sips` URI, or to one with `transport=tls`, then go over an existing connection, or over one that is
//! made for them. An error before the connection is established is the error of the request. A later error, such as
//! the alert by which a server of TLS 1.3 refuses a client, is reported in two ways. Each request that waits for an
//! answer on the connection is answered at once by a local 503, with the cause in its header `Reason`; rsipstack would
//! let it wait for 32 seconds. And [`TlsTransport::on_end`] is told.
//!
//! # How it works
//!
//! For rsipstack a connection is a [channel](rsipstack::transport::channel). `TlsConnection::from_client_stream` and
//! `from_server_stream` accept only a stream that they have made themselves. They have no time-out, no second try and
//! no address of a proxy, and they report an error only in the log. `set_client_connector` is one for the whole
//! process, cannot accept, and leaks what it is given.
//!
//! rsipstack takes the address of a channel for an address of its own, so that a REGISTER names the registrar in its
//! Via. When the REGISTER is sent, its Via gets the address that [`TlsTransport::new`] was given. That address is also
//! put among the listeners, for Via and Contact of other requests; rsipstack warns once that it cannot serve it. What
//! an application sets with `set_whitelist` is not used for these connections.
//!
//! rsipstack finds connections by the peer's address. So a request to the address of a connected client goes over the
//! connection of that client, as phones need it. `tls-mutual` decides who that client can be. A client cannot take the
//! place of a server that we are connected to: no connection from that server's address is accepted.
#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::missing_errors_doc
)]

mod end;
mod link;
mod pending;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use rsipstack::EndpointBuilder;
use rsipstack::platform::CancellationToken;
use rsipstack::platform::mpsc;
use rsipstack::sip::uri::ParamsExt;
use rsipstack::sip::{Scheme, Transport, Uri};
use rsipstack::transaction::Endpoint as SipEndpoint;
use rsipstack::transaction::endpoint::{EndpointInner, TargetLocator};
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportLayer};
use sip_tls::profile::Server;
use sip_tls::{ConnectError, Connection, Endpoint, Serve, Stopping};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;

pub use self::end::End;
use self::link::Link;

/// TLS connections of an [`Endpoint`] for an endpoint of rsipstack. Clones share everything.
#[derive(Clone)]
pub struct TlsTransport(Arc<Inner>);

/// What [`Serve`] does with each connection of [`TlsTransport::serve`].
pub type Handler = Box<
    dyn Fn(Connection<TcpStream>, Stopping) -> Pin<Box<dyn Future<Output = ()> + Send>>
        + Send
        + Sync,
>;

struct Inner {
    tls: Endpoint,
    /// Where peers reach us.
    own: SipAddr,
    /// Set by `install`. It is weak, because it owns what owns this.
    sip: OnceLock<Weak<EndpointInner>>,
    /// The servers that are connected to, or that somebody is connecting to.
    servers: Mutex<HashMap<String, Arc<Attempt>>>,
    live: Mutex<HashMap<SocketAddr, Live>>,
    on_end: OnceLock<Box<OnEnd>>,
}

/// How many connections there are with an address, by who made them.
#[derive(Default)]
struct Live {
    by_us: usize,
    by_peer: usize,
}

/// The result of connecting to a server: its address, or the error.
type Attempt = OnceCell<Result<SocketAddr, Arc<ConnectError>>>;
type OnEnd = dyn Fn(SocketAddr, &End) + Send + Sync;

impl TlsTransport {
    /// Makes the transport of an endpoint. `own` is the address by which peers reach us, as it stands in Via and
    /// Contact. If we do not listen, it is the address of the network interface with any port.
    pub fn new(tls: Endpoint, own: SocketAddr) -> Self {
        Self(Arc::new(Inner {
            tls,
            own: tls_address(own),
            sip: OnceLock::new(),
            servers: Mutex::default(),
            live: Mutex::default(),
            on_end: OnceLock::new(),
        }))
    }

    /// Tells this function of each established connection that ends, and how. [`connect`](Self::connect) and
    /// [`Serve::on_failure`] tell of connections that were never made. The function must not block. A second function
    /// is ignored.
    #[must_use]
    pub fn on_end(self, function: impl Fn(SocketAddr, &End) + Send + Sync + 'static) -> Self {
        // `Err` has the function that was not taken.
        let _ = self.0.on_end.set(Box::new(function));
        self
    }

    /// Makes an endpoint of rsipstack that has this transport, beside what the layer has already. The transport
    /// becomes the builder's locator of targets. One transport is for one endpoint; it is ignored in a second one.
    pub fn install(&self, builder: &mut EndpointBuilder, layer: TransportLayer) -> SipEndpoint {
        if let Some(listener) = address_only(self.0.own.clone()) {
            layer.add_transport(listener);
        }
        let sip = builder
            .with_transport_layer(layer)
            .with_target_locator(Box::new(self.clone()))
            .build();
        // `Err` has the one that was not taken.
        let _ = self.0.sip.set(Arc::downgrade(&sip.inner));
        sip
    }

    /// Connects to a server, unless we have done so and are connected, and returns its address, for the `destination`
    /// of requests. Calls at the same time share the result.
    ///
    /// Requests connect by themselves. `Registration::register` of rsipstack looks for a connection first; without one,
    /// call this method before it.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::connect_to`].
    pub async fn connect(&self, server: &Server) -> Result<SipAddr, Arc<ConnectError>> {
        let attempt = self.attempt(server);
        let made = attempt.get_or_init(|| async {
            let dialled = self.dial(server).await;
            dialled.map_err(Arc::new)
        });
        made.await.clone().map(tls_address)
    }

    async fn dial(&self, server: &Server) -> Result<SocketAddr, ConnectError> {
        let connection = self.0.tls.connect_to(server, None).await?;
        let peer = match connection.transport().peer_addr() {
            Ok(peer) => peer,
            Err(error) => return Err(connection.failure(error)),
        };
        if let Some(link) = Link::new(self, connection, peer, By::Us) {
            tokio::spawn(link.run(std::future::pending()));
        }
        Ok(peer)
    }

    /// Accepts the connections of a listener with [`Endpoint::serve`]. The result takes the limits, and serves as long
    /// as it is awaited.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::server_config`].
    pub fn serve(&self, listener: TcpListener) -> Result<Serve<Handler>, sip_tls::Error> {
        let transport = self.clone();
        let handler: Handler = Box::new(move |connection, mut stopping| {
            let transport = transport.clone();
            Box::pin(async move {
                let Some(peer) = connection.info().peer_address() else {
                    return;
                };
                if let Some(link) = Link::new(&transport, connection, peer, By::Peer) {
                    link.run(async move { stopping.requested().await }).await;
                }
            })
        });
        self.0.tls.serve(listener, handler)
    }

    /// Whether there is a connection with this address.
    pub fn is_live(&self, peer: SocketAddr) -> bool {
        lock(&self.0.live).contains_key(&peer)
    }

    /// Whether there is a connection that one of the two made.
    fn live(&self, peer: SocketAddr, by: By) -> bool {
        let live = lock(&self.0.live);
        live.get(&peer).is_some_and(|live| live.count(by) > 0)
    }

    fn sip(&self) -> Option<Arc<EndpointInner>> {
        self.0.sip.get()?.upgrade()
    }

    /// Returns the attempt to connect to a server. It is under way, has led to a connection that exists, or was not
    /// begun.
    fn attempt(&self, server: &Server) -> Arc<Attempt> {
        let mut servers = lock(&self.0.servers);
        servers.retain(|_, attempt| match attempt.get() {
            Some(Ok(address)) => self.live(*address, By::Us),
            Some(Err(_)) => false,
            // An attempt that nobody awaits any more is dropped.
            None => Arc::strong_count(attempt) > 1,
        });
        Arc::clone(servers.entry(server.to_string()).or_default())
    }

    fn tell(&self, peer: SocketAddr, end: &End) {
        if let Some(function) = self.0.on_end.get() {
            function(peer, end);
        }
    }
}

/// Who made a connection.
#[derive(Clone, Copy)]
enum By {
    Peer,
    Us,
}

impl Live {
    fn count(&self, by: By) -> usize {
        match by {
            By::Peer => self.by_peer,
            By::Us => self.by_us,
        }
    }

    fn count_mut(&mut self, by: By) -> &mut usize {
        match by {
            By::Peer => &mut self.by_peer,
            By::Us => &mut self.by_us,
        }
    }
}

#[async_trait::async_trait]
impl TargetLocator for TlsTransport {
    async fn locate(&self, uri: &Uri) -> rsipstack::Result<SipAddr> {
        let is_tls = match uri.transport() {
            Some(transport) => *transport == Transport::Tls,
            None => uri.scheme == Some(Scheme::Sips),
        };
        if !is_tls {
            return SipAddr::try_from(uri);
        }
        let failed = |error: &dyn fmt::Display| rsipstack::Error::Error(error.to_string());
        let server: Server = uri
            .host_with_port
            .to_string()
            .parse()
            .map_err(|error| failed(&error))?;
        let client = server
            .address()
            .map(|ip| SocketAddr::new(ip, server.port()));
        match client.filter(|client| self.live(*client, By::Peer)) {
            Some(client) => Ok(tls_address(client)),
            None => self.connect(&server).await.map_err(|error| failed(&error)),
        }
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport")
            .field("tls", &self.0.tls)
            .field("own", &self.0.own)
            .finish_non_exhaustive()
    }
}

fn tls_address(address: SocketAddr) -> SipAddr {
    SipAddr {
        r#type: Some(Transport::Tls),
        ..SipAddr::from(address)
    }
}

/// A connection that carries nothing, and has an address.
fn address_only(own: SipAddr) -> Option<SipConnection> {
    let (incoming, outgoing) = (mpsc::unbounded_channel().1, mpsc::unbounded_channel().0);
    channel(ChannelConnection::create_connection(
        incoming, outgoing, own, None,
    ))
}

/// Takes a channel from the future that makes it, which never waits.
fn channel(
    making: impl Future<Output = rsipstack::Result<ChannelConnection>>,
) -> Option<SipConnection> {
    let made = futures_util::FutureExt::now_or_never(making)?;
    made.ok().map(SipConnection::Channel)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
