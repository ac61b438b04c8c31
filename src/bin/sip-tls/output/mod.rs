//! The output: lines, JSON and tables on stdout, notes on stderr.
//!
//! Text from outside, such as subjects and errors of a server, goes through [`printable`] before it
//! is printed: control characters could change what a terminal shows. Colours are used on terminals
//! only, and not if `NO_COLOR` is set.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;
use terminal_size::{Width, terminal_size_of};

mod queue;
mod screen;
mod table;
mod wrap;

pub(crate) use self::queue::{Printing, Queue, left_out};
pub(crate) use self::screen::Screen;
pub(crate) use self::table::Table;
use self::wrap::RESET;
pub(crate) use self::wrap::wrapped;
use crate::failure::Failure;

/// Prints a line on stdout, at once.
pub(crate) fn line(text: impl fmt::Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        // A reader that closes the pipe early, such as `head`, does not change what the program does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unusable(error)),
        _ => Ok(()),
    }
}

/// Prints an object in one line.
pub(crate) fn json(object: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string(object).map_err(Failure::unusable)?)
}

/// Prints a note to the user on stderr.
pub(crate) fn note(text: impl fmt::Display) {
    // stderr may be closed.
    let _ = writeln!(io::stderr(), "sip-tls: {text}");
}

/// Makes foreign text safe for a terminal by escaping control characters.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// The beginning of a foreign text, which may be as long as a message.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(crate) fn bold(text: &str) -> String {
    painted("1", text)
}

pub(crate) fn red(text: &str) -> String {
    painted("31", text)
}

pub(crate) fn yellow(text: &str) -> String {
    painted("33", text)
}

pub(crate) fn green(text: &str) -> String {
    painted("32", text)
}

pub(crate) fn faint(text: &str) -> String {
    painted("2", text)
}

/// Wraps a text in a colour, if colours are on.
fn painted(code: &str, text: &str) -> String {
    static ON: OnceLock<bool> = OnceLock::new();
    let on = *ON.get_or_init(|| {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        is_terminal() && !is_set("NO_COLOR")
    });
    match on && !text.is_empty() {
        true => format!("\x1b[{code}m{text}{RESET}"),
        false => text.to_owned(),
    }
}

/// Whether stdout is a terminal that supports more than plain text.
pub(crate) fn is_terminal() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !is_dumb
}

/// How many columns a line may take.
fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let variable = std::env::var("COLUMNS").ok();
        let terminal = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns);
        width_of(variable.as_deref(), terminal)
    })
}

/// Chooses the width. `COLUMNS` overrides the width of the terminal. A file or a pipe has no width.
fn width_of(variable: Option<&str>, terminal: Option<u16>) -> usize {
    let columns = variable.and_then(|columns| columns.parse().ok());
    let columns = columns.filter(|&columns| columns > 0).or(terminal);
    columns.map_or(USUAL, |columns| usize::from(columns).max(NARROWEST))
}

const SHORT: usize = 120;
const USUAL: usize = 100;
/// In a narrower terminal, tables would be columns of single letters.
const NARROWEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_goes_before_the_terminal() {
        assert_eq!(width_of(Some("120"), Some(80)), 120);
        assert_eq!(width_of(Some("120"), None), 120);
        assert_eq!(width_of(None, Some(80)), 80);
        assert_eq!(width_of(None, None), 100);
    }

    #[test]
    fn a_width_of_no_use_does_not_count() {
        for variable in ["", "0", "-5", "wide", "65536"] {
            assert_eq!(width_of(Some(variable), Some(80)), 80, "{variable:?}");
        }
        assert_eq!(width_of(Some("7"), Some(80)), 40);
        assert_eq!(width_of(None, Some(7)), 40);
    }
}
