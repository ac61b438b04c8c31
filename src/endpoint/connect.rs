//! Outgoing connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::{IpAddr, ServerName};
use rustls::{ClientConfig, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::attempt::{Asked, observed};
use super::diagnosis::Circumstances;
use super::error::Cause;
use super::handshake::{self, Connecting, Established, log_failure};
use super::manner::{Manner, Obstacle};
use super::steps::{self, Seen};
use super::tap::{Refusals, RefusedHello};
use super::{ConnectError, Connection, Endpoint, Tap, Timing, dial};
use crate::profile::{Connectivity, Server, Transport};
use crate::verify::{Direction, Purpose, ReferenceName, ServerVerifier, VerifyStatus};

/// Outgoing connections.
///
/// The futures own everything they need, so they can be spawned. They are safe to cancel: dropping one closes the
/// connection and has no other effect. A name look-up that has begun goes on in the background; its result is ignored.
impl Endpoint {
    /// Returns a connector, as SIP stacks take it, over [`client_config`](Self::client_config).
    ///
    /// The stack chooses the name that is sent as SNI: let it connect to [`server_name`](Self::server_name). If
    /// `tls-target-name` is given, that name is checked, whatever name the stack connects to.
    pub fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.client_config())
    }

    /// Connects to a server of the profile: looks its name up, tries every address in turn, and verifies the server.
    ///
    /// A second handshake is tried, within the same time-out, where the first one fails for something that rustls or the
    /// server cannot do and that need not be: DHE with a group of the server's own, a session that is resumed. The next
    /// connections to this server go without it from the start; 64 servers are remembered.
    ///
    /// # Errors
    ///
    /// - The connectivity's protocol is not TLS.
    /// - The name has no address, or none of the addresses answers.
    /// - We refused the server, or it refused us; or the connection broke while it was made. A TLS 1.2 server without
    ///   secure renegotiation (RFC 5746) is refused, as OpenSSL 3 does it.
    /// - All this took longer than the time-out.
    pub fn connect(
        &self,
        connectivity: &Connectivity,
    ) -> impl Future<Output = Result<Connection<TcpStream>, ConnectError>> + Send + 'static + use<>
    {
        let (endpoint, connectivity) = (self.clone(), connectivity.clone());
        async move {
            match connectivity.transport() {
                Transport::Tls => {
                    let making = endpoint.reach(connectivity.server(), None);
                    endpoint.counted(Direction::Outgoing, making).await
                }
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
        async move {
            let making = endpoint.reach(&server, address);
            endpoint.counted(Direction::Outgoing, making).await
        }
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
        async move {
            let dialled = endpoint.dial(&server, address, endpoint.deadline()).await;
            dialled.map(|(stream, _)| stream)
        }
    }

    /// Makes a TLS connection to `host` over a stream that leads there: the second step of
    /// [`connect_to`](Self::connect_to). There is only one handshake, so DHE is offered as in configurations that are
    /// handed out: see [`EndpointBuilder::offer_dhe`](super::EndpointBuilder::offer_dhe).
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
            let handshake = endpoint.shake_once(&host, stream, deadline);
            endpoint.counted(Direction::Outgoing, handshake).await
        }
    }

    /// Dials and shakes hands, and does so again where another manner may help.
    async fn reach(
        &self,
        server: &Server,
        mut address: Option<SocketAddr>,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        let Connecting {
            clients, servers, ..
        } = &self.0.connecting;
        let key = server.to_string();
        let mut manner = servers.manner(&key).unwrap_or_else(|| clients.first());
        let mut own_group = None;
        let mut look_up = None;
        loop {
            let (stream, dialled) = self.dial(server, address, deadline).await?;
            look_up = look_up.or(dialled.look_up);
            // A name may have several addresses.
            address = stream.peer_addr().ok().or(address);
            let failure = match self
                .handshake(server.host(), stream, manner, deadline)
                .await
            {
                Ok(mut connection) => {
                    let timing = connection.timing_mut();
                    (timing.look_up, timing.tcp) = (look_up.or(dialled.look_up), dialled.tcp);
                    if manner != clients.first() {
                        servers.note(&key, manner);
                    }
                    return self.confirmed(connection).await;
                }
                Err(failure) => failure,
            };
            let Some((obstacle, next)) = failure.next(manner) else {
                servers.forget(&key);
                // That a server which has nothing but DHE refuses the other suites explains nothing.
                return Err(match failure.error {
                    error @ ConnectError::Handshake { .. } => own_group.unwrap_or(error),
                    error => error,
                });
            };
            if obstacle == Obstacle::OwnGroup {
                own_group = Some(failure.error);
            }
            tracing::debug!(
                server = key,
                "the handshake failed: {obstacle}; trying again"
            );
            manner = next;
        }
    }

    async fn dial(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
        deadline: Instant,
    ) -> Result<(TcpStream, Timing), ConnectError> {
        let began = std::time::Instant::now();
        let addresses = match address {
            Some(address) => vec![address],
            None => self.in_time(deadline, dial::resolve(server)).await?,
        };
        let looked_up = began.elapsed();
        let stream = dial::connect_any(server, &addresses, deadline).await?;
        let timing = Timing {
            look_up: address.is_none().then_some(looked_up),
            tcp: Some(began.elapsed() - looked_up),
            ..Timing::default()
        };
        if steps::are_told() {
            let peer = stream
                .peer_addr()
                .map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
            steps::tell_dial(&server.to_string(), &peer, timing);
        }
        Ok((stream, timing))
    }

    async fn shake_once<IO>(
        &self,
        host: &str,
        stream: IO,
        deadline: Instant,
    ) -> Result<Connection<IO>, ConnectError>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let Connecting {
            clients, servers, ..
        } = &self.0.connecting;
        let manner = servers.manner(host).unwrap_or_else(|| clients.handed_out());
        let handshake = self.handshake(host, stream, manner, deadline).await;
        let connection = handshake.map_err(|failure| {
            match failure.next(manner) {
                Some((_, next)) => servers.note(host, next),
                None => servers.forget(host),
            }
            failure.error
        })?;
        self.confirmed(connection).await
    }

    /// Waits for what the server says of our certificate, if that is asked for.
    async fn confirmed<IO>(
        &self,
        mut connection: Connection<IO>,
    ) -> Result<Connection<IO>, ConnectError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        if let Some(wait) = self.0.connecting.confirm {
            connection.confirm(wait).await?;
        }
        Ok(connection)
    }

    async fn handshake<IO>(
        &self,
        host: &str,
        stream: IO,
        manner: Manner,
        deadline: Instant,
    ) -> Result<Connection<IO>, Failure>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let info = handshake::info(Direction::Outgoing, &stream);
        let peer = info.peer_address();
        let (config, name) = self.config_and_name(host, manner);
        let connector = TlsConnector::from(config);
        let began = std::time::Instant::now();
        let tap = Tap::new(stream, Refusals::LegacyRenegotiation);
        let recording = tap.recording();
        // A session is offered when the connection is made, so that is observed, too.
        let shaking = async { connector.connect(name, tap).into_fallible().await };
        let shaking = self.shake_in_time(deadline, &recording, &info, shaking);
        let observed = observed(info.clone(), shaking).await;
        let status = observed.status;
        let may_be_resumed = observed.offers_session && status.is_none();
        let took = began.elapsed();
        if steps::are_told() {
            let seen = Seen {
                info: &info,
                start: &recording.start(),
                status: status.as_ref(),
                asked: observed.asked.as_ref(),
                scheme: observed.scheme,
                own_scheme: observed.own_scheme,
                took,
            };
            seen.tell(match &observed.result {
                Ok(Ok(stream)) => Ok(stream.get_ref().1),
                Ok(Err((error, _))) => Err(error),
                Err(error) => Err(error),
            });
        }
        let result = match observed.result {
            // Another try would be late as well.
            Err(error) => {
                let obstacle = None;
                return Err(Failure { error, obstacle });
            }
            Ok(Ok(stream)) => {
                let established = Established {
                    stream: stream.into(),
                    info,
                    status,
                    asked: observed.asked,
                    took,
                };
                self.agree(host, established)
            }
            Ok(Err((error, tap))) => {
                log_failure(&info, &error, &tap.start());
                let asked = observed.asked;
                Err(self.explained(error, status, manner, asked, tap).await)
            }
        };
        result.map_err(|error| Failure {
            obstacle: Obstacle::of(&error, may_be_resumed),
            error: error.of_peer(peer),
        })
    }

    /// Verifies what the handshake did not.
    fn agree<IO>(
        &self,
        host: &str,
        established: Established<IO>,
    ) -> Result<Connection<IO>, ConnectError> {
        let (tap, state) = established.stream.get_ref();
        if state.protocol_version() == Some(ProtocolVersion::TLSv1_2) && !tap.is_secure() {
            let refused = RefusedHello::LegacyRenegotiation;
            let explain = |_: Cause<'_>| Some(refused.to_string());
            return Err(ConnectError::handshake(refused.into(), None, explain));
        }
        let reference = ReferenceName::new(&self.name_of(host));
        self.settle(established, Purpose::Server, Some(&reference))
    }

    async fn explained<IO>(
        &self,
        error: io::Error,
        status: Option<VerifyStatus>,
        manner: Manner,
        asked: Option<Asked>,
        mut tap: Tap<IO>,
    ) -> ConnectError
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let Connecting {
            clients, outgoing, ..
        } = &self.0.connecting;
        let circumstances = Circumstances {
            dhe_is_withheld: clients.first().dhe && !manner.dhe,
            ..self.circumstances(Direction::Outgoing, tap.start(), asked)
        };
        if let Some(refused) = RefusedHello::of_io(&error) {
            tap.alert(refused).await;
        }
        let explain = |cause: Cause<'_>| match cause {
            Cause::Io(error) => Some(outgoing.of_end(error, &circumstances)),
            Cause::Rustls(error) => outgoing.of(error, &circumstances),
        };
        ConnectError::handshake(error, status, explain)
    }

    /// The name that rustls may send, and a configuration whose verifier knows the real name where rustls does not.
    fn config_and_name(
        &self,
        host: &str,
        manner: Manner,
    ) -> (Arc<ClientConfig>, ServerName<'static>) {
        let config = self.0.connecting.clients.configuration(manner);
        if let Some(name) = self.server_name(host) {
            return (config, name);
        }
        let reference = ReferenceName::new(&self.name_of(host));
        let verifier = self.verifier().with_target_name(reference);
        let observer = self.0.connecting.observer.clone();
        let mut config = ClientConfig::clone(&config);
        if !self.trusts_foreign_verifier(Purpose::Server) {
            config
                .dangerous()
                .set_certificate_verifier(ServerVerifier::new(verifier, observer));
        }
        // The placeholder stands for more than one host.
        config.resumption = Resumption::disabled();
        // rustls does not send an address as SNI.
        let placeholder = ServerName::IpAddress(IpAddr::from(Ipv4Addr::UNSPECIFIED));
        (Arc::new(config), placeholder)
    }
}

/// A handshake that failed.
struct Failure {
    error: ConnectError,
    obstacle: Option<Obstacle>,
}

impl Failure {
    /// What stood in the way, and a manner of connecting without it.
    fn next(&self, manner: Manner) -> Option<(Obstacle, Manner)> {
        let obstacle = self.obstacle?;
        Some((obstacle, manner.without(obstacle)?))
    }
}
