use sip_tls::options::OptionInfo;
use sip_tls::profile::Transport;
use sip_tls::report::{CertificateFacts, Offered, OfferedSuites, Outcome, Row};

use super::Findings;
use crate::date;
use crate::failure::Failure;
use crate::output::{self, Table, bold, printable, red, yellow};
use crate::suites;

/// Prints the report as people like to read it.
pub(super) fn print(findings: &Findings) -> Result<(), Failure> {
    let mut sections = vec![options(findings), certificates(findings), lists(findings)];
    if !findings.connectivities.is_empty() {
        sections.insert(0, connections(findings));
    }
    sections.extend(findings.report.outgoing().map(suites));
    sections.push(summary(findings));
    output::line(sections.join("\n\n"))
}

fn section(title: &str, table: &Table) -> String {
    format!("{}\n{table}", bold(title))
}

fn connections(findings: &Findings) -> String {
    let mut table = Table::default();
    for line in &findings.connectivities {
        let remark = match line.transport() {
            Transport::Tls => String::new(),
            _ => yellow("not TLS, so not used here"),
        };
        let (server, transport) = (line.server().to_string(), line.transport().to_string());
        table.row([line.user().to_owned(), server, transport, remark]);
    }
    section("Connections", &table)
}

fn options(findings: &Findings) -> String {
    let mut table = Table::new(["option", "", "value"]);
    let is_ignored = |row: &&Row| *row.outcome() == Outcome::Ignored;
    let rows = || findings.report.rows().iter();
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

fn outcome_and_value(row: &Row) -> (String, String) {
    let outcome = match row.outcome() {
        Outcome::Default => return ("default".to_owned(), default_of(row.option()).to_owned()),
        Outcome::Ignored => return ("ignored".to_owned(), "not a TLS option".to_owned()),
        Outcome::Narrowed(_) => yellow("narrowed"),
        Outcome::Refused(_) => red("refused"),
        other => other.to_string(),
    };
    (outcome, printable(row.value().unwrap_or_default()))
}

fn default_of(option: &str) -> &'static str {
    OptionInfo::named(option).map_or("", |info| info.default)
}

fn certificates(findings: &Findings) -> String {
    let mut table = Table::new(["option", "subject", "key", "expires"]);
    for facts in findings.report.certificates() {
        let cells = [facts.option, &facts.subject, &facts.key].map(str::to_owned);
        let [option, subject, key] = cells;
        table.row([option, subject, key, validity(facts)]);
    }
    if is_public(findings) {
        let who = "Mozilla's public CAs".to_owned();
        table.row(["trusted-ca".to_owned(), who, String::new(), String::new()]);
    }
    section("Certificates", &table)
}

fn is_public(findings: &Findings) -> bool {
    let rows = findings.report.rows();
    let trusted = rows.iter().find(|row| row.option() == "trusted-ca");
    trusted.is_some_and(|row| row.value() == Some("webpki-roots"))
}

fn validity(facts: &CertificateFacts) -> String {
    let mut text = format!(
        "{}, {}",
        date::day(facts.not_after),
        in_days(facts.not_after)
    );
    if !date::is_past(facts.not_before) {
        text = red(&format!(
            "valid from {} on only",
            date::day(facts.not_before)
        ));
    } else if date::is_past(facts.not_after) {
        text = red(&text);
    } else if date::days_until(facts.not_after) < SOON {
        text = yellow(&text);
    }
    match facts.is_anchor || facts.option != "trusted-ca" {
        true => text,
        false => format!("{text}; not self-signed, so it only completes chains"),
    }
}

fn in_days(seconds: i64) -> String {
    match date::days_until(seconds) {
        1 => "in 1 day".to_owned(),
        days if days >= 0 => format!("in {days} days"),
        days => format!("EXPIRED {} days ago", -days),
    }
}

fn lists(findings: &Findings) -> String {
    let lists = findings.report.lists();
    if lists.is_empty() {
        let how = match findings
            .options
            .as_ref()
            .is_some_and(|o| o.tls_crl().is_some())
        {
            true => "could not be read",
            false => "none: revocation is not checked",
        };
        return format!("{}\n  {how}", bold("Revocation lists"));
    }
    let mut table = Table::new(["issuer", "entries", "made", "next update"]);
    for list in lists {
        let next = match list.next_update {
            None => "not said".to_owned(),
            Some(next) if date::is_past(next) => {
                red(&format!("{}, {}", date::day(next), in_days(next)))
            }
            Some(next) => format!("{}, {}", date::day(next), in_days(next)),
        };
        let made = list.this_update;
        let made = made.map_or_else(|| red("unreadable"), date::day);
        table.row([list.issuer.clone(), list.entries.to_string(), made, next]);
    }
    section("Revocation lists", &table)
}

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
        let why = "the server may have a group of its own".to_owned();
        table.row([why, some_names(&found.not_handed_out)]);
        text.push_str("\n\n");
        let title = "Suites that only `connect` offers, because it can try again";
        text.push_str(&section(title, &table));
    }
    text
}

fn offered(suites: &OfferedSuites) -> String {
    match suites.names[..] {
        [] => red("none"),
        _ => suites.names.join(" "),
    }
}

/// The first names of many.
fn some_names(group: &[&str]) -> String {
    match group.len() {
        ..=MANY => group.join(" "),
        count => {
            let first = group[..MANY - 1].join(" ");
            format!("{first} and {} more", count - (MANY - 1))
        }
    }
}

fn summary(findings: &Findings) -> String {
    let mut lines: Vec<_> = findings
        .report
        .warnings()
        .iter()
        .map(|warning| output::wrapped(&format!("{} ", yellow("warning:")), warning, 9))
        .collect();
    lines.push(match (&findings.failure, findings.has_server_side) {
        (Some(_), _) => red("This configuration cannot be used."),
        (None, true) => "Usable for outgoing and incoming connections.".to_owned(),
        (None, false) => "Usable for outgoing connections; for incoming ones `certificate` is \
                          missing."
            .to_owned(),
    });
    lines.join("\n")
}

const MANY: usize = 5;
/// Days.
const SOON: i64 = 30;
