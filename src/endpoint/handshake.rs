//! What handshakes of both directions have in common.
//!
//! rustls makes the handshake and calls the verifiers. What is left for both directions is here: time-outs that say how
//! far a handshake came, what is known of a failure, and the verification of a resumed session.
//!
//! That verification is the important part. rustls resumes a session without a verifier, with the certificates of the
//! first handshake. Here they are verified again, against what is in force now, which OpenSSL does not do. So a peer
//! that was revoked since then is refused.

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ProtocolVersion;
use rustls::pki_types::UnixTime;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsStream;

use super::attempt::Asked;
use super::client::Clients;
use super::diagnosis::{Circumstances, Diagnosis};
use super::domain::Resolver;
use super::manner::Servers;
use super::tap::{Recording, Refusals, Start};
use super::verdict::Verdict;
use super::{ConnectError, Connection, Endpoint, Tap};
use crate::verify::{
    ConnectionInfo, Direction, Observer, Purpose, ReferenceName, Verifiers, VerifyStatus,
};

/// What connections need besides the configurations that are handed out.
pub(super) struct Connecting {
    pub(super) clients: Arc<Clients>,
    /// Servers that need another manner than the first.
    pub(super) servers: Servers,
    /// Explains why outgoing connections fail.
    pub(super) outgoing: Diagnosis,
    /// Explains why incoming connections fail.
    pub(super) incoming: Option<Diagnosis>,
    pub(super) observer: Observer,
    /// Finds the servers of domains.
    pub(super) resolver: Arc<dyn Resolver>,
    /// The kinds of peers whose certificates the caller verifies. They are not verified again here.
    pub(super) trusts_foreign_verifiers: Vec<Purpose>,
    pub(super) requires_client_certificate: bool,
    /// The reasons to refuse clients before rustls sees their ClientHello.
    pub(super) refusals: Refusals,
    pub(super) timeout: Duration,
    /// How long to wait for a server's answer to our certificate.
    pub(super) confirm: Option<Duration>,
}

/// A connection whose handshake is done, and whose peer may still have to be verified.
pub(super) struct Established<IO> {
    pub(super) stream: Box<TlsStream<Tap<IO>>>,
    pub(super) info: ConnectionInfo,
    /// `None` if the session was resumed, or the peer was not asked for a certificate.
    pub(super) status: Option<VerifyStatus>,
    /// The server's request for our certificate.
    pub(super) asked: Option<Asked>,
    pub(super) took: Duration,
}

impl<IO> Established<IO> {
    /// Returns the connection. From here on nothing is recorded.
    pub(super) fn into_connection(self, endpoint: &Endpoint) -> Connection<IO> {
        let Self {
            mut stream,
            info,
            status,
            asked,
            took,
        } = self;
        let (tap, state) = stream.get_mut();
        tap.finish(state.protocol_version() == Some(ProtocolVersion::TLSv1_2));
        let verdict = asked.map(|asked| Verdict::new(endpoint, asked));
        let mut connection = Connection::new(stream, info, status, verdict);
        connection.timing_mut().tls = took;
        connection
    }
}

impl Endpoint {
    /// Returns how long making a connection may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.0.connecting.timeout.min(FOREVER)
    }

    /// When a connection that is begun now has to be there.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout()
    }

    /// Runs a handshake over a stream that is recorded. If the time-out passes, the error says how far the handshake
    /// came.
    pub(super) async fn shake_in_time<T>(
        &self,
        deadline: Instant,
        recording: &Recording,
        info: &ConnectionInfo,
        shaking: impl Future<Output = T>,
    ) -> Result<T, ConnectError> {
        tokio::time::timeout_at(deadline, shaking)
            .await
            .map_err(|_| {
                let circumstances = self.circumstances(info.direction(), recording.start(), None);
                ConnectError::TimedOut {
                    after: self.timeout(),
                    explanation: Some(Diagnosis::of_silence(&circumstances)),
                    peer: info.peer_address(),
                }
            })
    }

    /// Returns what is known of a connection that failed.
    pub(super) fn circumstances(
        &self,
        direction: Direction,
        start: Start,
        asked: Option<Asked>,
    ) -> Circumstances {
        let state = self.0.shared.load();
        Circumstances {
            direction,
            dhe_is_withheld: false,
            start,
            asked,
            own: state.key.clone(),
            in_force: Some(state.in_force.clone()),
            now: self.0.shared.seconds(),
        }
    }

    /// Verifies the peer of a resumed session again, because rustls does not.
    pub(super) fn settle<IO>(
        &self,
        mut established: Established<IO>,
        purpose: Purpose,
        reference: Option<&ReferenceName>,
    ) -> Result<Connection<IO>, ConnectError> {
        let status = match established.status.take() {
            Some(status) => status,
            None if self.trusts_foreign_verifier(purpose) => {
                return Ok(established.into_connection(self));
            }
            None => {
                let state = established.stream.get_ref().1;
                let chain = state.peer_certificates().unwrap_or_default();
                let in_force = self.0.shared.load().in_force.clone();
                let mut status =
                    in_force.verify(chain.iter(), purpose, reference.cloned(), self.now()?);
                self.0.shared.verified(&mut status);
                self.0.tallies.count(&status);
                self.0.refusals.note(&status);
                status
            }
        };
        if !status.is_accepted() {
            return Err(ConnectError::Refused {
                peer: established.info.peer_address(),
                status: Box::new(status),
            });
        }
        established.status = Some(status);
        Ok(established.into_connection(self))
    }

    /// Returns whether peers are verified by the caller's own verifier.
    pub(super) fn trusts_foreign_verifier(&self, purpose: Purpose) -> bool {
        (self.0.connecting.trusts_foreign_verifiers).contains(&purpose)
    }

    /// Without a clock nothing can be verified, and the connection fails.
    fn now(&self) -> Result<UnixTime, ConnectError> {
        self.0.shared.now().ok_or(ConnectError::Handshake {
            explanation: None,
            peer: None,
            source: rustls::Error::FailedToGetCurrentTime,
        })
    }
}

/// Describes a connection that is to be made over `stream`.
pub(super) fn info<IO: 'static>(direction: Direction, stream: &IO) -> ConnectionInfo {
    let tcp = (stream as &dyn Any).downcast_ref::<TcpStream>();
    let peer = tcp.and_then(|tcp| tcp.peer_addr().ok());
    let local = tcp.and_then(|tcp| tcp.local_addr().ok());
    ConnectionInfo::new(direction, peer, local)
}

/// Logs the first bytes that both ends sent before the handshake failed.
pub(super) fn log_failure(info: &ConnectionInfo, error: &io::Error, start: &Start) {
    tracing::debug!(
        connection = info.id(),
        peer = info.peer_address().map(tracing::field::display),
        received = %shown(&start.received),
        sent = %shown(&start.sent),
        "the handshake failed: {error}"
    );
}

/// Enough of the bytes to recognise a protocol. They are escaped, because they come from outside.
fn shown(bytes: &[u8]) -> impl fmt::Display {
    bytes[..bytes.len().min(SHOWN)].escape_ascii()
}

/// In bytes.
const SHOWN: usize = 100;

/// The maximum time-out. No clock overflows with it.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
