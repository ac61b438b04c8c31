//! The builder of a transport.

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
    /// Bytes of a message.
    pub(crate) message: usize,
    pub(crate) write: Duration,
}

/// The functions that are told of connections.
pub(crate) struct Tellers {
    pub(crate) connection: Box<OnConnection>,
    pub(crate) failure: Box<OnFailure>,
}

type OnConnection = dyn Fn(&Connection<TcpStream>, TransportFlowId) + Send + Sync;
type OnFailure = dyn Fn(&Failure) + Send + Sync;

/// The settings of [`sip_tls::Serve`], if there are any.
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
                // The time in which a transaction ends anyway (RFC 3261, timer F).
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

    /// Serves clients by these endpoints, chosen by the server name that a client asks for, in place of the one that connects
    /// to servers.
    pub fn domains(mut self, endpoints: Endpoints) -> Self {
        self.serving.domains = Some(endpoints);
        self
    }

    /// Sets the proxies, as [`sip_tls::Serve::proxies`] does. rvoip is told the address that the proxy names.
    pub fn proxies(mut self, addresses: impl IntoIterator<Item = IpNet>) -> Self {
        self.serving.proxies = addresses.into_iter().collect();
        self
    }

    /// Sets our address, which rvoip writes into messages that have none. Defaults to the listener's address, and
    /// without a listener to `0.0.0.0:5061`.
    pub fn local_addr(mut self, address: SocketAddr) -> Self {
        self.local = Some(address);
        self
    }

    /// Limits connections, as [`sip_tls::Serve::max_connections`] does.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.serving.connections = Some(most);
        self
    }

    /// Limits handshakes, as [`sip_tls::Serve::max_handshakes`] does.
    pub fn max_handshakes(mut self, most: usize) -> Self {
        self.serving.handshakes = Some(most);
        self
    }

    /// Limits connections from one address, as [`sip_tls::Serve::max_per_address`] does.
    pub fn max_per_address(mut self, most: usize) -> Self {
        self.serving.per_address = Some(most);
        self
    }

    /// Sets how many events may wait for rvoip, at least one. If more would wait, nothing is read from connections.
    /// Defaults to 1,000.
    pub fn event_capacity(mut self, events: usize) -> Self {
        self.events = events.max(1);
        self
    }

    /// Sets how large a received message may be, in bytes. A connection with a larger one is closed. Defaults to 256
    /// KiB.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.bounds.message = bytes;
        self
    }

    /// Sets how long a peer may take to read what is sent to it, before its connection is closed. Defaults to 32
    /// seconds.
    pub fn max_write_time(mut self, time: Duration) -> Self {
        self.bounds.write = time;
        self
    }

    /// Tells this function of each connection when its handshake is done, and by which number rvoip knows it. It must not
    /// block.
    pub fn on_connection(
        mut self,
        function: impl Fn(&Connection<TcpStream>, TransportFlowId) + Send + Sync + 'static,
    ) -> Self {
        self.tellers.connection = Box::new(function);
        self
    }

    /// Tells this function of each connection that is not made, or that breaks. It must not block. To wait for one
    /// connection, use [`EndpointTransport::failures`].
    pub fn on_failure(mut self, function: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.tellers.failure = Box::new(function);
        self
    }

    /// Starts the transport. rvoip's transaction manager takes it and its events.
    ///
    /// # Errors
    ///
    /// There is a listener, and the endpoint cannot serve: see [`Endpoint::server_config`].
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio, with a listener.
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
