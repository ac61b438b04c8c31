//! Why a cipher string is refused.

use std::error::Error;
use std::fmt;

use super::explain::Rule;

/// Why OpenSSL refuses a cipher string.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CipherListError {
    /// The string cannot be read: an operator without a word, a byte that is no part of the
    /// language, or a command after `@` that does not exist.
    #[non_exhaustive]
    InvalidCommand {
        /// Where, in bytes from the start of the string.
        at: usize,
        /// The part of the string in which it is.
        text: String,
    },
    /// The string can be read, and leaves no suite of TLS 1.2 or older in the list.
    #[non_exhaustive]
    NoCipherMatch {
        /// What became of each rule.
        rules: Vec<Rule>,
    },
}

impl CipherListError {
    /// The reason in OpenSSL's words.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::InvalidCommand { .. } => "invalid command",
            Self::NoCipherMatch { .. } => "no cipher match",
        }
    }
}

impl fmt::Display for CipherListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())?;
        match self {
            Self::InvalidCommand { at, text } => {
                write!(
                    f,
                    ": `{}` cannot be read from byte {at} on",
                    text.escape_debug()
                )
            }
            Self::NoCipherMatch { rules } if rules.is_empty() => f.write_str(": the list is empty"),
            Self::NoCipherMatch { rules } => match rules.iter().find(|rule| rule.is_doubtful()) {
                Some(rule) => write!(f, ": {rule}"),
                None => f.write_str(": the rules leave nothing"),
            },
        }
    }
}

impl Error for CipherListError {}
