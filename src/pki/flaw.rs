//! Certificates that are loaded and cannot be used.
//!
//! OpenSSL loads a certificate with a critical extension that it does not know, or with a date that it cannot read, and
//! fails when a path goes through it. To refuse the whole file would break configurations that work. So it is a
//! warning.

use std::fmt;

use super::origin::Origin;
use crate::x509::Certificate;

/// Something in a trusted certificate for which every path through the certificate is refused.
///
/// OpenSSL loads such a certificate, and refuses the same paths. The other certificates of its file are
/// not affected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flaw {
    origin: Origin,
    kind: FlawKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum FlawKind {
    CriticalExtension,
    Extension,
    Key,
    NotAfter,
    NotBefore,
    Signature,
    UnnamedCurve,
}

impl Flaw {
    /// Returns the flaws of a certificate. The signature is not checked if the certificate ends paths.
    pub(super) fn all_of<'a>(
        certificate: &'a Certificate<'_>,
        origin: &'a Origin,
        ends_paths: bool,
    ) -> impl Iterator<Item = Self> + 'a {
        FlawKind::ALL
            .into_iter()
            .filter(|kind| kind.is_in(certificate))
            .filter(move |kind| !(ends_paths && *kind == FlawKind::Signature))
            .map(|kind| Self {
                origin: origin.clone(),
                kind,
            })
    }

    /// Returns where the certificate comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; ", self.origin, self.kind.sentence())?;
        f.write_str("a path through this certificate is refused")
    }
}

impl FlawKind {
    const ALL: [Self; 7] = [
        Self::NotBefore,
        Self::NotAfter,
        Self::Key,
        Self::UnnamedCurve,
        Self::Extension,
        Self::CriticalExtension,
        Self::Signature,
    ];

    /// Whether a certificate has the flaw. The reader has noted it already.
    fn is_in(self, certificate: &Certificate<'_>) -> bool {
        let key = &certificate.key_strength;
        match self {
            Self::CriticalExtension => certificate.extensions.has_unhandled_critical,
            Self::Extension => certificate.extensions.is_invalid,
            Self::Key => key.bits == 0,
            Self::NotAfter => certificate.not_after.valid.is_none(),
            Self::NotBefore => certificate.not_before.valid.is_none(),
            Self::Signature => {
                certificate.has_unused_signature_bits || certificate.has_contradicting_algorithms
            }
            Self::UnnamedCurve => key.has_explicit_curve,
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::CriticalExtension => "it has a critical extension that is not supported",
            Self::Extension => "one of its extensions is malformed or occurs twice",
            Self::Key => "its public key cannot be read or is of a kind that is not supported",
            Self::NotAfter => "its notAfter cannot be read",
            Self::NotBefore => "its notBefore cannot be read",
            Self::Signature => {
                "its signature has unused bits, or its two signature algorithms differ"
            }
            Self::UnnamedCurve => {
                "its public key has explicit curve parameters instead of a named curve"
            }
        }
    }
}
