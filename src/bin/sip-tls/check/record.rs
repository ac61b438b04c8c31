//! The JSON output of `check`. Its schema is tests/testdata/check.schema.json.
//!
//! A value that does not exist is null, with the exception of `fetched_lists`, which is there only if lists are fetched.

use serde::Serialize;
use sip_tls::check::Finding;
use sip_tls::pki::Origin;
use sip_tls::profile::Transport;
use sip_tls::report::{self, CertificateFacts, ListFacts, Offered, OfferedSuites, Row};

use super::Examined;
use super::fetched::FetchedList;
use crate::connect;
use crate::date;
use crate::settings::overrider;

/// The report as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    version: u32,
    config: Option<&'a str>,
    usable: bool,
    server_side: bool,
    error: Option<String>,
    findings: Vec<FindingRecord<'a>>,
    connections: Vec<Connection<'a>>,
    options: Vec<OptionRecord<'a>>,
    certificates: Vec<Certificate<'a>>,
    revocation_lists: Vec<List<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_lists: Option<&'a [FetchedList]>,
    suites: Option<SuitesRecord<'a>>,
}

impl<'a> From<&'a Examined> for Record<'a> {
    fn from(outcome: &'a Examined) -> Self {
        let report = outcome.checked.report();
        Self {
            version: 1,
            config: outcome.config.as_deref(),
            usable: outcome.checked.endpoint().is_some(),
            server_side: outcome.has_server_side(),
            error: outcome.error(),
            findings: (outcome.checked.findings().iter())
                .map(FindingRecord::from)
                .collect(),
            connections: Connection::all(outcome),
            options: report.rows().iter().map(OptionRecord::from).collect(),
            certificates: report
                .certificates()
                .iter()
                .map(Certificate::from)
                .collect(),
            revocation_lists: report.lists().iter().map(List::from).collect(),
            fetched_lists: outcome.fetched.as_deref(),
            suites: report.outgoing().map(SuitesRecord::from),
        }
    }
}

/// A finding, with its place in the configuration (`position`) and in a file (`file`, `block`,
/// `line`), as far as it has one. `code` is for programs; the texts may change.
#[derive(Serialize)]
struct FindingRecord<'a> {
    severity: String,
    code: &'static str,
    option: Option<&'a str>,
    position: Option<PositionRecord>,
    file: Option<String>,
    block: Option<usize>,
    line: Option<usize>,
    text: &'a str,
    cure: &'a str,
}

#[derive(Serialize)]
struct PositionRecord {
    line: u64,
    column: u64,
}

impl<'a> From<&'a Finding> for FindingRecord<'a> {
    fn from(finding: &'a Finding) -> Self {
        let origin = finding.origin();
        Self {
            severity: finding.severity().to_string(),
            code: finding.code(),
            option: finding.option(),
            position: finding.position().map(|position| PositionRecord {
                line: position.line(),
                column: position.column(),
            }),
            file: origin.map(|origin| origin.name().to_string()),
            block: origin.and_then(Origin::block),
            line: origin.and_then(Origin::line),
            text: finding.sentence(),
            cure: finding.cure(),
        }
    }
}

/// A line of the configuration. It has a result only with `--connect`, and only if it uses TLS.
#[derive(Serialize)]
struct Connection<'a> {
    user: &'a str,
    server: String,
    protocol: String,
    result: Option<&'a connect::Record>,
}

impl<'a> Connection<'a> {
    /// Pairs the lines with the results, which have the same order.
    fn all(outcome: &'a Examined) -> Vec<Self> {
        let mut results = outcome.connections.iter();
        outcome
            .lines()
            .map(|line| Self {
                user: line.user(),
                server: line.server().to_string(),
                protocol: line.transport().to_string(),
                result: match line.transport() {
                    Transport::Tls => results.next(),
                    _ => None,
                },
            })
            .collect()
    }
}

/// What became of an option. The outcome is a word for programs, and the reason a text for people.
#[derive(Serialize)]
struct OptionRecord<'a> {
    name: &'a str,
    value: Option<&'a str>,
    outcome: &'static str,
    reason: Option<&'a str>,
}

impl<'a> From<&'a Row> for OptionRecord<'a> {
    fn from(row: &'a Row) -> Self {
        let (outcome, reason) = match row.outcome() {
            report::Outcome::Applied => ("applied", None),
            report::Outcome::Default => ("default", None),
            report::Outcome::Ignored => ("ignored", None),
            report::Outcome::Overridden(by) => ("overridden", Some(overrider(by))),
            report::Outcome::Narrowed(how) => ("narrowed", Some(how.as_str())),
            report::Outcome::Refused(why) => ("refused", Some(why.as_str())),
            _ => ("unknown", None),
        };
        Self {
            name: row.option(),
            value: row.value(),
            outcome,
            reason,
        }
    }
}

/// A certificate in a file. Times are seconds since 1970.
#[derive(Serialize)]
struct Certificate<'a> {
    option: &'a str,
    subject: &'a str,
    issuer: &'a str,
    key: &'a str,
    not_before: i64,
    not_after: i64,
    days_left: i64,
    anchor: bool,
}

impl<'a> From<&'a CertificateFacts> for Certificate<'a> {
    fn from(facts: &'a CertificateFacts) -> Self {
        Self {
            option: facts.option,
            subject: &facts.subject,
            issuer: &facts.issuer,
            key: &facts.key,
            not_before: facts.not_before,
            not_after: facts.not_after,
            days_left: date::days_until(facts.not_after),
            anchor: facts.is_anchor,
        }
    }
}

/// A revocation list in a file. Times are seconds since 1970.
#[derive(Serialize)]
struct List<'a> {
    issuer: &'a str,
    number: Option<&'a str>,
    entries: usize,
    this_update: Option<i64>,
    next_update: Option<i64>,
}

impl<'a> From<&'a ListFacts> for List<'a> {
    fn from(facts: &'a ListFacts) -> Self {
        Self {
            issuer: &facts.issuer,
            number: facts.number.as_deref(),
            entries: facts.entries,
            this_update: facts.this_update,
            next_update: facts.next_update,
        }
    }
}

/// The suites of outgoing connections, by OpenSSL's names and in order of preference.
#[derive(Serialize)]
struct SuitesRecord<'a> {
    tls13: &'a [&'static str],
    tls12: &'a [&'static str],
    not_offered: Vec<NotOffered<'a>>,
    not_handed_out: &'a [&'static str],
}

/// A suite of a list that is not offered, and why.
#[derive(Serialize)]
struct NotOffered<'a> {
    name: &'static str,
    reason: &'a str,
}

impl<'a> From<&'a Offered> for SuitesRecord<'a> {
    fn from(offered: &'a Offered) -> Self {
        let names = |suites: &'a Option<OfferedSuites>| {
            suites.as_ref().map_or(&[][..], |suites| &suites.names)
        };
        let lists = offered.tls13.iter().chain(&offered.tls12);
        let left_out = lists.flat_map(|suites| &suites.left_out);
        Self {
            tls13: names(&offered.tls13),
            tls12: names(&offered.tls12),
            not_offered: left_out
                .map(|(name, reason)| NotOffered { name, reason })
                .collect(),
            not_handed_out: &offered.not_handed_out,
        }
    }
}
