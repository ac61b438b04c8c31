//! The connection that a task is making: its verifier is told of it by a task-local.

use std::cell::RefCell;

use crate::verify::{ConnectionInfo, Observation, Observer, VerifyStatus};

tokio::task_local! {
    static ATTEMPT: Attempt;
}

struct Attempt {
    info: ConnectionInfo,
    /// What the verifier found.
    status: RefCell<Option<VerifyStatus>>,
}

/// Runs a handshake, and returns its result with the status of the verification, if there was one.
pub(super) async fn observed<T>(
    info: ConnectionInfo,
    handshake: impl Future<Output = T>,
) -> (T, Option<VerifyStatus>) {
    let attempt = Attempt {
        info,
        status: RefCell::default(),
    };
    let with_status = async {
        let result = handshake.await;
        (result, ATTEMPT.with(|attempt| attempt.status.take()))
    };
    ATTEMPT.scope(attempt, with_status).await
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
