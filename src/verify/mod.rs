//! Verification as OpenSSL does it: paths, names, revocation.

mod certificate;
mod code;
mod der;
mod distinguished_name;
mod distribution_point;
mod extension;
mod general_name;
mod name;
mod revocation;
mod strength;
#[cfg(test)]
mod test_pki;
mod well_formed;

pub use code::VerifyCode;
pub use name::ReferenceName;
pub use revocation::{CrlError, CrlFacts, RevocationDepth};
