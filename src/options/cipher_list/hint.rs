//! What an unknown word was probably meant to be.
//!
//! An unknown word is no error to OpenSSL 3.0, so a mistyped name of a suite leaves it out without a word. The hint
//! goes into the report and into the error `no cipher match`. It changes nothing in the list.

use std::fmt;

use super::suite::CipherSuite;
use super::words::all_words;

/// What the unknown word of a rule was probably meant to be.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherList, Hint};
///
/// let list: CipherList = "ALL:!GCM".parse()?;
/// assert_eq!(list.rules()[1].hint(), Some(Hint::Nearest(vec!["AESGCM"])));
/// let list: CipherList = "ALL:DEFAULT".parse()?;
/// assert_eq!(list.rules()[1].hint(), Some(Hint::FirstOnly));
/// # Ok::<(), sip_tls::options::CipherListError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Hint {
    /// A word of the language that has a meaning at the start of the string only.
    FirstOnly,
    /// IANA's name of a suite. OpenSSL reads such names since 3.2, and 3.0 ignores them.
    IanaName(&'static CipherSuite),
    /// A command that needs a `@` before it.
    Command,
    /// The nearest words that are known; at least one.
    Nearest(Vec<&'static str>),
    /// An algorithm of which OpenSSL 3.0 has no suites any more, such as `RC4`. Ignoring the word changes nothing.
    Retired,
    /// A suite of TLS 1.3, which has an option of its own.
    Tls13(&'static CipherSuite),
    /// A protocol version without suites of its own.
    Version,
}

impl Hint {
    /// Finds the hint for `word`. `rule` is the text of the whole rule that holds the word.
    ///
    /// IANA's names are looked for in the whole rule, because `_` is no letter of a word: of
    /// `TLS_RSA_WITH_AES_128_CBC_SHA` the word is only `TLS`. The nearest words are the last resort.
    pub(super) fn find(rule: &str, word: &str) -> Option<Self> {
        let names = rule.trim_start_matches(['!', '-', '+']).split('+');
        if let Some(suite) = names.into_iter().find_map(CipherSuite::by_iana_name) {
            let hint = if suite.is_tls13() {
                Self::Tls13
            } else {
                Self::IanaName
            };
            return Some(hint(suite));
        }
        if word == "STRENGTH" || word.starts_with("SECLEVEL=") {
            return Some(Self::Command);
        }
        if word.starts_with("DEFAULT") || word.starts_with("SUITEB") {
            return Some(Self::FirstOnly);
        }
        if matches!(word, "TLSv1.1" | "TLSv1.3") {
            return Some(Self::Version);
        }
        if is_retired(word) {
            return Some(Self::Retired);
        }
        let near = [nearest(word), longer(word)]
            .into_iter()
            .find(|words| !words.is_empty());
        near.map(Self::Nearest)
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("commands begin with `@`"),
            Self::FirstOnly => f.write_str("it works only at the start of the list"),
            Self::IanaName(suite) => {
                write!(
                    f,
                    "OpenSSL reads IANA names only since version 3.2; version 3.0 calls the suite `{suite}`"
                )
            }
            Self::Nearest(words) => write!(f, "did you mean `{}`?", words.join("` or `")),
            Self::Retired => f.write_str("OpenSSL 3.0 has no such suites any more"),
            Self::Tls13(_) => f.write_str("TLS 1.3 suites belong in `ciphersuites`"),
            Self::Version => f.write_str("`sec-protocol` chooses the version"),
        }
    }
}

/// Whether the word, or a part of a suite's name, belongs to an algorithm of older OpenSSL versions.
fn is_retired(word: &str) -> bool {
    word.split('-').any(|part| RETIRED.contains(&part)) || word.contains("GOST")
}

/// The known words with the smallest number of slips between them and this word.
///
/// The longer the word, the more slips are allowed: one up to 11 bytes, two up to 17, then three.
fn nearest(word: &str) -> Vec<&'static str> {
    let most = (word.len() / 6).clamp(1, 3);
    let slips = |known: &'static str| {
        let slips = slips(word.as_bytes(), known.as_bytes(), most)?;
        Some((slips, known))
    };
    let near: Vec<_> = all_words().chain(["DEFAULT"]).filter_map(slips).collect();
    let fewest = near.iter().map(|(slips, _)| *slips).min();
    let best = near.iter().filter(|(slips, _)| Some(*slips) == fewest);
    best.map(|(_, known)| *known).take(SUGGESTIONS).collect()
}

/// The shortest known words that end with this one: `AESGCM` for `GCM`.
fn longer(word: &str) -> Vec<&'static str> {
    let ends_so = |known: &&str| word.len() > 2 && known.ends_with(word);
    let shortest = all_words().filter(ends_so).map(str::len).min();
    let known = all_words().filter(ends_so);
    known
        .filter(|known| Some(known.len()) == shortest)
        .take(SUGGESTIONS)
        .collect()
}

/// The number of letters that are missing, surplus, wrong or swapped, ignoring case. `None` if there
/// are more than `most`, which has to be small.
///
/// The recursion has at most four branches for each slip, which bounds the work to `4^most` comparisons.
fn slips(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let same = a
        .iter()
        .zip(b)
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b));
    let same = same.count();
    let (a, b) = (&a[same..], &b[same..]);
    if a.is_empty() && b.is_empty() {
        return Some(0);
    }
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let most = most.checked_sub(1)?;
    let after = |in_a: usize, in_b: usize| slips(a.get(in_a..)?, b.get(in_b..)?, most);
    let swapped = || {
        let swapped = a.get(..2)?.iter().rev().eq(b.get(..2)?);
        if swapped { after(2, 2) } else { None }
    };
    let rests = [after(1, 0), after(0, 1), after(1, 1), swapped()];
    rests.into_iter().flatten().min().map(|rest| rest + 1)
}

/// The most words that a hint names.
const SUGGESTIONS: usize = 3;

/// Words, and parts of names of suites, of ciphers and key exchanges that OpenSSL 3.0 has removed or does not build.
const RETIRED: &[&str] = &[
    "CBC3", "DES", "EXP", "EXP1024", "EXPORT", "EXPORT40", "EXPORT56", "FZA", "IDEA", "KRB5",
    "RC2", "RC4", "SEED", "SSLv2", "aDH", "aECDH", "aFZA", "aKRB5", "eFZA", "kDH", "kDHd", "kDHr",
    "kECDHe", "kECDHr", "kFZA", "kKRB5",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_word_that_was_meant() {
        for (word, meant) in [
            (
                "ECDHE-RSA-AES128-GCM-SHA265",
                vec!["ECDHE-RSA-AES128-GCM-SHA256"],
            ),
            (
                "ECDHE-RSA-AES128-GMC-SHA256",
                vec!["ECDHE-RSA-AES128-GCM-SHA256"],
            ),
            ("aesgcm", vec!["AESGCM"]),
            ("HIHG", vec!["HIGH"]),
            ("default", vec!["DEFAULT"]),
            ("CHACHA", vec![]),
            ("CCM", vec!["AESCCM"]),
            ("XRSA", vec!["kRSA", "aRSA", "RSA"]),
        ] {
            let words = match Hint::find(word, word) {
                Some(Hint::Nearest(words)) => words,
                _ => Vec::new(),
            };
            assert_eq!(words, meant, "{word}");
        }
    }

    #[test]
    fn every_hint_has_a_sentence() {
        for (rule, word, sentence) in [
            ("STRENGTH", "STRENGTH", "commands begin with `@`"),
            ("SECLEVEL=1", "SECLEVEL=1", "commands begin with `@`"),
            (
                "DEFAULT",
                "DEFAULT",
                "it works only at the start of the list",
            ),
            (
                "!TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS",
                "OpenSSL reads IANA names only since version 3.2; version 3.0 calls the suite `AES128-SHA`",
            ),
            ("XRSA", "XRSA", "did you mean `kRSA` or `aRSA` or `RSA`?"),
            (
                "RC4-SHA",
                "RC4-SHA",
                "OpenSSL 3.0 has no such suites any more",
            ),
            (
                "TLS_AES_128_GCM_SHA256",
                "TLS",
                "TLS 1.3 suites belong in `ciphersuites`",
            ),
            ("TLSv1.3", "TLSv1.3", "`sec-protocol` chooses the version"),
        ] {
            assert_eq!(Hint::find(rule, word).unwrap().to_string(), sentence);
        }
    }

    #[test]
    fn slips_are_counted_one_by_one() {
        for (a, b, count) in [
            ("", "", Some(0)),
            ("abc", "ABC", Some(0)),
            ("AB", "BA", Some(1)),
            ("ABC", "AC", Some(1)),
            ("ABC", "AXC", Some(1)),
            ("ABCD", "BADX", Some(3)),
            ("ABCD", "WXYZ", None),
            ("", "ABCD", None),
        ] {
            assert_eq!(slips(a.as_bytes(), b.as_bytes(), 3), count, "{a} {b}");
            assert_eq!(slips(b.as_bytes(), a.as_bytes(), 3), count, "{b} {a}");
        }
    }
}
