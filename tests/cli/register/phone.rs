//! A running `sip-tls connect --register`.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::program::{PHONE, arguments, command};
use super::registrar::PATIENCE;
use crate::child::{Lines, Reading, Running};
use crate::endpoint::test_pki::HOST;

/// The running program, which is ended when the value is dropped.
pub(super) struct Phone {
    program: Running,
}

impl Phone {
    /// Registers 4021 at a registrar. The words are added to the command line.
    pub(super) fn start(registrar: SocketAddr, words: &[&str]) -> Self {
        Self::of(&mut Self::command(registrar, words))
    }

    pub(super) fn command(registrar: SocketAddr, words: &[&str]) -> Command {
        let address = registrar.to_string();
        let mut all = vec!["connect", "--register", "--server", HOST, "--user", "4021"];
        all.extend(["--connect-to", &address]);
        all.extend(words);
        Self::with(&all)
    }

    /// The command with these words, and with the phone's certificate.
    pub(super) fn with(words: &[&str]) -> Command {
        let mut command = command(arguments(words, &PHONE));
        command.env_remove("SIP_TLS_AUTH_PASSWORD");
        command
    }

    pub(super) fn of(command: &mut Command) -> Self {
        Self::read(command, Reading::Ahead)
    }

    /// Starts the program, and never reads its output.
    pub(super) fn unread(command: &mut Command) -> Self {
        Self::read(command, Reading::OnDemand)
    }

    fn read(command: &mut Command, reading: Reading) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            program: Running::read(command, reading),
        }
    }

    /// The next line.
    #[track_caller]
    pub(super) fn line(&self) -> String {
        self.program.stdout.line().trim_end().to_owned()
    }

    /// The next line, without the user and the server in front.
    #[track_caller]
    pub(super) fn change(&self) -> String {
        let line = self.line();
        let change = line.strip_prefix("4021 at sip.example.com:5061: ");
        change.expect(&line).to_owned()
    }

    /// The next line as JSON.
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Waits for a state, and returns the line about it.
    #[track_caller]
    pub(super) fn wait_for(&self, state: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let change = self.json();
            if change["state"] == state {
                return change;
            }
        }
        panic!("{state} did not come in time");
    }

    #[track_caller]
    pub(super) fn signal(&self, signal: &str) {
        self.program.signal(signal);
    }

    /// Waits until the program ends.
    #[track_caller]
    pub(super) fn wait(mut self) -> End {
        let began = Instant::now();
        let status = self.program.wait();
        let took = began.elapsed();
        let rest = |lines: &Lines| lines.rest().lines().map(str::to_owned).collect();
        End {
            exit: status.code(),
            took,
            lines: rest(&self.program.stdout),
            errors: rest(&self.program.stderr),
        }
    }

    /// Sends SIGTERM, and waits until the program ends.
    #[track_caller]
    pub(super) fn end(self) -> End {
        self.signal("-TERM");
        self.wait()
    }
}

/// How the program ended, and the rest of its output.
#[derive(Debug)]
pub(super) struct End {
    pub(super) exit: Option<i32>,
    pub(super) took: Duration,
    pub(super) lines: Vec<String>,
    pub(super) errors: Vec<String>,
}
