//! What a file is split into. An object has a place, a kind and a content, and may still be
//! encrypted.

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::encryption::{DecryptionError, EncryptedKey};
use super::kind::ObjectKind;
use super::origin::Origin;
use super::remark::{Remark, RemarkKind};

/// An object in a file, and its place there.
pub(super) struct Object {
    pub(super) origin: Origin,
    pub(super) kind: ObjectKind,
    pub(super) content: Content,
    pub(super) label: String,
}

/// The content of an object, decoded as far as the variant says. Other bytes may follow it.
pub(super) enum Content {
    Certificate(CertificateDer<'static>),
    EncryptedKey(SealedKey),
    Other,
    /// PKCS#7 in a PEM block.
    Pkcs7(Vec<u8>),
    PrivateKey(Zeroizing<PrivateKeyDer<'static>>),
    /// No object, but a remark on all of them.
    Remark(RemarkKind),
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
        let kind = match self.content {
            Content::Remark(kind) => kind,
            _ if label == "EC PARAMETERS" => return None,
            _ => RemarkKind::Unused { what: label },
        };
        Some(Remark::new(origin, kind))
    }
}

/// A private key that is encrypted, as it is stored in a file.
///
/// It is read twice: first how it is encrypted, so that what cannot be decrypted is refused before
/// anybody is asked for a passphrase, and then with the passphrase.
pub(super) enum SealedKey {
    Pkcs8(Vec<u8>),
    /// In a PEM block with a header of RFC 1421.
    Traditional {
        dek_info: String,
        text: Vec<u8>,
    },
}

impl SealedKey {
    /// Reads how the key is encrypted.
    pub(super) fn read(&self) -> Result<EncryptedKey, DecryptionError> {
        match self {
            Self::Pkcs8(der) => EncryptedKey::pkcs8(der),
            Self::Traditional { dek_info, text } => EncryptedKey::traditional(dek_info, text),
        }
    }
}
