//! The program `openssl` as a child process, which is ended with its test.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use crate::endpoint::test_pki::TestPki;

/// Whether OpenSSL 3 is installed. In CI it has to be.
pub(super) fn is_found() -> bool {
    static FOUND: LazyLock<bool> = LazyLock::new(|| {
        let output = Command::new("openssl").arg("version").output();
        output.is_ok_and(|output| output.stdout.starts_with(b"OpenSSL 3"))
    });
    let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(*FOUND || !is_ci, "CI has to have an `openssl` of version 3");
    *FOUND
}

/// A running `openssl`.
pub(super) struct Program {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    /// Starts the program. Words that end in `.pem`, `.key` or `.crl` are files of the test PKI.
    pub(super) fn start(words: &[&str]) -> Self {
        let mut child = Command::new("openssl")
            .args(words.iter().map(placed))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().unwrap(), sender.clone());
        forward(child.stderr.take().unwrap(), sender);
        Self {
            stdin: child.stdin.take().unwrap(),
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Reads the output until a line contains the text.
    #[track_caller]
    pub(super) fn wait_for(&mut self, text: &str) -> String {
        if let Some(line) = self.seen.iter().find(|line| line.contains(text)) {
            return line.clone();
        }
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => panic!("no `{text}` in:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Waits until the program ends by itself.
    #[track_caller]
    pub(super) fn wait_for_end(&mut self) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "it goes on: {:?}", self.seen);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a line in one piece, because `s_server` takes each piece for a command.
    pub(super) fn say(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.stdin.write_all(line.as_bytes()).unwrap();
        self.stdin.flush().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn placed(word: &&str) -> OsString {
    let is_file = [".pem", ".key", ".crl"]
        .iter()
        .any(|end| word.ends_with(end));
    match is_file {
        true => TestPki::get().path(word).into(),
        false => word.into(),
    }
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if to.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// The time after which a test that hangs is ended. No step takes as long as a second.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
