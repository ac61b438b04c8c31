//! The program `openssl` as a child process, which is ended with its test.

use std::ffi::OsString;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use crate::child::{self, Reading, Running};
use crate::endpoint::test_pki::TestPki;

/// Whether OpenSSL 3 is installed. In CI it has to be.
pub(super) fn is_found() -> bool {
    static FOUND: LazyLock<bool> = LazyLock::new(|| {
        let version = || child::output(child::command("openssl").arg("version")).stdout;
        child::is_found("openssl") && version().starts_with(b"OpenSSL 3")
    });
    let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(*FOUND || !is_ci, "CI has to have an `openssl` of version 3");
    *FOUND
}

/// A running `openssl`.
pub(super) struct Program(Running);

impl Program {
    /// Starts the program. Words that end in `.pem`, `.key` or `.crl` are files of the test PKI.
    pub(super) fn start(words: &[&str]) -> Self {
        let mut command = child::command("openssl");
        command
            .args(words.iter().map(placed))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self(Running::read(&mut command, Reading::Together))
    }

    /// Reads the output until a line contains the text, from the start.
    #[track_caller]
    pub(super) fn wait_for(&mut self, text: &str) -> String {
        let seen = self.0.stdout.seen();
        match seen.lines().find(|line| line.contains(text)) {
            Some(line) => line.to_owned(),
            None => self.0.stdout.find(text).trim_end().to_owned(),
        }
    }

    /// Waits until the program ends by itself.
    #[track_caller]
    pub(super) fn wait_for_end(&mut self) {
        self.0.wait();
    }

    pub(super) fn say(&mut self, line: &str) {
        self.0.say(&format!("{line}\n"));
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

/// The time after which a test that hangs is ended. No step takes as long as a second.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
