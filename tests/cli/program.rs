//! Runs the program, and reads its output.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use serde_json::Value;

use crate::child::{self, Reading, Running};
use crate::endpoint::settings::placed;
use crate::endpoint::test_pki::HOST;

/// The result of a run of the program.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) exit: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Run {
    #[track_caller]
    pub(super) fn of(output: &Output) -> Self {
        Self {
            exit: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// The only line on stdout, as JSON.
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.stdout.trim_end().lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The only line on stderr, without the name of the program.
    #[track_caller]
    pub(super) fn error(&self) -> &str {
        let line = self.stderr.strip_prefix("sip-tls: ").unwrap();
        let line = line.strip_suffix('\n').unwrap();
        assert!(!line.contains('\n'), "{self:?}");
        line
    }
}

/// Runs the program to its end.
#[track_caller]
pub(super) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    Run::of(&child::output(&mut command(arguments)))
}

/// Runs the program with words, and with options whose files are in the test PKI.
#[track_caller]
pub(super) fn run_with(words: &[&str], options: &[(&str, &str)]) -> Run {
    run(arguments(words, options))
}

/// Connects as the phone, with changed settings. The host name is that of the certificates, whatever the address is.
#[track_caller]
pub(super) fn connect(address: impl ToString, words: &[&str], changes: &[(&str, &str)]) -> Run {
    connect_with(address, words, &with(&PHONE, changes))
}

/// Connects with only these options.
#[track_caller]
pub(super) fn connect_with(
    address: impl ToString,
    words: &[&str],
    options: &[(&str, &str)],
) -> Run {
    let address = address.to_string();
    let mut all = vec!["connect", "--server", HOST, "--connect-to", &address];
    all.extend(words);
    run_with(&all, options)
}

pub(super) fn arguments(words: &[&str], options: &[(&str, &str)]) -> Vec<String> {
    let pairs = options.iter().flat_map(|(name, value)| {
        let pair = format!("{name}={}", placed(name, value));
        ["-o".to_owned(), pair]
    });
    words
        .iter()
        .map(|word| (*word).to_owned())
        .chain(pairs)
        .collect()
}

pub(super) fn command<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = child::command(env!("CARGO_BIN_EXE_sip-tls"));
    command.args(arguments).env_remove("COLUMNS");
    command
}

/// A running `sip-tls listen`, which is ended when the value is dropped.
pub(super) struct Listener {
    program: Running,
    pub(super) address: SocketAddr,
}

impl Listener {
    /// Starts the program on a free port, with these words and options.
    #[track_caller]
    pub(super) fn start(words: &[&str], options: &[(&str, &str)]) -> Self {
        Self::of(&mut command(Self::arguments(words, options)))
    }

    /// The arguments with which it listens on a free port, at 127.0.0.1 if the words do not say where.
    pub(super) fn arguments(words: &[&str], options: &[(&str, &str)]) -> Vec<String> {
        let place: &[&str] = match words.contains(&"--bind") {
            true => &[],
            false => &["--bind", "127.0.0.1:0"],
        };
        arguments(&[&["listen"], place, words].concat(), options)
    }

    /// Starts the program with a command.
    #[track_caller]
    pub(super) fn of(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let program = Running::read(command, Reading::OnDemand);
        let first = program.stdout.line();
        let address = first.strip_prefix("listening on ").expect("the first line");
        Self {
            address: address.trim_end().parse().unwrap(),
            program,
        }
    }

    /// A server that requires client certificates and has a revocation list.
    #[track_caller]
    pub(super) fn mutual(words: &[&str]) -> Self {
        Self::start(words, &SERVER)
    }

    /// The next line on stdout, about a connection that has ended.
    #[track_caller]
    pub(super) fn line(&mut self) -> String {
        self.program.stdout.line()
    }

    /// The next line on stderr, without the name of the program.
    #[track_caller]
    pub(super) fn note(&mut self) -> String {
        let line = self.program.stderr.line();
        let line = line.strip_prefix("sip-tls: ").unwrap();
        line.trim_end().to_owned()
    }

    #[track_caller]
    pub(super) fn json(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Reads all further lines on stdout, and discards them.
    pub(super) fn drain(&mut self) {
        self.program.stdout.discard();
    }

    pub(super) fn id(&self) -> u32 {
        self.program.id()
    }

    /// Waits until the program ends. Returns the exit code, and the rest of its output.
    #[track_caller]
    pub(super) fn wait(mut self) -> (i32, String) {
        let rest = self.program.stdout.rest();
        (self.program.wait().code().unwrap(), rest)
    }

    #[cfg(unix)]
    pub(super) fn signal(&self, signal: &str) {
        self.program.signal(signal);
    }
}

/// Writes a file with this content into a folder of the tests.
pub(super) fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// A configuration with these connections and settings. The files are those of the test PKI.
pub(super) fn config(name: &str, connections: &[&str], settings: &[(&str, &str)]) -> String {
    let connections: String = connections
        .iter()
        .map(|line| format!("<Connectivity {line}/>"))
        .collect();
    let settings: String = settings
        .iter()
        .map(|(name, value)| {
            let value = placed(name, value);
            format!("<setting name=\"{name}\" value=\"{value}\"/>\n")
        })
        .collect();
    let text = format!(
        "<SipEndpoint xmlns=\"http://schemas.genesyslab.com/2009/sipendpoint\">\n\
         <Container name=\"Basic\">{connections}</Container>\n\
         <Container name=\"Genesys\">\n\
         <settings version=\"1.0\" xmlns=\"http://www.genesyslab.com/sip\">\n\
         <domain name=\"system\"><section name=\"security\">\n{settings}</section></domain>\n\
         </settings></Container></SipEndpoint>"
    );
    file(name, text).display().to_string()
}

pub(super) const SERVER: [(&str, &str); 5] = [
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("trusted-ca", "root.pem"),
    ("tls-crl", "current.crl"),
    ("tls-mutual", "1"),
];

/// The settings of the client for [`SERVER`].
pub(super) const PHONE: [(&str, &str); 5] = [
    ("certificate", "client-only.pem"),
    ("certificate-key", "client-only.key"),
    ("trusted-ca", "root.pem"),
    ("tls-crl", "current.crl"),
    ("tls-target-name-check", "host"),
];

/// Returns the settings with these changes.
pub(super) fn with<'a>(
    settings: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = settings.iter().filter(|(name, _)| !is_changed(name));
    kept.chain(changes).copied().collect()
}

/// A text with one mark for each number, but for those of errors and depths.
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let len = from.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = from.split_at(len);
        masked.push_str(before);
        let is_error = ["error ", "depth ", " at "]
            .iter()
            .any(|word| before.ends_with(word));
        let is_alone = before.ends_with('(') && after.starts_with(')');
        masked.push_str(if is_error || is_alone { number } else { "#" });
        rest = after;
    }
    masked + rest
}
