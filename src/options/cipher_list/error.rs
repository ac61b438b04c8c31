//! Why a cipher string is refused.
//!
//! OpenSSL has two errors for `SSL_CTX_set_cipher_list`, and so has this module. After `no cipher
//! match` OpenSSL is left with an empty list; here there is no list at all, so that no endpoint can
//! be made with it.

use std::error::Error;
use std::fmt;

use super::explain::Rule;

/// Why OpenSSL refuses a cipher string.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherList, CipherListError};
///
/// let error = "ALL:@FOO".parse::<CipherList>().unwrap_err();
/// assert!(matches!(error, CipherListError::InvalidCommand { at: 4, .. }));
/// let error = "RC4".parse::<CipherList>().unwrap_err();
/// assert_eq!(error.reason(), "no cipher match");
/// ```
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
                write!(f, " at byte {at}, in `{}`", text.escape_debug())
            }
            Self::NoCipherMatch { rules } if rules.is_empty() => f.write_str(": the list is empty"),
            Self::NoCipherMatch { rules } if rules.iter().all(Rule::is_unknown) => {
                fmt_unknown(rules, f)
            }
            Self::NoCipherMatch { rules } => {
                f.write_str(": the rules leave nothing")?;
                match rules.iter().find(|rule| rule.is_doubtful()) {
                    Some(rule) => write!(f, "; {rule}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Names the first words, and what one of them was probably meant to be.
fn fmt_unknown(rules: &[Rule], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(": no word of the list is known: ")?;
    let shown = &rules[..rules.len().min(MANY)];
    for (number, rule) in shown.iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        write!(f, "{comma}`{}`", rule.text().escape_debug())?;
    }
    if let Some(more @ 1..) = rules.len().checked_sub(MANY) {
        write!(f, " and {more} more")?;
    }
    let doubtful = shown.iter().filter(|rule| rule.is_doubtful());
    match doubtful.chain(shown).find_map(Rule::hint) {
        Some(hint) => write!(f, "; {hint}"),
        None => Ok(()),
    }
}

/// How many unknown words an error names.
const MANY: usize = 3;

impl Error for CipherListError {}

#[cfg(test)]
mod tests {
    use super::super::CipherList;

    #[test]
    fn every_error_names_its_cause() {
        for (text, message) in [
            ("ALL:!", "invalid command at byte 5, in `!`"),
            ("AES_GCM:ALL", "invalid command at byte 3, in `_GCM`"),
            ("ALL:\tAES", "invalid command at byte 4, in `\\tAES`"),
            ("ALL:@FOO:AES", "invalid command at byte 4, in `@FOO`"),
            ("ALL:FOO\0", "invalid command at byte 7, in `ALL:FOO\\0`"),
            ("", "no cipher match: the list is empty"),
            ("::", "no cipher match: the list is empty"),
            ("ALL:!ALL", "no cipher match: the rules leave nothing"),
            (
                "FOO:3DES",
                "no cipher match: the rules leave nothing; `FOO`: unknown, ignored",
            ),
            (
                "AES+FOO",
                "no cipher match: the rules leave nothing; `AES+FOO`: unknown word `FOO`, ignored",
            ),
            (
                "FOO",
                "no cipher match: no word of the list is known: `FOO`",
            ),
            (
                "!RC4:HIHG",
                "no cipher match: no word of the list is known: `!RC4`, `HIHG`; did you mean `HIGH`?",
            ),
            (
                "RC4:FOO:XYZ:HIHG:WAT",
                "no cipher match: no word of the list is known: `RC4`, `FOO`, `XYZ` and 2 more; \
                 OpenSSL 3.0 has no such suites any more",
            ),
        ] {
            let error = text.parse::<CipherList>().unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
            assert!(message.starts_with(error.reason()));
        }
    }
}
