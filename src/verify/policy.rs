//! The choices that options make for a verifier, without the files.
//!
//! A verifier for one connection has a policy of its own, for its target name, and shares everything else with the
//! other verifiers of its endpoint.

use super::identities::Authorisation;
use super::name::ReferenceName;
use super::revocation::RevocationDepth;
use crate::options::{NameCheck, SecurityLevel};

/// What a verifier checks, and how strictly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// The option `tls-target-name-check`.
    pub(crate) name_check: NameCheck,
    /// The option `tls-target-name`: replaces the name that a connection is made to, for servers only.
    pub(crate) target_name: Option<ReferenceName>,
    /// Set in code only: no option asks for it.
    pub(crate) revocation_depth: RevocationDepth,
    /// From `@SECLEVEL=n` in `cipher-list`, and never below level 2.
    pub(crate) security_level: SecurityLevel,
    /// The caller's function that may refuse a peer, if there is one.
    pub(crate) authorisation: Authorisation,
    /// Whether missing lists are fetched.
    pub(crate) fetches_lists: bool,
    /// The maximum number of verdicts on accepted peers that are kept.
    pub(crate) kept_verdicts: usize,
}

impl Policy {
    /// How many certificates may stand above the end entity (OpenSSL's default for `-verify_depth`).
    pub(crate) const MAX_DEPTH: usize = 100;
}
