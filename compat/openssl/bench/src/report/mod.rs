//! Reports the figures: on the screen, as Markdown, and as plots.

mod machine;
mod markdown;
mod plots;
mod screen;

pub use machine::has_avx512;
pub use markdown::write;
pub use screen::print;

use crate::row::Row;
use crate::topic::Topic;

/// A topic, and its results.
pub struct Table {
    pub topic: &'static Topic,
    pub rows: Vec<Row>,
}

impl Table {
    /// Whether a row was measured without AVX-512 as well.
    fn has_other_column(&self) -> bool {
        self.rows.iter().any(|row| row.without_avx512.is_some())
    }
}
