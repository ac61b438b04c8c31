//! What can be wrong with a file, in one sentence that names the file, the place in it and mostly the way out.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use super::encryption::DecryptionError;
use super::foreign::{self, Foreign};
use super::hint::PathHint;
use super::kind::ObjectKind;
use super::origin::Origin;
use crate::x509::CrlError;

/// Why a file that an option names, or a value given in its place, cannot be used. Its `Display` text includes the
/// cause.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::{FileProblem, roots};
///
/// let error = roots::load(Source::bytes("ca.pem", *b"\0")).unwrap_err();
/// assert_eq!(error.option(), "trusted-ca");
/// assert!(matches!(error.problem(), FileProblem::Missing { .. }));
///
/// let error = roots::load(Source::files("/no/such/ca.pem")).unwrap_err();
/// assert!(matches!(error.problem(), FileProblem::NotFound { .. }));
/// assert!(error.origin().is_some_and(|origin| origin.path().is_some()));
/// ```
#[derive(Debug)]
pub struct FileError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    option: &'static str,
    origin: Option<Origin>,
    problem: FileProblem,
}

impl FileError {
    /// The option is that of the origin.
    pub(super) fn new(origin: Origin, problem: FileProblem) -> Self {
        Self(Box::new(Parts {
            option: origin.option(),
            origin: Some(origin),
            problem,
        }))
    }

    /// For a value that names no file at all.
    pub(super) fn of_option(option: &'static str, problem: FileProblem) -> Self {
        Self(Box::new(Parts {
            option,
            origin: None,
            problem,
        }))
    }

    /// Returns the name of the option, such as `certificate-key`. Empty if no option names the file.
    pub fn option(&self) -> &'static str {
        self.0.option
    }

    /// Returns the file and the place in it, if the error is about a file.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// Returns the text of the error with its cause, but without the option.
    pub(crate) fn reason(&self) -> String {
        Reason(&self.0).to_string()
    }

    /// Returns what is wrong.
    pub fn problem(&self) -> &FileProblem {
        &self.0.problem
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.option {
            "" => Ok(()),
            option => write!(f, "`{option}`: "),
        }?;
        Reason(&self.0).fmt(f)
    }
}

/// An error without the option.
struct Reason<'a>(&'a Parts);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.origin {
            Some(origin) => self.0.problem.fmt_in(origin, f)?,
            None => self.0.problem.fmt_alone(f)?,
        }
        match self.0.problem.cause() {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl Error for FileError {}

impl FileProblem {
    /// The error of another crate that says more. It is printed after the sentence.
    fn cause(&self) -> Option<&dyn Error> {
        match self {
            Self::CannotRead(error) => Some(error),
            Self::NotFound { hint: None, source } => Some(source),
            Self::UnusableKey(rustls::Error::General(_)) => None,
            Self::UnusableKey(error) => Some(error),
            Self::UnusableList(error) => Some(error),
            _ => None,
        }
    }
}

/// What is wrong with a file that an option names.
#[non_exhaustive]
#[derive(Debug)]
pub enum FileProblem {
    /// The file cannot be opened or read.
    CannotRead(io::Error),
    /// An object in the file cannot be decoded.
    Damaged(Damage),
    /// The file has no content.
    Empty,
    /// No passphrase that was given opens the PKCS#12 file, or none can.
    Pkcs12(DecryptionError),
    /// The path is that of a directory.
    IsDirectory,
    /// The private key is not that of the certificate.
    #[non_exhaustive]
    KeyMismatch {
        /// The end entity's certificate.
        certificate: Origin,
        /// Another certificate of the chain that the key does match.
        fits: Option<Box<Origin>>,
    },
    /// The crypto provider does not say which public key belongs to the private key.
    KeyNotComparable,
    /// The file does not hold an object of the kind that the option needs.
    #[non_exhaustive]
    Missing {
        /// The kind that the option needs.
        wanted: ObjectKind,
        /// What the file holds instead, if this is known.
        found: Option<ObjectKind>,
    },
    /// The file looks like PEM, but no BEGIN line stands on a line of its own.
    NoBeginLine,
    /// The option's value names no file.
    NoFileNamed,
    /// The file is encrypted, and no passphrase was given.
    NoPassphrase,
    /// The file is not a regular file (a named pipe, for example), and its content did not arrive in time.
    #[non_exhaustive]
    NoWriter {
        /// The time that was waited.
        after: Duration,
    },
    /// The file is not PEM, the only format that OpenSSL reads in a folder.
    NotPem,
    /// There is no such file.
    #[non_exhaustive]
    NotFound {
        /// The probable reason, if it is known.
        hint: Option<PathHint>,
        /// The error of the operating system.
        source: io::Error,
    },
    /// No file in the folder holds an object of the kind that the option needs.
    #[non_exhaustive]
    NothingInFolder {
        /// The kind that the option needs.
        wanted: ObjectKind,
        /// Whether the folder has names that `openssl rehash` made. OpenSSL looks up only these.
        is_hashed: bool,
    },
    /// The certificate's file holds no private key, and no other file is given for the key.
    NoKey,
    /// The value is a thumbprint from the Windows certificate store.
    Thumbprint,
    /// The file is larger than allowed.
    #[non_exhaustive]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The file has a format that is recognised, but not read.
    #[non_exhaustive]
    UnsupportedFormat {
        /// The name of the format.
        format: &'static str,
        /// What can be done about it.
        remedy: &'static str,
    },
    /// No passphrase that was given opens the private key, or none can.
    Decryption(DecryptionError),
    /// No supported crypto provider can use this kind of private key.
    #[non_exhaustive]
    UnsupportedKey {
        /// The label of the PEM block.
        label: String,
    },
    /// The crypto provider refused the private key.
    UnusableKey(rustls::Error),
    /// The revocation list cannot be read, or using it would reduce security.
    UnusableList(CrlError),
}

impl FileProblem {
    fn fmt_alone(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Thumbprint => {
                "the value is a thumbprint from the Windows certificate store, which is not supported; \
                 export the certificate and its key to PEM files"
            }
            _ => "the value names no file",
        })
    }

    fn fmt_in(&self, origin: &Origin, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = origin.name();
        match self {
            Self::CannotRead(_) => write!(f, "cannot read {path}"),
            Self::Damaged(damage) => write!(f, "{origin} is damaged: {damage}"),
            Self::Empty => write!(f, "{path} is empty"),
            Self::IsDirectory => write!(f, "{path} is a directory"),
            Self::Missing { wanted, found } => fmt_missing(origin, wanted, found.as_ref(), f),
            Self::NoBeginLine => {
                write!(
                    f,
                    "{path} has no usable BEGIN line: it must stand on a line of its own, without indentation"
                )
            }
            Self::NoKey => {
                write!(f, "{path} holds no private key, and ")?;
                f.write_str("`certificate-key` is not given")
            }
            Self::TooLarge { limit } => write!(f, "{path} is larger than {} MiB", limit >> 20),
            Self::UnsupportedFormat { format, remedy } => {
                write!(f, "{origin} is {format}, which is not supported; {remedy}")
            }
            Self::UnusableList(_) => write!(f, "the revocation list in {origin} cannot be used"),
            Self::NotPem => write!(
                f,
                "{path} is not PEM, the only format that OpenSSL reads in a folder"
            ),
            Self::NotFound {
                hint: Some(hint), ..
            } => write!(f, "there is no file {path}; {hint}"),
            Self::NotFound { .. } => write!(f, "cannot read {path}"),
            Self::NothingInFolder { wanted, is_hashed } => {
                write!(f, "the folder {path} holds no {wanted}")?;
                match is_hashed {
                    true => f.write_str(
                        " with a name made by `openssl rehash`, and OpenSSL ignores other names",
                    ),
                    false => Ok(()),
                }
            }
            Self::NoPassphrase => write!(f, "{origin} is encrypted, and no passphrase was given"),
            Self::NoWriter { after } => write!(
                f,
                "{path} is not a regular file, and its content did not arrive within {} seconds",
                after.as_secs()
            ),
            Self::NoFileNamed | Self::Thumbprint => self.fmt_alone(f),
            Self::Decryption(error) => fmt_encrypted(origin, error, CONVERT_KEY, f),
            Self::Pkcs12(error) => fmt_encrypted(origin, error, CONVERT_PKCS12, f),
            _ => self.fmt_key(origin, f),
        }
    }

    /// Says what is wrong with the private key at `origin`.
    fn fmt_key(&self, origin: &Origin, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::UnusableKey(error) = self {
            write!(
                f,
                "the crypto provider cannot use the private key in {origin}"
            )?;
            // The text of `rustls::Error` calls a general error unexpected.
            return match error {
                rustls::Error::General(reason) => write!(f, ": {reason}"),
                _ => Ok(()),
            };
        }
        write!(f, "the private key in {origin} ")?;
        match self {
            Self::KeyMismatch { certificate, fits } => {
                write!(f, "does not match the certificate in {certificate}")?;
                match fits {
                    Some(other) => write!(f, "; it matches that in {other}, which must come first"),
                    None => Ok(()),
                }
            }
            Self::UnsupportedKey { label } => {
                write!(f, "is of an unsupported kind (`{label}`)")?;
                foreign::of_label(label).map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
            }
            _ => f.write_str(
                "could not be compared with the certificate: \
                 the crypto provider does not reveal its public key",
            ),
        }
    }
}

impl From<&Foreign> for FileProblem {
    fn from(foreign: &Foreign) -> Self {
        Self::UnsupportedFormat {
            format: foreign.name,
            remedy: foreign.remedy,
        }
    }
}

/// The damage of one object in a file.
///
/// In most of these cases OpenSSL refuses the file, too. The exceptions make an object disappear there without a word.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Damage {
    /// The text between BEGIN and END is not base64.
    Base64,
    /// The BEGIN line is malformed.
    Begin,
    /// The END line is missing, or does not match the BEGIN line.
    End,
    /// There is a header, or a blank line within the base64 text.
    Header,
    /// The block is larger than 256 MiB.
    Size,
    /// The content is not what the label or the option requires.
    Structure,
    /// Bytes follow after the object's end.
    TrailingBytes,
    /// The file ends before the object does.
    Truncated,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "its text is not valid base64",
            Self::Begin => "its BEGIN line is malformed",
            Self::End => "its END line is missing or does not match its BEGIN line",
            Self::Header => "it has a header or a blank line where only base64 is allowed",
            Self::Size => "it is larger than 256 MiB",
            Self::Structure => "its content does not have the expected structure",
            Self::TrailingBytes => "other bytes follow after its end",
            Self::Truncated => "it ends too early",
        })
    }
}

fn fmt_encrypted(
    origin: &Origin,
    error: &DecryptionError,
    command: &str,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{origin} {error}")?;
    match error.is_convertible() {
        true => write!(f, "; `{command}` encrypts it with AES"),
        false => Ok(()),
    }
}

fn fmt_missing(
    origin: &Origin,
    wanted: &ObjectKind,
    found: Option<&ObjectKind>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let path = origin.name();
    match found {
        Some(found) => write!(f, "{path} holds a {found} instead of a {wanted}")?,
        None => write!(f, "{path} holds no {wanted}")?,
    }
    match found {
        Some(ObjectKind::Labelled(label)) => {
            foreign::of_label(label).map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
        }
        _ => Ok(()),
    }
}

const CONVERT_KEY: &str =
    "openssl pkey -provider default -provider legacy -in FILE -aes256 -out NEWFILE";
const CONVERT_PKCS12: &str = "openssl pkcs12 -legacy -in FILE -aes256 -out NEWFILE";

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::pki::origin::BlockPlace;

    #[test]
    fn every_message_is_one_sentence() {
        let place = BlockPlace {
            number: 2,
            line: 31,
        };
        let file = |path| Origin::of_file("trusted-ca", &Arc::from(Path::new(path)));
        let at = |path| file(path).at(place);
        let message = |problem| FileError::new(at("a.pem"), problem).to_string();
        let mismatch = |fits| FileProblem::KeyMismatch {
            certificate: at("c.pem"),
            fits,
        };
        let missing = |wanted, found| FileProblem::Missing { wanted, found };
        let not_found = |hint| FileProblem::NotFound {
            hint,
            source: io::ErrorKind::NotFound.into(),
        };
        let nothing_in_folder = |is_hashed| FileProblem::NothingInFolder {
            wanted: ObjectKind::Certificate,
            is_hashed,
        };
        let unsupported = DecryptionError::UnsupportedCipher {
            name: "RC4".to_owned(),
        };
        let digest = DecryptionError::Derivation {
            name: "SHA3-256".to_owned(),
        };
        let (format, remedy) = ("PKCS#12", "try PEM");
        let label = "DSA PRIVATE KEY".to_owned();
        let crl = ObjectKind::Labelled("CRL".to_owned());
        for (problem, expected) in [
            (
                FileProblem::CannotRead(io::ErrorKind::NotFound.into()),
                "cannot read a.pem: entity not found",
            ),
            (
                FileProblem::Damaged(Damage::Base64),
                "block 2 (line 31) of a.pem is damaged: its text is not valid base64",
            ),
            (FileProblem::Empty, "a.pem is empty"),
            (FileProblem::IsDirectory, "a.pem is a directory"),
            (
                FileProblem::NotPem,
                "a.pem is not PEM, the only format that OpenSSL reads in a folder",
            ),
            (not_found(None), "cannot read a.pem: entity not found"),
            (
                not_found(Some(PathHint::Quoted)),
                "there is no file a.pem; the quotes count as part of the name: leave them out",
            ),
            (
                nothing_in_folder(false),
                "the folder a.pem holds no certificate",
            ),
            (
                nothing_in_folder(true),
                "the folder a.pem holds no certificate with a name made by `openssl rehash`, and OpenSSL ignores other names",
            ),
            (
                FileProblem::NoPassphrase,
                "block 2 (line 31) of a.pem is encrypted, and no passphrase was given",
            ),
            (
                FileProblem::NoWriter {
                    after: Duration::from_secs(10),
                },
                "a.pem is not a regular file, and its content did not arrive within 10 seconds",
            ),
            (
                FileProblem::Decryption(DecryptionError::WrongPassphrase),
                "block 2 (line 31) of a.pem cannot be decrypted: the passphrase is wrong, or the file is damaged",
            ),
            (
                FileProblem::Decryption(unsupported.clone()),
                "block 2 (line 31) of a.pem is encrypted with RC4, which is not supported; `openssl pkey -provider default -provider legacy -in FILE -aes256 -out NEWFILE` encrypts it with AES",
            ),
            (
                FileProblem::Pkcs12(unsupported),
                "block 2 (line 31) of a.pem is encrypted with RC4, which is not supported; `openssl pkcs12 -legacy -in FILE -aes256 -out NEWFILE` encrypts it with AES",
            ),
            (
                FileProblem::Pkcs12(digest),
                "block 2 (line 31) of a.pem uses SHA3-256, which is not supported; `openssl pkcs12 -legacy -in FILE -aes256 -out NEWFILE` encrypts it with AES",
            ),
            (
                FileProblem::Pkcs12(DecryptionError::UnsupportedIntegrity),
                "block 2 (line 31) of a.pem is protected by a signature instead of a passphrase, which is not supported",
            ),
            (
                FileProblem::Pkcs12(DecryptionError::Damaged),
                "block 2 (line 31) of a.pem is damaged: its encryption cannot be read",
            ),
            (
                FileProblem::Pkcs12(DecryptionError::TooCostly),
                "block 2 (line 31) of a.pem takes too much work to decrypt; the limit for a file is 10,000,000 rounds of a digest, or scrypt with 32 MiB",
            ),
            (
                mismatch(None),
                "the private key in block 2 (line 31) of a.pem does not match the certificate in block 2 (line 31) of c.pem",
            ),
            (
                mismatch(Some(Box::new(at("d.pem")))),
                "the private key in block 2 (line 31) of a.pem does not match the certificate in block 2 (line 31) of c.pem; it matches that in block 2 (line 31) of d.pem, which must come first",
            ),
            (
                FileProblem::KeyNotComparable,
                "the private key in block 2 (line 31) of a.pem could not be compared with the certificate: the crypto provider does not reveal its public key",
            ),
            (
                missing(ObjectKind::Certificate, None),
                "a.pem holds no certificate",
            ),
            (
                missing(ObjectKind::Certificate, Some(ObjectKind::PrivateKey)),
                "a.pem holds a private key instead of a certificate",
            ),
            (
                missing(ObjectKind::RevocationList, Some(crl)),
                "a.pem holds a block labelled `CRL` instead of a certificate revocation list; the label of a revocation list must be `X509 CRL`",
            ),
            (
                FileProblem::NoBeginLine,
                "a.pem has no usable BEGIN line: it must stand on a line of its own, without indentation",
            ),
            (FileProblem::NoFileNamed, "the value names no file"),
            (
                FileProblem::NoKey,
                "a.pem holds no private key, and `certificate-key` is not given",
            ),
            (
                FileProblem::Thumbprint,
                "the value is a thumbprint from the Windows certificate store, which is not supported; export the certificate and its key to PEM files",
            ),
            (
                FileProblem::TooLarge { limit: 16 << 20 },
                "a.pem is larger than 16 MiB",
            ),
            (
                FileProblem::UnsupportedFormat { format, remedy },
                "block 2 (line 31) of a.pem is PKCS#12, which is not supported; try PEM",
            ),
            (
                FileProblem::UnsupportedKey { label },
                "the private key in block 2 (line 31) of a.pem is of an unsupported kind (`DSA PRIVATE KEY`)",
            ),
            (
                FileProblem::UnusableKey(rustls::Error::General("it is too short".to_owned())),
                "the crypto provider cannot use the private key in block 2 (line 31) of a.pem: it is too short",
            ),
            (
                FileProblem::UnusableKey(rustls::Error::EncryptError),
                "the crypto provider cannot use the private key in block 2 (line 31) of a.pem: cannot encrypt message",
            ),
            (
                FileProblem::UnusableList(CrlError::Delta),
                "the revocation list in block 2 (line 31) of a.pem cannot be used: it is a delta revocation list, which is unusable without the complete list: give the complete list instead",
            ),
        ] {
            assert_eq!(message(problem), format!("`trusted-ca`: {expected}"));
        }
    }

    #[test]
    fn causes_are_part_of_the_text() {
        let problem = FileProblem::UnusableKey(rustls::Error::EncryptError);
        let error = FileError::new(Origin::of_code("certificate-key"), problem);
        let cause = rustls::Error::EncryptError.to_string();
        assert!(error.to_string().ends_with(&format!(": {cause}")));
        assert!(error.source().is_none());
        let problem = FileProblem::UnusableList(CrlError::Delta);
        let error = FileError::new(Origin::of_code("tls-crl"), problem);
        assert_eq!(
            error.to_string(),
            format!(
                "`tls-crl`: the revocation list in a value given in code cannot be used: {}",
                CrlError::Delta
            )
        );
    }
}
