//! The report of `check` for people: what there is, what is wrong, and last of all whether it can
//! be used.

use sip_tls::Error;
use sip_tls::check::{Finding, Severity};
use sip_tls::options::OptionInfo;
use sip_tls::profile::Transport;
use sip_tls::report::{CertificateFacts, Offered, OfferedSuites, Outcome, Report, Row};

use crate::connect::Record;
use crate::date;
use crate::failure::Failure;
use crate::output::{self, Table, bold, printable, red, yellow};
use crate::settings::overrider;
use crate::{lists, suites};

/// Prints the report as text for people.
pub(super) fn print(outcome: &super::Examined) -> Result<(), Failure> {
    let report = outcome.checked.report();
    let mut sections = Vec::new();
    if outcome.lines().next().is_some() {
        sections.push(connections(outcome));
    }
    // There are none if the configuration cannot be read.
    if !report.rows().is_empty() {
        sections.push(options(report));
        sections.push(certificates(report));
        sections.push(lists(outcome));
    }
    sections.extend(outcome.fetched.as_deref().map(super::fetched::section));
    sections.extend(report.outgoing().map(suites));
    if !outcome.checked.findings().is_empty() {
        sections.push(findings(outcome));
    }
    sections.push(summary(outcome));
    output::line(sections.join("\n\n"))
}

/// A heading and the table under it.
fn section(title: &str, table: &Table) -> String {
    format!("{}\n{table}", bold(title))
}

/// The lines of the configuration, with the result of `--connect` if there is one.
fn connections(outcome: &super::Examined) -> String {
    let mut table = Table::default();
    let mut results = outcome.connections.iter();
    for line in outcome.lines() {
        let remark = match line.transport() {
            Transport::Tls => results.next().map_or_else(String::new, result),
            _ => yellow("not TLS, so not used here"),
        };
        let (server, transport) = (line.server().to_string(), line.transport().to_string());
        table.row([line.user().to_owned(), server, transport, remark]);
    }
    section("Connections", &table)
}

/// The result of `--connect` for a line.
fn result(record: &Record) -> String {
    match record.outcome.error {
        Some(_) => red(&record.sentence()),
        None => record.sentence(),
    }
}

/// What is wrong, the worst first; under each finding stands what to do.
fn findings(outcome: &super::Examined) -> String {
    let mut table = Table::default();
    for finding in outcome.checked.findings() {
        let severity = match finding.severity() {
            Severity::Error => red("error"),
            Severity::Warning => yellow("warning"),
            other => other.to_string(),
        };
        table.row([severity, about(finding), printable(finding.sentence())]);
        table.note(&printable(&remedy(finding)));
    }
    section("Findings", &table)
}

/// Returns the cure, with the file in front unless the finding's sentence names it already.
fn remedy(finding: &Finding) -> String {
    let cure = finding.cure();
    match finding.origin() {
        Some(origin) if !finding.sentence().contains(&origin.name().to_string()) => {
            format!("in {origin}: {cure}")
        }
        _ => cure.to_owned(),
    }
}

/// Names the option, and its line in the configuration.
fn about(finding: &Finding) -> String {
    let option = finding.option().map(printable);
    let line = finding.position().map(|at| format!("line {}", at.line()));
    [option, line]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// What became of each option. Settings that are no TLS options come last.
fn options(report: &Report) -> String {
    let mut table = Table::new(["option", "", "value"]);
    let is_ignored = |row: &&Row| *row.outcome() == Outcome::Ignored;
    let rows = || report.rows().iter();
    for row in rows()
        .filter(|row| !is_ignored(row))
        .chain(rows().filter(is_ignored))
    {
        let (outcome, value) = outcome_and_value(row);
        table.row([printable(row.option()), outcome, value]);
        if let Outcome::Narrowed(why) | Outcome::Refused(why) = row.outcome() {
            table.note(&printable(why));
        }
    }
    section("Options", &table)
}

/// An option that was not given shows its default.
fn outcome_and_value(row: &Row) -> (String, String) {
    let outcome = match row.outcome() {
        Outcome::Default => return ("default".to_owned(), default_of(row.option()).to_owned()),
        Outcome::Ignored => return ("ignored".to_owned(), "not a TLS option".to_owned()),
        Outcome::Narrowed(_) => yellow("narrowed"),
        Outcome::Overridden(by) => format!("overridden by {}", overrider(by)),
        Outcome::Refused(_) => red("refused"),
        other => other.to_string(),
    };
    (outcome, printable(row.value().unwrap_or_default()))
}

/// What an absent option means, in the words of the table of options.
fn default_of(option: &str) -> &'static str {
    OptionInfo::named(option).map_or("", |info| info.default)
}

/// The certificates in files. Public CAs are one row, because there are about 150.
fn certificates(report: &Report) -> String {
    let mut table = Table::new(["option", "subject", "key", "expires"]);
    for facts in report.certificates() {
        let cells = [facts.option, &facts.subject, &facts.key].map(str::to_owned);
        let [option, subject, key] = cells;
        table.row([option, subject, key, validity(facts)]);
    }
    if is_public(report) {
        let who = "Mozilla's public CAs".to_owned();
        table.row(["trusted-ca".to_owned(), who, String::new(), String::new()]);
    }
    section("Certificates", &table)
}

/// Whether the public CAs are trusted. The report does not list them.
fn is_public(report: &Report) -> bool {
    let is_public = |row: &Row| {
        row.option() == "trusted-ca" && row.value() == Some("webpki-roots") && counts(row)
    };
    report.rows().iter().any(is_public)
}

/// Whether no other setting overrides this one.
fn counts(row: &Row) -> bool {
    !matches!(row.outcome(), Outcome::Overridden(_))
}

/// When a certificate ends, and whether it only completes chains.
fn validity(facts: &CertificateFacts) -> String {
    let text = dates(facts.not_before, facts.not_after);
    match facts.is_anchor || facts.option != "trusted-ca" {
        true => text,
        false => format!("{text}; not self-signed, so it only completes chains"),
    }
}

/// When a certificate ends. One that is not valid is red, and one that ends soon yellow. A date is `i64::MIN` if it
/// cannot be read.
fn dates(not_before: i64, not_after: i64) -> String {
    if not_before == i64::MIN || not_after == i64::MIN {
        return red("cannot be read");
    }
    if !date::is_past(not_before) {
        return red(&format!("not valid before {}", date::day(not_before)));
    }
    let text = format!("{}, {}", date::day(not_after), date::in_days(not_after));
    match date::days_until(not_after) {
        _ if date::is_past(not_after) => red(&text),
        ..SOON => yellow(&text),
        _ => text,
    }
}

/// The lists in files. If there are none, it says why.
fn lists(outcome: &super::Examined) -> String {
    let lists = outcome.checked.report().lists();
    if lists.is_empty() {
        let is_given = |row: &Row| {
            let is_refused = matches!(row.outcome(), Outcome::Refused(_));
            let has_value = row.value().is_some_and(|value| !value.trim().is_empty());
            row.option() == "tls-crl" && counts(row) && (is_refused || has_value)
        };
        let rows = outcome.checked.report().rows();
        let how = match rows.iter().any(is_given) {
            true if outcome.fetched.is_some() => "none in files",
            true => "could not be read",
            false => "none: revocation is not checked",
        };
        return format!("{}\n  {how}", bold("Revocation lists"));
    }
    let mut table = Table::new(["issuer", "entries", "issued", "next update"]);
    for list in lists {
        let next = lists::next_update(list.next_update);
        let made = lists::made(list.this_update);
        table.row([list.issuer.clone(), list.entries.to_string(), made, next]);
    }
    section("Revocation lists", &table)
}

/// The suites of outgoing connections, and those of the lists that are not offered.
fn suites(found: &Offered) -> String {
    let mut table = Table::default();
    let versions = [("TLS 1.3", &found.tls13), ("TLS 1.2", &found.tls12)];
    for (version, suites) in versions {
        let names = suites.as_ref().map_or_else(|| "off".to_owned(), offered);
        table.row([version.to_owned(), names]);
    }
    let mut text = section("Suites offered, in order", &table);
    let lists = found.tls13.iter().chain(&found.tls12);
    let left_out = suites::by_cause(lists.flat_map(|suites| suites.left_out.iter().cloned()));
    if !left_out.is_empty() {
        let mut table = Table::default();
        for (cause, group) in left_out {
            table.row([cause, some_names(&group)]);
        }
        text.push_str("\n\n");
        let title = "Suites of the lists that are not offered (`sip-tls ciphers -v` names all)";
        text.push_str(&section(title, &table));
    }
    if !found.not_handed_out.is_empty() {
        let mut table = Table::default();
        let why = "the server may use a group of its own".to_owned();
        table.row([why, some_names(&found.not_handed_out)]);
        text.push_str("\n\n");
        let title = "Suites that only `connect` offers, because it can try again";
        text.push_str(&section(title, &table));
    }
    text
}

/// The names of the suites; red if there are none.
fn offered(suites: &OfferedSuites) -> String {
    match suites.names[..] {
        [] => red("none"),
        _ => suites.names.join(" "),
    }
}

/// Joins the names. A long list is cut after its first names, with the number of the others.
fn some_names(group: &[&str]) -> String {
    match group.len() {
        ..=MANY => group.join(" "),
        count => {
            let first = group[..MANY - 1].join(" ");
            format!("{first} and {} more", count - (MANY - 1))
        }
    }
}

/// The last line.
fn summary(outcome: &super::Examined) -> String {
    match (outcome.error(), outcome.server_side()) {
        (None, Some(Ok(()))) => "Usable for outgoing and incoming connections.".to_owned(),
        (None, Some(Err(error))) => only_outgoing(&error),
        _ => red("This configuration cannot be used."),
    }
}

/// Says why there can be no incoming connections.
fn only_outgoing(error: &Error) -> String {
    match error {
        Error::Missing {
            option: "certificate",
            ..
        } => "Usable for outgoing connections; for incoming ones `certificate` is missing."
            .to_owned(),
        Error::Suites { option, .. } => format!(
            "Usable for outgoing connections only: `{option}` leaves no suite for incoming ones."
        ),
        error => format!("Usable for outgoing connections only: {error}."),
    }
}

const MANY: usize = 5;
/// Days.
const SOON: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_cannot_be_read_is_neither_past_nor_long_ago() {
        for (not_before, not_after) in [(i64::MIN, 4_000_000_000), (0, i64::MIN)] {
            assert_eq!(dates(not_before, not_after), "cannot be read");
        }
        let ended = dates(0, 1_772_323_199);
        assert!(ended.starts_with("2026-02-28, EXPIRED "), "{ended}");
        let begins = dates(i64::MAX, i64::MAX);
        assert_eq!(begins, "not valid before ?");
    }

    #[test]
    fn the_reason_why_nothing_can_be_accepted_is_named() {
        let error = Error::Rustls(rustls::Error::General("the reason".to_owned()));
        let text = only_outgoing(&error);
        assert!(text.ends_with("the reason."), "{text}");
        assert!(!text.contains("`certificate`"), "{text}");
    }
}
