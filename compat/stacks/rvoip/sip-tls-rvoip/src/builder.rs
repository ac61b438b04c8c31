//! The settings of a transport.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use rvoip_sip_transport::{TransportEvent, TransportFlowId};
use sip_tls::profile::Server;
use sip_tls::{Connection, Endpoint, Endpoints, Error};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::listen::listen;
use crate::shared::Shared;
use crate::transport::EndpointTransport;

/// Makes an [`EndpointTransport`].
pub struct Builder {
    endpoint: Endpoint,
    listener: Option<TcpListener>,
    local: Option<SocketAddr>,
    serving: Serving,
    events: usize,
    bounds: Bounds,
    tellers: Tellers,
}

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The largest size of a message in bytes.
    pub(crate) message: usize,
    pub(crate) write: Duration,
}

/// The functions that are called for connections.
pub(crate) struct Tellers {
    pub(crate) connection: Box<OnConnection>,
    pub(crate) failure: Box<OnFailure>,
}

type OnConnection = dyn Fn(&Connection<TcpStream>, TransportFlowId) + Send + Sync;
type OnFailure = dyn Fn(&Failure) + Send + Sync;

/// The settings for [`sip_tls::Serve`], if there are any.
#[derive(Debug, Default)]
pub(crate) struct Serving {
    pub(crate) domains: Option<Endpoints>,
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) connections: Option<usize>,
    pub(crate) handshakes: Option<usize>,
    pub(crate) per_address: Option<usize>,
}

impl Builder {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            listener: None,
            local: None,
            serving: Serving::default(),
            events: 1_000,
            bounds: Bounds {
                message: 256 * 1024,
                // The time after which a transaction ends anyway (RFC 3261, timer F).
                write: Duration::from_secs(32),
            },
            tellers: Tellers {
                connection: Box::new(|_, _| {}),
                failure: Box::new(|_| {}),
            },
        }
    }

    /// Serves the clients that connect to `listener`, by [`Endpoint::serve`]. Without a listener, the transport only
    /// connects to servers.
    pub fn listen(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Serves clients with these endpoints instead of the one that connects to servers. The server name of the client
    /// chooses the endpoint.
    pub fn domains(mut self, endpoints: Endpoints) -> Self {
        self.serving.domains = Some(endpoints);
        self
    }

    /// Sets the proxies, as [`sip_tls::Serve::proxies`]. rvoip gets the address that the proxy names.
    pub fn proxies(mut self, addresses: impl IntoIterator<Item = IpNet>) -> Self {
        self.serving.proxies = addresses.into_iter().collect();
        self
    }

    /// Sets our address, which rvoip writes into messages without one. Defaults to the listener's address, or to
    /// `0.0.0.0:5061` without a listener.
    pub fn local_addr(mut self, address: SocketAddr) -> Self {
        self.local = Some(address);
        self
    }

    /// Sets the limit of [`sip_tls::Serve::max_connections`].
    pub fn max_connections(mut self, most: usize) -> Self {
        self.serving.connections = Some(most);
        self
    }

    /// Sets the limit of [`sip_tls::Serve::max_handshakes`].
    pub fn max_handshakes(mut self, most: usize) -> Self {
        self.serving.handshakes = Some(most);
        self
    }

    /// Sets the limit of [`sip_tls::Serve::max_per_address`].
    pub fn max_per_address(mut self, most: usize) -> Self {
        self.serving.per_address = Some(most);
        self
    }

    /// Sets how many events may wait for rvoip. When so many wait, nothing is read from connections. Defaults to
    /// 1,000. The minimum is one.
    pub fn event_capacity(mut self, events: usize) -> Self {
        self.events = events.max(1);
        self
    }

    /// Sets the largest size of a received message in bytes. A connection with a larger one is closed. Defaults to 256
    /// KiB.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.bounds.message = bytes;
        self
    }

    /// Sets how long a peer may take to read what is sent. After that, its connection is closed. Defaults to 32
    /// seconds.
    pub fn max_write_time(mut self, time: Duration) -> Self {
        self.bounds.write = time;
        self
    }

    /// Calls this function for each connection when its handshake is done, with the number of the connection in rvoip.
    /// The function must not block.
    pub fn on_connection(
        mut self,
        function: impl Fn(&Connection<TcpStream>, TransportFlowId) + Send + Sync + 'static,
    ) -> Self {
        self.tellers.connection = Box::new(function);
        self
    }

    /// Calls this function for each connection that fails or breaks. The function must not block. To wait for a
    /// certain connection, use [`EndpointTransport::failures`].
    pub fn on_failure(mut self, function: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.tellers.failure = Box::new(function);
        self
    }

    /// Starts the transport, and returns it with its events, for rvoip's transaction manager.
    ///
    /// # Errors
    ///
    /// There is a listener, and the endpoint cannot serve: see [`Endpoint::server_config`].
    ///
    /// # Panics
    ///
    /// With a listener, this panics outside of a tokio runtime.
    pub fn start(self) -> Result<(EndpointTransport, mpsc::Receiver<TransportEvent>), Error> {
        let (sender, events) = mpsc::channel(self.events);
        let bound = self.listener.as_ref();
        let bound = bound.and_then(|listener| listener.local_addr().ok());
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, Server::DEFAULT_PORT));
        let local = self.local.or(bound).unwrap_or(nowhere);
        let shared = Shared::new(self.endpoint, local, self.bounds, sender, self.tellers);
        let shared = Arc::new(shared);
        if let Some(listener) = self.listener {
            listen(&shared, listener, self.serving)?;
        }
        Ok((EndpointTransport::new(shared), events))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("endpoint", &self.endpoint)
            .field("listener", &self.listener)
            .field("serving", &self.serving)
            .finish_non_exhaustive()
    }
}
