//! The `cipher-list` option: OpenSSL's language for choosing suites of TLS 1.2.
//!
//! The stages of a string are files of this folder:
//!
//! - `rules` reads the string byte by byte, as `ssl_create_cipher_list` and `ssl_cipher_process_rulestr` do;
//! - `words` says what a word selects, from the table of suites in `table`;
//! - `order` is the list that rules work on, with OpenSSL's order of preference;
//! - `explain` and `hint` say what became of a rule, and what an unknown word was meant to be;
//! - `usable` selects from the result what an endpoint can offer, by its role, its provider and the security `level`.
//!
//! The language is described in the manual page openssl-ciphers(1). Where page and code differ, the code counts:
//! `DEFAULT+AES` is valid, for example. Tests compare the results with `openssl ciphers`.

use std::fmt;
use std::str::FromStr;

mod error;
mod explain;
mod hint;
mod level;
mod order;
mod rules;
mod suite;
mod suite_b;
mod table;
mod usable;
mod words;

pub use error::CipherListError;
pub use explain::{Rule, RuleEffect};
pub use hint::Hint;
pub use level::SecurityLevel;
pub use suite::{
    Authentication, CipherSuite, Encryption, KeyExchange, Mac, MinVersion, openssl_name,
};
pub use suite_b::SuiteB;
pub(super) use table::TLS13_SUITES;
pub use usable::{NothingUsable, Selection, Unusable};

use super::Role;
use rules::evaluate;

/// A cipher string, such as `HIGH:!aNULL:-SHA:+RSA:@STRENGTH`, and the list of suites that it selects.
///
/// The string means what it means to OpenSSL 3.0, byte for byte: the same suites in the same order,
/// and an error where OpenSSL has one. So a string without any suite that rustls supports (`kRSA`) is valid.
/// The string does not affect the suites of TLS 1.3, which [`Ciphersuites`](super::Ciphersuites)
/// selects. Words that OpenSSL does not know are ignored, and are no error; [`rules`](Self::rules)
/// lists them. IANA's names are such words: OpenSSL reads them since 3.2.
///
/// OpenSSL would offer the whole list. An endpoint of this crate offers the suites that its crypto
/// provider supports, in the same order; [`select`](Self::select) returns them, and the reasons for the others.
///
/// The default is `DEFAULT`. A list prints as the string it was made from.
///
/// ```
/// use sip_tls::options::CipherList;
///
/// let list: CipherList = "ECDHE+AESGCM:!AES256".parse()?;
/// assert_eq!(
///     list.to_openssl_line(),
///     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
/// );
/// # Ok::<(), sip_tls::options::CipherListError>(())
/// ```
///
/// What became of each rule can be asked for:
///
/// ```
/// use sip_tls::options::CipherList;
///
/// let list: CipherList = "ECDHE+AESGCM:!RC4:HIHG".parse()?;
/// let rules: Vec<_> = list.rules().iter().map(ToString::to_string).collect();
/// assert_eq!(rules[0], "`ECDHE+AESGCM`: adds 4 suites");
/// assert!(!list.rules()[1].is_doubtful(), "there is no RC4 that could be kept out");
/// assert!(list.rules()[2].is_doubtful());
/// # Ok::<(), sip_tls::options::CipherListError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CipherList {
    text: String,
    suites: Vec<&'static CipherSuite>,
    rules: Vec<Rule>,
    security_level: Option<SecurityLevel>,
    suite_b: Option<SuiteB>,
}

impl CipherList {
    /// Reads the value of the option `cipher-list`, where an empty value means `DEFAULT`.
    ///
    /// OpenSSL itself refuses an empty string, and so does [`FromStr`].
    ///
    /// A value of white space alone is not empty: it selects nothing, and is an error.
    ///
    /// # Errors
    ///
    /// As [`FromStr`], except for the empty string.
    pub fn from_option(value: &str) -> Result<Self, CipherListError> {
        if value.is_empty() {
            Ok(Self::default())
        } else {
            value.parse()
        }
    }

    /// Reads a cipher string that need not be UTF-8.
    ///
    /// Bytes that are not UTF-8 can stand in places that OpenSSL passes over, such as after an unknown
    /// word. The list prints with U+FFFD in their place, which means the same.
    ///
    /// # Errors
    ///
    /// As [`FromStr`].
    pub fn from_bytes(text: &[u8]) -> Result<Self, CipherListError> {
        String::from_utf8_lossy(text).parse()
    }

    /// Every suite that OpenSSL would have in its list, in order, whether or not rustls supports it.
    pub fn suites(&self) -> &[&'static CipherSuite] {
        &self.suites
    }

    /// The suites' names joined by colons: the line that `openssl ciphers -ciphersuites ''` prints.
    pub fn to_openssl_line(&self) -> String {
        suite::join_names(self.suites.iter().copied())
    }

    /// What became of each rule of the string, in its order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a rule of the string adds this suite by its own name, and by nothing else.
    ///
    /// AES-CBC suites (feature `cbc`) are offered only if the list asks for them in this way.
    pub fn names(&self, suite: &CipherSuite) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.text() == suite.openssl_name())
    }

    /// The level that the string asks for with `@SECLEVEL=n`.
    ///
    /// [`SecurityLevel::effective`] turns it into the level in force.
    ///
    /// If the string has several such commands, the last one counts, wherever it stands.
    pub fn security_level(&self) -> Option<SecurityLevel> {
        self.security_level
    }

    /// The Suite B mode that the string begins with.
    ///
    /// An endpoint does not support these modes and refuses them: they limit more than the suites.
    pub fn suite_b(&self) -> Option<SuiteB> {
        self.suite_b
    }

    /// Returns which suites of the list an endpoint offers, and why it does not offer the others.
    ///
    /// `supported` are the numbers of the suites that the endpoint supports with its crypto provider.
    /// `level` is the level in force, as [`SecurityLevel::effective`] returns it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::{CipherList, Role, SecurityLevel, Unusable};
    ///
    /// let list: CipherList = "ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256".parse()?;
    /// let selection = list.select(Role::Client, SecurityLevel::default(), &[0xC02F]);
    /// let offered: Vec<_> = selection.offered().map(|suite| suite.openssl_name()).collect();
    /// assert_eq!(offered, ["ECDHE-RSA-AES128-GCM-SHA256"]);
    /// assert_eq!(selection.causes(), [(Unusable::StaticRsa, 1)]);
    /// # Ok::<(), sip_tls::options::CipherListError>(())
    /// ```
    pub fn select(&self, role: Role, level: SecurityLevel, supported: &[u16]) -> Selection {
        Selection::new(&self.suites, role, level, supported)
    }

    /// Selects as [`select`](Self::select) does, and fails if no suite is left.
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
        let every_suite: Vec<_> = table::SUITES.iter().collect();
        let possible = Selection::new(&every_suite, role, level, supported);
        Err(NothingUsable::new(&selection, way_out(&possible)))
    }
}

/// `DEFAULT`.
impl Default for CipherList {
    #[expect(
        clippy::expect_used,
        reason = "one constant string, which every test run reads"
    )]
    fn default() -> Self {
        "DEFAULT".parse().expect("a good cipher string")
    }
}

impl FromStr for CipherList {
    type Err = CipherListError;

    /// Reads a cipher string as OpenSSL 3.0 does.
    ///
    /// # Errors
    ///
    /// - `invalid command`: an operator without a word, a byte outside of the language where OpenSSL
    ///   does not pass over it, or an unknown command after `@`. A NUL is refused in every place.
    /// - `no cipher match`: the string selects no suite, as the empty string does.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let evaluation = evaluate(text)?;
        Ok(Self {
            text: text.to_owned(),
            suites: evaluation.suites,
            rules: evaluation.rules,
            security_level: evaluation.security_level,
            suite_b: evaluation.suite_b,
        })
    }
}

impl fmt::Display for CipherList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A short list that selects some of the possible suites, or else their names.
///
/// `possible` is what the endpoint could offer if the list named every suite of OpenSSL.
fn way_out(possible: &Selection) -> Option<String> {
    let is_modern = |suite: &CipherSuite| {
        suite.key_exchange() == KeyExchange::Ecdhe && suite.encryption().is_gcm_or_chacha20()
    };
    if possible.offered().any(is_modern) {
        return Some("ECDHE+AESGCM:ECDHE+CHACHA20".to_owned());
    }
    possible.offered_names()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_option_means_default_and_an_empty_string_is_an_error() {
        assert_eq!(CipherList::from_option(""), Ok(CipherList::default()));
        assert_eq!(CipherList::default().to_string(), "DEFAULT");
        assert_eq!(
            "".parse::<CipherList>().unwrap_err().reason(),
            "no cipher match"
        );
        assert!(CipherList::from_option(" ").is_err());
    }

    #[test]
    fn a_suite_is_named_by_a_rule_of_its_own() {
        for (text, named) in [
            ("ECDHE-RSA-AES128-SHA", true),
            ("ALL,ECDHE-RSA-AES128-SHA!aNULL", true),
            ("ECDHE-RSA-AES128-SHA256:ALL", false),
            ("ECDHE-RSA-AES128-SHA+HIGH", false),
            ("ALL:+ECDHE-RSA-AES128-SHA", false),
            ("HIGH", false),
        ] {
            let list: CipherList = text.parse().unwrap();
            let suite = CipherSuite::by_openssl_name("ECDHE-RSA-AES128-SHA").unwrap();
            assert_eq!(list.names(suite), named, "{text}");
        }
    }

    #[test]
    fn the_last_security_level_counts_wherever_it_stands() {
        let level = |text: &str| text.parse::<CipherList>().unwrap().security_level();
        assert_eq!(level("ALL"), None);
        assert_eq!(level("@SECLEVEL=1:ALL:@SECLEVEL=3"), SecurityLevel::new(3));
        assert_eq!(level("SUITEB128:@SECLEVEL=3"), None);
    }

    #[test]
    fn suite_b_is_switched_on_at_the_start_only() {
        let mode = |text: &str| text.parse::<CipherList>().unwrap().suite_b();
        assert_eq!(mode("SUITEB128ONLY"), Some(SuiteB::Level128Only));
        assert_eq!(mode("SUITEB128C2"), Some(SuiteB::Level128Combination2));
        assert_eq!(mode("SUITEB1280"), Some(SuiteB::Level128));
        assert_eq!(mode("SUITEB192:FOO"), Some(SuiteB::Level192));
        assert_eq!(mode("ALL:SUITEB128"), None);
    }

    #[test]
    fn foreign_bytes_print_as_a_string_that_means_the_same() {
        let list = CipherList::from_bytes(b"FOO\xff\xc3!AES:AES128").unwrap();
        assert_eq!(list.to_string(), "FOO\u{fffd}\u{fffd}!AES:AES128");
        assert_eq!(list.to_string().parse(), Ok(list));
        assert!(CipherList::from_bytes(b"AES128:\xff").is_err());
    }

    #[test]
    fn a_suite_is_found_by_its_number_and_names() {
        assert_eq!(openssl_name(0xC02F), Some("ECDHE-RSA-AES128-GCM-SHA256"));
        assert_eq!(openssl_name(0x1301), Some("TLS_AES_128_GCM_SHA256"));
        assert_eq!(openssl_name(0x0005), None);
        let suite = CipherSuite::by_openssl_name("DHE-RSA-AES128-SHA").unwrap();
        assert_eq!(
            CipherSuite::by_iana_name("TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
            Some(suite)
        );
        assert_eq!(CipherSuite::by_number(0x0033), Some(suite));
    }
}
