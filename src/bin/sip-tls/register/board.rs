//! What is known of each line, and its output. The tasks of the lines report changes here; nothing
//! else prints.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::lines::Line;
use super::record::{Record, State};
use crate::connection::{ConnectionRecord, Verdict};
use crate::failure::{Exit, Failure};
use crate::output::{Queue, Screen};

/// The states of all lines, and where they are shown.
pub(super) struct Board {
    rows: Mutex<Vec<Row>>,
    shown: Shown,
    /// Tells that a table is to be drawn.
    changed: Notify,
}

/// How changes are shown.
pub(super) enum Shown {
    /// A line of JSON for each.
    Json(Queue),
    /// A line of text for each change that people want to know of.
    Lines(Queue),
    /// A table that is drawn in place.
    Table(Screen),
}

/// A line of the configuration, and its state.
pub(super) struct Row {
    pub(super) user: String,
    pub(super) server: Option<String>,
    pub(super) peer: Option<SocketAddr>,
    pub(super) state: State,
    pub(super) since: Instant,
    /// When the registration runs out, or the next attempt is made.
    pub(super) until: Option<Instant>,
    pub(super) event: String,
    /// The exit code if the program ends now, and the reason.
    exit: Exit,
    error: Option<String>,
}

/// A change of a line's state.
pub(super) enum Change {
    Connecting,
    Registering {
        peer: Option<SocketAddr>,
    },
    Registered {
        expires: u32,
    },
    /// The next attempt is made after `retry`.
    Failed {
        outcome: Box<ConnectionRecord>,
        retry: Duration,
    },
    Unregistered,
}

/// The place of one line on the board.
#[derive(Clone)]
pub(super) struct Place {
    board: Arc<Board>,
    number: usize,
}

impl Board {
    /// Makes the board, and shows the lines that cannot be registered.
    pub(super) fn new(lines: &[Line], shown: Shown) -> Arc<Self> {
        let board = Self {
            rows: Mutex::new(lines.iter().map(Row::from).collect()),
            shown,
            changed: Notify::new(),
        };
        for row in board.rows().iter() {
            if row.state == State::Unusable {
                board.print(&Record::unusable(row));
            }
        }
        Arc::new(board)
    }

    /// The place through which the task of a line reports.
    pub(super) fn place(self: &Arc<Self>, number: usize) -> Place {
        Place {
            board: self.clone(),
            number,
        }
    }

    /// Returns the result if the program ends now: that of the first line that is not registered.
    pub(super) fn exit(&self) -> Result<Exit, Failure> {
        let rows = self.rows();
        match rows.iter().find(|row| row.exit != Exit::Done) {
            Some(row) => Err(Failure::new(row.exit, row.sentence())),
            None => Ok(Exit::Done),
        }
    }

    /// Draws the table whenever something changes, and every second because the times in it go on.
    pub(super) async fn draw(&self) {
        loop {
            self.draw_once();
            tokio::time::sleep(SHORTEST).await;
            // The table is drawn after a notification and after the timeout.
            let _ = tokio::time::timeout(LONGEST, self.changed.notified()).await;
        }
    }

    /// Without a table there is nothing to draw.
    pub(super) fn draw_once(&self) {
        if let Shown::Table(screen) = &self.shown {
            screen.show(super::table::lines(&self.rows(), Instant::now()));
        }
    }

    /// Returns the output on which the board was shown.
    pub(super) fn into_shown(self) -> Shown {
        self.shown
    }

    /// Shows a change in the chosen way.
    fn print(&self, record: &Record<'_>) {
        match &self.shown {
            Shown::Json(queue) => queue.line(record.json()),
            Shown::Lines(queue) => {
                if let Some(text) = record.text() {
                    queue.line(text);
                }
            }
            Shown::Table(_) => self.changed.notify_one(),
        }
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Notes a change of the line, and shows it.
    pub(super) fn change(&self, change: Change) {
        self.with_row(|row| {
            let is_new = row.take(&change);
            if is_new {
                self.board.print(&Record::new(row, &change));
            }
        });
        self.board.changed.notify_one();
    }

    /// Shows a note about the line.
    pub(super) fn note(&self, text: &str) {
        self.with_row(|row| {
            row.event = text.to_owned();
            self.board.print(&Record::note(row, text));
        });
    }

    /// Notes an event of little interest, and shows it if there is a table.
    pub(super) fn event(&self, text: String) {
        self.with_row(|row| row.event = text);
        self.board.changed.notify_one();
    }

    /// Runs a function on the row of this line, under the lock.
    fn with_row(&self, run: impl FnOnce(&mut Row)) {
        if let Some(row) = self.board.rows().get_mut(self.number) {
            run(row);
        }
    }
}

impl Row {
    /// Applies a change. Returns whether the state is a new one.
    fn take(&mut self, change: &Change) -> bool {
        let now = Instant::now();
        let old = self.state;
        self.until = None;
        match change {
            Change::Connecting => {
                self.state = State::Connecting;
                self.peer = None;
            }
            Change::Registering { peer } => {
                (self.state, self.peer) = (State::Registering, *peer);
            }
            Change::Registered { expires } => {
                self.until = Some(now + Duration::from_secs((*expires).into()));
                let is_again = old == State::Registered;
                self.event = if is_again { "registered again" } else { "" }.to_owned();
                (self.state, self.exit, self.error) = (State::Registered, Exit::Done, None);
            }
            Change::Failed { outcome, retry } => {
                self.until = Some(now + *retry);
                self.state = match outcome.result {
                    Verdict::Refused => State::Refused,
                    Verdict::Connected | Verdict::Failed => State::Failed,
                };
                self.exit = outcome.exit();
                self.error = outcome.whole_error();
                self.event = self.error.clone().unwrap_or_default();
            }
            Change::Unregistered => self.state = State::Unregistered,
        }
        if old != self.state {
            self.since = now;
        }
        old != self.state
    }

    /// Returns the name of the line, and what is wrong with it.
    ///
    /// It is the error of the program if it ends now.
    fn sentence(&self) -> String {
        let error = self.error.as_deref().unwrap_or("not registered in time");
        format!("{}: {error}", self.name())
    }

    pub(super) fn name(&self) -> String {
        let user = crate::output::printable(&self.user);
        match &self.server {
            Some(server) => format!("{user} at {server}"),
            None => user,
        }
    }
}

impl From<&Line> for Row {
    fn from(line: &Line) -> Self {
        let new = |user: &str, server, state, exit, error: Option<&String>| Self {
            user: user.to_owned(),
            server,
            peer: None,
            state,
            since: Instant::now(),
            until: None,
            event: error.cloned().unwrap_or_default(),
            exit,
            error: error.cloned(),
        };
        match line {
            Line::Registers(target) => {
                let server = Some(target.server.to_string());
                new(&target.user, server, State::Waiting, Exit::Network, None)
            }
            Line::Unusable(line) => {
                let exit = match line.is_failure {
                    true => Exit::Unusable,
                    false => Exit::Done,
                };
                let (server, error) = (line.server.clone(), Some(&line.error));
                new(&line.user, server, State::Unusable, exit, error)
            }
        }
    }
}

/// The shortest time between two drawings: people do not see faster changes.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);
