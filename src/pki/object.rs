use std::fmt;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::encryption::{DecryptionError, EncryptedKey};
use super::origin::{Origin, Remark, RemarkKind};

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
    EncryptedKey(SealedKey),
    Other,
    /// PKCS#7 in a PEM block.
    Pkcs7(Vec<u8>),
    PrivateKey(Zeroizing<PrivateKeyDer<'static>>),
    RevocationList(CertificateRevocationListDer<'static>),
    /// A certificate and then OpenSSL's trust settings.
    TrustedCertificate(CertificateDer<'static>),
    UnsupportedKey,
}

impl Object {
    /// Returns an object of a container, which has no label of its own.
    pub(super) fn of_member(origin: Origin, kind: ObjectKind, content: Content) -> Self {
        Self {
            label: kind.to_string(),
            origin,
            kind,
            content,
        }
    }

    /// Returns what to report of an object that is not used; `None` for the curve that OpenSSL
    /// writes above a key.
    pub(super) fn into_unused(self) -> Option<Remark> {
        let (origin, label) = (self.origin, self.label);
        (label != "EC PARAMETERS").then(|| Remark::new(origin, RemarkKind::Unused { what: label }))
    }
}

/// A private key that is encrypted, as it stands in a file.
pub(super) enum SealedKey {
    Pkcs8(Vec<u8>),
    /// In a PEM block with a header of RFC 1421.
    Traditional {
        dek_info: String,
        text: Vec<u8>,
    },
}

impl SealedKey {
    /// Reads how it is encrypted.
    pub(super) fn read(&self) -> Result<EncryptedKey, DecryptionError> {
        match self {
            Self::Pkcs8(der) => EncryptedKey::pkcs8(der),
            Self::Traditional { dek_info, text } => EncryptedKey::traditional(dek_info, text),
        }
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
    /// Trust anchors, which were given in code.
    TrustAnchors,
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
            Self::TrustAnchors => f.write_str("set of trust anchors"),
        }
    }
}
