//! Runs the SIP programs against each other and against Kamailio, and prints the results.

mod case;
mod kamailio;
mod pair;
mod process;
mod program;
mod readme;
mod reload;

#[path = "../../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod child;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use case::{Case, Role, Version};
use pair::{Pair, Party};
use program::Program;
use stack_pki::Pki;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("stack-runner: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let folder = std::env::temp_dir().join(format!("sip-tls-stacks-{}", std::process::id()));
    let pki = Pki::create(folder)?;
    let began = Instant::now();
    let filter = std::env::args().nth(1).unwrap_or_default();
    let cells: Vec<_> = cells()
        .into_iter()
        .filter(|cell| cell.name().contains(&filter))
        .collect();
    let outcomes = run_all(&cells, &pki);
    print_table(&cells, &outcomes);
    let mut wrong = 0;
    for (cell, outcome) in cells.iter().zip(&outcomes) {
        if let Err(error) = outcome {
            wrong += 1;
            eprintln!("\n{}: {error}", cell.name());
        }
    }
    let (count, took) = (cells.len(), began.elapsed());
    eprintln!("\n{count} runs in {took:.0?}, {wrong} came out wrong");
    Ok(match (wrong, count) {
        (0, 1..) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

#[derive(Clone, Copy)]
struct Cell {
    row: Row,
    pair: Pair,
    version: Version,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Row {
    Case(Case),
    ThroughKamailio,
    Reload(Role),
    Readme,
}

type Outcome = Result<&'static str, String>;

impl Row {
    fn name(self) -> &'static str {
        match self {
            Self::Case(case) => case.name(),
            Self::ThroughKamailio => "all is well, through Kamailio",
            Self::Reload(Role::Client) => "client reloads",
            Self::Reload(Role::Server) => "server reloads",
            Self::Readme => "the README's program",
        }
    }
}

impl Cell {
    fn name(&self) -> String {
        let (row, pair) = (self.row.name(), column(self.pair));
        format!("{row}, TLS {}, {pair}", self.version.name())
    }

    fn run(&self, pki: &Pki) -> Outcome {
        let version = self.version;
        match (self.row, self.programs()) {
            (Row::Case(case), _) => self.pair.run(case, version, pki),
            (Row::ThroughKamailio, _) => self.pair.call_through_kamailio(version, pki),
            (Row::Reload(by), Some((client, server))) => {
                reload::run(client, server, by, version, pki)
            }
            (Row::Readme, Some((client, _))) => readme::run(client, version, pki),
            (Row::Reload(_) | Row::Readme, None) => Err("these are no programs of ours".to_owned()),
        }
    }

    fn programs(&self) -> Option<(Program, Program)> {
        match (self.pair.client, self.pair.server) {
            (Party::Ours(client), Party::Ours(server)) => Some((client, server)),
            _ => None,
        }
    }
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for row in rows() {
        for pair in Pair::all() {
            for version in [Version::Tls12, Version::Tls13] {
                cells.push(Cell { row, pair, version });
            }
        }
    }
    cells.retain(|cell| match (cell.row, cell.programs()) {
        (Row::Case(_), _) => true,
        // Kamailio takes no part in the reload cases.
        (Row::Reload(_) | Row::ThroughKamailio, programs) => programs.is_some(),
        // A program of the README is run once, with the server of its own stack.
        (Row::Readme, programs) => programs.is_some_and(|(client, server)| client == server),
    });
    cells
}

fn rows() -> impl Iterator<Item = Row> {
    let others = [
        Row::ThroughKamailio,
        Row::Reload(Role::Client),
        Row::Reload(Role::Server),
        Row::Readme,
    ];
    Case::ALL.into_iter().map(Row::Case).chain(others)
}

/// Runs several cells at a time, because they mostly wait.
fn run_all(cells: &[Cell], pki: &Pki) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![None; cells.len()]);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = cells.get(number) else {
                        return;
                    };
                    let outcome = cell.run(pki);
                    let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
                    outcomes[number] = Some(outcome);
                }
            });
        }
    });
    let outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let missing = || Err("it was not run".to_owned());
    let outcomes = outcomes.into_iter();
    outcomes
        .map(|outcome| outcome.unwrap_or_else(missing))
        .collect()
}

/// Prints a row for each case and a column for each pair. If TLS 1.2 and 1.3 have the same result, it is printed once.
fn print_table(cells: &[Cell], outcomes: &[Outcome]) {
    let pairs = Pair::all();
    let names: Vec<_> = pairs.iter().map(|pair| column(*pair)).collect();
    println!("| client → server | {} |", names.join(" | "));
    println!("| --- |{}", " --- |".repeat(pairs.len()));
    for row in rows() {
        let texts = pairs.iter().map(|pair| text(cells, outcomes, row, *pair));
        println!(
            "| {} | {} |",
            row.name(),
            texts.collect::<Vec<_>>().join(" | ")
        );
    }
}

fn text(cells: &[Cell], outcomes: &[Outcome], row: Row, pair: Pair) -> String {
    let of_cell = cells.iter().zip(outcomes);
    let found: Vec<_> = of_cell
        .filter(|(cell, _)| cell.row == row && cell.pair == pair)
        .map(|(cell, outcome)| (cell.version.name(), outcome.as_deref().unwrap_or("WRONG")))
        .collect();
    match found[..] {
        [] => String::new(),
        [(_, first), (_, second)] if first == second => first.to_owned(),
        _ => {
            let each = found
                .iter()
                .map(|(version, text)| format!("{version}: {text}"));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

fn column(pair: Pair) -> String {
    format!("{} → {}", pair.client.name(), pair.server.name())
}
