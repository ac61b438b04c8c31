use std::fmt;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::origin::{Origin, UnusedBlock};

/// An object in a file, and where it stands.
pub(super) struct Object {
    pub(super) origin: Origin,
    pub(super) kind: ObjectKind,
    pub(super) content: Content,
    pub(super) label: String,
}

/// What an object is, decoded as far as that; other bytes may follow it.
pub(super) enum Content {
    Certificate(CertificateDer<'static>),
    EncryptedKey,
    Other,
    PrivateKey(Zeroizing<PrivateKeyDer<'static>>),
    RevocationList(CertificateRevocationListDer<'static>),
    /// A certificate and then OpenSSL's trust settings.
    TrustedCertificate(CertificateDer<'static>),
    UnsupportedKey,
}

impl Object {
    /// Returns what to report of an object that is not used; `None` for the curve that OpenSSL
    /// writes above a key.
    pub(super) fn into_unused(self) -> Option<UnusedBlock> {
        let (origin, label) = (self.origin, self.label);
        (label != "EC PARAMETERS").then_some(UnusedBlock { origin, label })
    }
}

/// A kind of object in a file, for error messages.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ObjectKind {
    /// A certificate.
    Certificate,
    /// A PEM block with a label that has no meaning here.
    Labelled(String),
    /// A private key.
    PrivateKey,
    /// A certificate revocation list.
    RevocationList,
}

impl ObjectKind {
    pub(super) fn of_label(label: &str) -> Self {
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "X509 CRL" => Self::RevocationList,
            label if label.ends_with("PRIVATE KEY") => Self::PrivateKey,
            label => Self::Labelled(label.to_owned()),
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => f.write_str("certificate"),
            Self::Labelled(label) => write!(f, "block labelled `{label}`"),
            Self::PrivateKey => f.write_str("private key"),
            Self::RevocationList => f.write_str("certificate revocation list"),
        }
    }
}
