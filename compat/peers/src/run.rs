//! Runs every cell of a peer.

use std::fmt;
use std::sync::Arc;

use crate::cause::{self, Telling, Untold};
use crate::cell::{Cell, Role, Setup};
use crate::expected::{Exception, Expected};
use crate::ours::{Ours, Record};
use crate::peer::{Kind, Peer, Special};
use crate::process::{Running, free_port};

/// The results of a peer.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) cells: Vec<(Cell, Status)>,
    pub(crate) special: Vec<Special>,
    /// Cells that are listed as not reported, and do not exist.
    unused: Vec<String>,
    /// The reason why the peer could not be started.
    pub(crate) failure: Option<String>,
}

/// The result of a cell.
pub(crate) enum Status {
    Good(Good),
    /// The peer does not support the scenario.
    Cannot(&'static str),
    Surprise(String),
}

/// A result as expected.
pub(crate) struct Good {
    pub(crate) short: String,
    /// The reason why the result differs from that of most peers.
    pub(crate) reason: Option<&'static str>,
    /// `None` for a connection, because there is no cause to report.
    pub(crate) telling: Option<Telling>,
}

impl Row {
    /// Runs all cells and special cases of a peer.
    pub(crate) fn run(kind: &Kind, ours: &Ours) -> Self {
        let mut row = Self {
            name: kind.name,
            version: String::new(),
            cells: Vec::new(),
            special: Vec::new(),
            unused: Vec::new(),
            failure: None,
        };
        match (kind.open)(Arc::clone(ours.pki())) {
            Ok(mut peer) => {
                row.version = peer.version();
                (row.cells, row.unused) = run_cells(kind.name, peer.as_mut(), ours);
                row.special = peer.special(ours);
            }
            Err(error) => row.failure = Some(error),
        }
        row
    }

    /// Everything that is not as expected.
    pub(crate) fn surprises(&self) -> Vec<String> {
        let failure = self
            .failure
            .iter()
            .map(|error| format!("not started: {error}"));
        let cells = self.cells.iter().filter_map(|(cell, status)| match status {
            Status::Surprise(text) => Some(format!("{cell}: {text}")),
            _ => None,
        });
        let special = self.special.iter().filter_map(|special| {
            let error = special.result.as_ref().err()?;
            Some(format!("{}: {error}", special.name))
        });
        let unused = self.unused.iter().cloned();
        failure.chain(cells).chain(special).chain(unused).collect()
    }

    /// The causes that are neither reported nor listed, with what our side printed.
    pub(crate) fn untold(&self) -> Vec<String> {
        let all = self.all_untold();
        let unlisted = all.filter(|(_, untold)| untold.reason.is_none());
        unlisted
            .map(|(cell, untold)| format!("{cell}: `{}`", untold.printed))
            .collect()
    }

    /// The causes that are not reported.
    pub(crate) fn all_untold(&self) -> impl Iterator<Item = (Cell, &Untold)> {
        self.tellings().filter_map(|(cell, telling)| match telling {
            Telling::Told => None,
            Telling::Untold(untold) => Some((cell, untold)),
        })
    }

    fn tellings(&self) -> impl Iterator<Item = (Cell, &Telling)> {
        self.cells.iter().filter_map(|(cell, status)| match status {
            Status::Good(good) => Some((*cell, good.telling.as_ref()?)),
            _ => None,
        })
    }
}

/// The number of causes, and of those that are not reported.
pub(crate) struct Causes {
    all: usize,
    listed: usize,
    unlisted: usize,
}

impl Causes {
    pub(crate) fn count(rows: &[Row]) -> Self {
        let untold = || rows.iter().flat_map(Row::all_untold);
        let is_listed = |untold: &(Cell, &Untold)| untold.1.reason.is_some();
        let listed = untold().filter(is_listed).count();
        Self {
            all: rows.iter().flat_map(Row::tellings).count(),
            listed,
            unlisted: untold().count() - listed,
        }
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            all,
            listed,
            unlisted,
        } = self;
        let told = all - listed - unlisted;
        write!(
            f,
            "{all} connections failed as they had to: the cause of {told} is told, of {} it is not; {listed} of these \
             are listed with a reason, {unlisted} are not",
            listed + unlisted
        )
    }
}

type Cells = Vec<(Cell, Status)>;

/// Runs all cells. Also returns the listed cells that do not exist.
fn run_cells(name: &str, peer: &mut dyn Peer, ours: &Ours) -> (Cells, Vec<String>) {
    let mut server: Option<(Setup, u16, Box<dyn Running>)> = None;
    let (mut cells, mut ends) = (Vec::new(), Vec::new());
    for cell in Cell::all() {
        if !peer.is_tried(cell) {
            continue;
        }
        let (expected, reason) = match peer.exception(cell) {
            None => (Expected::plain(cell), None),
            Some(Exception::Otherwise(expected, reason)) => (expected, Some(reason)),
            Some(Exception::Cannot(reason)) => {
                cells.push((cell, Status::Cannot(reason)));
                continue;
            }
        };
        ends.push((cell, expected));
        let result = match cell.role {
            Role::Server => call_it(peer, ours, cell, expected, &mut server),
            Role::Client => {
                server = None;
                wait_for_it(peer, ours, cell, expected)
            }
        };
        let telling = |record: &Record| match expected.is_failure() {
            true => cause::judge(name, cell, expected, peer.words(cell), record).map(Some),
            false => Ok(None),
        };
        let status = result.and_then(|(short, record)| {
            Ok(Status::Good(Good {
                short,
                reason,
                telling: telling(&record)?,
            }))
        });
        cells.push((cell, status.unwrap_or_else(Status::Surprise)));
    }
    let unused = cause::unused(name, &ends);
    (cells, unused)
}

/// Connects to a peer. Its server goes on for the next cell as long as the setup is the same.
fn call_it(
    peer: &mut dyn Peer,
    ours: &Ours,
    cell: Cell,
    expected: Expected,
    server: &mut Option<(Setup, u16, Box<dyn Running>)>,
) -> Result<(String, Record), String> {
    let setup = cell.theirs();
    if server
        .as_ref()
        .is_none_or(|(running, ..)| *running != setup)
    {
        *server = None;
        let port = free_port();
        *server = Some((setup, port, peer.serve(setup, port)?));
    }
    let Some((_, port, running)) = server else {
        return Err("there is no server".to_owned());
    };
    let record = ours.connect(cell, *port)?;
    let checked = expected.check(cell, peer.speech(), &record);
    checked
        .map(|short| (short, record))
        .map_err(|error| with_output(error, running.output()))
}

fn wait_for_it(
    peer: &mut dyn Peer,
    ours: &Ours,
    cell: Cell,
    expected: Expected,
) -> Result<(String, Record), String> {
    let listener = match expected {
        Expected::Anonymous(_) | Expected::Left => ours.listen_to_anybody(cell)?,
        _ => ours.listen(cell)?,
    };
    let mut running = peer.call(cell.theirs(), listener.port)?;
    let checked = listener
        .first(|| running.has_ended())
        .and_then(|record| Ok((expected.check(cell, peer.speech(), &record)?, record)));
    checked.map_err(|error| with_output(error, running.output()))
}

fn with_output(error: String, output: String) -> String {
    let lines: Vec<_> = output.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    format!("{error}\n    | {}", last.join("\n    | "))
}

/// The number of lines of a peer's output that are shown.
const LINES: usize = 25;
