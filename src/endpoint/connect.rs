//! Outgoing connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::{IpAddr, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::attempt::observed;
use super::handshake::{self, Established, log_failure};
use super::{ConnectError, Connection, Endpoint, Tap, dial};
use crate::profile::{Connectivity, Server, Transport};
use crate::verify::{Direction, Purpose, ReferenceName, ServerVerifier};

/// Outgoing connections.
///
/// The futures own everything they need, so they can be spawned. They are safe to cancel: dropping one closes the
/// connection and has no other effect. A name look-up that has begun goes on in the background; its result is ignored.
impl Endpoint {
    /// Returns a connector, as SIP stacks take it.
    ///
    /// The stack chooses the name that is sent as SNI: let it connect to [`server_name`](Self::server_name). If
    /// `tls-target-name` is given, that name is checked, whatever name the stack connects to.
    pub fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.client_config())
    }

    /// Connects to a server of the profile: looks its name up, tries every address in turn, and verifies the server.
    ///
    /// # Errors
    ///
    /// - The connectivity's protocol is not TLS.
    /// - The name has no address, or none of the addresses answers.
    /// - We refused the server, or it refused us; or the connection broke while it was made.
    /// - All this took longer than the time-out.
    pub fn connect(
        &self,
        connectivity: &Connectivity,
    ) -> impl Future<Output = Result<Connection<TcpStream>, ConnectError>> + Send + 'static + use<>
    {
        let (endpoint, connectivity) = (self.clone(), connectivity.clone());
        async move {
            match connectivity.transport() {
                Transport::Tls => endpoint.reach(connectivity.server(), None).await,
                transport => Err(ConnectError::NotTls { transport }),
            }
        }
    }

    /// Connects to a server. With `address`, connects to that address instead of looking the server's name up.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_to(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
    ) -> impl Future<Output = Result<Connection<TcpStream>, ConnectError>> + Send + 'static + use<>
    {
        let (endpoint, server) = (self.clone(), server.clone());
        async move { endpoint.reach(&server, address).await }
    }

    /// Makes a TCP connection to a server: the first step of [`connect_to`](Self::connect_to).
    ///
    /// # Errors
    ///
    /// The name has no address, or none of the addresses answers.
    pub fn connect_tcp(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
    ) -> impl Future<Output = Result<TcpStream, ConnectError>> + Send + 'static + use<> {
        let (endpoint, server) = (self.clone(), server.clone());
        async move { endpoint.dial(&server, address, endpoint.deadline()).await }
    }

    /// Makes a TLS connection to `host` over a stream that leads there: the second step of
    /// [`connect_to`](Self::connect_to).
    ///
    /// The future is `Send` if the stream is.
    ///
    /// # Errors
    ///
    /// - We refused the server, or it refused us.
    /// - The stream broke, or the time-out passed.
    pub fn connect_stream<IO>(
        &self,
        host: &str,
        stream: IO,
    ) -> impl Future<Output = Result<Connection<IO>, ConnectError>> + use<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let (endpoint, host) = (self.clone(), host.to_owned());
        async move {
            let deadline = endpoint.deadline();
            let handshake = endpoint.handshake(&host, stream);
            endpoint.in_time(deadline, handshake).await
        }
    }

    async fn reach(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        let stream = self.dial(server, address, deadline).await?;
        let handshake = self.handshake(server.host(), stream);
        self.in_time(deadline, handshake).await
    }

    async fn dial(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
        deadline: Instant,
    ) -> Result<TcpStream, ConnectError> {
        let addresses = match address {
            Some(address) => vec![address],
            None => self.in_time(deadline, dial::resolve(server)).await?,
        };
        dial::connect_any(server, &addresses, deadline).await
    }

    async fn handshake<IO>(&self, host: &str, stream: IO) -> Result<Connection<IO>, ConnectError>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let info = handshake::info(Direction::Outgoing, &stream);
        let (config, name) = self.config_and_name(host);
        let handshake = TlsConnector::from(config)
            .connect(name, Tap::new(stream))
            .into_fallible();
        let (result, status) = observed(info.clone(), handshake).await;
        let explain = |error: &rustls::Error| self.0.connecting.outgoing.of(error);
        let stream = result.map_err(|(error, tap)| {
            log_failure(&info, &error, &tap);
            ConnectError::handshake(error, status.clone(), explain)
        })?;
        let reference = ReferenceName::new(self.name_of(host));
        let established = Established {
            stream: stream.into(),
            info,
            status,
        };
        self.settle(established, Purpose::Server, Some(&reference))
    }

    /// The name that rustls may send, and a configuration whose verifier knows the real name where rustls does not.
    fn config_and_name(&self, host: &str) -> (Arc<ClientConfig>, ServerName<'static>) {
        match self.server_name(host) {
            // rustls strips a trailing dot before it asks the verifier; to OpenSSL it is part of the name.
            Some(name) if host.ends_with('.') => (Arc::new(self.config_for(host)), name),
            Some(name) => (self.client_config(), name),
            None => {
                let mut config = self.config_for(host);
                // The placeholder stands for more than one host.
                config.resumption = Resumption::disabled();
                // rustls does not send an address as SNI.
                let placeholder = ServerName::IpAddress(IpAddr::from(Ipv4Addr::UNSPECIFIED));
                (Arc::new(config), placeholder)
            }
        }
    }

    /// A configuration whose verifier is told the host.
    fn config_for(&self, host: &str) -> ClientConfig {
        let name = ReferenceName::new(self.name_of(host));
        let verifier = self.0.verifier.clone().with_target_name(name);
        let observer = self.0.connecting.observer.clone();
        let mut config = ClientConfig::clone(&self.0.client);
        config
            .dangerous()
            .set_certificate_verifier(ServerVerifier::new(verifier, observer));
        config
    }
}
