//! The connection that a task is making or reads from. Task-locals pass it to verifiers and session stores.
//!
//! rustls calls verifiers, certificate resolvers and session stores without saying for which connection. But it calls
//! them while the task of that connection polls the handshake. So a task-local carries the connection in, and what was
//! found out. A connection that somebody else makes with a handed-out configuration has no such task-local: then
//! nothing is noted, and the caller's observer is called without a connection.

use std::cell::{Cell, RefCell};

use rustls::SignatureScheme;

use super::tag;
use crate::verify::{ConnectionInfo, Observation, Observer, Validity, VerifyStatus};
use crate::x509::der::Reader;
use crate::x509::name::Name;

tokio::task_local! {
    static ATTEMPT: Attempt;
    /// What the peer was checked against, in this handshake or in that of the resumed session.
    static CHECKED: Cell<Option<Validity>>;
}

/// Cells, because rustls calls with shared references. A task runs on one thread at a time.
struct Attempt {
    info: ConnectionInfo,
    /// What the verifier found.
    status: RefCell<Option<VerifyStatus>>,
    offers_session: Cell<bool>,
    asked: RefCell<Option<Asked>>,
    scheme: Cell<Option<SignatureScheme>>,
    own_scheme: Cell<Option<SignatureScheme>>,
}

/// A server's request for our certificate.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The names of the CAs that the server accepts, as they were sent.
    pub(super) cas: Vec<Box<[u8]>>,
    pub(super) schemes: Vec<SignatureScheme>,
    pub(super) answer: Answer,
}

impl Asked {
    /// Returns the names of the CAs that can be parsed.
    pub(super) fn names(&self) -> impl Iterator<Item = Name<'_>> {
        let cas = self.cas.iter();
        cas.filter_map(|der| Name::read(&mut Reader::new(der)))
    }
}

/// Our answer to the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    Certificate,
    /// There is no certificate.
    Nothing,
    /// Our key has no signature scheme that the server accepts.
    WrongKey,
}

/// The outcome of a handshake.
pub(super) struct Observed<T> {
    pub(super) result: T,
    /// The status of the verification, if there was one.
    pub(super) status: Option<VerifyStatus>,
    /// Whether a client offered to resume a session.
    pub(super) offers_session: bool,
    /// The request of a server for our certificate.
    pub(super) asked: Option<Asked>,
    /// The signature scheme of the peer in the handshake.
    pub(super) scheme: Option<SignatureScheme>,
    /// Our signature scheme in the handshake.
    pub(super) own_scheme: Option<SignatureScheme>,
}

/// Runs a handshake, including the creation of its connection.
pub(super) async fn observed<T>(
    info: ConnectionInfo,
    handshake: impl Future<Output = T>,
) -> Observed<T> {
    let attempt = Attempt {
        info,
        status: RefCell::default(),
        offers_session: Cell::default(),
        asked: RefCell::default(),
        scheme: Cell::default(),
        own_scheme: Cell::default(),
    };
    let with_status = async {
        let result = handshake.await;
        ATTEMPT.with(|attempt| Observed {
            result,
            status: attempt.status.take(),
            offers_session: attempt.offers_session.get(),
            asked: attempt.asked.take(),
            scheme: attempt.scheme.get(),
            own_scheme: attempt.own_scheme.get(),
        })
    };
    let attempting = ATTEMPT.scope(attempt, with_status);
    CHECKED.scope(Cell::default(), attempting).await
}

/// Runs a function that may read from an established connection. `checked` is what its peer was checked against.
pub(super) fn with_checked<T>(checked: Option<Validity>, read: impl FnOnce() -> T) -> T {
    CHECKED.sync_scope(Cell::new(checked), read)
}

/// Returns what the peer of the connection was checked against. `None` if the peer was not checked, or the connection
/// is unknown here.
pub(super) fn checked() -> Option<Validity> {
    CHECKED.try_with(Cell::get).ok().flatten()
}

/// Notes that the connection which is being made may resume a session. `checked` is what its peer was checked
/// against.
pub(super) fn resumes(checked: Validity) {
    // A connection that is made with a handed-out configuration is unknown here.
    let _ = CHECKED.try_with(|of_connection| of_connection.set(Some(checked)));
}

/// Notes that the client which is being made offers to resume a session. `checked` is what its server was checked
/// against.
pub(super) fn offers_session(checked: Validity) {
    resumes(checked);
    let _ = ATTEMPT.try_with(|attempt| attempt.offers_session.set(true));
}

/// Notes that the server of the connection which is being made asks for our certificate.
pub(super) fn asks(asked: impl FnOnce() -> Asked) {
    let _ = ATTEMPT.try_with(|attempt| attempt.asked.replace(Some(asked())));
}

/// Notes the signature scheme of the peer of the connection which is being made.
pub(super) fn is_signed_with(scheme: SignatureScheme) {
    let _ = ATTEMPT.try_with(|attempt| attempt.scheme.set(Some(scheme)));
}

/// Notes our signature scheme on the connection which is being made.
pub(super) fn we_sign_with(scheme: SignatureScheme) {
    let _ = ATTEMPT.try_with(|attempt| attempt.own_scheme.set(Some(scheme)));
}

/// Makes an observer that keeps every status for the connection that is being made, and passes the status and the
/// connection to the user's observer.
pub(super) fn recording(user: Observer) -> Observer {
    Observer::new(move |observation| {
        let tag = tag::current();
        let tag = tag.as_deref();
        let told = ATTEMPT.try_with(|attempt| {
            resumes(observation.status.validity);
            attempt.status.replace(Some(observation.status.clone()));
            user.call(&Observation {
                status: observation.status,
                connection: Some(&attempt.info),
                tag,
            });
        });
        // A connection that is made with a handed-out configuration is unknown here.
        if told.is_err() {
            user.call(&Observation {
                tag,
                ..*observation
            });
        }
    })
}
