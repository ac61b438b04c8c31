use super::identities::Authorisation;
use super::name::ReferenceName;
use super::revocation::RevocationDepth;
use crate::options::{NameCheck, SecurityLevel};

/// What a verifier checks, and how strictly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) name_check: NameCheck,
    pub(crate) target_name: Option<ReferenceName>,
    pub(crate) revocation_depth: RevocationDepth,
    pub(crate) security_level: SecurityLevel,
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
