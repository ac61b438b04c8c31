//! The state that comes from files. An endpoint replaces it as a whole when the files are read again.
//!
//! A handshake loads the state once for each question of rustls, without a lock. A reload stores a new one. What a
//! handshake has loaded stays valid for it: a state is never changed.
//!
//! Each verifier in force has a number, the generation. Sessions and kept verdicts carry the number of the verifier
//! that made them, and count only as long as it is in force.

use std::fmt;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
#[cfg(feature = "tokio")]
use rustls::SignatureScheme;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;

#[cfg(feature = "tokio")]
use super::attempt;
use super::expiry::Expiries;
#[cfg(feature = "crl-fetch")]
use super::fetching::Fetching;
use super::parts::Files;
use super::sessions::Notes;
#[cfg(feature = "crl-fetch")]
use crate::fetch::Source;
use crate::options::TlsOptions;
use crate::pki::Credentials;
use crate::report::Report;
#[cfg(feature = "crl-fetch")]
use crate::verify::{Crl, VerifyStatus};
use crate::verify::{InForce, Validity, Verifiers};

/// What was read from the files in one go.
#[derive(Clone)]
pub(super) struct State {
    /// How often files were read. A verifier has a number of its own, which also counts lists that were fetched.
    pub(super) reads: u64,
    pub(super) in_force: Arc<InForce>,
    pub(super) key: Option<Arc<CertifiedKey>>,
    pub(super) target_name: Option<String>,
    pub(super) report: Arc<Report>,
    pub(super) expiries: Arc<Expiries>,
}

impl State {
    /// Makes the state of what was read. The verifier gets its real number when it is put in force.
    pub(super) fn new(reads: u64, options: &TlsOptions, files: Files, report: Report) -> Self {
        let expiries = Expiries::of(&files);
        let key = |credentials: Credentials| credentials.certified_key().clone();
        Self {
            reads,
            in_force: Arc::new(InForce::new(files.verifier, reads)),
            key: files.credentials.map(key),
            target_name: options.target_name().map(str::to_owned),
            report: Arc::new(report),
            expiries: Arc::new(expiries),
        }
    }

    /// Returns the same state with these fetched lists.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn with_fetched(&self, fetched: Vec<Arc<Crl>>) -> Self {
        let verifier = self.in_force.verifier.with_fetched(fetched);
        Self {
            expiries: Arc::new(self.expiries.with_lists_of(&verifier)),
            in_force: Arc::new(InForce::new(verifier, self.in_force.generation)),
            ..self.clone()
        }
    }

    /// Returns the same state with another number of the verifier.
    fn numbered(self, generation: u64) -> Self {
        let verifier = self.in_force.verifier.clone();
        Self {
            in_force: Arc::new(InForce::new(verifier, generation)),
            ..self
        }
    }
}

/// The state in force. Everything that an endpoint hands out reads it here.
pub(super) struct Shared {
    state: ArcSwap<State>,
    /// `None` if no session is resumed.
    pub(super) notes: Option<Notes>,
    time_provider: Arc<dyn TimeProvider>,
    #[cfg(feature = "crl-fetch")]
    pub(super) fetching: Fetching,
}

impl Shared {
    pub(super) fn new(
        state: State,
        notes: Option<Notes>,
        time_provider: Arc<dyn TimeProvider>,
        #[cfg(feature = "crl-fetch")] source: Arc<dyn Source>,
    ) -> Arc<Self> {
        let shared = Arc::new_cyclic(|_shared| Self {
            state: ArcSwap::from_pointee(state),
            notes,
            time_provider,
            #[cfg(feature = "crl-fetch")]
            fetching: Fetching::new(source, _shared.clone()),
        });
        shared.warn_at_first();
        shared
    }

    /// Loads the state without any side effect.
    pub(super) fn load(&self) -> Guard<Arc<State>> {
        self.state.load()
    }

    /// Loads the state for a handshake, and warns of what has expired.
    pub(super) fn use_state(&self) -> Guard<Arc<State>> {
        let state = self.load();
        if let Some(now) = self.seconds() {
            state.expiries.warn_in_use(now);
        }
        state
    }

    /// Puts a state in force that was read from files. Fetched lists are added to it first, so that no handshake misses
    /// one.
    pub(super) fn replace(&self, state: State) {
        #[cfg(feature = "crl-fetch")]
        self.put_with_fetched(&state);
        #[cfg(not(feature = "crl-fetch"))]
        self.put(state);
        self.warn_at_first();
    }

    /// Puts a state in force, under the next number. Only one thread may do so at a time.
    pub(super) fn put(&self, state: State) {
        let next = self.generation() + 1;
        self.state.store(Arc::new(state.numbered(next)));
    }

    /// Logs what expires soon.
    fn warn_at_first(&self) {
        if let Some(now) = self.seconds() {
            self.load().expiries.warn_at_first(now);
        }
    }

    /// Returns the number of the verifier.
    pub(super) fn generation(&self) -> u64 {
        self.load().in_force.generation
    }

    /// The time of the endpoint's clock. Without one, no certificate can be verified.
    pub(super) fn now(&self) -> Option<UnixTime> {
        self.time_provider.current_time()
    }

    /// Returns the time in seconds since the epoch.
    pub(super) fn seconds(&self) -> Option<i64> {
        i64::try_from(self.now()?.as_secs()).ok()
    }

    /// Returns whether a session may be resumed. `checked` is what its peer was checked against.
    ///
    /// Without a clock it may not.
    pub(super) fn holds(&self, checked: Validity) -> bool {
        let is_before = |now| now < checked.until;
        checked.generation == self.generation() && self.seconds().is_some_and(is_before)
    }
}

impl Verifiers for Shared {
    fn in_force(&self) -> Arc<InForce> {
        self.use_state().in_force.clone()
    }

    #[cfg(feature = "crl-fetch")]
    fn verified(&self, status: &mut VerifyStatus) {
        self.see_to_lists(status);
    }

    fn accepted(&self, server: &ServerName<'_>, checked: Validity) {
        if let Some(notes) = &self.notes {
            notes.add(server, checked);
        }
    }

    #[cfg(feature = "tokio")]
    fn signed(&self, scheme: SignatureScheme) {
        attempt::is_signed_with(scheme);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("in_force", &self.load().in_force)
            .finish_non_exhaustive()
    }
}
