//! What is measured, by topic.

mod build;
mod ciphers;
mod context;
pub(crate) mod endpoints;
mod growth;
pub mod handshakes;
pub(crate) mod idle;
pub(crate) mod lists;
mod load;
mod process;
mod providers;
mod resumed;
mod suites;
mod tcp;
mod verification;
mod verifier;

use crate::measure::Effort;
use crate::row::Row;

/// A table of figures.
pub struct Topic {
    /// The name on the command line.
    pub name: &'static str,
    pub title: &'static str,
    /// The settings of both sides, and what no row shows.
    pub choices: &'static str,
    /// The rows that depend on AVX-512, by words in their names: they are measured without it as well.
    pub avx512: &'static [&'static str],
    pub rows: fn(&Effort) -> Vec<Row>,
}

/// All topics, in the order of the report.
pub const TOPICS: &[&Topic] = &[
    &context::TOPIC,
    &handshakes::TOPIC,
    &resumed::TOPIC,
    &verifier::TOPIC,
    &verification::TOPIC,
    &providers::TOPIC,
    &suites::TOPIC,
    &tcp::TOPIC,
    &growth::TOPIC,
    &endpoints::TOPIC,
    &lists::TOPIC,
    &idle::TOPIC,
    &load::TOPIC,
    &ciphers::TOPIC,
    &process::TOPIC,
    &build::TOPIC,
];

/// The topic of this name.
pub fn by_name(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().copied().find(|topic| topic.name == name)
}
