use std::fmt;
use std::sync::Arc;

use super::error::FileError;
use super::origin::Origin;

/// What there is to say of a file that is used, or of an object in it: mostly that it has no effect.
///
/// OpenSSL says nothing of such things.
#[derive(Clone, Debug)]
pub struct Remark {
    origin: Origin,
    kind: RemarkKind,
}

/// What a [`Remark`] says.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum RemarkKind {
    /// It holds certificates that do not belong to our chain, and are not sent.
    #[non_exhaustive]
    NotInChain {
        /// How many.
        certificates: usize,
    },
    /// It is a PKCS#12 file without a MAC.
    NoMac,
    /// It is a private key given in code that does not tell its public key.
    NotCompared,
    /// It is ignored. Its folder has names that `openssl rehash` made, and OpenSSL looks up only these.
    NotHashed,
    /// It is ignored. Its file has a name that `openssl rehash` made, but OpenSSL does not look it up by this name.
    OtherHash,
    /// It is a folder without names that `openssl rehash` made. OpenSSL finds nothing in it; here every file counts.
    Unhashed,
    /// It is ignored, because it cannot be read.
    #[non_exhaustive]
    Unreadable {
        /// Why.
        error: Arc<FileError>,
    },
    /// It is ignored, because the option has no use for such an object.
    #[non_exhaustive]
    Unused {
        /// The label of the PEM block, or what it is in a container.
        what: String,
    },
}

impl Remark {
    pub(super) fn new(origin: Origin, kind: RemarkKind) -> Self {
        Self { origin, kind }
    }

    /// Says that the file or object of an error is ignored.
    pub(super) fn unreadable(origin: Origin, error: FileError) -> Self {
        let error = Arc::new(error);
        Self::new(origin, RemarkKind::Unreadable { error })
    }

    /// Returns the file or the object.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns what there is to say.
    pub fn kind(&self) -> &RemarkKind {
        &self.kind
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = &self.origin;
        match &self.kind {
            RemarkKind::NotInChain { certificates } => write!(
                f,
                "{origin} holds certificates that do not belong to our chain, and are not sent: {certificates}"
            ),
            RemarkKind::NoMac => write!(
                f,
                "{origin} has no MAC: it cannot be told whether somebody changed it"
            ),
            RemarkKind::NotCompared => write!(
                f,
                "the private key in {origin} does not tell its public key: it was not compared with the certificate"
            ),
            RemarkKind::NotHashed => write!(
                f,
                "{origin} is ignored: the folder has names made by `openssl rehash`, and OpenSSL looks up only these"
            ),
            RemarkKind::OtherHash => write!(
                f,
                "{origin} is ignored: OpenSSL does not look it up by the name of its file"
            ),
            RemarkKind::Unhashed => write!(
                f,
                "every file of the folder {origin} counts; OpenSSL finds none of them before `openssl rehash`"
            ),
            RemarkKind::Unreadable { error } => write!(f, "ignored: {}", error.reason()),
            RemarkKind::Unused { what } => write!(f, "{origin}: `{what}` is not used here"),
        }
    }
}
