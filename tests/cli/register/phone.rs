//! A running `sip-tls connect --register`.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::program::{PHONE, arguments, command};
use super::registrar::PATIENCE;
use crate::endpoint::test_pki::HOST;

/// The running program, which is ended when the value is dropped.
pub(super) struct Phone {
    child: Child,
    /// The pipe of its output, if nothing is read from it.
    _unread: Option<ChildStdout>,
    lines: Receiver<String>,
    errors: Receiver<String>,
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
        let mut child = spawn(command);
        Self {
            lines: forward(child.stdout.take().unwrap()),
            errors: forward(child.stderr.take().unwrap()),
            child,
            _unread: None,
        }
    }

    /// Starts the program, and never reads its output.
    pub(super) fn unread(command: &mut Command) -> Self {
        let mut child = spawn(command);
        Self {
            _unread: child.stdout.take(),
            lines: channel().1,
            errors: forward(child.stderr.take().unwrap()),
            child,
        }
    }

    /// The next line.
    #[track_caller]
    pub(super) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
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
        loop {
            let change = self.json();
            if change["state"] == state {
                return change;
            }
        }
    }

    #[track_caller]
    pub(super) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until the program ends.
    #[track_caller]
    pub(super) fn wait(mut self) -> End {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it goes on");
            std::thread::sleep(Duration::from_millis(5));
        };
        End {
            exit: status.code(),
            took: began.elapsed(),
            lines: self.lines.iter().collect(),
            errors: self.errors.iter().collect(),
        }
    }

    /// Sends SIGTERM, and waits until the program ends.
    #[track_caller]
    pub(super) fn end(self) -> End {
        self.signal("-TERM");
        self.wait()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        // The program may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
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

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn forward(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
