//! The files that options name: certificates, keys, trusted certificates and revocation lists.
//!
//! Files come in; parsed certificates, lists and keys come out, each with its [`Origin`]. Nothing is
//! verified here, except that a key matches its certificate. What OpenSSL loads is loaded, and what it does not
//! load is refused: [`roots::load`] says what becomes of unusual certificates. Objects that the program holds in
//! memory are read by [`TrustedCertificate::from_der`] and [`RevocationList::from_der`].
//!
//! A file is recognised by its content: PEM, DER, PKCS#12 or PKCS#7. PEM is read by OpenSSL's rules. Text around the
//! blocks, CRLF, a byte order mark and a missing last newline are accepted. An indented BEGIN line is text.
//! **One damaged block makes the whole file unusable**, whatever its label. In contrast to OpenSSL, a malformed
//! BEGIN line is an error, too, because the block after it would be lost without notice. [`Passphrases`] is asked for
//! passphrases.
//!
//! Files of certificates and keys may have at most 16 MiB, files of revocation lists 1 GiB, and one PEM block
//! 256 MiB.
//!
//! The way of a file: `input` opens what the value of an option stands for, `read` reads it within limits, and `file`
//! splits it into objects. `pem` finds blocks, `format` recognises DER, `container` opens PKCS#12 and PKCS#7, and
//! `encryption` decrypts keys. What the objects mean for an option is decided in [`credentials`], [`roots`] and
//! [`crls`].
//!
//! ```
//! use sip_tls::options::Source;
//! use sip_tls::pki::{crls, roots};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
//! # let list = std::fs::read("tests/testdata/crl/plain.der")?;
//! let roots = roots::load(Source::bytes("ca.pem", ca))?;
//! assert_eq!(roots.certificates()[0].origin().to_string(), "block 1 (line 1) of ca.pem");
//! let lists = crls::load(Source::bytes("ca.crl", list))?;
//! assert_eq!(lists.lists()[0].facts().issuer(), "C = DE, O = Example, CN = List CA");
//! # Ok(())
//! # }
//! ```

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
