//! The JSON output of `ciphers`. The columns have the names that `openssl ciphers -v` gives them.

use serde::Serialize;
use sip_tls::options::{CipherListError, CipherSuite, Rule, Unusable};

use super::{Found, number};

/// The whole result, as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Record {
    string: String,
    openssl: String,
    usable: Vec<&'static str>,
    security_level: u8,
    asked_security_level: Option<u8>,
    suite_b: Option<String>,
    suites: Vec<Suite>,
    rules: Vec<RuleRecord>,
}

impl From<&Found> for Record {
    fn from(found: &Found) -> Self {
        let list = &found.list;
        let verdicts = found.selection.verdicts().iter();
        Self {
            string: list.to_string(),
            openssl: list.to_openssl_line(),
            usable: found
                .selection
                .offered()
                .map(CipherSuite::openssl_name)
                .collect(),
            security_level: found.level.number(),
            asked_security_level: list.security_level().map(|level| level.number()),
            suite_b: list.suite_b().map(|mode| mode.to_string()),
            suites: verdicts
                .map(|(suite, obstacle)| Suite::new(suite, *obstacle))
                .collect(),
            rules: list.rules().iter().map(RuleRecord::from).collect(),
        }
    }
}

/// A suite that OpenSSL selects, its properties, and why it is not usable if it is not.
#[derive(Serialize)]
struct Suite {
    name: &'static str,
    iana_name: &'static str,
    number: String,
    protocol: String,
    kx: String,
    au: String,
    enc: String,
    mac: String,
    strength_bits: u16,
    usable: bool,
    reason: Option<String>,
}

impl Suite {
    /// `number` is the hexadecimal number on the wire, as a text.
    fn new(suite: &'static CipherSuite, obstacle: Option<Unusable>) -> Self {
        Self {
            name: suite.openssl_name(),
            iana_name: suite.iana_name(),
            number: number(suite),
            protocol: suite.min_version().to_string(),
            kx: suite.key_exchange().to_string(),
            au: suite.authentication().to_string(),
            enc: suite.encryption().to_string(),
            mac: suite.mac().to_string(),
            strength_bits: suite.strength_bits(),
            usable: obstacle.is_none(),
            reason: obstacle.map(|obstacle| obstacle.to_string()),
        }
    }
}

/// A rule of the string, and what became of it.
#[derive(Serialize)]
struct RuleRecord {
    word: String,
    outcome: String,
    hint: Option<String>,
    ignored: String,
    doubtful: bool,
}

impl From<&Rule> for RuleRecord {
    fn from(rule: &Rule) -> Self {
        Self {
            word: rule.text().to_owned(),
            outcome: rule.effect().to_string(),
            hint: rule.hint().map(|hint| hint.to_string()),
            ignored: rule.ignored().to_owned(),
            doubtful: rule.is_doubtful(),
        }
    }
}

/// The JSON output for a string that OpenSSL refuses.
#[derive(Serialize)]
pub(super) struct Refusal {
    error: String,
    reason: &'static str,
    rules: Vec<RuleRecord>,
}

impl From<&CipherListError> for Refusal {
    fn from(error: &CipherListError) -> Self {
        let rules = match error {
            CipherListError::NoCipherMatch { rules, .. } => &rules[..],
            _ => &[],
        };
        Self {
            error: error.to_string(),
            reason: error.reason(),
            rules: rules.iter().map(RuleRecord::from).collect(),
        }
    }
}
