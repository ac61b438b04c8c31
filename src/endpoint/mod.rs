//! Connector and acceptor of one endpoint.

mod build;
mod client;
mod connection;
mod diagnosis;
mod dial;
mod error;
mod offer;
mod server;

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{ClientConfig, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub use build::EndpointBuilder;
pub use connection::Connection;
pub use error::ConnectError;
pub use offer::supported_suites;

use self::diagnosis::Diagnosis;
use crate::error::Error;
use crate::options::{NothingUsable, TlsOptions};
use crate::profile::{Connectivity, Profile, Server, Transport};
use crate::report::Report;
use crate::verify::{Observer, Purpose, ReferenceName, ServerVerifier, Verifier, VerifyStatus};

/// Everything one SIP endpoint needs to speak TLS: configurations for both directions, made once.
///
/// ```no_run
/// use sip_tls::Endpoint;
/// use sip_tls::profile::Profile;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let profile = Profile::from_file("SipEndpoint.config")?;
/// let endpoint = Endpoint::from_profile(&profile)?;
/// for connectivity in profile.connectivities() {
///     let connection = endpoint.connect(connectivity).await?;
///     println!("{} {}", connection.protocol(), connection.cipher());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Endpoint {
    client: Arc<ClientConfig>,
    outgoing: Diagnosis,
    incoming: Option<Diagnosis>,
    server: Result<Arc<ServerConfig>, NoServer>,
    verifier: Verifier,
    observer: Observer,
    target_name: Option<String>,
    requires_client_certificate: bool,
    timeout: Duration,
    report: Report,
}

impl Endpoint {
    /// Starts from options.
    pub fn builder(options: TlsOptions) -> EndpointBuilder {
        EndpointBuilder::new(options)
    }

    /// Makes the endpoint of a profile.
    ///
    /// # Errors
    ///
    /// As [`TlsOptionsBuilder::build`](crate::options::TlsOptionsBuilder::build) and [`EndpointBuilder::build`].
    pub fn from_profile(profile: &Profile) -> Result<Self, Error> {
        Self::builder(TlsOptions::from_profile(profile)?).build()
    }

    /// Makes the endpoint of a configuration file.
    ///
    /// # Errors
    ///
    /// As [`Profile::from_file`] and [`from_profile`](Self::from_profile).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_profile(&Profile::from_file(path)?)
    }

    /// The configuration of outgoing connections.
    pub fn client_config(&self) -> Arc<ClientConfig> {
        self.client.clone()
    }

    /// The configuration of incoming connections.
    ///
    /// # Errors
    ///
    /// - There is no `certificate`, which a server cannot do without.
    /// - The suites that the options name are for clients only.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, Error> {
        self.server.clone().map_err(Error::from)
    }

    /// A connector as SIP stacks take it.
    ///
    /// The stack chooses the name that is sent as SNI: let it connect to [`server_name`](Self::server_name). The name
    /// that is checked is `tls-target-name`, if that is given, whatever name the stack connects to.
    pub fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.client_config())
    }

    /// An acceptor as SIP stacks take it.
    ///
    /// # Errors
    ///
    /// As [`server_config`](Self::server_config).
    pub fn acceptor(&self) -> Result<TlsAcceptor, Error> {
        Ok(TlsAcceptor::from(self.server_config()?))
    }

    /// What became of every option.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The verifier of peers' certificates.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The name to hand rustls for a connection to `host`: `tls-target-name` if that is given. An address is not sent
    /// as SNI.
    ///
    /// `None` if it is no DNS name that could be sent, such as one that begins with a dot.
    pub fn server_name(&self, host: &str) -> Option<ServerName<'static>> {
        server_name(self.target_name.as_deref().unwrap_or(host))
    }

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
        let explain = |error: &rustls::Error| self.outgoing.of(error);
        let stream =
            outcome.map_err(|error| ConnectError::handshake(error, status.clone(), explain))?;
        let reference = ReferenceName::new(self.target_name.as_deref().unwrap_or(host));
        let connection = Connection::client(stream);
        self.settle(connection, status, Purpose::Server, Some(&reference))
    }

    /// Takes an incoming connection.
    ///
    /// # Errors
    ///
    /// - The client was refused, or refused us.
    /// - The stream broke, or the time-out passed.
    /// - There is no `certificate`.
    pub async fn accept<IO>(&self, stream: IO) -> Result<Connection<IO>, ConnectError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = self
            .acceptor()
            .map_err(|error| ConnectError::Configuration(Box::new(error)))?;
        let handshake = async {
            match acceptor.accept(stream).into_fallible().await {
                Ok(stream) => Ok(stream),
                Err((error, stream)) => {
                    say_farewell(stream).await;
                    Err(error)
                }
            }
        };
        let handshake = tokio::time::timeout(self.timeout, handshake);
        let (outcome, status) = STATUS
            .scope(RefCell::new(None), async {
                let outcome = handshake.await;
                (outcome, STATUS.with(RefCell::take))
            })
            .await;
        let explain = |error: &rustls::Error| self.incoming.as_ref()?.of(error);
        let timed_out = |_| ConnectError::TimedOut {
            after: self.timeout,
        };
        let stream = outcome
            .map_err(timed_out)?
            .map_err(|error| ConnectError::handshake(error, status.clone(), explain))?;
        let connection = Connection::server(stream);
        match self.requires_client_certificate {
            true => self.settle(connection, status, Purpose::Client, None),
            false => Ok(connection),
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.timeout.min(FOREVER)
    }

    async fn in_time<T>(
        &self,
        deadline: Instant,
        attempt: impl Future<Output = Result<T, ConnectError>>,
    ) -> Result<T, ConnectError> {
        let outcome = tokio::time::timeout_at(deadline, attempt).await;
        outcome.unwrap_or(Err(ConnectError::TimedOut {
            after: self.timeout,
        }))
    }

    /// Verifies the peer of a resumed session afresh: rustls does not.
    fn settle<IO>(
        &self,
        mut connection: Connection<IO>,
        status: Option<VerifyStatus>,
        purpose: Purpose,
        reference: Option<&ReferenceName>,
    ) -> Result<Connection<IO>, ConnectError> {
        let status = match status {
            Some(status) => status,
            None => {
                let chain = connection.peer_certificates();
                self.verifier.verify(chain, purpose, reference, self.now()?)
            }
        };
        if !status.is_accepted() {
            return Err(ConnectError::Refused {
                status: Box::new(status),
            });
        }
        connection.set_status(status);
        Ok(connection)
    }

    fn now(&self) -> Result<UnixTime, ConnectError> {
        let time = self.client.time_provider.current_time();
        time.ok_or(ConnectError::Handshake {
            explanation: None,
            source: rustls::Error::FailedToGetCurrentTime,
        })
    }

    /// A configuration whose verifier is told the host, because rustls cannot tell it.
    fn config_for(&self, host: &str) -> Arc<ClientConfig> {
        let name = self.target_name.as_deref().unwrap_or(host);
        let verifier = self
            .verifier
            .clone()
            .with_target_name(ReferenceName::new(name));
        let mut config = ClientConfig::clone(&self.client);
        config
            .dangerous()
            .set_certificate_verifier(ServerVerifier::new(verifier, self.observer.clone()));
        Arc::new(config)
    }
}

/// A host as rustls takes it, if it can.
fn server_name(host: &str) -> Option<ServerName<'static>> {
    match ReferenceName::new(host) {
        ReferenceName::Ip(address) => Some(ServerName::from(address)),
        ReferenceName::Dns(name) => ServerName::try_from(name).ok(),
    }
}

/// Why an endpoint takes no incoming connections.
#[derive(Clone)]
enum NoServer {
    Certificate,
    Suites {
        option: &'static str,
        source: NothingUsable,
    },
}

impl From<NoServer> for Error {
    fn from(reason: NoServer) -> Self {
        match reason {
            NoServer::Certificate => Self::Missing {
                option: "certificate",
                purpose: "incoming connections need one",
            },
            NoServer::Suites { option, source } => Self::Suites { option, source },
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("verifier", &self.verifier)
            .field("target_name", &self.target_name)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Closes a stream on which an alert was sent. Who closes with bytes still unread resets the connection (RFC 2525,
/// section 2.17), and the peer may never see the alert.
async fn say_farewell(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let drain = async {
        stream.shutdown().await?;
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    // The peer may be gone, or never go: neither is worth more time.
    let _ = tokio::time::timeout(FAREWELL, drain).await;
}

const FAREWELL: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// What the verifier found during the handshake that this task makes.
    static STATUS: RefCell<Option<VerifyStatus>>;
}

/// Hands every status to the connection that is being made, and to the user's observer.
fn recording(user: Observer) -> Observer {
    Observer::new(move |status| {
        // Connections made through a connector of the user's have no such place.
        let _ = STATUS.try_with(|slot| slot.replace(Some(status.clone())));
        user.call(status);
    })
}

/// A time-out that no clock overflows with.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
