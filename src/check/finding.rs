use std::fmt;

use crate::pki::Origin;
use crate::profile::Position;

/// How bad a [`Finding`] is.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// It works, but something else is probably better.
    Advice,
    /// It will fail soon, or fails with some peers.
    Warning,
    /// It cannot work.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing that is wrong with a configuration, its place, and what helps.
#[derive(Clone, Debug)]
pub struct Finding {
    severity: Severity,
    code: &'static str,
    option: Option<String>,
    position: Option<Position>,
    origin: Option<Origin>,
    text: String,
    cure: String,
}

impl Finding {
    pub(super) fn new(severity: Severity, code: &'static str) -> Self {
        Self {
            severity,
            code,
            option: None,
            position: None,
            origin: None,
            text: String::new(),
            cure: String::new(),
        }
    }

    pub(super) fn about(mut self, option: &str, position: Option<Position>) -> Self {
        self.option = Some(option.to_owned());
        self.position = position;
        self
    }

    #[cfg(feature = "profile")]
    pub(super) fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    pub(super) fn from(mut self, origin: Option<&Origin>) -> Self {
        self.origin = origin.cloned();
        self
    }

    pub(super) fn text(mut self, text: impl Into<String>, cure: impl Into<String>) -> Self {
        self.text = text.into();
        self.cure = cure.into();
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// A short name of this kind of finding, such as `own-expired`. It stays the same in later releases.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The option, by its name in the configuration; or `Connectivity`.
    pub fn option(&self) -> Option<&str> {
        self.option.as_deref()
    }

    /// The place in the configuration file.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// The file of the option, and the block in it.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// What is wrong, in one sentence.
    pub fn sentence(&self) -> &str {
        &self.text
    }

    /// What helps, in one sentence.
    pub fn cure(&self) -> &str {
        &self.cure
    }
}

/// Prints the whole finding in one line.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        if let Some(option) = &self.option {
            write!(f, "`{}`: ", option.escape_debug())?;
        }
        write!(f, "{}; {}", self.text, self.cure)
    }
}
