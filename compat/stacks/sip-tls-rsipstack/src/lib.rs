#![doc = include_str!("../README.md")]
//!
//! # What it does
//!
//! A [`TlsTransport`] gives a SIP endpoint of rsipstack the TLS connections of an [`Endpoint`]. It replaces
//! rsipstack's own TLS, which has other options, verifies no client, checks no revocation lists, and needs a C
//! compiler (its feature `rustls`, which stays off here).
//!
//! Requests to a `sips` URI, or to one with `transport=tls`, then use an existing connection or a new one that is made
//! for them. An error while the connection is made is the error of the request. A later error, such as the alert with
//! which a server of TLS 1.3 refuses a client, is reported in two ways. Each request that waits for an answer on the
//! connection is answered at once with a local 503, with the cause in its header `Reason`; rsipstack alone would wait
//! for 32 seconds. The function of [`TlsTransport::on_end`] is called as well.
//!
//! # How it works
//!
//! In rsipstack, a connection is a [channel](rsipstack::transport::channel). `TlsConnection::from_client_stream` and
//! `from_server_stream` accept only streams that they make themselves: these have no time-out, no second try and no
//! address of a proxy, and their errors are only a line in the log. `set_client_connector` applies to the whole
//! process, cannot accept connections, and leaks the connector.
//!
//! rsipstack takes the address of a channel for our own address, so that the Via of a REGISTER names the registrar.
//! When the request is sent, the address is replaced by the one that [`TlsTransport::new`] was given. That address is
//! also added to the listeners, for Via and Contact of other requests; rsipstack warns once that it cannot serve it.
//! rsipstack checks a whitelist (`TransportLayer::set_whitelist`) only in its own listeners. The whitelist therefore has
//! no effect on clients that [`TlsTransport::serve`] accepts.
//!
//! rsipstack finds connections by the peer's address. A request to the address of a connected client therefore uses
//! the connection of that client, as phones need it; `tls-mutual` decides which clients can connect. A client cannot
//! take the place of a server that we are connected to: no connection from the address of such a server is accepted.
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

/// TLS connections of an [`Endpoint`] for a SIP endpoint of rsipstack. Clones share everything.
#[derive(Clone)]
pub struct TlsTransport(Arc<Inner>);

/// The handler that [`TlsTransport::serve`] gives to [`Serve`].
pub type Handler = Box<
    dyn Fn(Connection<TcpStream>, Stopping) -> Pin<Box<dyn Future<Output = ()> + Send>>
        + Send
        + Sync,
>;

struct Inner {
    tls: Endpoint,
    /// The address at which peers reach us.
    own: SipAddr,
    /// Set by `install`. It is weak because the stack owns the owner of this value.
    sip: OnceLock<Weak<EndpointInner>>,
    /// The servers that we are connected to, or that we are connecting to.
    servers: Mutex<HashMap<String, Arc<Attempt>>>,
    live: Mutex<HashMap<SocketAddr, Live>>,
    on_end: OnceLock<Box<OnEnd>>,
}

/// The number of connections with an address, by the side that opened them.
#[derive(Default)]
struct Live {
    by_us: usize,
    by_peer: usize,
}

/// The result of connecting to a server: its address, or an error.
type Attempt = OnceCell<Result<SocketAddr, Arc<ConnectError>>>;
type OnEnd = dyn Fn(SocketAddr, &End) + Send + Sync;

impl TlsTransport {
    /// Makes the transport of an endpoint. `own` is the address at which peers reach us, for Via and Contact. If we do
    /// not listen, it is the address of the network card with any port.
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

    /// Calls this function when an established connection ends, with the way in which it ended. Connections that were
    /// not established are reported by [`connect`](Self::connect) and [`Serve::on_failure`]. The function must not
    /// block. A second function is ignored.
    #[must_use]
    pub fn on_end(self, function: impl Fn(SocketAddr, &End) + Send + Sync + 'static) -> Self {
        // `Err` contains the function that was ignored.
        let _ = self.0.on_end.set(Box::new(function));
        self
    }

    /// Makes a SIP endpoint of rsipstack with this transport, in addition to the transports that the layer has
    /// already. The transport becomes the target locator of the builder. A transport belongs to one SIP endpoint; a
    /// second one ignores it.
    pub fn install(&self, builder: &mut EndpointBuilder, layer: TransportLayer) -> SipEndpoint {
        if let Some(listener) = address_only(self.0.own.clone()) {
            layer.add_transport(listener);
        }
        let sip = builder
            .with_transport_layer(layer)
            .with_target_locator(Box::new(self.clone()))
            .build();
        // `Err` contains the value that was ignored.
        let _ = self.0.sip.set(Arc::downgrade(&sip.inner));
        sip
    }

    /// Connects to a server, unless there is a connection already, and returns the server's address, for the
    /// `destination` of requests. Callers at the same time share one result.
    ///
    /// Requests do this by themselves. `Registration::register` of rsipstack looks for a connection first, and only
    /// needs one that exists.
    ///
    /// # Errors
    ///
    /// The errors are those of [`Endpoint::connect_to`].
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

    /// Serves the connections of a listener with [`Endpoint::serve`]. The result has the limits of [`Serve`], and runs
    /// as long as it is awaited.
    ///
    /// # Errors
    ///
    /// The errors are those of [`Endpoint::server_config`].
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

    /// Whether there is a connection that this side opened.
    fn live(&self, peer: SocketAddr, by: By) -> bool {
        let live = lock(&self.0.live);
        live.get(&peer).is_some_and(|live| live.count(by) > 0)
    }

    fn sip(&self) -> Option<Arc<EndpointInner>> {
        self.0.sip.get()?.upgrade()
    }

    /// The attempt to connect to a server. It is in progress, has led to a connection that still exists, or is new.
    fn attempt(&self, server: &Server) -> Arc<Attempt> {
        let mut servers = lock(&self.0.servers);
        servers.retain(|_, attempt| match attempt.get() {
            Some(Ok(address)) => self.live(*address, By::Us),
            Some(Err(_)) => false,
            // The attempt is not awaited any more.
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

/// The side that opened a connection.
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

/// A connection that carries nothing, and only has an address.
fn address_only(own: SipAddr) -> Option<SipConnection> {
    let (incoming, outgoing) = (mpsc::unbounded_channel().1, mpsc::unbounded_channel().0);
    channel(ChannelConnection::create_connection(
        incoming, outgoing, own, None,
    ))
}

/// Takes a channel from the future that makes it. The future never waits.
fn channel(
    making: impl Future<Output = rsipstack::Result<ChannelConnection>>,
) -> Option<SipConnection> {
    let made = futures_util::FutureExt::now_or_never(making)?;
    made.ok().map(SipConnection::Channel)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
