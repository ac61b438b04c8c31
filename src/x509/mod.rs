//! The only reader of certificates, revocation lists, names and keys. Everything that decisions depend on is read
//! here.
//!
//! The reader is lax where OpenSSL 3.0 is lax, and nowhere else. A comment marks each such place; [`der`] lists those
//! of the encoding. Text that is only shown comes from [`describe`].

pub(crate) mod algorithm;
pub(crate) mod certificate;
pub(crate) mod crl;
pub(crate) mod der;
pub(crate) mod describe;
pub(crate) mod distribution_point;
pub(crate) mod extension;
pub(crate) mod general_name;
pub(crate) mod key;
pub(crate) mod name;
#[cfg(any(test, fuzzing))]
pub mod oracle;
pub(crate) mod resources;
pub(crate) mod serial;
#[cfg(test)]
pub(crate) mod test_pki;
#[cfg(test)]
mod tests;
pub(crate) mod time;

pub(crate) use certificate::{Certificate, Unreadable};
pub(crate) use crl::CertificateList;
pub use crl::{CrlError, CrlFacts};
