use std::error::Error;
use std::fmt;

use super::ValueError;
use crate::profile::Position;

/// An option that cannot be used, and why.
#[derive(Debug)]
pub struct OptionError {
    pub(super) name: String,
    pub(super) position: Option<Position>,
    pub(super) source: ValueError,
}

impl OptionError {
    /// The option, by the name it was given under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where in the profile it stands, if it comes from one.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        write!(f, "unusable option `{}`", self.name)
    }
}

impl Error for OptionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
