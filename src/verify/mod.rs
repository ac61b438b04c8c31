//! Verification as OpenSSL does it: one path, its extensions, strength, names, revocation, signatures and constraints.
//!
//! Certificates in DER come in; a [`VerifyStatus`] with OpenSSL's numbers comes out. A [`Verifier`] does the work,
//! and knows neither rustls' traits nor connections. [`ServerVerifier`] and [`ClientVerifier`] put it into a
//! configuration of rustls. An [`Endpoint`](crate::Endpoint) makes all of this from its options; these types are for
//! programs that configure rustls themselves, or that verify certificates without a connection.
//!
//! Each check is a file of its own, named after what it checks. They run in the order of `verify_chain` in OpenSSL's
//! `x509_vfy.c`:
//!
//! 1. the path, `build_chain`;
//! 2. extensions, CA-ness, purposes and path lengths, `check_extensions`;
//! 3. the strength of keys and digests, `check_auth_level`;
//! 4. the name, `check_id`;
//! 5. revocation, `check_revocation`;
//! 6. signatures and dates, `internal_verify`;
//! 7. name constraints, `check_name_constraints`, and the resources of RFC 3779.
//!
//! The first finding is the one that OpenSSL reports; the later ones are listed as well. Two rules hold everywhere.
//! Nothing is accepted that OpenSSL refuses with the same files and options. What is refused here and accepted by
//! OpenSSL is a policy with a reason, and is listed in `compat/divergences.toml`. rustls-webpki is used for the
//! signature of the handshake only: its own path search is stricter than OpenSSL in some places, and laxer in others,
//! such as the dates and extensions of trust anchors.
//!
//! ```
//! use std::time::Duration;
//!
//! use rustls::pki_types::UnixTime;
//! use sip_tls::options::{NameCheck, Source};
//! use sip_tls::verify::{Purpose, ReferenceName, Verifier, VerifyCode};
//! use sip_tls::{crypto, pki};
//!
//! # const CA: &str = "tests/testdata/crypto/p256.crt";
//! let roots = pki::roots::load(Source::path(CA))?;
//! let verifier = Verifier::builder(&*crypto::default_base()?)
//!     .trusted(roots.certificates())
//!     .name_check(NameCheck::Host)
//!     .build()?;
//!
//! // A self-signed certificate for `localhost`, which is trusted itself.
//! let chain = [roots.certificates()[0].der().clone()];
//! let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
//! let verify = |host: &str| {
//!     let reference = ReferenceName::new(host);
//!     verifier.verify(&chain, Purpose::Server, Some(&reference), now)
//! };
//! assert!(verify("localhost").is_accepted());
//! assert_eq!(verify("sip.example.com").code(), VerifyCode::HostnameMismatch);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
