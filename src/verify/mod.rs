//! Verification as OpenSSL does it: one path, its extensions, strength, names, revocation, signatures and constraints.

mod builder;
mod code;
mod connection_info;
mod constraints;
mod email;
mod explain;
mod extensions;
mod identities;
mod in_force;
mod name;
mod observer;
mod path;
mod policy;
mod purpose;
mod resources;
mod revocation;
mod rustls;
mod signatures;
mod sip_domain;
mod status;
mod strength;
#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests;
mod trust_store;
mod verdicts;
mod verifier;
#[cfg(feature = "crl-fetch")]
mod wanted;

#[cfg(test)]
use crate::x509::test_pki;

pub use self::rustls::{ClientVerifier, ServerVerifier};
pub use builder::{VerifierBuilder, VerifierError};
pub use code::VerifyCode;
pub use connection_info::{ConnectionInfo, Direction};
#[cfg(feature = "tokio")]
pub(crate) use explain::names;
pub use explain::{CheckOutcome, Explanation, PathCheck, PathStep};
pub(crate) use extensions::fits_purpose;
pub(crate) use identities::Authorisation;
pub use identities::{Fingerprint, PeerIdentities};
pub(crate) use in_force::{InForce, Verifiers};
pub use name::ReferenceName;
#[cfg(feature = "tokio")]
pub(crate) use name::matching as matching_name;
pub use observer::{Observation, Observer};
pub use purpose::Purpose;
pub(crate) use revocation::Crl;
pub use revocation::RevocationDepth;
#[cfg(feature = "tokio")]
pub(crate) use sip_domain::normalised as sip_domain;
pub(crate) use status::Validity;
pub use status::{Finding, VerifyStatus};
pub(crate) use strength::{is_weak_ca, own as own_strength};
pub(crate) use trust_store::{TrustStore, explicit_trust, is_anchor};
pub use verifier::Verifier;
#[cfg(feature = "crl-fetch")]
pub(crate) use wanted::is_lack;
#[cfg(feature = "crl-fetch")]
pub use wanted::{ListFault, WantedList};
