use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::{Table, machine, plots};
use crate::row::Row;

/// Writes all tables and their plots into the folder of the report, `compat/bench` unless `BENCH_REPORT` names
/// another. The figures beside the OpenSSL of the system are on the front page.
///
/// # Errors
///
/// The folder cannot be written to.
pub fn write(tables: &[Table]) -> Result<PathBuf, Box<dyn Error>> {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench");
    let folder = env::var_os("BENCH_REPORT").map_or_else(usual, PathBuf::from);
    fs::create_dir_all(&folder)?;
    let (name, prefix) = match machine::openssl_version().as_str() {
        "3.0" => ("README.md".to_owned(), String::new()),
        version => (
            format!("openssl-{version}.md"),
            format!("openssl-{version}-"),
        ),
    };
    let plots = plots::draw(&folder, &prefix, tables)?;
    let path = folder.join(name);
    fs::write(&path, text(tables, &plots))?;
    Ok(path)
}

fn text(tables: &[Table], plots: &[String]) -> String {
    let version = machine::openssl_version();
    let mut text = format!("# sip-tls beside OpenSSL {version}\n\n{}\n", how());
    text += "| | |\n| --- | --- |\n";
    for (name, value) in machine::facts() {
        text += &format!("| {name} | {value} |\n");
    }
    for plot in plots {
        text += &format!("\n![{plot}]({plot})\n");
    }
    text += &targets(tables);
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        text += &section(table);
    }
    text
}

/// Lists every row that has a target.
fn targets(tables: &[Table]) -> String {
    let mut text = "\n## Targets\n\n| | ours | beside | times | target |\n".to_owned();
    text += "| --- | --- | --- | --- | --- |\n";
    for table in tables {
        for row in &table.rows {
            let Some(verdict) = row.verdict() else {
                continue;
            };
            let other = row.other.as_ref();
            let (who, ratio) = other.map_or_else(Default::default, |other| {
                (other.who.clone(), other.ratio_text())
            });
            let (topic, name, ours) = (table.topic.name, &row.name, row.ours);
            text += &format!("| {topic}: {name} | {ours} | {who} | {ratio} | {verdict} |\n");
        }
    }
    text
}

fn section(table: &Table) -> String {
    let topic = table.topic;
    let mut text = format!("\n## {}\n\n{}\n\n", topic.title, topic.choices);
    let more = table.has_other_column();
    text += match more {
        true => {
            "| | ours | beside | | times | without AVX-512 | target |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        }
        false => "| | ours | beside | | times | target |\n| --- | --- | --- | --- | --- | --- |\n",
    };
    for row in &table.rows {
        text += &line(row, more);
    }
    text
}

fn line(row: &Row, more: bool) -> String {
    let mut cells = vec![row.name.clone(), row.ours.to_string()];
    match &row.other {
        Some(other) => {
            let figures = [other.figure.to_string(), other.ratio_text()];
            cells.push(other.who.clone());
            cells.extend(figures);
        }
        None => cells.extend([String::new(), String::new(), String::new()]),
    }
    if more {
        cells.push(
            row.without_avx512
                .map_or_else(String::new, |s| s.to_string()),
        );
    }
    cells.push(row.verdict().unwrap_or_default());
    format!("| {} |\n", cells.join(" | "))
}

fn how() -> String {
    let features = match cfg!(feature = "openssl-3-5") {
        true => " --features openssl-3-5",
        false => "",
    };
    format!(
        "\
`cargo run --locked --release --package compat-bench{features} -- --write`, in the folder `compat`, measures again, and writes this page and its plots.

Times are CPU time, of one thread unless a table says otherwise. Each side does its work in turn, in one process, and each
round begins with another side. *times* is the time of the other side divided by ours, round by round: above 1, we are
faster. It is the median of the rounds; in brackets are the quartiles. Both ends of a connection are in the figure. A target
`≤ 0.25 of it (0.222)` means that our time is at most 0.25 of the other side's; 0.222 was measured.
"
    )
}
