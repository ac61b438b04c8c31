//! The outcome of the options, and what was found in the files that they name.
//!
//! This module knows no other stage of the flow: every stage describes in plain values what it found.
//!
//! `TlsOptions::report` has what the values show; the report of an endpoint also has what the files and the crypto
//! provider show. `sip-tls check` prints it.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use crate::shared::Pool;

/// The outcome of every option that was given (applied, narrowed or refused), the contents of the files, and what
/// connections offer.
///
/// Nothing is ignored silently: an option that cannot be honoured is an error, and its row says why.
///
/// # Examples
///
/// ```
/// use sip_tls::Endpoint;
/// use sip_tls::options::{Source, TlsOptions};
/// use sip_tls::report::Outcome;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
/// let options = TlsOptions::builder()
///     .trusted_ca(Source::bytes("ca.pem", ca))
///     .set("sec-protocol", "SSLv23")
///     .build()?;
/// let endpoint = Endpoint::builder(options).build()?;
///
/// let report = endpoint.report();
/// let row = report.rows().iter().find(|row| row.option() == "sec-protocol");
/// assert!(matches!(row.map(|row| row.outcome()), Some(Outcome::Narrowed(_))));
/// assert_eq!(report.certificates()[0].subject, "C = DE, O = Example, CN = List CA");
/// assert!(report.outgoing().is_some_and(|offered| offered.versions == ["TLSv1.3", "TLSv1.2"]));
/// assert!(report.incoming().is_none(), "there is no certificate");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
    certificates: Certificates,
    lists: Vec<ListFacts>,
    outgoing: Option<Arc<Offered>>,
    incoming: Option<Arc<Offered>>,
    warnings: Vec<String>,
    /// Files of folders that could not be read.
    left_out: Vec<String>,
}

impl Report {
    /// One row for every option, and one for every other setting of section `security`.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The certificates of all files: ours, then the trusted CAs. Those of `webpki-roots` and `system` are not listed.
    pub fn certificates(&self) -> &[CertificateFacts] {
        self.certificates.all()
    }

    /// The certificate revocation lists.
    pub fn lists(&self) -> &[ListFacts] {
        &self.lists
    }

    /// What outgoing connections offer. `None` in [`TlsOptions::report`](crate::options::TlsOptions::report), which
    /// knows no crypto provider.
    pub fn outgoing(&self) -> Option<&Offered> {
        self.outgoing.as_deref()
    }

    /// What incoming connections offer. `None` if the endpoint accepts none.
    pub fn incoming(&self) -> Option<&Offered> {
        self.incoming.as_deref()
    }

    /// What works but is probably not what was intended.
    ///
    /// Each text names its option. A warning keeps no endpoint from being made.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The files of folders that could not be read, and are not used.
    #[cfg(feature = "watch")]
    pub(crate) fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Whether an option was refused.
    pub fn is_refused(&self) -> bool {
        let refused = |row: &Row| matches!(row.outcome, Outcome::Refused(_));
        self.rows.iter().any(refused)
    }

    /// Makes the report of a stage that only knows the outcome of each option.
    pub(crate) fn of_rows(rows: Vec<Row>) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Adds what a later stage found.
    ///
    /// Notes on the same option replace each other, so a later stage has the last word on its outcome. Lists and
    /// warnings are added to those that are there.
    pub(crate) fn with(mut self, notes: impl IntoIterator<Item = Note>) -> Self {
        for note in notes {
            match note {
                Note::Incoming(offered) => self.incoming = Some(Offered::shared(offered)),
                Note::LeftOut(file) => self.left_out.push(file),
                Note::List(facts) => self.lists.push(facts),
                Note::Option(option, outcome) => self.settle(option, outcome),
                Note::Outgoing(offered) => self.outgoing = Some(Offered::shared(offered)),
                Note::Own(facts) => self.certificates.own = facts,
                Note::Trusted(facts) => self.certificates.trusted = Certificates::shared(facts),
                Note::Warning(warning) => self.warnings.push(warning),
            }
        }
        self
    }

    /// Replaces the outcome of an option, or adds a row for one that was not given. A value that is overridden stays so.
    fn settle(&mut self, option: String, outcome: Outcome) {
        let counts = |row: &&mut Row| row.option == option && !row.is_overridden();
        match self.rows.iter_mut().find(counts) {
            Some(row) => row.outcome = outcome,
            None => self.rows.push(Row {
                option,
                value: None,
                outcome,
            }),
        }
    }
}

/// The certificates of all files.
#[derive(Clone, Debug, Default)]
struct Certificates {
    own: Vec<CertificateFacts>,
    /// Shared by reports of the same files.
    trusted: Arc<Vec<CertificateFacts>>,
    /// Made on first use.
    all: OnceLock<Vec<CertificateFacts>>,
}

impl Certificates {
    /// Shares the facts among the reports of endpoints with the same CAs. A file of public CAs has about 150
    /// certificates.
    fn shared(facts: Vec<CertificateFacts>) -> Arc<Vec<CertificateFacts>> {
        static TRUSTED: LazyLock<Pool<Vec<CertificateFacts>>> = LazyLock::new(Pool::new);
        TRUSTED.share(facts)
    }

    fn all(&self) -> &[CertificateFacts] {
        match self.own.is_empty() {
            true => &self.trusted,
            false => {
                (self.all).get_or_init(|| [self.own.as_slice(), self.trusted.as_slice()].concat())
            }
        }
    }
}

/// The outcome of one option.
///
/// An option that was given twice has two rows: one is [`Overridden`](Outcome::Overridden).
#[derive(Clone, Debug)]
pub struct Row {
    option: String,
    value: Option<String>,
    outcome: Outcome,
}

impl Row {
    pub(crate) fn new(option: &str, value: Option<&str>, outcome: Outcome) -> Self {
        Self {
            option: option.to_owned(),
            value: value.map(str::to_owned),
            outcome,
        }
    }

    /// The option's name.
    pub fn option(&self) -> &str {
        &self.option
    }

    /// The value that was given, if any.
    ///
    /// The values of settings that are no TLS option are not here: they may be passwords.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// How the option was treated.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    fn is_overridden(&self) -> bool {
        matches!(self.outcome, Outcome::Overridden(_))
    }
}

/// How an option was treated.
///
/// It prints as a sentence: `narrowed: ...`, with the reason.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It has the meaning that it has in OpenSSL.
    ///
    /// One exception: `cipher-list` and `ciphersuites` are also applied if some of their suites are not offered, but
    /// at least one is in each direction that the endpoint has. [`OfferedSuites::left_out`] has the others, with the
    /// reasons.
    Applied,
    /// It was not given, or is empty.
    Default,
    /// It is none of the TLS options, and has no effect here.
    Ignored,
    /// It has only a part of its meaning in OpenSSL; the text says which.
    Narrowed(String),
    /// It has no effect, because another setting of the same option counts; the text names that setting.
    Overridden(String),
    /// It cannot be used; the text says why.
    Refused(String),
}

impl Outcome {
    /// The outcome of an option that `error` is about, with the causes of the error.
    pub(crate) fn refused(error: &dyn Error) -> Self {
        Self::Refused(chain(error))
    }
}

/// Prints an error with its causes, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Prints a number and its noun: `1 entry`, `2 entries`, `0.5 seconds`.
pub(crate) fn counted(number: impl fmt::Display, one: &str, many: &str) -> String {
    match number.to_string() {
        number if number == "1" => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied => f.write_str("applied"),
            Self::Default => f.write_str("default"),
            Self::Ignored => f.write_str("ignored: not a TLS option"),
            Self::Narrowed(how) => write!(f, "narrowed: {how}"),
            Self::Overridden(by) => write!(f, "overridden by {by}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}

/// A certificate in one of the files.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CertificateFacts {
    /// The option whose file it is in.
    pub option: &'static str,
    /// Its subject, as `openssl x509 -subject` prints it.
    pub subject: String,
    /// Its issuer, as `openssl x509 -issuer` prints it.
    pub issuer: String,
    /// The first second of its validity, in seconds since the epoch. `i64::MIN` if the date cannot be read.
    pub not_before: i64,
    /// The last second of its validity, in seconds since the epoch. `i64::MIN` if the date cannot be read.
    pub not_after: i64,
    /// The kind of its key, such as `RSA 2048` or `EC P-256`.
    pub key: String,
    /// Whether paths may end in it. A certificate of `trusted-ca` that is not self-signed only completes paths.
    pub is_anchor: bool,
}

/// A certificate revocation list in one of the files.
///
/// The times are thisUpdate and nextUpdate ([RFC 5280, section
/// 5.1.2](https://www.rfc-editor.org/rfc/rfc5280#section-5.1.2)).
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct ListFacts {
    /// Its issuer, as `openssl crl -issuer` prints it.
    pub issuer: String,
    /// Its number in hexadecimal digits, if it has one.
    pub number: Option<String>,
    /// How many certificates it revokes.
    pub entries: usize,
    /// When it was issued, in seconds since the epoch.
    pub this_update: Option<i64>,
    /// When it expires, in seconds since the epoch. `None` if the list does not say.
    pub next_update: Option<i64>,
}

/// What connections in one direction offer, in order of preference, by OpenSSL's names.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Offered {
    /// The protocol versions, such as `TLSv1.3`.
    pub versions: Vec<&'static str>,
    /// The groups of the key exchange, such as `X25519`.
    pub groups: Vec<&'static str>,
    /// The suites of TLS 1.3. `None` if `sec-protocol` rules this version out.
    pub tls13: Option<OfferedSuites>,
    /// The suites of TLS 1.2. `None` if `sec-protocol` rules this version out.
    pub tls12: Option<OfferedSuites>,
    /// The suites that only `Endpoint::connect` and `connect_to` offer, because these methods may try again without
    /// such suites. A configuration that is handed out does not offer them.
    pub not_handed_out: Vec<&'static str>,
}

impl Offered {
    /// Shares the value among the reports of endpoints that offer the same.
    fn shared(offered: Self) -> Arc<Self> {
        static OFFERED: LazyLock<Pool<Offered>> = LazyLock::new(Pool::new);
        OFFERED.share(offered)
    }
}

/// The suites of a list that are offered, and those that are not.
///
/// Together they are the whole list of OpenSSL. See [`Selection`](crate::options::Selection).
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct OfferedSuites {
    /// The suites that are offered.
    pub names: Vec<&'static str>,
    /// The suites of the list that are not offered, each with the reason.
    pub left_out: Vec<(&'static str, String)>,
}

/// What a stage found, for the report.
#[derive(Debug)]
pub(crate) enum Note {
    /// What incoming connections offer.
    Incoming(Offered),
    /// A file of a folder that could not be read.
    LeftOut(String),
    /// A revocation list in a file.
    List(ListFacts),
    /// The outcome of an option; replaces what an earlier stage noted.
    Option(String, Outcome),
    /// What outgoing connections offer.
    Outgoing(Offered),
    /// Our own certificates.
    Own(Vec<CertificateFacts>),
    /// The certificates of `trusted-ca`.
    Trusted(Vec<CertificateFacts>),
    /// What works but is probably not what was intended.
    Warning(String),
}

impl Note {
    /// Notes that an option has only a part of its meaning in OpenSSL.
    pub(crate) fn narrowed(option: &str, how: impl Into<String>) -> Self {
        Self::Option(option.to_owned(), Outcome::Narrowed(how.into()))
    }
}
