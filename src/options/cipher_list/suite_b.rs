//! The Suite B modes of RFC 6460.
//!
//! The mode is switched on by a prefix of the cipher string (`check_suiteb_cipher_list` in OpenSSL). What follows the
//! word is not read. An endpoint refuses a string with such a mode: of what OpenSSL limits then, only the suites would
//! be limited here.

use std::fmt;

/// A Suite B mode. A cipher string that begins with its word switches it on.
///
/// OpenSSL then limits not only the suites, but also certificates, groups and signatures: P-256 with
/// SHA-256 at 128 bits, P-384 with SHA-384 at 192 bits.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SuiteB {
    /// `SUITEB128`: both strengths, 128 bits first.
    Level128,
    /// `SUITEB128C2`: both strengths, but only the stronger suite.
    Level128Combination2,
    /// `SUITEB128ONLY`: 128 bits alone.
    Level128Only,
    /// `SUITEB192`: 192 bits alone.
    Level192,
}

impl SuiteB {
    /// The mode whose word the text begins with, and that word. The word needs no separator after it.
    pub(super) fn at_start_of(text: &str) -> Option<(Self, &'static str)> {
        // The longer words come first, because `SUITEB128` is the prefix of two others.
        let modes = [
            Self::Level128Only,
            Self::Level128Combination2,
            Self::Level128,
            Self::Level192,
        ];
        let words = modes.map(|mode| (mode, mode.word()));
        words.into_iter().find(|(_, word)| text.starts_with(word))
    }

    /// The suites of the mode, in order.
    pub(super) fn suite_names(self) -> &'static [&'static str] {
        const AES128: &str = "ECDHE-ECDSA-AES128-GCM-SHA256";
        const AES256: &str = "ECDHE-ECDSA-AES256-GCM-SHA384";
        match self {
            Self::Level128 => &[AES128, AES256],
            Self::Level128Only => &[AES128],
            Self::Level128Combination2 | Self::Level192 => &[AES256],
        }
    }

    /// The word of the string.
    fn word(self) -> &'static str {
        match self {
            Self::Level128 => "SUITEB128",
            Self::Level128Combination2 => "SUITEB128C2",
            Self::Level128Only => "SUITEB128ONLY",
            Self::Level192 => "SUITEB192",
        }
    }
}

/// Prints the word that switches the mode on.
impl fmt::Display for SuiteB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
