//! Why a list that is wanted is not there. The finding of the verification has it as its detail, and the log as a
//! warning.

use std::fmt;
use std::sync::Arc;

use crate::fetch::FetchError;
use crate::pki::{FileError, FileProblem};
use crate::verify::{ListFault, WantedList};

/// Why a revocation list that connections need was not fetched.
///
/// Everybody who waits for the same fetch gets the same failure.
#[derive(Clone, Debug)]
pub struct ListFailure(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    issuer: String,
    tries: Vec<(String, ListError)>,
}

/// The error at one URL.
#[non_exhaustive]
#[derive(Debug)]
pub enum ListError {
    /// The list cannot be fetched.
    Fetch(FetchError),
    /// The list is refused.
    Refused(ListFault),
    /// The content cannot be read as a list.
    Unreadable(FileError),
    /// The list was not fetched: there is no tokio runtime, or it ended, or the endpoint no longer exists, or too many
    /// lists are being fetched.
    #[non_exhaustive]
    NotTried {
        /// The reason.
        reason: &'static str,
    },
}

impl ListFailure {
    pub(super) fn new(wanted: &WantedList, tries: Vec<(String, ListError)>) -> Self {
        let issuer = wanted.issuer().to_owned();
        Self(Arc::new(Parts { issuer, tries }))
    }

    pub(super) fn not_tried(wanted: &WantedList, reason: &'static str) -> Self {
        let first = wanted.urls()[0].clone();
        Self::new(wanted, vec![(first, ListError::NotTried { reason })])
    }

    /// Returns the name of the CA whose list it is.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Returns the URLs in the order of tries, each with its error.
    pub fn tries(&self) -> impl Iterator<Item = (&str, &ListError)> {
        self.0.tries.iter().map(|(url, error)| (&**url, error))
    }
}

/// Prints each URL with its cause, in one line.
impl fmt::Display for ListFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (url, error)) in self.tries().enumerate() {
            let semicolon = if number > 0 { "; " } else { "" };
            write!(f, "{semicolon}fetching {url} failed: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ListFailure {}

/// Prints the cause in the same line. So there is no source.
impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(error) => error.fmt(f),
            Self::Refused(fault) => fault.fmt(f),
            // The URL was named before.
            Self::Unreadable(error) => match error.problem() {
                FileProblem::UnusableList(cause) => write!(f, "the list cannot be used: {cause}"),
                _ => f.write_str(&error.reason()),
            },
            Self::NotTried { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for ListError {}
