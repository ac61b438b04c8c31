//! Findings: what a check has found out, for people and for programs.

use std::fmt;

use crate::pki::Origin;
use crate::profile::Position;

/// How bad a [`Finding`] is.
///
/// Severities are ordered: an error is greater than a warning.
///
/// # Examples
///
/// ```
/// use sip_tls::check::Severity;
///
/// assert!(Severity::Advice < Severity::Warning);
/// assert_eq!(Severity::Error.to_string(), "error");
/// ```
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
///
/// It prints as one line, with line and column if it is about a place in the configuration file.
/// [`Check`](super::Check) has an example.
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
    /// Starts a finding. Its text is set last.
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

    /// Sets the option that the finding is about, by the name that the user gave it, and its place.
    pub(super) fn about(mut self, option: &str, position: Option<Position>) -> Self {
        self.option = Some(option.to_owned());
        self.position = position;
        self
    }

    /// Sets the place in the configuration file, for findings that are not about an option.
    #[cfg(feature = "profile")]
    pub(super) fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    /// Sets the file that the finding is about.
    pub(super) fn from(mut self, origin: Option<&Origin>) -> Self {
        self.origin = origin.cloned();
        self
    }

    /// Sets what is wrong, and what helps. Both are sentences without a full stop.
    pub(super) fn text(mut self, text: impl Into<String>, cure: impl Into<String>) -> Self {
        self.text = text.into();
        self.cure = cure.into();
        self
    }

    /// The place of the finding among those of one severity: first what can keep settings from being read, last what is
    /// missing, which is often the consequence.
    pub(super) fn rank(&self) -> u8 {
        match self.code {
            "bad-config" | "near-setting" => 0,
            "option-missing" => 2,
            _ => 1,
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// A short name of this kind of finding, such as `own-expired`. It stays the same in later releases.
    ///
    /// Programs should compare this, and never the text.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The option, by its name in the configuration; or `Connectivity`.
    ///
    /// An option that was given by its older name has that name here. `None` if the finding is about the
    /// configuration as a whole.
    pub fn option(&self) -> Option<&str> {
        self.option.as_deref()
    }

    /// The place in the configuration file.
    ///
    /// `None` for options that were set in code, and without a configuration file.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// The file of the option, and the block in it.
    ///
    /// `None` if no file is concerned.
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
