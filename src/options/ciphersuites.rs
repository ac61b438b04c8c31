//! The `ciphersuites` option: the suites of TLS 1.3.
//!
//! It is OpenSSL's `SSL_CTX_set_ciphersuites`. The option is apart from `cipher-list`: in OpenSSL, too, a cipher string
//! does not touch the suites of TLS 1.3. Of OpenSSL's five suites the default names three; the two CCM suites are
//! offered only if they are named.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use super::Role;
use super::cipher_list::{CipherSuite, NothingUsable, SecurityLevel, Selection, TLS13_SUITES};

/// The suites of TLS 1.3, by their names, in order of preference.
///
/// The rules are those of OpenSSL 3.0: names are separated by colons, white space around them does
/// not matter, and names are compared exactly. An unknown name is ignored, and
/// [`ignored`](Self::ignored) returns it. A list is an error only if OpenSSL knows none of its names.
/// OpenSSL also knows some names that are no suites of TLS 1.3; with only such names
/// [`suites`](Self::suites) is empty. OpenSSL then has no TLS 1.3, and does not fall back to 1.2 either.
///
/// It prints as the string it was made from.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Ciphersuites;
///
/// let list: Ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_FOO".parse()?;
/// assert_eq!(list.suites()[0].number(), 0x1301);
/// assert_eq!(list.ignored()[0].name(), "TLS_FOO");
/// assert!("TLS_FOO".parse::<Ciphersuites>().is_err());
/// # Ok::<(), sip_tls::options::CiphersuitesError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ciphersuites {
    text: String,
    suites: Vec<&'static CipherSuite>,
    ignored: Vec<IgnoredName>,
}

impl Ciphersuites {
    /// Reads the value of the option `ciphersuites`, where an empty value means the default.
    ///
    /// To OpenSSL itself, and to [`FromStr`], the empty string means no suites of TLS 1.3.
    ///
    /// # Errors
    ///
    /// As [`FromStr`].
    pub fn from_option(value: &str) -> Result<Self, CiphersuitesError> {
        if value.is_empty() {
            Ok(Self::default())
        } else {
            value.parse()
        }
    }

    /// Reads a list of names that need not be UTF-8.
    ///
    /// A name with bytes that are not UTF-8 is an unknown name; it prints with U+FFFD in their place.
    ///
    /// # Errors
    ///
    /// As [`FromStr`].
    pub fn from_bytes(text: &[u8]) -> Result<Self, CiphersuitesError> {
        String::from_utf8_lossy(text).parse()
    }

    /// The suites, in order. A suite that is named twice appears twice.
    pub fn suites(&self) -> &[&'static CipherSuite] {
        &self.suites
    }

    /// The names that select no suite, in order.
    pub fn ignored(&self) -> &[IgnoredName] {
        &self.ignored
    }

    /// The suites of the list that an endpoint offers; see [`CipherList::select`].
    ///
    /// [`CipherList::select`]: super::CipherList::select
    pub fn select(&self, role: Role, level: SecurityLevel, supported: &[u16]) -> Selection {
        Selection::new(&self.suites, role, level, supported)
    }

    /// Selects as [`select`](Self::select) does, and fails if no suite is left.
    ///
    /// The list that would work is made of the default's suites, as far as the endpoint supports them.
    ///
    /// # Errors
    ///
    /// If no suite is left; the error names the causes and a list that would work.
    pub fn select_some(
        &self,
        role: Role,
        level: SecurityLevel,
        supported: &[u16],
    ) -> Result<Selection, NothingUsable> {
        let selection = self.select(role, level, supported);
        if selection.offered().next().is_some() {
            return Ok(selection);
        }
        let possible = Self::default().select(role, level, supported);
        Err(NothingUsable::new(&selection, possible.offered_names()))
    }
}

/// OpenSSL's default: AES-256-GCM, ChaCha20-Poly1305, AES-128-GCM.
impl Default for Ciphersuites {
    fn default() -> Self {
        let suites: Vec<_> = TLS13_SUITES[..3].iter().collect();
        let names: Vec<_> = suites.iter().map(|suite| suite.iana_name()).collect();
        Self {
            text: names.join(":"),
            suites,
            ignored: Vec::new(),
        }
    }
}

impl FromStr for Ciphersuites {
    type Err = CiphersuitesError;

    /// Reads a list of names as OpenSSL 3.0 does.
    ///
    /// # Errors
    ///
    /// - The list is not empty, and OpenSSL knows none of its names.
    /// - The text holds a NUL, which OpenSSL cannot be given.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut suites = Vec::new();
        let mut ignored = Vec::new();
        for name in text.split(':').map(|name| name.trim_matches(is_space)) {
            match CipherSuite::by_iana_name(name) {
                Some(suite) if suite.is_tls13() => suites.push(suite),
                _ if name.is_empty() => {}
                known => ignored.push(IgnoredName {
                    name: name.to_owned(),
                    suite: known,
                }),
            }
        }
        let matched = !suites.is_empty() || ignored.iter().any(IgnoredName::is_known);
        if text.contains('\0') || !(matched || text.is_empty()) {
            return Err(CiphersuitesError { ignored });
        }
        Ok(Self {
            text: text.to_owned(),
            suites,
            ignored,
        })
    }
}

impl fmt::Display for Ciphersuites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A name in a list of `ciphersuites` that selects no suite.
///
/// OpenSSL passes over such a name without a word. The report has a warning for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IgnoredName {
    name: String,
    suite: Option<&'static CipherSuite>,
}

impl IgnoredName {
    /// The name as it stands in the list.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the TLS 1.2 suite that has this name in IANA's registry, if there is one. It belongs in `cipher-list`.
    pub fn suite(&self) -> Option<&'static CipherSuite> {
        self.suite
    }

    /// Whether OpenSSL knows the name, so that a list of such names alone is no error.
    fn is_known(&self) -> bool {
        self.suite.is_some() || OTHER_KNOWN.contains(&self.name.as_str())
    }
}

impl fmt::Display for IgnoredName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.escape_debug();
        match self.suite {
            Some(suite) => write!(
                f,
                "`{name}` is not a TLS 1.3 suite; its name in `cipher-list` is `{suite}`"
            ),
            None => write!(f, "`{name}` is not a TLS 1.3 suite"),
        }
    }
}

/// The error for a list of `ciphersuites` in which OpenSSL knows no name.
///
/// The text lists the names of all suites of TLS 1.3.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CiphersuitesError {
    ignored: Vec<IgnoredName>,
}

impl CiphersuitesError {
    /// The reason in OpenSSL's words.
    pub fn reason(&self) -> &'static str {
        "no cipher match"
    }

    /// The names that were found.
    pub fn ignored(&self) -> &[IgnoredName] {
        &self.ignored
    }
}

impl fmt::Display for CiphersuitesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())?;
        if let Some(first) = self.ignored.first() {
            write!(f, ": {first}")?;
        }
        let names = TLS13_SUITES.iter().map(CipherSuite::iana_name);
        write!(
            f,
            "; the TLS 1.3 suites are {}",
            names.collect::<Vec<_>>().join(", ")
        )
    }
}

impl Error for CiphersuitesError {}

/// Whether a character is white space in C.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// Other names that OpenSSL knows, so that they are no error. No provider has the suites.
const OTHER_KNOWN: &[&str] = &[
    "TLS_DHE_DSS_WITH_SEED_CBC_SHA",
    "TLS_DHE_RSA_WITH_SEED_CBC_SHA",
    "TLS_DH_anon_WITH_SEED_CBC_SHA",
    "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    "TLS_FALLBACK_SCSV",
    "TLS_GOSTR341001_WITH_28147_CNT_IMIT",
    "TLS_GOSTR341001_WITH_NULL_GOSTR3411",
    "TLS_RSA_WITH_IDEA_CBC_SHA",
    "TLS_RSA_WITH_SEED_CBC_SHA",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_option_means_the_default_and_an_empty_string_no_suites() {
        let default = Ciphersuites::from_option("").unwrap();
        let numbers = default.suites().iter().map(|suite| suite.number());
        assert_eq!(numbers.collect::<Vec<_>>(), [0x1302, 0x1303, 0x1301]);
        assert_eq!(default.to_string().parse(), Ok(default));
        assert_eq!(
            "".parse::<Ciphersuites>().unwrap().suites(),
            &[] as &[&CipherSuite]
        );
    }

    #[test]
    fn names_that_choose_nothing_are_ignored_and_told() {
        let list: Ciphersuites = "TLS_AES_128_CCM_SHA256:TLS_FOO::TLS_RSA_WITH_AES_128_CBC_SHA"
            .parse()
            .unwrap();
        assert_eq!(list.suites().len(), 1);
        let ignored = list.ignored().iter().map(ToString::to_string);
        assert_eq!(
            ignored.collect::<Vec<_>>(),
            [
                "`TLS_FOO` is not a TLS 1.3 suite",
                "`TLS_RSA_WITH_AES_128_CBC_SHA` is not a TLS 1.3 suite; its name in `cipher-list` is `AES128-SHA`",
            ]
        );
    }

    #[test]
    fn a_list_without_any_known_name_is_an_error() {
        let error = "FOO".parse::<Ciphersuites>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "no cipher match: `FOO` is not a TLS 1.3 suite; the TLS 1.3 suites are TLS_AES_256_GCM_SHA384, \
             TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256, TLS_AES_128_CCM_SHA256, \
             TLS_AES_128_CCM_8_SHA256"
        );
        assert!("TLS_AES_128_GCM_SHA256:\0".parse::<Ciphersuites>().is_err());
    }

    #[test]
    fn a_list_with_nothing_usable_names_a_way_out() {
        let list: Ciphersuites = "TLS_AES_128_CCM_SHA256".parse().unwrap();
        let level = SecurityLevel::default();
        let error = list
            .select_some(Role::Client, level, &[0x1301])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "no suite of the list can be used: not in the crypto provider (1 suite); \
             a list that works is `TLS_AES_128_GCM_SHA256`"
        );
        assert!(list.select_some(Role::Client, level, &[0x1304]).is_ok());
    }

    #[test]
    fn a_suite_that_is_named_twice_is_offered_once() {
        let list: Ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_128_GCM_SHA256"
            .parse()
            .unwrap();
        assert_eq!(list.suites().len(), 2);
        let selection = list.select(Role::Server, SecurityLevel::default(), &[0x1301]);
        assert_eq!(selection.offered().count(), 1);
    }
}
