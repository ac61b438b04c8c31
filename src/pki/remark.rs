//! What is worth knowing of a file that can be used.

use std::fmt;
use std::sync::Arc;

use super::error::FileError;
use super::origin::Origin;

/// A remark on a file that is used, or on an object in it: in most cases, that it has no effect.
///
/// OpenSSL reports nothing of the kind.
///
/// The report has it as a warning.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::{RemarkKind, roots};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
/// # let key = std::fs::read("tests/testdata/crypto/p256.key")?;
/// let both = [ca, key].concat();
/// let roots = roots::load(Source::bytes("ca-and-key.pem", both))?;
/// let remark = &roots.remarks()[0];
/// assert_eq!(remark.origin().block(), Some(2));
/// assert!(matches!(remark.kind(), RemarkKind::Unused { what, .. } if what == "PRIVATE KEY"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Remark {
    origin: Origin,
    kind: RemarkKind,
}

/// What a [`Remark`] says.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum RemarkKind {
    /// The file holds certificates that do not belong to our chain, and are not sent.
    #[non_exhaustive]
    NotInChain {
        /// The number of certificates.
        certificates: usize,
    },
    /// The file is a PKCS#12 file without a MAC.
    NoMac,
    /// A private key that was given in code does not reveal its public key.
    NotCompared,
    /// The file is ignored. Its folder has names that `openssl rehash` made, and OpenSSL looks up only these.
    NotHashed,
    /// The object is ignored. Its file has a name that `openssl rehash` made, but OpenSSL does not look it up by this
    /// name.
    OtherHash,
    /// The folder has no names that `openssl rehash` made. OpenSSL finds nothing in it; here every file counts.
    Unhashed,
    /// The file or object is ignored, because it cannot be read.
    #[non_exhaustive]
    Unreadable {
        /// The reason.
        error: Arc<FileError>,
    },
    /// The object is ignored, because the option does not use such objects.
    #[non_exhaustive]
    Unused {
        /// The label of the PEM block or, in a container, the kind of the object.
        what: String,
    },
}

impl Remark {
    pub(super) fn new(origin: Origin, kind: RemarkKind) -> Self {
        Self { origin, kind }
    }

    /// Makes the remark that the file or object of an error is ignored.
    pub(super) fn unreadable(origin: Origin, error: FileError) -> Self {
        let error = Arc::new(error);
        Self::new(origin, RemarkKind::Unreadable { error })
    }

    /// Returns the file or the object.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns what the remark says.
    pub fn kind(&self) -> &RemarkKind {
        &self.kind
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = &self.origin;
        match &self.kind {
            RemarkKind::NotInChain { certificates: 1 } => write!(
                f,
                "{origin} holds 1 certificate that does not belong to our chain, and is not sent"
            ),
            RemarkKind::NotInChain { certificates } => write!(
                f,
                "{origin} holds {certificates} certificates that do not belong to our chain, and are not sent"
            ),
            RemarkKind::NoMac => write!(
                f,
                "{origin} has no MAC, so that a change to it cannot be detected"
            ),
            RemarkKind::NotCompared => write!(
                f,
                "the private key in {origin} was not compared with the certificate, because it does not reveal its public key"
            ),
            RemarkKind::NotHashed => write!(
                f,
                "{origin} is ignored: the folder has names made by `openssl rehash`, and OpenSSL looks up only these"
            ),
            RemarkKind::OtherHash => write!(
                f,
                "{origin} is ignored: OpenSSL does not look it up under this file name"
            ),
            RemarkKind::Unhashed => write!(
                f,
                "every file in the folder {origin} is used here; OpenSSL finds none of them until `openssl rehash` is run"
            ),
            RemarkKind::Unreadable { error } => write!(f, "ignored: {}", error.reason()),
            RemarkKind::Unused { what } => write!(f, "{origin}: `{what}` is not used here"),
        }
    }
}
