//! Tables: rows of cells in aligned columns.

use std::collections::BTreeMap;
use std::fmt;

use super::faint;
use super::wrap::{length, wrapped};

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
}
