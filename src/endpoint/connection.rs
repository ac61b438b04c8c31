//! An established connection.
//!
//! It reads and writes like the stream under it. Two things are added to tokio-rustls: errors that say what the peer
//! meant, and the note of what the peer was checked against while data is read, because TLS 1.3 sessions arrive with
//! the data.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::{CommonState, HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

use super::attempt::with_checked;
use super::domain::TargetFailure;
use super::verdict::{RefusedLater, Verdict};
use super::{ConnectError, Tap};
use crate::crypto;
use crate::options::CipherSuite;
use crate::verify::{ConnectionInfo, Direction, PeerIdentities, Purpose, VerifyStatus};

/// An established connection: the stream, and what is known of its peer.
///
/// It implements [`AsyncRead`] and [`AsyncWrite`].
///
/// # Examples
///
/// ```
/// use sip_tls::Connection;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::TcpStream;
///
/// async fn ask(mut connection: Connection<TcpStream>) -> std::io::Result<Vec<u8>> {
///     println!(
///         "{:?} by {} with {}{}",
///         connection.info().peer_address(),
///         connection.protocol(),
///         connection.cipher(),
///         if connection.is_resumed() { ", resumed" } else { "" },
///     );
///     if let Some(status) = connection.verify_status() {
///         println!("verified: {}", status.path().join(" < "));
///     }
///     connection.write_all(b"OPTIONS sip:sip.example.com SIP/2.0\r\n").await?;
///     let mut answer = Vec::new();
///     connection.read_buf(&mut answer).await?;
///     Ok(answer)
/// }
/// # let _ = ask;
/// ```
#[derive(Debug)]
pub struct Connection<IO> {
    /// Boxed, so that moving a connection costs little.
    stream: Box<TlsStream<Tap<IO>>>,
    info: ConnectionInfo,
    status: Option<VerifyStatus>,
    /// `None` if the server did not ask for our certificate.
    verdict: Option<Box<Verdict>>,
    /// Data that was read before the application asked for it.
    early: Vec<u8>,
    timing: Timing,
    failed_before: Vec<TargetFailure>,
}

/// How long each phase of making a connection took.
///
/// The phases follow each other, and do not overlap.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Timing {
    /// The look-up of the server's name. `None` if there was none.
    pub look_up: Option<Duration>,
    /// The TCP connection. `None` if it was made elsewhere.
    pub tcp: Option<Duration>,
    /// The TLS handshake. If the first one failed, this is the last one.
    pub tls: Duration,
}

impl<IO> Connection<IO> {
    pub(super) fn new(
        stream: Box<TlsStream<Tap<IO>>>,
        info: ConnectionInfo,
        status: Option<VerifyStatus>,
        verdict: Option<Box<Verdict>>,
    ) -> Self {
        Self {
            stream,
            info,
            status,
            verdict,
            early: Vec::new(),
            timing: Timing::default(),
            failed_before: Vec::new(),
        }
    }

    pub(super) fn note_failures(&mut self, failures: Vec<TargetFailure>) {
        self.failed_before = failures;
    }

    /// Returns which servers and addresses of the domain failed before this one, in the order of tries. Empty unless the
    /// connection was made by [`Endpoint::connect_domain`](crate::Endpoint::connect_domain).
    pub fn failed_before(&self) -> &[TargetFailure] {
        &self.failed_before
    }

    pub(super) fn timing_mut(&mut self) -> &mut Timing {
        &mut self.timing
    }

    /// Returns how long each phase took.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Returns the number, the direction and the addresses of the connection, as the observer sees them.
    pub fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// Returns the result of the verification of the peer's certificate. `None` if the peer was not asked for one, or
    /// another verifier decided ([`Danger`](crate::Danger)).
    ///
    /// A connection exists only if the peer was accepted. The status may have findings all the same, such as a name
    /// that does not match while names are not checked.
    pub fn verify_status(&self) -> Option<&VerifyStatus> {
        self.status.as_ref()
    }

    /// Returns the certificates that the peer sent, end entity first.
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        self.state().peer_certificates().unwrap_or_default()
    }

    /// Returns the peer's identities from its verified certificate. `None` if the peer sent no certificate, or
    /// one that cannot be read. A client sends none if it is not asked for one
    /// ([`tls-mutual`](crate::options::TlsOptions::requires_client_certificate)).
    ///
    /// If another verifier decided ([`Danger`](crate::Danger)), the identities are only as reliable as that verifier.
    pub fn peer_identities(&self) -> Option<PeerIdentities> {
        let purpose = match self.info.direction() {
            Direction::Incoming => Purpose::Client,
            Direction::Outgoing => Purpose::Server,
        };
        PeerIdentities::of(self.peer_certificates().first()?, purpose)
    }

    /// Returns OpenSSL's name of the protocol version, such as `TLSv1.3`.
    pub fn protocol(&self) -> &'static str {
        match self.state().protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "unknown",
        }
    }

    /// Returns OpenSSL's name of the suite, such as `ECDHE-RSA-AES128-GCM-SHA256`.
    pub fn cipher(&self) -> &'static str {
        self.state()
            .negotiated_cipher_suite()
            .and_then(|suite| CipherSuite::by_number(suite.suite().into()))
            .map_or("unknown", CipherSuite::openssl_name)
    }

    /// Returns OpenSSL's name of the group of the key exchange, such as `X25519`. `None` in a resumed session.
    pub fn group(&self) -> Option<&'static str> {
        let group = self.state().negotiated_key_exchange_group()?;
        Some(crypto::group_name(group.name()))
    }

    /// Returns the application protocol that was negotiated (ALPN), such as `sip/2`. `None` if none was: see
    /// [`EndpointBuilder::alpn`](crate::EndpointBuilder::alpn).
    pub fn alpn(&self) -> Option<&[u8]> {
        self.state().alpn_protocol()
    }

    /// Returns whether the handshake resumed a session of an earlier connection.
    pub fn is_resumed(&self) -> bool {
        self.state().handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// Returns the stream underneath, usually a `TcpStream`, for its addresses and socket options.
    pub fn transport(&self) -> &IO {
        self.stream.get_ref().0.get_ref()
    }

    /// Returns the TLS stream. [`Tap::into_inner`] returns the stream underneath. Data that the server sent while
    /// [`confirm`](Self::confirm) waited is lost.
    pub fn into_stream(self) -> TlsStream<Tap<IO>> {
        *self.stream
    }

    /// Explains an error. If the peer asked to renegotiate, the cause is that rustls does not renegotiate.
    fn explained(&self, error: io::Error) -> io::Error {
        if self.stream.get_ref().0.asked_to_renegotiate() {
            return io::Error::new(error.kind(), RenegotiationRefused { source: error });
        }
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        let Some(rustls::Error::AlertReceived(alert)) = inner else {
            return error;
        };
        let verdict = self.verdict.as_ref();
        let refused = RefusedLater {
            explanation: verdict.and_then(|verdict| verdict.explanation(*alert)),
            error: rustls::Error::AlertReceived(*alert),
        };
        io::Error::new(error.kind(), refused)
    }

    /// Converts an error of this connection's stream to that of a handshake, with the alert and the explanation. A
    /// TLS 1.3 server that only closes the connection may have refused our certificate. The explanation says this,
    /// too.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::Connection;
    /// use tokio::io::AsyncReadExt;
    /// use tokio::net::TcpStream;
    ///
    /// async fn read(connection: &mut Connection<TcpStream>) -> Option<Vec<u8>> {
    ///     let mut message = Vec::new();
    ///     match connection.read_buf(&mut message).await {
    ///         Ok(_) => Some(message),
    ///         Err(error) => {
    ///             let failure = connection.failure(error);
    ///             match failure.alert() {
    ///                 Some(alert) => eprintln!("{}: {failure}", sip_tls::alert_name(alert)),
    ///                 None => eprintln!("{failure}"),
    ///             }
    ///             None
    ///         }
    ///     }
    /// }
    /// # let _ = read;
    /// ```
    pub fn failure(&self, error: io::Error) -> ConnectError {
        let peer = self.info.peer_address();
        if let Some(refused) = RefusedLater::of(&error) {
            return ConnectError::Handshake {
                explanation: refused.explanation.clone(),
                peer,
                source: refused.error.clone(),
            };
        }
        match self.open_verdict().filter(|_| is_end(&error)) {
            Some(verdict) => verdict.end(error).of_peer(peer),
            None => ConnectError::Io {
                explanation: None,
                is_established: true,
                peer,
                source: error,
            },
        }
    }

    /// Returns the verdict if the server may still refuse our certificate, because it has sent nothing since the
    /// handshake.
    fn open_verdict(&self) -> Option<&Verdict> {
        let is_tls13 = self.state().protocol_version() == Some(ProtocolVersion::TLSv1_3);
        let verdict = self.verdict.as_deref().filter(|_| is_tls13)?;
        (!self.stream.get_ref().0.has_more()).then_some(verdict)
    }

    /// What rustls knows of the connection.
    fn state(&self) -> &CommonState {
        self.stream.get_ref().1
    }
}

/// Returns whether the peer closed the connection. On Windows, reading and writing may then fail with
/// `ConnectionAborted`, and on Unix writing may fail with `BrokenPipe`.
fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(
        error.kind(),
        K::BrokenPipe | K::ConnectionAborted | K::ConnectionReset | K::UnexpectedEof
    )
}

/// A TLS 1.2 peer asked to renegotiate, and did not continue without it.
#[derive(Debug)]
struct RenegotiationRefused {
    source: io::Error,
}

impl fmt::Display for RenegotiationRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the peer asked to renegotiate, which rustls does not support")
    }
}

impl std::error::Error for RenegotiationRefused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Connection<IO> {
    /// Waits for the server's answer to our certificate. In TLS 1.3 the answer comes only after our handshake: a
    /// server that refuses the certificate sends an alert, and a server that accepts it sends something else, or
    /// nothing.
    ///
    /// Returns at once if there is nothing to wait for: in TLS 1.2, if the server did not ask for a certificate, and on
    /// incoming connections. Otherwise it returns with the first record of the server, or after `wait`. Application data
    /// that the server sends in that time is read from the connection later.
    ///
    /// # Errors
    ///
    /// The server refused us, or the connection broke. A close_notify is no refusal: the next read shows it.
    pub async fn confirm(&mut self, wait: Duration) -> Result<(), ConnectError> {
        if self.state().protocol_version() != Some(ProtocolVersion::TLSv1_3)
            || self.verdict.is_none()
            || !self.early.is_empty()
        {
            return Ok(());
        }
        let verdict = std::future::poll_fn(|cx| self.poll_verdict(cx));
        // A server that sends nothing is taken to accept the certificate.
        let verdict = tokio::time::timeout(wait, verdict).await.unwrap_or(Ok(()));
        verdict.map_err(|error| self.failure(error))
    }

    /// Any record counts as an answer: a session ticket brings no data, but shows that the server has accepted us.
    fn poll_verdict(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 1024];
        let mut buf = ReadBuf::new(&mut bytes);
        match Pin::new(&mut *self).poll_read(cx, &mut buf) {
            Poll::Ready(Ok(())) => {
                self.early.extend(buf.filled());
                Poll::Ready(Ok(()))
            }
            Poll::Pending if self.stream.get_ref().0.has_more() => Poll::Ready(Ok(())),
            other => other,
        }
    }

    /// Sends the refusal of a renegotiation, because the peer waits for it. Other answers to what was read are sent
    /// with the next write.
    fn answer_renegotiation(&mut self, cx: &mut Context<'_>) {
        let (tap, state) = self.stream.get_ref();
        if tap.asked_to_renegotiate() && state.wants_write() {
            // If this fails, so will the next read.
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.early.is_empty() {
            let count = self.early.len().min(buf.remaining());
            buf.put_slice(&self.early[..count]);
            self.early.drain(..count);
            return Poll::Ready(Ok(()));
        }
        // A session that arrives is valid as long as what the peer was checked against.
        let checked = self.status.as_ref().map(|status| status.validity);
        let polled = with_checked(checked, || Pin::new(&mut self.stream).poll_read(cx, buf));
        self.answer_renegotiation(cx);
        polled.map_err(|error| self.explained(error))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        polled.map_err(|error| self.explained(error))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        polled.map_err(|error| self.explained(error))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        polled.map_err(|error| self.explained(error))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        polled.map_err(|error| self.explained(error))
    }
}
