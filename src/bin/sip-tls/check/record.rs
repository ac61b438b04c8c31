use serde::Serialize;
use sip_tls::profile::Connectivity;
use sip_tls::report::{CertificateFacts, ListFacts, Offered, OfferedSuites, Outcome, Row};

use super::Findings;
use crate::date;
use crate::failure::Failure;

/// The report as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    config: Option<&'a str>,
    usable: bool,
    server_side: bool,
    error: Option<String>,
    connections: Vec<Connection<'a>>,
    options: Vec<OptionRecord<'a>>,
    certificates: Vec<Certificate<'a>>,
    revocation_lists: Vec<List<'a>>,
    suites: Option<SuitesRecord<'a>>,
    warnings: &'a [String],
}

impl<'a> From<&'a Findings> for Record<'a> {
    fn from(findings: &'a Findings) -> Self {
        let report = &findings.report;
        Self {
            config: findings.config.as_deref(),
            usable: findings.failure.is_none(),
            server_side: findings.has_server_side,
            error: findings.failure.as_ref().map(Failure::message),
            connections: findings
                .connectivities
                .iter()
                .map(Connection::from)
                .collect(),
            options: report.rows().iter().map(OptionRecord::from).collect(),
            certificates: report
                .certificates()
                .iter()
                .map(Certificate::from)
                .collect(),
            revocation_lists: report.lists().iter().map(List::from).collect(),
            suites: report.outgoing().map(SuitesRecord::from),
            warnings: report.warnings(),
        }
    }
}

#[derive(Serialize)]
struct Connection<'a> {
    user: &'a str,
    server: String,
    protocol: String,
}

impl<'a> From<&'a Connectivity> for Connection<'a> {
    fn from(line: &'a Connectivity) -> Self {
        Self {
            user: line.user(),
            server: line.server().to_string(),
            protocol: line.transport().to_string(),
        }
    }
}

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
            Outcome::Applied => ("applied", None),
            Outcome::Default => ("default", None),
            Outcome::Ignored => ("ignored", None),
            Outcome::Overridden(by) => ("overridden", Some(by.as_str())),
            Outcome::Narrowed(how) => ("narrowed", Some(how.as_str())),
            Outcome::Refused(why) => ("refused", Some(why.as_str())),
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

#[derive(Serialize)]
struct SuitesRecord<'a> {
    tls13: &'a [&'static str],
    tls12: &'a [&'static str],
    not_offered: Vec<NotOffered<'a>>,
    not_handed_out: &'a [&'static str],
}

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
