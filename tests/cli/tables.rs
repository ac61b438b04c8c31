//! Tables are aligned with long subjects, in terminals of any width.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyIdMethod,
    KeyUsagePurpose, SerialNumber, date_time_ymd,
};

use super::program::{PHONE, Run, arguments, command, with};
use crate::child;
use crate::endpoint::test_pki::{Key, TestPki};

/// A column of the table of certificates.
struct Column {
    start: usize,
    end: usize,
}

#[test]
fn a_subject_of_200_characters_leaves_the_columns_aligned() {
    let words = "a name of many words and figures 0123456789 ".repeat(5);
    let word = "0123456789".repeat(20);
    for (name, common_name) in [("words", &words[..195]), ("word", &word[..195])] {
        let file = trusted_with(name, common_name);
        for columns in ["40", "64", "100", "180", "400"] {
            let run = check(&file, Some(columns));
            assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{run:?}");
            assert_aligned(&run.stdout, common_name);
            let is_short = |line: &&str| line.chars().count() <= columns.parse().unwrap();
            let section = section(&run.stdout);
            assert!(section.iter().all(is_short), "{columns}:\n{}", run.stdout);
        }
    }
}

#[test]
fn without_a_terminal_a_table_is_100_columns_wide() {
    let file = trusted_with("words-100", &"word ".repeat(39));
    let unset = check(&file, None).stdout;
    assert_eq!(unset, check(&file, Some("100")).stdout);
    assert_ne!(unset, check(&file, Some("80")).stdout);
}

/// The program `script` runs others in a terminal. It is on every machine on which these tests run.
#[cfg(target_os = "linux")]
#[test]
fn a_table_is_as_wide_as_the_terminal_unless_columns_says_otherwise() {
    let file = trusted_with("words-terminal", &"word ".repeat(39));
    for (terminal, variable, like) in [(64, None, "64"), (150, None, "150"), (64, Some("80"), "80")]
    {
        let shown = in_terminal(terminal, &file, variable);
        let expected = check(&file, Some(like)).stdout;
        assert_eq!(
            section(&shown),
            section(&expected),
            "{terminal} {variable:?}"
        );
    }
}

/// Writes a file of trusted certificates, the first of which has this common name. Returns its name.
fn trusted_with(name: &str, common_name: &str) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name.trim_end());
    params.serial_number = Some(SerialNumber::from(60));
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![60; 20]);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2090, 1, 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let long = params.self_signed(&Key::p256(60)).unwrap();
    let pki = TestPki::get();
    let root = std::fs::read(pki.path("root.pem")).unwrap();
    let file = format!("long-subject-{name}.pem");
    let both = [long.pem().as_bytes(), &root].concat();
    pki.add(&file, &both);
    file
}

#[track_caller]
fn check(trusted: &str, columns: Option<&str>) -> Run {
    let mut command = command(words(trusted));
    command.envs(columns.map(|columns| ("COLUMNS", columns)));
    Run::of(&child::output(&mut command))
}

#[cfg(target_os = "linux")]
#[track_caller]
fn in_terminal(columns: u16, trusted: &str, variable: Option<&str>) -> String {
    let quoted = words(trusted).into_iter().map(|word| format!("'{word}'"));
    let quoted: Vec<_> = quoted.collect();
    // The shell may set `COLUMNS` itself once `stty` has run.
    let variable = match variable {
        Some(columns) => format!("COLUMNS={columns}"),
        None => "--unset=COLUMNS".to_owned(),
    };
    let line = format!(
        "stty rows 24 cols {columns} && env {variable} NO_COLOR=1 {} {}",
        env!("CARGO_BIN_EXE_sip-tls"),
        quoted.join(" ")
    );
    let mut command = child::command("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let output = child::output(&mut command);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().replace('\r', "")
}

fn words(trusted: &str) -> Vec<String> {
    arguments(&["check"], &with(&PHONE, &[("trusted-ca", trusted)]))
}

/// The table of certificates, with its heading.
#[track_caller]
fn section(text: &str) -> Vec<&str> {
    let lines = text.lines().skip_while(|line| *line != "Certificates");
    let table: Vec<_> = lines.skip(1).take_while(|line| !line.is_empty()).collect();
    assert!(table.len() > 3, "{text}");
    table
}

/// Asserts that the gaps between the columns are blank, and that no part of the subjects and keys is missing.
#[track_caller]
fn assert_aligned(text: &str, common_name: &str) {
    let table = section(text);
    let columns = columns(table[0]);
    for line in &table[1..] {
        for between in columns.iter().skip(1).map(|column| column.start - GAP) {
            let gap = line.chars().skip(between).take(GAP);
            assert!(gap.into_iter().all(|c| c == ' '), "{line:?} in\n{text}");
        }
    }
    let subjects = joined(&table[1..], &columns[1]);
    let expected =
        format!("CN = client-only CN = Test Intermediate CN = {common_name} CN = Test Root");
    assert_eq!(subjects, without_spaces(&expected), "{text}");
    let keys = joined(&table[1..], &columns[2]);
    assert_eq!(keys, "ECP-256".repeat(4), "{text}");
}

/// The columns. Each starts at its heading, and ends where the next one starts.
fn columns(headings: &str) -> Vec<Column> {
    let starts = ["option", "subject", "key", "expires"].map(|name| headings.find(name).unwrap());
    let ends = starts[1..].iter().copied().chain([usize::MAX]);
    let columns = starts.iter().zip(ends);
    columns.map(|(&start, end)| Column { start, end }).collect()
}

fn joined(lines: &[&str], column: &Column) -> String {
    let part = |line: &&str| -> String {
        let characters = line.chars().skip(column.start);
        characters.take(column.end - column.start).collect()
    };
    without_spaces(&lines.iter().map(part).collect::<String>())
}

fn without_spaces(text: &str) -> String {
    text.replace(' ', "")
}

/// The number of blanks between columns.
const GAP: usize = 2;
