//! The result of `connect`, in one sentence, as a table, and as JSON.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use sip_tls::Timing;

use crate::connection::{ConnectionRecord, Verdict};
use crate::failure::Failure;
use crate::output::{self, Table};

/// The result of an attempt to connect.
///
/// `outcome` is what `listen` prints, too. The other fields are about the server and the answer to
/// OPTIONS.
#[derive(Serialize)]
pub(crate) struct Record {
    pub(super) server: Option<String>,
    pub(super) user: String,
    pub(super) peer: Option<SocketAddr>,
    #[serde(flatten)]
    pub(crate) outcome: ConnectionRecord,
    pub(super) sip: Option<SipAnswer>,
    pub(super) timing: Option<TimingRecord>,
    pub(super) note: Option<String>,
}

/// How long each phase took, in milliseconds.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct TimingRecord {
    look_up: Option<f64>,
    tcp: Option<f64>,
    tls: f64,
    pub(super) sip: Option<f64>,
}

impl From<Timing> for TimingRecord {
    fn from(timing: Timing) -> Self {
        Self {
            look_up: timing.look_up.map(milliseconds),
            tcp: timing.tcp.map(milliseconds),
            tls: milliseconds(timing.tls),
            sip: None,
        }
    }
}

impl fmt::Display for TimingRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phases = [
            ("name", self.look_up),
            ("TCP", self.tcp),
            ("TLS", Some(self.tls)),
            ("OPTIONS", self.sip),
        ];
        let phases = phases
            .iter()
            .filter_map(|(name, took)| Some(format!("{name} {:.1} ms", (*took)?)));
        f.write_str(&phases.collect::<Vec<_>>().join(", "))
    }
}

/// In tenths.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

/// The answer to OPTIONS.
#[derive(Serialize)]
pub(crate) struct SipAnswer {
    pub(super) status: u16,
    pub(super) reason: String,
}

impl Record {
    /// The record if there was no attempt, because the settings are unusable.
    pub(super) fn unusable(failure: &Failure) -> Self {
        Self {
            outcome: ConnectionRecord::failed(Some(failure.message())),
            server: None,
            user: String::new(),
            peer: None,
            sip: None,
            timing: None,
            note: None,
        }
    }

    /// The status of the answer to OPTIONS.
    pub(crate) fn status(&self) -> Option<u16> {
        self.sip.as_ref().map(|answer| answer.status)
    }

    /// Summarises the record in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let outcome = &self.outcome;
        match (&outcome.error, outcome.protocol, outcome.cipher, &self.sip) {
            (None, Some(protocol), Some(cipher), sip) => {
                let certificate = outcome.peer_subject().unwrap_or_default();
                let (name, revocation) = (self.name(), self.revocation());
                let mut text =
                    format!("connected, {protocol}, {cipher}; {certificate}: {name}; {revocation}");
                if let Some(sip) = sip {
                    text.push_str(&format!("; OPTIONS: {} {}", sip.status, sip.reason));
                }
                text
            }
            (error, ..) => error.clone().unwrap_or_default(),
        }
    }

    /// Puts the server in front of the error, unless the error names the server itself.
    pub(super) fn blame(&self, error: &str) -> String {
        match &self.server {
            Some(server) if !error.contains(server.split(':').next().unwrap_or(server)) => {
                format!("{server}: {error}")
            }
            _ => error.to_owned(),
        }
    }

    pub(super) fn print(&self) -> Result<(), Failure> {
        if let Some(note) = &self.note {
            output::note(note);
        }
        let outcome = &self.outcome;
        let Some(protocol) = outcome.protocol else {
            return Ok(());
        };
        let peer = self
            .peer
            .map_or_else(String::new, |peer| format!(" at {peer}"));
        let server = self.server.as_deref().unwrap_or_default();
        output::line(match outcome.result {
            Verdict::Connected => format!("{} to {server}{peer}", output::green("connected")),
            _ => format!("connected to {server}{peer}, but the connection failed soon after"),
        })?;
        let mut table = Table::default();
        let mut row = |name: &str, value: &str| table.row([name.to_owned(), value.to_owned()]);
        row("protocol", protocol);
        row("cipher", outcome.cipher.unwrap_or_default());
        row("group", outcome.group.unwrap_or("none (resumed)"));
        row("certificate", &outcome.path.join("  <  "));
        row("name", &self.name());
        row("revocation", &self.revocation());
        if let Some(sip) = &self.sip {
            row("OPTIONS", &format!("{} {}", sip.status, sip.reason));
        }
        if let Some(timing) = &self.timing {
            row("time", &timing.to_string());
        }
        output::line(table)
    }

    fn name(&self) -> String {
        match (&self.outcome.matched_name, self.outcome.findings.first()) {
            (Some(name), _) => format!("matches {name}"),
            (None, Some(finding)) => format!("not checked: {}", finding.text()),
            (None, None) => "not checked".to_owned(),
        }
    }

    fn revocation(&self) -> String {
        match &self.outcome.revocation_list {
            Some(list) => format!("not revoked according to the list of {list}"),
            None => "not checked".to_owned(),
        }
    }
}
