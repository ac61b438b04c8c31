//! Verification as OpenSSL does it: paths, names, revocation.

mod certificate;
mod code;
mod distinguished_name;
mod strength;

pub use code::VerifyCode;
