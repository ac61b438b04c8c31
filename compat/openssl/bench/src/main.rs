//! `cargo run --locked --release --package compat-bench -- [--smoke] [--write] [TOPIC...]`
//!
//! Without a topic, all are measured. `--write` writes `compat/bench`. `--smoke` only shows that everything works.

use std::env;
use std::process::ExitCode;

use compat_bench::measure::Effort;
use compat_bench::report::{self, Table};
use compat_bench::topic::{self, TOPICS, Topic};
use compat_bench::{avx512, child};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if child::run(&words) {
        return ExitCode::SUCCESS;
    }
    let has = |flag| words.contains(&flag);
    let (smoke, write) = (has("--smoke"), has("--write"));
    let names = words.iter().filter(|word| !word.starts_with("--"));
    let topics: Option<Vec<&Topic>> = names.map(|name| topic::by_name(name)).collect();
    match topics {
        Some(topics) if topics.is_empty() => run(TOPICS, smoke, write),
        Some(topics) => run(&topics, smoke, write),
        None => {
            let known: Vec<_> = TOPICS.iter().map(|topic| topic.name).collect();
            eprintln!("the topics are {}", known.join(", "));
            ExitCode::FAILURE
        }
    }
}

fn run(topics: &[&'static Topic], smoke: bool, write: bool) -> ExitCode {
    let effort = if smoke {
        Effort::smoke()
    } else {
        Effort::full()
    };
    let measured = |topic: &&'static Topic| {
        let mut rows = (topic.rows)(&effort);
        if !topic.avx512.is_empty() && report::has_avx512() {
            avx512::add(topic, &effort, &mut rows);
        }
        let table = Table { topic, rows };
        report::print(&table, &effort);
        table
    };
    let tables: Vec<Table> = topics.iter().map(measured).collect();
    if write {
        match report::write(&tables) {
            Ok(path) => println!("{}", path.display()),
            Err(error) => {
                eprintln!("the report cannot be written: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
