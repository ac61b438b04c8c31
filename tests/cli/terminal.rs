//! A terminal for the program, made by `script`.

use std::process::{Command, Stdio};

use crate::child::{self, Running};

/// Runs a program at a terminal of this many columns and rows, until it ends by itself. Returns its output and its
/// exit code.
pub(super) fn run(
    program: &Command,
    (columns, rows): (u16, u16),
    meanwhile: impl FnOnce(),
) -> (String, Option<i32>) {
    let words = [program.get_program()]
        .into_iter()
        .chain(program.get_args());
    let words: Vec<_> = words
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let line = format!(
        "stty columns {columns} rows {rows}; exec {}",
        words.join(" ")
    );
    // `script` is part of every Debian.
    let mut command = child::command("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .env("TERM", "xterm")
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .stdout(Stdio::piped());
    let script = Running::start(&mut command);
    meanwhile();
    let output = script.output();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code())
}
