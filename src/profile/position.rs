//! Places in a file. Everything that is read from a configuration keeps its place, so that a later
//! stage can name it.

use std::fmt;

/// A place in a configuration file: line and column, both counted from 1, columns in characters.
///
/// Positions compare in the order of the file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    line: u64,
    column: u64,
}

impl Position {
    /// The first character of a file.
    #[cfg(feature = "profile")]
    pub(crate) const START: Self = Self::new(1, 1);

    #[cfg(feature = "profile")]
    pub(crate) const fn new(line: u64, column: u64) -> Self {
        Self { line, column }
    }

    /// The line, counted from 1.
    pub fn line(self) -> u64 {
        self.line
    }

    /// The column in characters, counted from 1.
    pub fn column(self) -> u64 {
        self.column
    }

    /// The place reached from this one by `bytes` of UTF-8.
    ///
    /// Only a line feed ends a line: the carriage return before it is a character.
    #[cfg(feature = "profile")]
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        bytes
            .iter()
            .fold(self, |Self { line, column }, byte| match byte {
                b'\n' => Self::new(line + 1, 1),
                // The second to fourth bytes of a character.
                0x80..=0xbf => Self::new(line, column),
                _ => Self::new(line, column + 1),
            })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
#[cfg(feature = "profile")]
mod tests {
    use super::Position;

    #[test]
    fn lines_and_characters_count_from_one() {
        assert_eq!(Position::START.after(b""), Position::new(1, 1));
        assert_eq!(Position::START.after(b"ab"), Position::new(1, 3));
        assert_eq!(
            Position::START.after("a\r\nü€😀".as_bytes()),
            Position::new(2, 4)
        );
        assert_eq!(
            Position::new(7, 3).after(b"\n\n").to_string(),
            "line 9, column 1"
        );
    }
}
