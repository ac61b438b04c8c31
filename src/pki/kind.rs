//! What an object is, in words of messages.

use std::fmt;

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
    /// The labels are those that OpenSSL reads (pem.h): some have older forms.
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
