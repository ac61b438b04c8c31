//! What handshakes of both directions have in common: the time-out, and the verification's status.

use std::cell::RefCell;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use tokio::time::Instant;

use super::diagnosis::Diagnosis;
use super::{ConnectError, Connection, Endpoint};
use crate::verify::{Observer, Purpose, ReferenceName, VerifyStatus};

/// What connections need besides the configurations.
pub(super) struct Connecting {
    /// Explains why outgoing connections fail.
    pub(super) outgoing: Diagnosis,
    /// Explains why incoming connections fail.
    pub(super) incoming: Option<Diagnosis>,
    pub(super) observer: Observer,
    pub(super) requires_client_certificate: bool,
    pub(super) timeout: Duration,
}

impl Endpoint {
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.0.connecting.timeout.min(FOREVER)
    }

    pub(super) async fn in_time<T>(
        &self,
        deadline: Instant,
        attempt: impl Future<Output = Result<T, ConnectError>>,
    ) -> Result<T, ConnectError> {
        let outcome = tokio::time::timeout_at(deadline, attempt).await;
        outcome.unwrap_or(Err(ConnectError::TimedOut {
            after: self.0.connecting.timeout,
        }))
    }

    /// Verifies the peer of a resumed session afresh: rustls does not.
    pub(super) fn settle<IO>(
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
                self.0
                    .verifier
                    .verify(chain, purpose, reference, self.now()?)
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
        let time = self.0.client.time_provider.current_time();
        time.ok_or(ConnectError::Handshake {
            explanation: None,
            source: rustls::Error::FailedToGetCurrentTime,
        })
    }
}

tokio::task_local! {
    /// What the verifier found during the handshake that this task makes.
    pub(super) static STATUS: RefCell<Option<VerifyStatus>>;
}

/// Hands every status to the connection that is being made, and to the user's observer.
pub(super) fn recording(user: Observer) -> Observer {
    Observer::new(move |status| {
        // Connections made through a connector of the user's have no such place.
        let _ = STATUS.try_with(|slot| slot.replace(Some(status.clone())));
        user.call(status);
    })
}

/// A time-out that no clock overflows with.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
