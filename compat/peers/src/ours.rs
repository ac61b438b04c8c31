//! The program `sip-tls`, run as a user runs it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::cell::{Cell, Role};
use crate::pki::{Identity, Pki};
use crate::process::Process;

/// The program, with the PKI that it uses.
pub(crate) struct Ours {
    program: PathBuf,
    pki: Arc<Pki>,
}

impl Ours {
    pub(crate) fn new(program: PathBuf, pki: Arc<Pki>) -> Self {
        Self { program, pki }
    }

    /// Connects to a peer that is a server.
    pub(crate) fn connect(&self, cell: Cell, port: u16) -> Result<Record, String> {
        let mut command = self.command("connect", cell.our_identity(), cell.our_options());
        command
            .args(["-o", "tls-target-name-check=host"])
            .args(["--server", &format!("localhost:{port}")]);
        self.connect_with(command, port)
    }

    /// Runs a `connect` command of [`Self::command`] against a port of this machine.
    pub(crate) fn connect_with(&self, mut command: Command, port: u16) -> Result<Record, String> {
        command
            .args(["--connect-to", &format!("127.0.0.1:{port}")])
            .args(["--timeout", "5", "--json"]);
        self.run_connect(command)
    }

    /// Runs a `connect --json` command of [`Self::command`].
    pub(crate) fn run_connect(&self, mut command: Command) -> Result<Record, String> {
        let mut process = Process::start(&mut command)?;
        process.close_stdin();
        let line = process.wait_for_line("{", LIMIT);
        let line = line.ok_or_else(|| format!("sip-tls connect: {}", process.output()))?;
        Record::parse(&line)
    }

    /// Listens for a peer that is a client.
    pub(crate) fn listen(&self, cell: Cell) -> Result<Listener, String> {
        let mut command = self.command("listen", cell.our_identity(), cell.our_options());
        command.args(["-o", "tls-mutual=1"]);
        self.listen_with(command)
    }

    /// Listens for a peer that is a client without a certificate.
    pub(crate) fn listen_to_anybody(&self, cell: Cell) -> Result<Listener, String> {
        self.listen_with(self.command("listen", cell.our_identity(), cell.our_options()))
    }

    /// Runs a `listen` command of [`Self::command`].
    pub(crate) fn listen_with(&self, mut command: Command) -> Result<Listener, String> {
        command
            .args(["--bind", "127.0.0.1:0"])
            .args(["--timeout", "5", "--idle", "2", "--json"]);
        let process = Process::start(&mut command)?;
        let line = process.wait_for_line("listening on ", LIMIT);
        let port = line.and_then(|line| line.rsplit(':').next()?.parse().ok());
        match port {
            Some(port) => Ok(Listener { process, port }),
            None => Err(format!("sip-tls listen: {}", process.output())),
        }
    }

    /// A command with our certificate, the authorities and their lists.
    pub(crate) fn command(
        &self,
        command: &str,
        identity: Option<Identity>,
        options: &[&str],
    ) -> Command {
        let mut args = Command::new(&self.program);
        args.arg(command);
        let mut option = |name: &str, value: PathBuf| {
            args.arg("-o").arg(format!("{name}={}", value.display()));
        };
        option("trusted-ca", self.pki.root());
        option("tls-crl", self.pki.lists());
        if let Some(identity) = identity {
            option("certificate", self.pki.chain(identity));
            option("certificate-key", self.pki.key(identity));
        }
        for option in options {
            args.args(["-o", option]);
        }
        args
    }

    pub(crate) fn pki(&self) -> &Arc<Pki> {
        &self.pki
    }
}

/// A running `sip-tls listen`.
pub(crate) struct Listener {
    process: Process,
    pub(crate) port: u16,
}

impl Listener {
    /// Waits for the result of the first connection. Once the client has ended, only a short time is left.
    pub(crate) fn first(&self, mut has_ended: impl FnMut() -> bool) -> Result<Record, String> {
        let began = Instant::now();
        loop {
            let is_late = has_ended() || began.elapsed() > LIMIT;
            let wait = match is_late {
                true => GRACE,
                false => Duration::from_millis(20),
            };
            match self.process.wait_for_line("{", wait) {
                Some(line) => return Record::parse(&line),
                None if is_late => return Err(format!("no connection: {}", self.output())),
                None => {}
            }
        }
    }

    /// Waits for the result of the connection with this number, in the order in which they end. The first is 0.
    pub(crate) fn record(&self, number: usize) -> Result<Record, String> {
        let began = Instant::now();
        loop {
            let output = self.output();
            let whole = &output[..output.rfind('\n').unwrap_or(0)];
            let mut records = whole.lines().filter(|line| line.starts_with('{'));
            match records.nth(number) {
                Some(line) => return Record::parse(line),
                None if began.elapsed() > LIMIT => {
                    return Err(format!("no connection: {output}"));
                }
                None => thread::sleep(PAUSE),
            }
        }
    }

    pub(crate) fn output(&self) -> String {
        self.process.output()
    }
}

/// The report of `sip-tls` about a connection.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) result: String,
    pub(crate) protocol: Option<String>,
    pub(crate) cipher: Option<String>,
    /// The peer's address.
    pub(crate) peer: Option<String>,
    pub(crate) path: Vec<String>,
    pub(crate) matched_name: Option<String>,
    pub(crate) openssl: Option<OpensslCode>,
    pub(crate) alert: Option<Alert>,
    pub(crate) error: Option<String>,
    sip: Option<Sip>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OpensslCode {
    pub(crate) code: u8,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Alert {
    pub(crate) code: u8,
}

/// The answers to requests: `connect` has one answer, `listen` has a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Sip {
    Answer { status: u16 },
    Answers(Vec<Answered>),
}

#[derive(Debug, Deserialize)]
struct Answered {
    method: String,
    status: u16,
}

impl Record {
    fn parse(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))
    }

    /// Whether a request and its answer went over the connection.
    pub(crate) fn is_answered(&self, role: Role) -> bool {
        match (&self.sip, role) {
            (Some(Sip::Answer { status }), Role::Server) => (200..700).contains(status),
            (Some(Sip::Answers(answers)), Role::Client) => {
                let good = |answer: &Answered| match answer.method.as_str() {
                    "OPTIONS" => answer.status == 200,
                    _ => answer.status == 405,
                };
                !answers.is_empty() && answers.iter().all(good)
            }
            _ => false,
        }
    }
}

/// The time that the program may take.
const LIMIT: Duration = Duration::from_secs(20);
/// The time in which we must report a connection after the client has ended.
const GRACE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(10);
