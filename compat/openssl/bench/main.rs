//! Ours and OpenSSL's work side by side: interleaved, medians, ratios.
//!
//! Run it with `cargo run --release --bin bench [TOPIC]`. A topic is a function below; a row is one line of its table.

mod lists;
mod measure;
mod memory;
mod verification;

use std::env;

use measure::Row;

/// A topic by name, and what makes its rows.
const TOPICS: &[(&str, Topic)] = &[
    ("verification", verification::rows),
    ("lists", lists::rows),
    ("list-verification", lists::verification_rows),
    ("memory", memory::rows),
];

type Topic = fn() -> Vec<Row>;

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        // A process of its own for each figure, started by the topic `memory`.
        ["resident", side, count] => memory::child(side, count.parse().expect("a number")),
        [] => TOPICS.iter().for_each(|(name, rows)| print(name, &rows())),
        _ => {
            for (name, rows) in TOPICS.iter().filter(|t| words.contains(&t.0)) {
                print(name, &rows());
            }
        }
    }
}

fn print(topic: &str, rows: &[Row]) {
    println!(
        "{topic:<44}{:>12}{:>12}{:>14}",
        "ours", "openssl", "ours/openssl"
    );
    rows.iter().for_each(|row| println!("{row}"));
    println!();
}
