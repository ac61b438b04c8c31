//! The error of one option: its name, its place and the cause.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use super::ValueError;
use crate::profile::Position;
use crate::report::chain;

/// An option that cannot be used, and why. Its `Display` text includes the cause.
///
/// It is what [`TlsOptionsBuilder::build`](super::TlsOptionsBuilder::build) returns.
///
/// # Examples
///
/// ```
/// use sip_tls::options::TlsOptions;
///
/// let error = TlsOptions::builder().set("cipher-list", "HIGH:!").build().unwrap_err();
/// assert_eq!(error.name(), "cipher-list");
/// assert!(error.position().is_none(), "it was set in code");
/// assert!(error.to_string().contains("invalid command"));
/// ```
#[derive(Debug)]
pub struct OptionError {
    pub(super) name: String,
    pub(super) file: Option<PathBuf>,
    pub(super) position: Option<Position>,
    pub(super) source: ValueError,
}

impl OptionError {
    /// The name under which the option was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong with the option, without its name.
    pub(crate) fn reason(&self) -> String {
        chain(&self.source)
    }

    /// Where in the profile the option stands, if it comes from one.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = place(self.file.as_deref(), self.position);
        write!(
            f,
            "{place}unusable option `{}`: {}",
            self.name,
            chain(&self.source)
        )
    }
}

impl Error for OptionError {}

/// The file and the position in it, as they stand in front of a message.
pub(super) fn place(file: Option<&Path>, position: Option<Position>) -> String {
    let file = file.map(|file| format!("{}: ", file.display()));
    let position = position.map(|position| format!("{position}: "));
    file.into_iter().chain(position).collect()
}
