//! What became of each rule of a cipher string.
//!
//! OpenSSL says nothing about rules that have no effect: an unknown word, words that exclude each other, a rule that an
//! earlier one has made pointless. `rules` notes the effect of each rule while it is applied; the check of a
//! configuration and `sip-tls ciphers --explain` print it.

use std::fmt;

use super::hint::Hint;
use super::level::SecurityLevel;
use super::suite_b::SuiteB;
use crate::report::counted;

/// One rule of a cipher string, and what became of it.
///
/// It prints as a sentence: `` `!aNULL`: removes 24 suites permanently ``.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherList, RuleEffect};
///
/// let list: CipherList = "AES256:!CHACHA20".parse()?;
/// let rule = &list.rules()[1];
/// assert_eq!(rule.text(), "!CHACHA20");
/// assert!(matches!(rule.effect(), RuleEffect::Killed { removed: 0, barred: 7, .. }));
/// # Ok::<(), sip_tls::options::CipherListError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    text: String,
    /// How many bytes of the text OpenSSL reads.
    understood: usize,
    effect: RuleEffect,
}

impl Rule {
    pub(super) fn new(text: &str, understood: usize, effect: RuleEffect) -> Self {
        let text = text.to_owned();
        Self {
            text,
            understood,
            effect,
        }
    }

    /// The rule as it stands in the string.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the rule does to the list.
    pub fn effect(&self) -> &RuleEffect {
        &self.effect
    }

    /// The part of [`text`](Self::text) that OpenSSL passes over: the whole rule if it is dropped, such as
    /// for an unknown word, or what follows a command (`@STRENGTH!aNULL` does not kill anything).
    pub fn ignored(&self) -> &str {
        &self.text[self.understood..]
    }

    /// Whether OpenSSL knows no word of the rule.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.effect, RuleEffect::Unknown(_))
            && !self.text.trim_start_matches(['!', '-', '+']).contains('+')
    }

    /// What an unknown word was probably meant to be.
    pub fn hint(&self) -> Option<Hint> {
        match &self.effect {
            RuleEffect::Unknown(word) => Hint::find(&self.text, word),
            _ => None,
        }
    }

    /// Whether the rule probably does not do what its author intended.
    ///
    /// It does not if OpenSSL passes over a part of it. A word for an algorithm that no longer exists (`!RC4`) is not
    /// doubtful: what it asks for is fulfilled.
    pub fn is_doubtful(&self) -> bool {
        !self.ignored().is_empty() && self.hint() != Some(Hint::Retired)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.escape_debug();
        match &self.effect {
            RuleEffect::Unknown(word) if *word == self.text => {
                write!(f, "`{text}`: unknown, ignored")
            }
            effect => write!(f, "`{text}`: {effect}"),
        }?;
        if let Some(hint) = self.hint() {
            write!(f, "; {hint}")?;
        }
        if self.understood > 0 && self.understood < self.text.len() {
            write!(f, "; `{}` is not read", self.ignored().escape_debug())?;
        }
        Ok(())
    }
}

/// What a rule does to the list.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RuleEffect {
    /// This many suites were added at the end of the list.
    Added(usize),
    /// The rule's words exclude each other (`ECDHE+kRSA`): OpenSSL passes over the rule.
    Contradictory,
    /// This many suites left the list; a later rule may bring them back.
    Deleted(usize),
    /// The rule's words are known, but OpenSSL 3.0 has no such suite (`3DES`, `SHA256+AESGCM`).
    Empty,
    /// Suites were removed for good.
    #[non_exhaustive]
    Killed {
        /// How many of them were in the list.
        removed: usize,
        /// How many of them were not in the list; no later rule can add them.
        barred: usize,
    },
    /// This many suites moved to the end of the list.
    Moved(usize),
    /// The security level is set; the last such command counts.
    SecurityLevel(SecurityLevel),
    /// Such suites exist, but after the earlier rules this rule changes nothing.
    Shadowed,
    /// The list is now sorted by strength.
    Sorted,
    /// The string switches on a Suite B mode.
    SuiteB(SuiteB),
    /// This word is unknown: OpenSSL passes over the rule.
    Unknown(String),
}

impl fmt::Display for RuleEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(count) => write!(f, "adds {}", suites(*count)),
            Self::Contradictory => f.write_str("no suite has all these properties, ignored"),
            Self::Deleted(count) => write!(f, "removes {}", suites(*count)),
            Self::Empty => f.write_str("OpenSSL 3.0 has no such suite"),
            Self::Killed { removed: 0, barred } => {
                write!(
                    f,
                    "excludes {} that the list does not contain",
                    suites(*barred)
                )
            }
            Self::Killed { removed, .. } => write!(f, "removes {} permanently", suites(*removed)),
            Self::Moved(count) => write!(f, "moves {} to the end", suites(*count)),
            Self::SecurityLevel(level) => write!(f, "sets security level {level}"),
            Self::Shadowed => f.write_str("changes nothing"),
            Self::Sorted => f.write_str("sorts the list by strength"),
            Self::SuiteB(_) => f.write_str("switches on Suite B"),
            Self::Unknown(word) => write!(f, "unknown word `{word}`, ignored"),
        }
    }
}

/// Prints a number of suites.
pub(super) fn suites(count: usize) -> String {
    counted(count, "suite", "suites")
}

#[cfg(test)]
mod tests {
    use super::super::CipherList;

    #[test]
    fn every_effect_has_a_sentence() {
        for (text, sentence) in [
            ("AES128-SHA", "`AES128-SHA`: adds 1 suite"),
            (
                "ALL:DHE+kRSA",
                "`DHE+kRSA`: no suite has all these properties, ignored",
            ),
            ("ALL:-CHACHA20", "`-CHACHA20`: removes 7 suites"),
            ("ALL:3DES", "`3DES`: OpenSSL 3.0 has no such suite"),
            ("ALL:!CHACHA20", "`!CHACHA20`: removes 7 suites permanently"),
            (
                "AES:!CHACHA20",
                "`!CHACHA20`: excludes 7 suites that the list does not contain",
            ),
            ("ALL:+CHACHA20", "`+CHACHA20`: moves 7 suites to the end"),
            ("ALL:@SECLEVEL=3", "`@SECLEVEL=3`: sets security level 3"),
            ("ALL:AES", "`AES`: changes nothing"),
            ("AES256:@STRENGTH", "`@STRENGTH`: changes nothing"),
            (
                "AES128:AES256:@STRENGTH",
                "`@STRENGTH`: sorts the list by strength",
            ),
            (
                "ALL:@STRENGTH!AES",
                "`@STRENGTH!AES`: sorts the list by strength; `!AES` is not read",
            ),
            (
                "SUITEB192:ALL",
                "`SUITEB192:ALL`: switches on Suite B; `:ALL` is not read",
            ),
            ("ALL:WAT", "`WAT`: unknown, ignored"),
            ("ALL:!WAT", "`!WAT`: unknown word `WAT`, ignored"),
        ] {
            let list: CipherList = text.parse().unwrap();
            assert_eq!(list.rules().last().unwrap().to_string(), sentence, "{text}");
        }
    }

    #[test]
    fn a_rule_is_doubtful_if_openssl_passes_over_something_that_still_exists() {
        for (text, doubtful) in [
            ("!aNULL", false),
            ("!RC4", false),
            ("3DES", false),
            ("!FOO", true),
            ("ECDHE+kRSA", true),
            ("@STRENGTH!aNULL", true),
            ("@STRENGTH", false),
        ] {
            let list: CipherList = format!("ALL:{text}").parse().unwrap();
            assert_eq!(list.rules()[1].is_doubtful(), doubtful, "{text}");
        }
    }
}
