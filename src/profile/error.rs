//! What is wrong with a configuration file, and where.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::position::Position;
use super::quoted::Quoted;

/// Why a configuration file did not become a [`Profile`](super::Profile).
///
/// Its text begins with the place, and never quotes the value of a setting: it may be a password.
///
/// # Examples
///
/// ```
/// use sip_tls::profile::{Profile, ProfileError};
///
/// let error = "<SipEndpoint>\n  <Connectivity".parse::<Profile>().unwrap_err();
/// assert!(matches!(error, ProfileError::Syntax { .. }));
/// assert_eq!(error.position().map(|position| position.line()), Some(2));
/// ```
#[non_exhaustive]
#[derive(Debug)]
pub enum ProfileError {
    /// A setting of section `security` was given before, with another value.
    #[non_exhaustive]
    Conflict {
        /// Where the second setting stands.
        position: Position,
        /// The name of the setting.
        name: String,
        /// Where the first setting stands.
        first: Position,
    },
    /// The file has a `DOCTYPE`.
    #[non_exhaustive]
    Doctype {
        /// Where the `DOCTYPE` stands.
        position: Position,
    },
    /// The file has no content.
    Empty,
    /// The file holds bytes that are no text in its encoding, or its encoding is not supported.
    #[non_exhaustive]
    Encoding {
        /// The first place that cannot be read.
        position: Position,
        /// The encoding that the file declares or shows.
        encoding: String,
    },
    /// The file cannot be opened or read.
    #[non_exhaustive]
    File {
        /// The path as it was given.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file has the format of certificates and keys.
    #[non_exhaustive]
    Foreign {
        /// The name of the format: `PEM` or `DER`.
        format: &'static str,
    },
    /// A file that was read by [`Profile::from_file`](super::Profile::from_file) cannot be used.
    #[non_exhaustive]
    InFile {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong in the file.
        source: Box<Self>,
    },
    /// An element lacks an attribute, or the attribute is empty and must not be.
    #[non_exhaustive]
    MissingAttribute {
        /// Where the element begins.
        position: Position,
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// The name of the element, where it is known.
        name: Option<String>,
    },
    /// A name is nearly one that has a meaning in its place. A mistyped name must not switch protection off.
    #[non_exhaustive]
    NearName {
        /// Where the element begins.
        position: Position,
        /// The kind of the name: `domain`, `section` or `element`.
        what: &'static str,
        /// The name that was found.
        found: String,
        /// The name that was probably meant.
        meant: &'static str,
    },
    /// The reader failed.
    Read(io::Error),
    /// The root element is not one of a profile.
    #[non_exhaustive]
    Root {
        /// Where the root element stands.
        position: Position,
        /// The local name of the root element.
        name: String,
    },
    /// The file is not well-formed XML, or has a name of more than 1024 characters.
    #[non_exhaustive]
    Syntax {
        /// Where the parser stopped.
        position: Position,
        /// The parser's reason, without any attribute value.
        reason: String,
    },
    /// There are too many elements and namespace declarations that apply to them.
    #[non_exhaustive]
    TooComplex {
        /// The element that exceeds the limit.
        position: Position,
    },
    /// The elements are nested deeper than [`MAX_DEPTH`](super::Profile::MAX_DEPTH).
    #[non_exhaustive]
    TooDeep {
        /// The first element that is too deep.
        position: Position,
    },
    /// The file has more than [`MAX_SIZE`](super::Profile::MAX_SIZE) bytes.
    #[non_exhaustive]
    TooLarge {
        /// Where reading stopped.
        position: Position,
    },
}

impl ProfileError {
    /// The place in the file. Errors of reading the file and errors about the file as a whole have none.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Conflict { position, .. }
            | Self::Doctype { position }
            | Self::Encoding { position, .. }
            | Self::MissingAttribute { position, .. }
            | Self::NearName { position, .. }
            | Self::Root { position, .. }
            | Self::Syntax { position, .. }
            | Self::TooComplex { position }
            | Self::TooDeep { position }
            | Self::TooLarge { position } => Some(*position),
            Self::InFile { source, .. } => source.position(),
            Self::Empty | Self::File { .. } | Self::Foreign { .. } | Self::Read(_) => None,
        }
    }

    /// Adds the path of the file, unless the error has it.
    pub(super) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::File { .. } => self,
            error => Self::InFile {
                path: path.to_owned(),
                source: Box::new(error),
            },
        }
    }

    /// Returns the text of the error with its cause, but without the place.
    pub(crate) fn statement(&self) -> String {
        Statement(self).to_string()
    }

    /// Makes the error that the two passes over one document differ.
    pub(super) fn inconsistent() -> Self {
        Self::Syntax {
            position: Position::START,
            reason: "its elements cannot be distinguished".into(),
        }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::InFile { path, .. } = self {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(position) = self.position() {
            write!(f, "{position}: ")?;
        }
        Statement(self).fmt(f)
    }
}

/// An error without the file and the place.
struct Statement<'a>(&'a ProfileError);

impl fmt::Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ProfileError::Conflict { name, first, .. } => {
                write!(
                    f,
                    "setting {} has a different value at {first}",
                    Quoted(name)
                )
            }
            ProfileError::Doctype { .. } => f.write_str("a DOCTYPE is not allowed"),
            ProfileError::Empty => f.write_str("the file is empty"),
            ProfileError::Encoding { encoding, .. } => {
                write!(
                    f,
                    "the profile cannot be read as {}; save it as UTF-8",
                    Quoted(encoding)
                )
            }
            ProfileError::File { path, source } => {
                write!(f, "cannot read {}: {source}", path.display())
            }
            ProfileError::Foreign { format } => write!(
                f,
                "the file is {format}, not a configuration file; name it in an option such as `trusted-ca`"
            ),
            ProfileError::InFile { source, .. } => Statement(source).fmt(f),
            ProfileError::MissingAttribute {
                element,
                attribute,
                name,
                ..
            } => match name {
                Some(name) => write!(f, "{element} {} has no `{attribute}`", Quoted(name)),
                None => write!(f, "`{element}` has no `{attribute}`"),
            },
            ProfileError::NearName {
                what, found, meant, ..
            } => write!(
                f,
                "{what} {} is unknown; `{meant}` was probably meant",
                Quoted(found)
            ),
            ProfileError::Read(source) => write!(f, "cannot read the profile: {source}"),
            ProfileError::Root { name, .. } => write!(
                f,
                "the root element is {}, not `SipEndpoint`, `Container` or `settings`",
                Quoted(name)
            ),
            ProfileError::Syntax { reason, .. } => write!(f, "unreadable XML, {reason}"),
            ProfileError::TooComplex { .. } => {
                f.write_str("the profile has too many elements and namespace declarations")
            }
            ProfileError::TooDeep { .. } => {
                write!(
                    f,
                    "elements are nested more than {} levels deep",
                    super::Profile::MAX_DEPTH
                )
            }
            ProfileError::TooLarge { .. } => {
                write!(
                    f,
                    "the profile has more than {} bytes",
                    super::Profile::MAX_SIZE
                )
            }
        }
    }
}

impl Error for ProfileError {}
