//! The files that options name: certificates, keys, trusted certificates and revocation lists.
//!
//! Files come in, parsed certificates, lists and keys come out, each with its [`Origin`]; nothing is
//! verified here but that a key fits its certificate. What OpenSSL loads is loaded, and what it does not
//! load is refused: [`roots::load`] says what becomes of certificates that are odd. What the program has in
//! memory comes in by [`TrustedCertificate::from_der`] and [`RevocationList::from_der`].
//!
//! A file is recognised by its content: PEM, DER, PKCS#12 or PKCS#7. PEM is read by OpenSSL's rules: text around the
//! blocks, CRLF, a byte order mark and a missing last newline are fine; an indented BEGIN line is text;
//! **one damaged block makes the whole file unusable**, whatever its label. More strictly than OpenSSL, a
//! malformed BEGIN line is an error too, as the block behind it would be lost in silence. Passphrases are asked for by
//! [`Passphrases`].
//!
//! Files of certificates and keys may have 16 MiB, files of revocation lists 1 GiB, one PEM block
//! 256 MiB.

pub mod credentials;
pub mod crls;
pub mod roots;

mod certificate;
mod chain;
mod container;
mod ec_key;
mod encryption;
mod error;
mod file;
mod flaw;
mod folder;
mod foreign;
mod format;
mod hint;
mod input;
mod kind;
mod object;
mod origin;
mod passphrase;
mod pem;
mod pkcs12;
mod pkcs7;
mod read;
mod remark;
#[cfg(feature = "native-certs")]
mod system;
mod trust;
mod trusted;

pub use crate::x509::{CrlError, CrlFacts};
pub use credentials::Credentials;
pub(crate) use credentials::OwnFiles;
pub(crate) use crls::SharedList;
pub use crls::{RevocationList, RevocationLists};
pub use encryption::DecryptionError;
pub use error::{Damage, FileError, FileProblem};
pub use flaw::Flaw;
pub(crate) use folder::is_bundle;
pub use hint::PathHint;
pub use kind::ObjectKind;
pub use origin::Origin;
pub use passphrase::{Opener, Passphrase, PassphraseRequest, Passphrases};
pub use remark::{Remark, RemarkKind};
pub use roots::Roots;
pub use trust::{Trust, TrustSettings};
pub use trusted::TrustedCertificate;
