//! Runs every cell of a peer.

use std::sync::Arc;

use crate::cell::{Cell, Role, Setup};
use crate::expected::{Exception, Expected};
use crate::ours::Ours;
use crate::peer::{Kind, Peer, Special};
use crate::process::{Running, free_port};

/// What became of a peer.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) cells: Vec<(Cell, Status)>,
    pub(crate) special: Vec<Special>,
    /// Why the peer could not even be started.
    pub(crate) failure: Option<String>,
}

/// What became of a cell.
pub(crate) enum Status {
    /// As expected; the reason if that is not the plain end.
    Good(String, Option<&'static str>),
    /// The peer cannot do it.
    Cannot(&'static str),
    Surprise(String),
}

impl Row {
    /// Runs a peer.
    pub(crate) fn run(kind: &Kind, ours: &Ours) -> Self {
        let mut row = Self {
            name: kind.name,
            version: String::new(),
            cells: Vec::new(),
            special: Vec::new(),
            failure: None,
        };
        match (kind.open)(Arc::clone(ours.pki())) {
            Ok(mut peer) => {
                row.version = peer.version();
                row.cells = run_cells(peer.as_mut(), ours);
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
            Status::Surprise(text) => Some(format!(
                "{}, peer is {:?}, {}: {text}",
                cell.scenario.name(),
                cell.role,
                cell.version.name()
            )),
            _ => None,
        });
        let special = self.special.iter().filter_map(|special| {
            let error = special.result.as_ref().err()?;
            Some(format!("{}: {error}", special.name))
        });
        failure.chain(cells).chain(special).collect()
    }
}

fn run_cells(peer: &mut dyn Peer, ours: &Ours) -> Vec<(Cell, Status)> {
    let mut server: Option<(Setup, u16, Box<dyn Running>)> = None;
    let mut cells = Vec::new();
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
        let result = match cell.role {
            Role::Server => call_it(peer, ours, cell, expected, &mut server),
            Role::Client => {
                server = None;
                wait_for_it(peer, ours, cell, expected)
            }
        };
        let status = match result {
            Ok(short) => Status::Good(short, reason),
            Err(error) => Status::Surprise(error),
        };
        cells.push((cell, status));
    }
    cells
}

/// Calls a peer, which runs on for the next cell as long as its setup is the same.
fn call_it(
    peer: &mut dyn Peer,
    ours: &Ours,
    cell: Cell,
    expected: Expected,
    server: &mut Option<(Setup, u16, Box<dyn Running>)>,
) -> Result<String, String> {
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
    checked.map_err(|error| with_output(error, running.output()))
}

fn wait_for_it(
    peer: &mut dyn Peer,
    ours: &Ours,
    cell: Cell,
    expected: Expected,
) -> Result<String, String> {
    let listener = match expected {
        Expected::Anonymous(_) | Expected::Left => ours.listen_to_anybody(cell)?,
        _ => ours.listen(cell)?,
    };
    let mut running = peer.call(cell.theirs(), listener.port)?;
    let checked = listener
        .first(|| running.has_ended())
        .and_then(|record| expected.check(cell, peer.speech(), &record));
    checked.map_err(|error| with_output(error, running.output()))
}

fn with_output(error: String, output: String) -> String {
    let lines: Vec<_> = output.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    format!("{error}\n    | {}", last.join("\n    | "))
}

/// So much of what a peer prints is shown.
const LINES: usize = 25;
