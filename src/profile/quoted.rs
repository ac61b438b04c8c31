//! Text from a file in a message.

use std::fmt;

/// A word of the file, fit for a message: short, on one line, and harmless to a terminal.
///
/// It has at most 80 characters, and control characters are escaped.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 80;
        match self.0.char_indices().nth(LONGEST) {
            None => write!(f, "`{}`", self.0.escape_debug()),
            Some((end, _)) => write!(f, "`{}…`", self.0[..end].escape_debug()),
        }
    }
}
