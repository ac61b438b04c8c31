//! Outgoing connections.
//!
//! A connection is made in three steps, each of which a program can take alone: the name is looked up and dialled
//! (`dial`), the handshake is done, and the result is judged. The steps share one deadline. [`Endpoint::connect`] adds
//! what can be mended: another handshake without a feature, or after a list was fetched (`reach`).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::{IpAddr, ServerName};
use rustls::{ClientConfig, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::{TlsConnector, TlsStream};

use super::attempt::{Asked, observed};
use super::diagnosis::Circumstances;
use super::error::Cause;
use super::handshake::{self, Connecting, Established, log_failure};
use super::manner::{Manner, Obstacle};
use super::steps::{self, Seen};
use super::tap::{Refusals, RefusedHello};
use super::{ConnectError, Connection, Endpoint, Tap};
use crate::profile::{Connectivity, Server, Transport};
use crate::verify::{Direction, Purpose, ReferenceName, ServerVerifier, VerifyStatus};

/// Outgoing connections.
///
/// The futures own everything they need, so they can be spawned. They are safe to cancel: dropping one closes the
/// connection and has no other effect. A name look-up that has begun goes on in the background; its result is ignored.
impl Endpoint {
    /// Returns a connector for SIP stacks, made from [`client_config`](Self::client_config).
    ///
    /// The stack chooses the name that is sent as SNI: let it connect to [`server_name`](Self::server_name). If
    /// `tls-target-name` is given, that name is checked, whatever name the stack connects to.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use sip_tls::Endpoint;
    /// use tokio::net::TcpStream;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint = Endpoint::from_file("SipEndpoint.config")?;
    /// let name = endpoint.server_name("sip.example.com").ok_or("no DNS name")?;
    /// let stream = TcpStream::connect("sip.example.com:5061").await?;
    /// let connection = endpoint.connector().connect(name, stream).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.client_config())
    }

    /// Connects to a server of the profile: looks its name up, tries its addresses, and verifies the server.
    ///
    /// If there are several addresses, the first that answers is used ([RFC
    /// 8305](https://www.rfc-editor.org/rfc/rfc8305#section-5)). IPv6 and IPv4 take turns, and IPv6 begins. The next
    /// address is tried as soon as one has failed, or after 250 milliseconds. For NAPTR and SRV records, use
    /// [`connect_domain`](Self::connect_domain).
    ///
    /// If the first handshake fails because of a feature that it can do without, a second one is tried without the
    /// feature, within the same time-out. The features are DHE, if the server has a group of its own, and the
    /// resumption of a session. The next connections to this server begin without the feature; 64 servers are
    /// remembered.
    ///
    /// # Errors
    ///
    /// - The connectivity's protocol is not TLS.
    /// - The name has no address, or none of the addresses answers.
    /// - We refused the server, or it refused us; or the connection broke while it was made. A TLS 1.2 server without
    ///   secure renegotiation (RFC 5746) is refused, as by OpenSSL 3.
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
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use sip_tls::{ConnectError, Endpoint};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint = Endpoint::from_file("SipEndpoint.config")?;
    /// match endpoint.connect_to(&"sip.example.com:5061".parse()?, None).await {
    ///     Ok(connection) => println!("{} {}", connection.protocol(), connection.cipher()),
    ///     Err(ConnectError::Refused { status, .. }) => println!("we refused it: {status}"),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// A program that logs or limits its connections can do so between the two steps.
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
            let deadline = endpoint.deadline();
            let (addresses, look_up) = endpoint.addresses(&server, address, deadline).await?;
            let way = server.to_string();
            let dialled = endpoint.dial(&way, &addresses, deadline, look_up).await;
            Ok(dialled?.stream)
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
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(endpoint: sip_tls::Endpoint) -> Result<(), Box<dyn std::error::Error>> {
    /// let server: sip_tls::profile::Server = "sip.example.com:5061".parse()?;
    /// let stream = endpoint.connect_tcp(&server, None).await?;
    /// stream.set_nodelay(true)?;
    /// let connection = endpoint.connect_stream(server.host(), stream).await?;
    /// # Ok(())
    /// # }
    /// ```
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

    /// A stream cannot be dialled again, so there is no second try. What the failure teaches is remembered for the next
    /// connection to this host.
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

    /// Waits for the server's answer to our certificate, if that is configured.
    pub(super) async fn confirmed<IO>(
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

    /// Does one handshake in one manner.
    ///
    /// A failure says whether another manner may help. A session that was offered is under suspicion as long as no
    /// certificate was verified: a server that answers a resumption with an alert does not say that it is about the
    /// session.
    pub(super) async fn handshake<IO>(
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
        // A session is offered when the connection is created, so the creation is observed, too.
        let shaking = async {
            let connected = connector.connect(name, tap).into_fallible().await;
            connected.map(|stream| Box::new(TlsStream::from(stream)))
        };
        // Boxed, because the future is large and is moved several times.
        let shaking = Box::pin(shaking);
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
                    stream,
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

    /// Verifies what the handshake did not verify.
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

    /// Makes the error of a handshake that failed, with the alert for a hello which rustls would have accepted.
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

    /// Returns a configuration and the name that rustls may send. If rustls does not know the real name, the verifier
    /// of the configuration knows it.
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
pub(super) struct Failure {
    pub(super) error: ConnectError,
    /// What the next handshake has to do without, if that may help.
    obstacle: Option<Obstacle>,
}

impl Failure {
    /// Returns the obstacle of this handshake, and a manner of connecting without it.
    pub(super) fn next(&self, manner: Manner) -> Option<(Obstacle, Manner)> {
        let obstacle = self.obstacle?;
        Some((obstacle, manner.without(obstacle)?))
    }
}
