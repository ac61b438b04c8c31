//! Prints the results of all peers.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::cause::Telling;
use crate::cell::{Role, Scenario, Version};
use crate::run::{Causes, Good, Row, Status};

/// The tables in Markdown: one for each role and version, the special cases, and the notes.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut notes = Vec::new();
    let mut text = String::new();
    for role in [Role::Server, Role::Client] {
        for version in [Version::Tls12, Version::Tls13] {
            table(&mut text, rows, role, version, &mut notes);
        }
    }
    special(&mut text, rows);
    for (number, note) in notes.iter().enumerate() {
        let _ = writeln!(text, "{}. {note}", number + 1);
    }
    untold(&mut text, rows);
    text
}

fn table(
    text: &mut String,
    rows: &[Row],
    role: Role,
    version: Version,
    notes: &mut Vec<&'static str>,
) {
    let title = match role {
        Role::Server => "We call the peer",
        Role::Client => "The peer calls us",
    };
    let is_here = |scenario| {
        let mut cells = rows.iter().flat_map(|row| &row.cells);
        cells.any(|(cell, _)| {
            cell.scenario == scenario && cell.role == role && cell.version == version
        })
    };
    let scenarios: Vec<_> = Scenario::ALL.into_iter().filter(|s| is_here(*s)).collect();
    if scenarios.is_empty() {
        return;
    }
    let headings: Vec<_> = scenarios.iter().map(|scenario| scenario.name()).collect();
    let _ = writeln!(
        text,
        "{title}, {}:\n\n| | {} |\n|{}",
        version.name(),
        headings.join(" | "),
        " --- |".repeat(headings.len() + 1)
    );
    for row in rows {
        let mut line = format!("| {} |", row.name);
        let mut is_empty = true;
        for scenario in &scenarios {
            let found = row.cells.iter().find(|(cell, _)| {
                cell.scenario == *scenario && cell.role == role && cell.version == version
            });
            is_empty &= found.is_none();
            let cell = found.map_or_else(String::new, |(_, status)| show(status, notes));
            let _ = write!(line, " {cell} |");
        }
        match &row.failure {
            Some(_) => {
                let _ = writeln!(text, "| {} | **not started** |", row.name);
            }
            None if is_empty => {}
            None => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text.push('\n');
}

fn show(status: &Status, notes: &mut Vec<&'static str>) -> String {
    match status {
        Status::Good(good) => show_good(good, notes),
        Status::Cannot(reason) => format!("– [{}]", number(reason, notes)),
        Status::Surprise(_) => "**surprise**".to_owned(),
    }
}

fn show_good(good: &Good, notes: &mut Vec<&'static str>) -> String {
    let mut text = good.short.clone();
    if let Some(reason) = good.reason {
        text += &format!(" [{}]", number(reason, notes));
    }
    if let Some(Telling::Untold(untold)) = &good.telling {
        text += &match untold.reason {
            Some(reason) => format!(", not told [{}]", number(reason, notes)),
            None => ", **not told**".to_owned(),
        };
    }
    text
}

fn number(reason: &'static str, notes: &mut Vec<&'static str>) -> usize {
    let known = notes.iter().position(|note| *note == reason);
    known.unwrap_or_else(|| {
        notes.push(reason);
        notes.len() - 1
    }) + 1
}

/// Writes how many causes are reported, and what our side printed for those that are neither reported nor listed.
fn untold(text: &mut String, rows: &[Row]) {
    let _ = writeln!(text, "\n{}.", Causes::count(rows));
    let mut peers = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        for line in row.untold() {
            peers.entry(line).or_default().push(row.name);
        }
    }
    for (line, peers) in peers {
        let _ = writeln!(text, "- {}: {line}", peers.join(", "));
    }
}

fn special(text: &mut String, rows: &[Row]) {
    if rows.iter().all(|row| row.special.is_empty()) {
        return;
    }
    let _ = writeln!(text, "| peer | special case | |\n| --- | --- | --- |");
    for row in rows {
        for special in &row.special {
            let result = special.result.as_deref().unwrap_or("**surprise**");
            let _ = writeln!(text, "| {} | {} | {result} |", row.name, special.name);
        }
    }
    text.push('\n');
}
