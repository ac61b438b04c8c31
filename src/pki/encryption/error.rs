//! Why something that is encrypted stays so.

use std::fmt;

/// Why an encrypted key or PKCS#12 file cannot be opened.
///
/// What no passphrase can open is found out before one is asked for.
///
/// # Examples
///
/// ```
/// use sip_tls::crypto;
/// use sip_tls::options::{Source, Sources};
/// use sip_tls::pki::{DecryptionError, FileProblem, Opener, Passphrase, Passphrases, credentials};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let identity = std::fs::read("tests/testdata/pki/rsa.p12")?;
/// let provider = crypto::default_base()?;
/// let passphrases = Passphrases::new(|_request| Some(Passphrase::new("guessed")));
/// let refused = credentials::load_with(
///     Source::bytes("identity.p12", identity),
///     None::<Sources>,
///     provider.key_provider,
///     &Opener::new(passphrases),
/// );
/// let wrong = refused.unwrap_err();
/// assert!(matches!(
///     wrong.problem(),
///     FileProblem::Pkcs12(DecryptionError::WrongPassphrase)
/// ));
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DecryptionError {
    /// Its encryption cannot be read.
    Damaged,
    /// A digest or a key derivation is not supported.
    #[non_exhaustive]
    Derivation {
        /// The name of the algorithm, or its object identifier.
        name: String,
    },
    /// Deriving a key from the passphrase would take too long, or too much memory.
    ///
    /// At most 10,000,000 rounds of a digest are made for a file. scrypt may use as much memory as in OpenSSL: 32 MiB.
    TooCostly,
    /// The cipher is not supported.
    #[non_exhaustive]
    UnsupportedCipher {
        /// The name of the algorithm, or its object identifier.
        name: String,
    },
    /// The integrity of the PKCS#12 file is protected by other means than a passphrase.
    UnsupportedIntegrity,
    /// The passphrase is wrong, or the file is damaged.
    WrongPassphrase,
}

impl DecryptionError {
    /// Whether OpenSSL may be able to convert the file.
    pub(in crate::pki) fn is_convertible(&self) -> bool {
        matches!(
            self,
            Self::Derivation { .. } | Self::UnsupportedCipher { .. }
        )
    }
}

impl fmt::Display for DecryptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("is damaged: its encryption cannot be read"),
            Self::Derivation { name } => {
                write!(f, "uses {name}, which is not supported")
            }
            Self::TooCostly => f.write_str(
                "takes too much work to decrypt; the limit for a file is \
                 10,000,000 rounds of a digest, or scrypt with 32 MiB",
            ),
            Self::UnsupportedCipher { name } => {
                write!(f, "is encrypted with {name}, which is not supported")
            }
            Self::UnsupportedIntegrity => f.write_str(
                "is protected by a signature instead of a passphrase, which is not supported",
            ),
            Self::WrongPassphrase => {
                f.write_str("cannot be decrypted: the passphrase is wrong, or the file is damaged")
            }
        }
    }
}
