//! Verification as OpenSSL does it: paths, names, revocation.

mod builder;
mod certificate;
mod checks;
mod client_cert;
mod code;
mod connection_info;
mod constraints;
mod der;
mod distinguished_name;
mod distribution_point;
mod extension;
mod facts;
mod general_name;
mod name;
mod observer;
mod path;
mod policy;
mod purpose;
mod revocation;
mod server_cert;
mod signature;
mod status;
mod strength;
#[cfg(test)]
mod test_pki;
mod trust_store;
mod verifier;
mod well_formed;

pub use builder::{VerifierBuilder, VerifierError};
pub(crate) use checks::own_strength;
pub use client_cert::ClientVerifier;
pub use code::VerifyCode;
pub use connection_info::{ConnectionInfo, Direction};
pub(crate) use facts::certificate_facts;
pub use name::ReferenceName;
pub use observer::{Observation, Observer};
pub use purpose::Purpose;
pub use revocation::{CrlError, CrlFacts, RevocationDepth};
pub use server_cert::ServerVerifier;
pub use status::{Finding, VerifyStatus};
pub use verifier::Verifier;
