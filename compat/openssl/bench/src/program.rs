//! The program `sip-tls`, built from here.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use crate::pki::{End, Files};
use crate::{bounded, clock, limits};

/// Returns the path of the program: `SIP_TLS_PROGRAM`, or what cargo builds for release.
///
/// # Panics
///
/// It cannot be built.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let given = env::var_os("SIP_TLS_PROGRAM");
        given.map_or_else(build, PathBuf::from)
    })
}

/// The folder of the package sip-tls.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Makes a command that runs cargo in this folder.
pub fn cargo(folder: &Path) -> Command {
    let mut command = bounded::command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Runs a process that has to succeed, and returns its CPU time.
///
/// # Panics
///
/// It cannot be started, or fails.
pub fn time(command: &mut Command) -> Duration {
    let before = clock::of_children();
    let status = command.status().expect("it runs");
    assert!(status.success(), "{command:?}");
    clock::of_children() - before
}

fn build() -> PathBuf {
    let mut command = cargo(&root());
    command.args([
        "build",
        "--locked",
        "--release",
        "--features",
        "cli",
        "--bin",
        "sip-tls",
    ]);
    command.arg("--message-format=json-render-diagnostics");
    let output = command.stderr(Stdio::inherit()).output().expect("cargo");
    assert!(output.status.success(), "sip-tls cannot be built");
    let text = String::from_utf8(output.stdout).expect("JSON");
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut built = messages.filter_map(|message| Some(message["executable"].as_str()?.into()));
    built.next_back().expect("cargo says what it has built")
}

/// The options of an end, as the program takes them.
pub fn options(files: &Files, end: Option<End>) -> Vec<String> {
    let mut pairs = vec![("trusted-ca", files.trusted())];
    if let Some(end) = end {
        pairs.push(("certificate", files.certificate(end)));
        pairs.push(("certificate-key", files.key(end)));
    }
    let pair = |(name, path): (&str, PathBuf)| ["-o".into(), format!("{name}={}", path.display())];
    pairs.into_iter().flat_map(pair).collect()
}

/// A running `sip-tls listen`. It is killed when the value is dropped.
pub struct Listener {
    child: Child,
    pub address: SocketAddr,
}

impl Listener {
    /// Starts the program on a free port.
    ///
    /// # Panics
    ///
    /// It does not listen.
    pub fn start(files: &Files) -> Self {
        let mut command = bounded::command(path());
        command.args(["listen", "--bind", "127.0.0.1:0", "--idle", "3600"]);
        command.args(options(files, Some(End::Server)));
        Self::of(command)
    }

    /// Starts another server, whose first line says where it listens in the same words.
    ///
    /// # Panics
    ///
    /// It does not listen.
    pub fn of(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().expect("it runs");
        let mut first = String::new();
        let stdout = child.stdout.as_mut().expect("piped");
        // Nothing more is read: the program leaves out lines that nobody reads.
        BufReader::with_capacity(64, stdout)
            .read_line(&mut first)
            .expect("a line");
        let address = first.trim_end().strip_prefix("listening on ");
        let address = address.and_then(|address| address.parse().ok());
        Self {
            address: address.expect("the first line has the address"),
            child,
        }
    }

    /// The CPU time that the program has taken, in user space and in the kernel.
    pub fn work(&self) -> Duration {
        limits::work(&self.child.id().to_string())
    }

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> u64 {
        limits::resident(&self.child.id().to_string())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
