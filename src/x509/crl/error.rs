//! Why a revocation list is refused when it is loaded.

use std::fmt;

/// Why a revocation list cannot be used.
///
/// # Examples
///
/// ```
/// use sip_tls::pki::{CrlError, FileProblem, RevocationList};
///
/// # const LIST: &str = "tests/testdata/crl/delta.der";
/// let delta = std::fs::read(LIST)?;
/// let error = RevocationList::from_der(delta.into()).unwrap_err();
/// assert!(matches!(error.problem(), FileProblem::UnusableList(CrlError::Delta)));
/// # Ok::<(), std::io::Error>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrlError {
    /// It is a delta list, which cannot be used without the complete list that it changes.
    ///
    /// OpenSSL before 3.0.20 treats it as a complete list, and so accepts what the complete list revokes.
    Delta,
    /// It is not what RFC 5280 calls a certificate list.
    ///
    /// OpenSSL does not load such a list either.
    #[non_exhaustive]
    Malformed {
        /// The part that cannot be read.
        part: &'static str,
    },
    /// A value that decisions depend on cannot be read. OpenSSL loads such a list.
    ///
    /// It then ignores the value, and so lets the list answer for more certificates, or for fewer, than its issuer
    /// meant.
    #[non_exhaustive]
    Unreadable {
        /// The part that holds the value.
        part: &'static str,
    },
    /// It is signed with MD5 or SHA-1, for which signatures can be forged.
    ///
    /// OpenSSL uses such a list at any security level.
    WeakSignature,
}

impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delta => f.write_str(
                "it is a delta revocation list, which is unusable without the complete list: \
                 give the complete list instead",
            ),
            Self::Malformed { part } => write!(f, "malformed revocation list: {part}"),
            Self::Unreadable { part } => write!(f, "its {part} cannot be read"),
            Self::WeakSignature => f.write_str(
                "the revocation list is signed with MD5 or SHA-1, which can be forged: ask the CA to sign it with \
                 SHA-256 or better",
            ),
        }
    }
}

impl std::error::Error for CrlError {}
