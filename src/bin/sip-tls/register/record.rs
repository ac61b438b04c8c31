//! Changes as they are printed, as text and as JSON.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

use super::board::{Change, Row};
use crate::connection::{Alert, OpensslCode};
use crate::output::{green, printable, red, yellow};

/// The state of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Connecting,
    /// The last attempt failed.
    Failed,
    /// One of the two sides refused the other.
    Refused,
    Registered,
    Registering,
    Unregistered,
    Unusable,
    /// Nothing was done yet.
    Waiting,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Registered => "registered",
            Self::Registering => "registering",
            Self::Unregistered => "unregistered",
            Self::Unusable => "unusable",
            Self::Waiting => "waiting",
        }
    }

    /// The name in the colour of its meaning.
    pub(super) fn painted(self) -> String {
        match self {
            Self::Registered => green(self.name()),
            Self::Failed | Self::Refused => red(self.name()),
            Self::Unusable => yellow(self.name()),
            _ => self.name().to_owned(),
        }
    }
}

/// A change, as it is printed.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    user: &'a str,
    server: Option<&'a str>,
    peer: Option<SocketAddr>,
    state: State,
    /// Seconds.
    expires: Option<u32>,
    /// Seconds.
    retry: Option<f64>,
    error: Option<&'a str>,
    about: Option<&'a str>,
    openssl: Option<&'a OpensslCode>,
    alert: Option<&'a Alert>,
    note: Option<&'a str>,
    #[serde(skip)]
    name: String,
}

impl<'a> Record<'a> {
    pub(super) fn new(row: &'a Row, change: &'a Change) -> Self {
        let mut record = Self::of(row);
        match change {
            Change::Registered { expires } => record.expires = Some(*expires),
            Change::Failed { outcome, retry } => {
                record.retry = Some(tenths(*retry));
                record.error = outcome.error.as_deref();
                record.about = outcome.about.as_deref();
                record.openssl = outcome.openssl.as_ref();
                record.alert = outcome.alert.as_ref();
            }
            Change::Connecting | Change::Registering { .. } | Change::Unregistered => {}
        }
        record
    }

    /// The record of a line that cannot be registered.
    pub(super) fn unusable(row: &'a Row) -> Self {
        Self {
            error: Some(&row.event),
            ..Self::of(row)
        }
    }

    /// Something worth knowing that changes no state.
    pub(super) fn note(row: &'a Row, text: &'a str) -> Self {
        Self {
            note: Some(text),
            ..Self::of(row)
        }
    }

    /// What every record of a line has.
    fn of(row: &'a Row) -> Self {
        Self {
            user: &row.user,
            server: row.server.as_deref(),
            peer: row.peer,
            state: row.state,
            expires: None,
            retry: None,
            error: None,
            about: None,
            openssl: None,
            alert: None,
            note: None,
            name: row.name(),
        }
    }

    /// The change as an object in one line.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| error.to_string())
    }

    /// The change as a line of text for people. `None` if it is of no interest to them.
    pub(super) fn text(&self) -> Option<String> {
        let words = match (self.note, self.state) {
            (Some(note), _) => note.to_owned(),
            (None, State::Registered) => {
                let expires = self.expires.unwrap_or_default();
                format!("{}, expires in {expires} s", self.state.painted())
            }
            (None, State::Failed | State::Refused) => {
                let retry = self.retry.unwrap_or_default();
                format!("{}; next attempt in {retry} s", self.whole_error())
            }
            (None, State::Unregistered) => self.state.name().to_owned(),
            (None, State::Unusable) => format!("{}: {}", self.state.painted(), self.whole_error()),
            (None, State::Connecting | State::Registering | State::Waiting) => return None,
        };
        Some(format!("{}: {words}", self.name))
    }

    fn whole_error(&self) -> String {
        let error = printable(self.error.unwrap_or_default());
        match self.about {
            Some(about) => format!("{error}; {}", printable(about)),
            None => error,
        }
    }
}

/// Converts a duration to seconds, rounded to tenths below 10 seconds.
fn tenths(duration: Duration) -> f64 {
    let seconds = duration.as_secs_f64();
    match seconds < 10.0 {
        true => (seconds * 10.0).round() / 10.0,
        false => seconds.round(),
    }
}
