//! Tables: rows of cells in columns that stay aligned, however long a cell is.
//!
//! A path or a sentence may be longer than a terminal is wide. Then the widest columns are made narrower and their
//! cells go on in the next lines, under themselves. The last column is for words; it keeps them whole.

use std::collections::BTreeMap;
use std::fmt;

use super::faint;
use super::wrap::{length, lines, narrow_lines, wrapped_at};

/// Rows of cells in aligned columns; a cell that is too long goes on under itself, in its own column.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// The texts in lines of their own under a row, by the row's number.
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

    /// Keeps every row in one line, however long.
    pub(crate) fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Puts a text under the last row.
    pub(crate) fn note(&mut self, text: &str) {
        self.notes.insert(self.rows.len(), text.to_owned());
    }

    /// The lines of the table, as it is printed.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.to_string().lines().map(str::to_owned).collect()
    }

    /// Formats the table in lines of this width.
    fn text(&self, width: usize) -> String {
        let widths = self.widths(width);
        let mut text = Vec::new();
        for (number, row) in (1..).zip(&self.rows) {
            text.extend(row_lines(row, &widths));
            let note = self.notes.get(&number);
            text.extend(note.map(|note| wrapped_at(width, NOTE, note)));
        }
        text.join("\n")
    }

    /// Computes the widths of the columns. A column is narrower than its longest word only if the longest words of all
    /// columns do not fit.
    fn widths(&self, width: usize) -> Vec<usize> {
        let whole = self.widest(length);
        let between = INDENT.len() + GAP * whole.len().saturating_sub(1);
        let room = match self.is_wide {
            true => usize::MAX,
            false => width.saturating_sub(between),
        };
        let mut words = self.widest(longest_word);
        let mut kept = vec![0; words.len()];
        if let (Some(word), Some(kept)) = (words.last_mut(), kept.last_mut()) {
            *word = DATE.min(*word);
            *kept = *word;
        }
        let least = shared(room, &kept, &words);
        shared(room, &least, &whole)
    }

    /// Returns the largest value of `measure` in each column.
    fn widest(&self, measure: impl Fn(&str) -> usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell: &String| measure(cell)).max().unwrap_or(0)
        };
        (0..columns).map(widest).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(super::width()))
    }
}

/// Divides the room among columns. Each column needs at least `least` and uses at most `most`. The widest columns
/// shrink first.
fn shared(room: usize, least: &[usize], most: &[usize]) -> Vec<usize> {
    let limited = |limit: usize| -> Vec<usize> {
        let bounds = least.iter().zip(most);
        bounds
            .map(|(least, most)| limit.min(*most).max(*least))
            .collect()
    };
    let widest = most.iter().copied().max().unwrap_or(0);
    let mut limits = (0..=widest.min(room)).rev().map(limited);
    let fitting = limits.find(|widths| widths.iter().sum::<usize>() <= room);
    fitting.unwrap_or_else(|| least.to_vec())
}

/// How wide a column has to be at least, to keep its words whole.
fn longest_word(cell: &str) -> usize {
    cell.split(' ').map(length).max().unwrap_or(0)
}

/// The lines of a row: as many as its longest cell takes.
fn row_lines(row: &[String], widths: &[usize]) -> Vec<String> {
    let cells: Vec<_> = (1..)
        .zip(row.iter().zip(widths))
        .map(|(number, (cell, &width))| match number == widths.len() {
            true => lines(cell, width),
            false => narrow_lines(cell, width),
        })
        .collect();
    let count = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..count)
        .map(|line| row_line(&cells, line, widths))
        .collect()
}

/// One line of a row: the part of each cell that stands in it.
fn row_line(cells: &[Vec<String>], line: usize, widths: &[usize]) -> String {
    let mut text = INDENT.to_owned();
    for (cell, width) in cells.iter().zip(widths) {
        let part = cell.get(line).map_or("", String::as_str);
        text.push_str(part);
        let missing = width.saturating_sub(length(part));
        text.extend(std::iter::repeat_n(' ', missing + GAP));
    }
    text.truncate(text.trim_end().len());
    text
}

const INDENT: &str = "  ";
const NOTE: &str = "      ";
const GAP: usize = 2;
/// The width that the last column gets before others get any, enough for a date. Its words are not broken: a longer
/// word sticks out, which moves no other column.
const DATE: usize = 11;

#[cfg(test)]
mod tests {
    use super::*;

    fn table<const N: usize>(rows: &[[&str; N]]) -> Table {
        let mut table = Table::default();
        for row in rows {
            table.row(row.map(str::to_owned));
        }
        table
    }

    #[test]
    fn every_cell_goes_on_under_itself() {
        let table = table(&[
            ["a", "one two three", "four five"],
            ["longer", "x", "y"],
            ["ä", "", ""],
        ]);
        let wrapped = "  a       one    four\n\
                       \x20         two    five\n\
                       \x20         three\n\
                       \x20 longer  x      y\n\
                       \x20 ä";
        assert_eq!(table.text(21), wrapped);
        assert_eq!(
            table.text(100),
            "  a       one two three  four five\n  longer  x              y\n  ä"
        );
    }

    #[test]
    fn a_word_is_broken_only_if_the_words_of_all_columns_do_not_fit() {
        let rows = [["host.example.com", "some words that are many"]];
        assert_eq!(
            table(&rows).text(40),
            "  host.example.com  some words that are\n                    many"
        );
        let long = "x".repeat(30);
        let text = table(&[[&long[..], "y", "z"], ["a", "b", "c"]]).text(20);
        assert_eq!(
            text,
            "  xxxxxxxxxxxx  y  z\n  xxxxxxxxxxxx\n  xxxxxx\n  a             b  c"
        );
    }

    #[test]
    fn a_long_word_in_the_last_column_stays_whole_and_takes_no_room_from_others() {
        let path = "/path".repeat(30);
        let text = table(&[["trusted-ca", "applied", &path]]).text(60);
        assert_eq!(text, format!("  trusted-ca  applied  {path}"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let subject = "O = Example, ".repeat(16);
        let words = "2090-01-01, in 23000 days ".repeat(8);
        let table = table(&[["certificate", &subject, "EC P-256", words.trim_end()]]);
        for width in 40..300 {
            let text = table.text(width);
            let widest = text.lines().map(length).max().unwrap();
            assert!(widest <= width, "{width}:\n{text}");
        }
    }

    #[test]
    fn a_wide_table_has_a_line_for_each_row() {
        let long = "word ".repeat(60);
        let text = table(&[["a", &long, &long], ["b", "c", "d"]])
            .wide()
            .text(80);
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn a_note_stands_under_its_row() {
        let mut table = Table::default();
        table.row(["a".to_owned(), "b".to_owned()]);
        table.note("word ".repeat(20).trim());
        table.row(["c".to_owned(), "d".to_owned()]);
        let line = format!("     {}", " word".repeat(19));
        assert_eq!(
            table.text(100),
            format!("  a  b\n{line}\n      word\n  c  d")
        );
    }

    #[test]
    fn colours_of_one_column_do_not_reach_the_next() {
        let text = table(&[["\x1b[31mred and red\x1b[0m", "plain and plain"]]).text(22);
        let lines = [
            "  \x1b[31mred and\x1b[0m    plain and",
            "  \x1b[31mred\x1b[0m        plain",
        ];
        assert_eq!(text, lines.join("\n"));
    }

    #[test]
    fn an_empty_table_is_no_text() {
        assert_eq!(Table::default().text(100), "");
    }
}
