//! Runs `sip-tls` against real SIP and TLS software, client and server, and prints the results.

mod cause;
mod cell;
mod expected;
mod matrix;
mod ours;
mod peer;
mod pki;
mod process;
mod run;
mod sip;

#[path = "../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod child;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use lexopt::prelude::*;

use ours::Ours;
use peer::{KINDS, Kind};
use pki::Pki;
use run::{Causes, Row};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("compat-peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let args = Args::parse().map_err(|error| error.to_string())?;
    if args.packages {
        for kind in &args.kinds {
            kind.packages
                .iter()
                .for_each(|package| println!("{package}"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let folder = std::env::temp_dir().join(format!("sip-tls-peers-{}", std::process::id()));
    let pki = Arc::new(Pki::create(folder)?);
    let ours = Ours::new(args.program, pki);
    let began = Instant::now();
    let rows = run_all(&args.kinds, &ours);
    print!("{}", matrix::markdown(&rows));
    let surprises = print_all(&rows, "", Row::surprises);
    let untold = print_all(&rows, "the cause is not told of ", Row::untold);
    let cells: usize = rows
        .iter()
        .map(|row| row.cells.len() + row.special.len())
        .sum();
    let causes = Causes::count(&rows);
    eprintln!(
        "\n{cells} cells in {:.0?}, {surprises} surprises; {causes}",
        began.elapsed()
    );
    Ok(match surprises + untold {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Prints the faults of all peers, and returns their number.
fn print_all(rows: &[Row], what: &str, wrong: fn(&Row) -> Vec<String>) -> usize {
    let mut count = 0;
    for row in rows {
        for text in wrong(row) {
            count += 1;
            eprintln!("\n{} ({}): {what}{text}", row.name, row.version);
        }
    }
    count
}

/// Runs two peers at the same time.
fn run_all(kinds: &[&'static Kind], ours: &Ours) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(kind) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let row = Row::run(kind, ours);
                    let (took, count) = (began.elapsed(), row.surprises().len());
                    let untold = row.untold().len();
                    eprintln!(
                        "{} in {took:.1?}: {count} surprises, {untold} causes not told and not listed",
                        row.name
                    );
                    rows.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|row| kinds.iter().position(|kind| kind.name == row.name));
    rows
}

struct Args {
    packages: bool,
    program: PathBuf,
    kinds: Vec<&'static Kind>,
}

impl Args {
    fn parse() -> Result<Self, lexopt::Error> {
        let mut args = Self {
            packages: false,
            program: PathBuf::from("sip-tls"),
            kinds: Vec::new(),
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("packages") => args.packages = true,
                Long("program") => args.program = parser.value()?.into(),
                Value(name) => {
                    let kind = KINDS.iter().find(|kind| name == kind.name);
                    args.kinds
                        .push(kind.ok_or_else(|| format!("no peer {}", name.display()))?);
                }
                _ => return Err(arg.unexpected()),
            }
        }
        if args.kinds.is_empty() {
            args.kinds = KINDS.iter().collect();
        }
        Ok(args)
    }
}
