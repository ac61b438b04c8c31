//! What comes from files: an endpoint replaces it as a whole when they are read again.

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
use super::parts::Files;
use super::sessions::Notes;
use crate::options::TlsOptions;
use crate::pki::Credentials;
use crate::report::Report;
use crate::verify::{InForce, Validity, Verifiers};

/// What was read from the files in one go.
pub(super) struct State {
    pub(super) in_force: Arc<InForce>,
    pub(super) key: Option<Arc<CertifiedKey>>,
    pub(super) target_name: Option<String>,
    pub(super) report: Arc<Report>,
    pub(super) expiries: Expiries,
}

impl State {
    pub(super) fn new(generation: u64, options: &TlsOptions, files: Files, report: Report) -> Self {
        let expiries = Expiries::of(&files);
        let key = |credentials: Credentials| credentials.certified_key().clone();
        Self {
            in_force: Arc::new(InForce::new(files.verifier, generation)),
            key: files.credentials.map(key),
            target_name: options.target_name().map(str::to_owned),
            report: Arc::new(report),
            expiries,
        }
    }
}

/// The state in force. Whatever an endpoint hands out looks here.
pub(super) struct Shared {
    state: ArcSwap<State>,
    /// `None` if no session is resumed.
    pub(super) notes: Option<Notes>,
    time_provider: Arc<dyn TimeProvider>,
}

impl Shared {
    pub(super) fn new(
        state: State,
        notes: Option<Notes>,
        time_provider: Arc<dyn TimeProvider>,
    ) -> Self {
        let shared = Self {
            state: ArcSwap::from_pointee(state),
            notes,
            time_provider,
        };
        shared.warn_at_first();
        shared
    }

    pub(super) fn load(&self) -> Guard<Arc<State>> {
        self.state.load()
    }

    /// Does the same for a handshake, which is when it counts what has expired.
    pub(super) fn use_state(&self) -> Guard<Arc<State>> {
        let state = self.load();
        if let Some(now) = self.seconds() {
            state.expiries.warn_in_use(now);
        }
        state
    }

    pub(super) fn replace(&self, state: State) {
        self.state.store(Arc::new(state));
        self.warn_at_first();
    }

    fn warn_at_first(&self) {
        if let Some(now) = self.seconds() {
            self.load().expiries.warn_at_first(now);
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.load().in_force.generation
    }

    pub(super) fn now(&self) -> Option<UnixTime> {
        self.time_provider.current_time()
    }

    /// The time in seconds since the epoch.
    pub(super) fn seconds(&self) -> Option<i64> {
        i64::try_from(self.now()?.as_secs()).ok()
    }

    /// Whether a session that was checked so may be resumed.
    pub(super) fn holds(&self, checked: Validity) -> bool {
        let is_before = |now| now < checked.until;
        checked.generation == self.generation() && self.seconds().is_some_and(is_before)
    }
}

impl Verifiers for Shared {
    fn in_force(&self) -> Arc<InForce> {
        self.use_state().in_force.clone()
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
