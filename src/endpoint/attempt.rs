//! The connection that a task is making: its verifier is told of it by a task-local.

use std::cell::{Cell, RefCell};

use crate::verify::{ConnectionInfo, Observation, Observer, VerifyStatus};

tokio::task_local! {
    static ATTEMPT: Attempt;
}

struct Attempt {
    info: ConnectionInfo,
    /// What the verifier found.
    status: RefCell<Option<VerifyStatus>>,
    offers_session: Cell<bool>,
}

/// What became of a handshake.
pub(super) struct Observed<T> {
    pub(super) result: T,
    /// The status of the verification, if there was one.
    pub(super) status: Option<VerifyStatus>,
    /// Whether a client offered to resume a session.
    pub(super) offers_session: bool,
}

/// Runs a handshake, from the making of its connection on.
pub(super) async fn observed<T>(
    info: ConnectionInfo,
    handshake: impl Future<Output = T>,
) -> Observed<T> {
    let attempt = Attempt {
        info,
        status: RefCell::default(),
        offers_session: Cell::default(),
    };
    let with_status = async {
        let result = handshake.await;
        ATTEMPT.with(|attempt| Observed {
            result,
            status: attempt.status.take(),
            offers_session: attempt.offers_session.get(),
        })
    };
    ATTEMPT.scope(attempt, with_status).await
}

/// Notes that the client which is being made offers to resume a session.
pub(super) fn offers_session() {
    // A connection that is made with a handed-out configuration is unknown here.
    let _ = ATTEMPT.try_with(|attempt| attempt.offers_session.set(true));
}

/// Makes an observer that keeps every status for the connection that is being made, and tells the user's observer of
/// the status and the connection.
pub(super) fn recording(user: Observer) -> Observer {
    Observer::new(move |observation| {
        let told = ATTEMPT.try_with(|attempt| {
            attempt.status.replace(Some(observation.status.clone()));
            user.call(&Observation {
                status: observation.status,
                connection: Some(&attempt.info),
            });
        });
        // A connection that is made with a handed-out configuration is unknown here.
        if told.is_err() {
            user.call(observation);
        }
    })
}
