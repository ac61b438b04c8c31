//! The only reader of certificates, revocation lists, names and keys. Everything that decisions depend on is read
//! here.
//!
//! The reader is lax where OpenSSL 3.0 is lax, and nowhere else. A comment marks each such place; [`der`] lists those
//! of the encoding. Text that is only shown comes from [`describe`].
//!
//! Bytes come in; borrowed parts with checked structure come out: certificates ([`certificate`]), lists ([`crl`]),
//! their extensions, names and keys. `pki` reads the files' objects with it, `verify` what peers send. Nothing is
//! verified here, and nothing is looked up.
//!
//! There is one reader for a reason. If a second parser read the same certificate for another decision, an attacker
//! could look for bytes that the two read differently. rustls-webpki and x509-parser are stricter than OpenSSL in
//! many places (version 1, unusual extensions, BER), so neither could be that reader. x509-parser serves as the
//! oracle in tests and fuzzing instead: whatever both can read, they must read alike.
//!
//! Reading copies and allocates as little as possible. A `None` means that OpenSSL does not read the value either,
//! unless a comment says that it is a policy of this crate.

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
pub(crate) mod tests;
pub(crate) mod time;

pub(crate) use certificate::{Certificate, Unreadable};
pub(crate) use crl::CertificateList;
pub use crl::{CrlError, CrlFacts};
