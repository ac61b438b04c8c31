//! The error of the crate: why there is no endpoint.
//!
//! Each stage has an error of its own, such as [`OptionError`] and [`FileError`]; they meet here.
//! What keeps a connection from being made is another error, `ConnectError`.

use std::error::Error as StdError;
use std::fmt;
#[cfg(feature = "watch")]
use std::io;
#[cfg(feature = "watch")]
use std::path::PathBuf;

use crate::crypto::ProviderError;
use crate::options::{NothingUsable, OptionError};
use crate::pki::FileError;
#[cfg(feature = "profile")]
use crate::profile::ProfileError;
use crate::report::chain;
use crate::verify::{Finding, VerifierError};

/// Why a configuration did not become a working endpoint.
///
/// The text names the option, the file and the cause, and mostly what to do. [`Error::option`]
/// tells which option to look at.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{Source, TlsOptions};
/// use sip_tls::{Endpoint, Error};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let options = TlsOptions::builder()
///     .trusted_ca(Source::bytes("ca.pem", *b"no certificate"))
///     .build()?;
/// let error = Endpoint::builder(options).build().unwrap_err();
/// assert!(matches!(error, Error::File(_)));
/// assert_eq!(error.option(), Some("trusted-ca"));
///
/// let options = TlsOptions::builder().build()?;
/// let error = Endpoint::builder(options).build().unwrap_err();
/// assert!(matches!(error, Error::Missing { option: "trusted-ca", .. }));
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
#[derive(Debug)]
pub enum Error {
    /// A file that an option names cannot be used.
    File(FileError),
    /// An option that is needed was not given. For `tls-mutual`: it is not `1`.
    #[non_exhaustive]
    Missing {
        /// The option.
        option: &'static str,
        /// What needs it.
        purpose: &'static str,
    },
    /// A reload would change an option that only a new endpoint can change.
    #[non_exhaustive]
    NotReloadable {
        /// The option.
        option: &'static str,
        /// Why a reload cannot change it.
        reason: &'static str,
    },
    /// The value of an option cannot be used.
    Option(OptionError),
    /// The profile cannot be read.
    #[cfg(feature = "profile")]
    Profile(ProfileError),
    /// There is no crypto provider.
    Provider(ProviderError),
    /// rustls refused the finished configuration.
    Rustls(rustls::Error),
    /// A value that was set in code cannot be used.
    #[non_exhaustive]
    Setting {
        /// The method that set it.
        setter: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// No suite is left that could be offered.
    #[non_exhaustive]
    Suites {
        /// The option that names the suites.
        option: &'static str,
        /// Why.
        source: NothingUsable,
    },
    /// An option means something that is not supported on rustls.
    #[non_exhaustive]
    Unsupported {
        /// The option.
        option: &'static str,
        /// What it means, and why that is not supported.
        reason: &'static str,
    },
    /// Our own certificate is below the security level.
    ///
    /// OpenSSL refuses to load such a certificate, too (`SSL_CTX_use_certificate`: `ee key too
    /// small`, `ca md too weak`).
    WeakCertificate(Finding),
    /// The files cannot be watched.
    #[cfg(feature = "watch")]
    #[non_exhaustive]
    Watch {
        /// The folder that the error is about, if there is one.
        path: Option<PathBuf>,
        /// Why.
        source: io::Error,
    },
    /// The trusted CAs or the revocation lists cannot be used.
    #[non_exhaustive]
    Verifier {
        /// The option whose files they are from.
        option: &'static str,
        /// Why.
        source: VerifierError,
    },
}

impl Error {
    /// Returns the option that cannot be honoured, if the error is about one.
    ///
    /// It is the name under which the option was given, which may be its older name, where the
    /// error knows it.
    pub fn option(&self) -> Option<&str> {
        match self {
            Self::File(error) => Some(error.option()),
            Self::Missing { option, .. }
            | Self::NotReloadable { option, .. }
            | Self::Suites { option, .. }
            | Self::Unsupported { option, .. }
            | Self::Verifier { option, .. } => Some(option),
            Self::Option(error) => Some(error.name()),
            Self::WeakCertificate(_) => Some("certificate"),
            #[cfg(feature = "profile")]
            Self::Profile(_) => None,
            Self::Provider(_) | Self::Rustls(_) | Self::Setting { .. } => None,
            #[cfg(feature = "watch")]
            Self::Watch { .. } => None,
        }
    }
}

/// Prints the error with its cause in one line: [`source`](StdError::source) would add nothing.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Missing {
                option: option @ "tls-mutual",
                purpose,
            } => write!(f, "`{option}` is not `1`: {purpose}"),
            Self::Missing { option, purpose } => write!(f, "`{option}` is not given: {purpose}"),
            Self::NotReloadable { option, reason } => {
                write!(f, "a reload cannot change `{option}`: {reason}")
            }
            Self::Option(error) => error.fmt(f),
            #[cfg(feature = "profile")]
            Self::Profile(error) => error.fmt(f),
            Self::Provider(error) => error.fmt(f),
            Self::Rustls(error) => write!(f, "rustls refused the configuration: {error}"),
            Self::Setting { setter, reason } => {
                write!(f, "unusable value for `{setter}`: {reason}")
            }
            #[cfg(feature = "watch")]
            Self::Watch {
                path: Some(path),
                source,
            } => write!(f, "cannot watch {}: {source}", path.display()),
            #[cfg(feature = "watch")]
            Self::Watch { path: None, source } => write!(f, "cannot watch files: {source}"),
            _ => {
                let option = self.option().unwrap_or_default();
                write!(f, "unusable option `{option}`: {}", self.reason())
            }
        }
    }
}

impl Error {
    /// Returns what is wrong with the option that the error is about, without the option's name.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Option(error) => error.reason(),
            Self::Suites { source, .. } => chain(source),
            Self::Unsupported { reason, .. } => (*reason).to_owned(),
            Self::Verifier { source, .. } => chain(source),
            Self::WeakCertificate(finding) => finding.to_string(),
            other => other.to_string(),
        }
    }
}

impl StdError for Error {}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<OptionError> for Error {
    fn from(error: OptionError) -> Self {
        Self::Option(error)
    }
}

#[cfg(feature = "profile")]
impl From<ProfileError> for Error {
    fn from(error: ProfileError) -> Self {
        Self::Profile(error)
    }
}

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        Self::Rustls(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_verifier_names_the_option_and_the_cause() {
        let error = Error::Verifier {
            option: "tls-crl",
            source: VerifierError::NoList,
        };
        assert_eq!(
            error.to_string(),
            "unusable option `tls-crl`: revocation checks are on, but there is no list"
        );
        assert!(error.source().is_none());
        assert_eq!(error.option(), Some("tls-crl"));
    }
}
