//! What is printed: lines, JSON, and tables on stdout; notes on stderr.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;

use crate::failure::Failure;

/// Prints a line on stdout, at once.
pub(crate) fn line(text: impl fmt::Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        // A reader who has seen enough, as `head` has, changes nothing of what the program does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unusable(error)),
        _ => Ok(()),
    }
}

/// Prints an object in one line.
pub(crate) fn json(object: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string(object).map_err(Failure::unusable)?)
}

/// Tells the user something in passing, on stderr.
pub(crate) fn note(text: impl fmt::Display) {
    // Nobody may be listening there.
    let _ = writeln!(io::stderr(), "sip-tls: {text}");
}

/// Rows of cells in aligned columns; the last cell of a row is wrapped, and continues under its own column.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// What stands in lines of its own under a row, by the row's number.
    notes: BTreeMap<usize, String>,
    is_wide: bool,
}

impl Table {
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        let headings = headings.map(faint);
        Self {
            rows: vec![headings.into()],
            ..Self::default()
        }
    }

    /// Leaves every row in a line of its own, however long.
    pub(crate) fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Puts a text under the last row.
    pub(crate) fn note(&mut self, text: &str) {
        self.notes
            .insert(self.rows.len(), wrapped(NOTE, text, NOTE.len()));
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| length(cell)).max().unwrap_or(0)
        };
        (0..columns).map(|c| width(c).min(WIDEST)).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let mut text = INDENT.to_owned();
            let (last, cells) = row
                .split_last()
                .map_or((None, &row[..]), |(l, c)| (Some(l), c));
            for (cell, width) in cells.iter().zip(&widths) {
                text.push_str(cell);
                let missing = width.saturating_sub(length(cell));
                text.extend(std::iter::repeat_n(' ', missing + GAP));
            }
            let last = last.map_or("", String::as_str);
            let line = match self.is_wide {
                true => text + last,
                false => wrapped(&text, last, length(&text)),
            };
            f.write_str(line.trim_end())?;
            if let Some(note) = self.notes.get(&(number + 1)) {
                write!(f, "\n{note}")?;
            }
        }
        Ok(())
    }
}

/// Appends words to a line, and goes on in lines indented by `indent` when the terminal ends.
pub(crate) fn wrapped(start: &str, words: &str, indent: usize) -> String {
    let mut text = start.to_owned();
    let mut used = length(start);
    let mut is_first = true;
    for word in words.split(' ') {
        if !is_first && used + 1 + length(word) > width() {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if !is_first {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length(word);
        is_first = false;
    }
    text
}

/// Makes foreign text fit for a terminal: control characters are escaped.
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

fn faint(text: &str) -> String {
    painted("2", text)
}

fn painted(code: &str, text: &str) -> String {
    static ON: OnceLock<bool> = OnceLock::new();
    let on = *ON.get_or_init(|| {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb
    });
    match on && !text.is_empty() {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    }
}

/// How many columns a text takes: one for every character, none for colours.
fn length(text: &str) -> usize {
    let mut in_colour = false;
    let visible = text.chars().filter(|c| match (*c, in_colour) {
        ('\x1b', _) => {
            in_colour = true;
            false
        }
        (c, true) => {
            in_colour = c != 'm';
            false
        }
        _ => true,
    });
    visible.count()
}

/// Shells tell it, if they do, in `COLUMNS`.
fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let columns = std::env::var("COLUMNS").ok();
        let columns = columns.and_then(|columns| columns.parse().ok());
        columns.filter(|&columns| columns >= 40).unwrap_or(100)
    })
}

const INDENT: &str = "  ";
const NOTE: &str = "      ";
const GAP: usize = 2;
/// A cell wider than this pushes the rest of its own row away, not that of all rows.
const WIDEST: usize = 44;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_last_one_wraps_under_itself() {
        let mut table = Table::default();
        table.row(["a".to_owned(), "b".to_owned(), "word ".repeat(40)]);
        table.row(["longer".to_owned(), "x".repeat(50), "end".to_owned()]);
        table.row(["ä".to_owned(), String::new(), String::new()]);
        let text = table.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].starts_with(&format!("  a       b{} word", " ".repeat(44))),
            "{text}"
        );
        assert!(
            lines[1].starts_with(&format!("{}word", " ".repeat(56))),
            "{text}"
        );
        assert!(
            text.contains(&format!("\n  longer  {}  end\n", "x".repeat(50))),
            "{text}"
        );
        assert!(text.ends_with("\n  ä"), "{text}");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }

    #[test]
    fn a_note_stands_under_its_row() {
        let mut table = Table::default();
        table.row(["a".to_owned(), "b".to_owned()]);
        table.note("word ".repeat(20).trim());
        table.row(["c".to_owned(), "d".to_owned()]);
        let line = format!("     {}", " word".repeat(19));
        assert_eq!(
            table.to_string().trim_end(),
            format!("  a  b\n{line}\n      word\n  c  d")
        );
    }

    #[test]
    fn colours_take_no_room() {
        assert_eq!(length("\x1b[31mab\x1b[0mc"), 3);
    }
}
