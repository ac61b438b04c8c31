//! Incoming connections.
//!
//! [`Endpoint::accept`] makes one handshake; `serve` makes many at a time, with limits. The order is that of OpenSSL's
//! server: rustls verifies the client within the handshake, and a client in a resumed session is verified afterwards. A
//! client that is refused gets an alert, and time to read it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;
use tokio_rustls::{TlsAcceptor, TlsStream};

use super::attempt::{Observed, observed};
use super::error::Cause;
use super::handshake::{self, Established, log_failure};
use super::steps::{self, Seen};
use super::tap::RefusedHello;
use super::{ConnectError, Connection, Endpoint, Tap};
use crate::error::Error;
use crate::verify::{ConnectionInfo, Direction, Purpose};

impl Endpoint {
    /// Returns an acceptor for SIP stacks, made from [`server_config`](Self::server_config).
    ///
    /// An acceptor has no time-out of its own: a stack that uses it has to limit how long a handshake may take.
    ///
    /// # Errors
    ///
    /// As [`server_config`](Self::server_config).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{error::Error, time::Duration};
    /// # use tokio::{net::TcpStream, time::timeout};
    /// # async fn example(endpoint: sip_tls::Endpoint, stream: TcpStream) -> Result<(), Box<dyn Error>> {
    /// let acceptor = endpoint.acceptor()?;
    /// let stream = timeout(Duration::from_secs(10), acceptor.accept(stream)).await??;
    /// let (_, connection) = stream.get_ref();
    /// println!("{:?}", connection.protocol_version());
    /// # Ok(())
    /// # }
    /// ```
    pub fn acceptor(&self) -> Result<TlsAcceptor, Error> {
        Ok(TlsAcceptor::from(self.server_config()?))
    }

    /// Accepts a TLS connection over a stream.
    ///
    /// The future owns everything it needs and is `Send` if the stream is, so it can be spawned. It is safe to cancel:
    /// dropping it closes the stream and has no other effect.
    ///
    /// # Errors
    ///
    /// - We refused the client, or it refused us.
    /// - The stream broke, or the time-out passed.
    /// - The endpoint accepts no connections: the errors of [`server_config`](Self::server_config).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use sip_tls::Endpoint;
    /// use tokio::net::TcpListener;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint = Endpoint::from_file("SipEndpoint.config")?;
    /// let listener = TcpListener::bind("[::]:5061").await?;
    /// loop {
    ///     let (stream, peer) = listener.accept().await?;
    ///     let endpoint = endpoint.clone();
    ///     tokio::spawn(async move {
    ///         match endpoint.accept(stream).await {
    ///             Ok(connection) => println!("{peer}: {:?}", connection.peer_identities()),
    ///             Err(error) => println!("{peer}: {error}"),
    ///         }
    ///     });
    /// }
    /// # }
    /// ```
    pub fn accept<IO>(
        &self,
        stream: IO,
    ) -> impl Future<Output = Result<Connection<IO>, ConnectError>> + use<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let endpoint = self.clone();
        async move {
            let info = handshake::info(Direction::Incoming, &stream);
            let deadline = endpoint.deadline();
            let accepting = endpoint.accept_from(stream, Vec::new(), info, deadline);
            match accepting.await {
                Ok(connection) => Ok(connection),
                Err(Failed { error, stream }) => {
                    stream.say_farewell().await;
                    Err(error)
                }
            }
        }
    }

    /// Accepts a connection that the caller describes, and of which the caller has read something already.
    pub(super) async fn accept_from<IO>(
        &self,
        stream: IO,
        read_before: Vec<u8>,
        info: ConnectionInfo,
        deadline: Instant,
    ) -> Result<Connection<IO>, Failed<IO>>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let tap = Tap::new(stream, self.0.connecting.refusals).after(read_before);
        let mut stream = None;
        let taking = self.take(tap, info, deadline, &mut stream);
        let taken = self.counted(Direction::Incoming, taking).await;
        taken.map_err(|error| Failed {
            error,
            stream: Alerted(stream),
        })
    }

    /// If the handshake fails, the stream is put into `failed`, so that the caller can wait until the peer has read the
    /// alert.
    async fn take<IO>(
        &self,
        tap: Tap<IO>,
        info: ConnectionInfo,
        deadline: Instant,
        failed: &mut Option<Tap<IO>>,
    ) -> Result<Connection<IO>, ConnectError>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let acceptor = match &self.0.server {
            Ok(server) => TlsAcceptor::from(server.accepting()),
            Err(reason) => {
                let error = Error::from(reason.clone());
                return Err(ConnectError::Configuration(Box::new(error)));
            }
        };
        let recording = tap.recording();
        // Boxed, because the future is large and is moved several times.
        let shaking = Box::pin(shake(&acceptor, tap, &info));
        let shaking = self.shake_in_time(deadline, &recording, &info, shaking);
        let began = Instant::now();
        let Observed {
            result,
            status,
            scheme,
            own_scheme,
            ..
        } = observed(info.clone(), shaking).await;
        let took = began.elapsed();
        if steps::are_told() {
            let seen = Seen {
                info: &info,
                start: &recording.start(),
                status: status.as_ref(),
                asked: None,
                scheme,
                own_scheme,
                took,
            };
            seen.tell(match &result {
                Ok(Ok(stream)) => Ok(stream.get_ref().1),
                Ok(Err((error, _))) => Err(error),
                Err(error) => Err(error),
            });
        }
        let stream = result?.map_err(|(error, tap)| {
            let circumstances = self.circumstances(Direction::Incoming, tap.start(), None);
            *failed = Some(tap);
            let diagnosis = self.0.connecting.incoming.as_ref();
            let explain = |cause: Cause<'_>| match cause {
                Cause::Io(error) => Some(diagnosis?.of_end(error, &circumstances)),
                Cause::Rustls(error) => diagnosis?.of(error, &circumstances),
            };
            ConnectError::handshake(error, status.clone(), explain).of_peer(info.peer_address())
        })?;
        let established = Established {
            stream,
            info,
            status,
            asked: None,
            took,
        };
        match self.0.connecting.requires_client_certificate {
            true => self.settle(established, Purpose::Client, None),
            false => Ok(established.into_connection(self)),
        }
    }
}

/// The handshake itself. A hello that only this crate refuses has an alert that rustls does not send.
async fn shake<IO>(
    acceptor: &TlsAcceptor,
    tap: Tap<IO>,
    info: &ConnectionInfo,
) -> Result<Box<TlsStream<Tap<IO>>>, (io::Error, Tap<IO>)>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = acceptor.accept(tap).into_fallible();
    match handshake.await {
        Ok(stream) => Ok(Box::new(stream.into())),
        Err((error, mut tap)) => {
            log_failure(info, &error, &tap.start());
            if let Some(refused) = RefusedHello::of_io(&error) {
                tap.alert(refused).await;
            }
            Err((error, tap))
        }
    }
}

/// A connection that was not made.
pub(crate) struct Failed<IO> {
    pub(crate) error: ConnectError,
    pub(crate) stream: Alerted<IO>,
}

/// The stream of a connection that was not made, if rustls ended the handshake. An alert may have been sent on it.
pub(crate) struct Alerted<IO>(Option<Tap<IO>>);

impl<IO: AsyncRead + AsyncWrite + Unpin> Alerted<IO> {
    /// Closes the stream. A TCP connection that is closed with bytes still unread is reset (RFC 2525, section 2.17), and the
    /// peer may never see the alert.
    pub(crate) async fn say_farewell(self) {
        let Some(mut stream) = self.0 else { return };
        let drain = async {
            stream.shutdown().await?;
            let mut unread = [0; 1024];
            while stream.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        // The peer may be gone, or may never close. Both are ignored.
        let _ = tokio::time::timeout(FAREWELL, drain).await;
    }
}

/// How long to wait for a peer that does not close.
const FAREWELL: Duration = Duration::from_secs(1);
