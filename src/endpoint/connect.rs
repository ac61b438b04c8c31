//! Outgoing connections.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::handshake::STATUS;
use super::{ConnectError, Connection, Endpoint, dial};
use crate::profile::{Connectivity, Server, Transport};
use crate::verify::{Purpose, ReferenceName, ServerVerifier};

impl Endpoint {
    /// Connects to a server of the profile: looks its name up, tries every address in turn, and verifies the server.
    ///
    /// # Errors
    ///
    /// - The connectivity's protocol is not TLS.
    /// - The name has no address, or none of the addresses answers.
    /// - The server was refused, or refused us; or the connection broke while it was made.
    /// - All this took longer than the time-out.
    pub async fn connect(
        &self,
        connectivity: &Connectivity,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        if connectivity.transport() != Transport::Tls {
            return Err(ConnectError::NotTls {
                transport: connectivity.transport(),
            });
        }
        self.connect_to(connectivity.server(), None).await
    }

    /// Connects to a server, or, with `address`, to that address as if it were the server's.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_to(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        let stream = self.dial(server, address, deadline).await?;
        let handshake = self.handshake(server.host(), stream);
        self.in_time(deadline, handshake).await
    }

    /// Takes the first step of [`connect_to`](Self::connect_to) only: a TCP connection.
    ///
    /// # Errors
    ///
    /// The name has no address, or none of the addresses answers.
    pub async fn connect_tcp(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
    ) -> Result<TcpStream, ConnectError> {
        self.dial(server, address, self.deadline()).await
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

    /// Makes the TLS connection to `host` over a TCP stream.
    ///
    /// # Errors
    ///
    /// - The server was refused, or refused us.
    /// - The stream broke, or the time-out passed.
    pub async fn connect_stream(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        self.in_time(deadline, self.handshake(host, stream)).await
    }

    async fn handshake(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let name = self.server_name(host);
        // rustls takes a trailing dot off before it asks the verifier; to OpenSSL it is part of the name.
        let config = match name.is_some() && !host.ends_with('.') {
            true => self.client_config(),
            false => self.config_for(host),
        };
        let name = match name {
            Some(name) => name,
            None => stream.peer_addr().map_err(ConnectError::Io)?.ip().into(),
        };
        let status = RefCell::new(None);
        let handshake = TlsConnector::from(config).connect(name, stream);
        let (outcome, status) = STATUS
            .scope(status, async {
                let outcome = handshake.await;
                (outcome, STATUS.with(RefCell::take))
            })
            .await;
        let explain = |error: &rustls::Error| self.0.connecting.outgoing.of(error);
        let stream =
            outcome.map_err(|error| ConnectError::handshake(error, status.clone(), explain))?;
        let reference = ReferenceName::new(self.name_of(host));
        let connection = Connection::client(stream);
        self.settle(connection, status, Purpose::Server, Some(&reference))
    }

    /// A configuration whose verifier is told the host, because rustls cannot tell it.
    fn config_for(&self, host: &str) -> Arc<ClientConfig> {
        let name = self.name_of(host);
        let verifier = self
            .0
            .verifier
            .clone()
            .with_target_name(ReferenceName::new(name));
        let mut config = ClientConfig::clone(&self.0.client);
        config
            .dangerous()
            .set_certificate_verifier(ServerVerifier::new(
                verifier,
                self.0.connecting.observer.clone(),
            ));
        Arc::new(config)
    }
}
