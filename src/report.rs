//! What became of the options.

use std::fmt;

use crate::error::{Error, chain};
use crate::x509::CrlFacts;

/// What became of every option that was given: applied, narrowed or refused, and what the files hold.
///
/// Nothing is dropped in silence: an option that cannot be honoured is an error, and its row says why.
#[derive(Clone, Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
    certificates: Vec<CertificateFacts>,
    lists: Vec<CrlFacts>,
    warnings: Vec<String>,
}

/// What became of one option.
#[derive(Clone, Debug)]
pub struct Row {
    option: String,
    value: Option<String>,
    outcome: Outcome,
}

/// What became of an option.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It has the meaning that it has in OpenSSL.
    Applied,
    /// It was not given, or is empty.
    Default,
    /// It is none of the TLS options, and without effect here.
    Ignored,
    /// It has less than its meaning in OpenSSL; the text says how much.
    Narrowed(String),
    /// It cannot be used; the text says why.
    Refused(String),
}

/// A certificate in one of the files.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct CertificateFacts {
    /// The option whose file it is in.
    pub option: &'static str,
    /// As `openssl x509 -subject` prints it.
    pub subject: String,
    /// As `openssl x509 -issuer` prints it.
    pub issuer: String,
    /// Its first second, in seconds since the epoch.
    pub not_before: i64,
    /// Its last second, in seconds since the epoch.
    pub not_after: i64,
    /// The kind of its key, such as `RSA 2048` or `EC P-256`.
    pub key: String,
    /// Whether paths may end in it. A certificate of `trusted-ca` that is not self-signed only completes them.
    pub is_anchor: bool,
}

impl Report {
    /// One row for every option, and one for every other setting of section `security`.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The certificates of all files: ours, then the trusted CAs. The public CAs of `webpki-roots` are not listed.
    pub fn certificates(&self) -> &[CertificateFacts] {
        &self.certificates
    }

    /// The certificate revocation lists.
    pub fn lists(&self) -> &[CrlFacts] {
        &self.lists
    }

    /// What works but is probably not meant so.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether an option was refused.
    pub fn is_refused(&self) -> bool {
        let refused = |row: &Row| matches!(row.outcome, Outcome::Refused(_));
        self.rows.iter().any(refused)
    }

    pub(crate) fn option(&mut self, option: &str, value: Option<&str>, outcome: Outcome) {
        self.rows.push(Row {
            option: option.to_owned(),
            value: value.map(str::to_owned),
            outcome,
        });
    }

    /// Replaces the outcome of an option that already has a row.
    pub(crate) fn amend(&mut self, option: &str, outcome: Outcome) {
        match self.rows.iter_mut().find(|row| row.option == option) {
            Some(row) => row.outcome = outcome,
            None => self.option(option, None, outcome),
        }
    }

    /// Notes an option that cannot be honoured.
    pub(crate) fn refuse(&mut self, error: &Error) {
        if let Some(option) = error.option() {
            self.amend(option, Outcome::Refused(chain(error)));
        }
    }

    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    pub(crate) fn certificate(&mut self, facts: Option<CertificateFacts>) {
        self.certificates.extend(facts);
    }

    pub(crate) fn list(&mut self, facts: CrlFacts) {
        self.lists.push(facts);
    }
}

impl Row {
    /// The option's name.
    pub fn option(&self) -> &str {
        &self.option
    }

    /// The value that was given, if any.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// What became of it.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied => f.write_str("applied"),
            Self::Default => f.write_str("default"),
            Self::Ignored => f.write_str("ignored: not a TLS option"),
            Self::Narrowed(how) => write!(f, "narrowed: {how}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}
