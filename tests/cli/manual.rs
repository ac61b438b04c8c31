//! The commands in the manual print what stands under them, but for numbers.

use std::collections::VecDeque;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use sip_tls::options::OPTIONS;

use super::program::masked;
use crate::child;
use crate::endpoint::test_pki::TestPki;

#[test]
fn the_commands_of_coming_from_openssl_print_what_it_shows() {
    assert!(run_page("coming_from_openssl.md") > 20);
}

#[test]
fn the_commands_of_what_is_refused_print_what_it_shows() {
    assert!(run_page("refused.md") > 10);
}

#[test]
fn the_commands_of_the_other_pages_print_what_they_show() {
    for page in ["options.md", "reload.md", "verification.md"] {
        assert!(run_page(page) > 0, "{page}");
    }
}

#[test]
fn every_option_has_a_section_in_the_options_in_full() {
    let page = page("options.md");
    for info in OPTIONS {
        let heading = match info.older_name {
            Some(older) => format!("\n# `{}` (older: `{older}`)\n", info.name),
            None => format!("\n# `{}`\n", info.name),
        };
        assert!(page.contains(&heading), "{heading}");
    }
}

#[test]
fn output_that_differs_is_seen() {
    let is_shown = |shown: &str, printed: &str| {
        let (shown, printed): (Vec<_>, Vec<_>) =
            (shown.lines().collect(), printed.lines().collect());
        is_like(&shown, &printed)
    };
    for (shown, printed) in [
        ("a\nb", "a\nb"),
        ("port 5061", "port 40123"),
        ("a\n...\nd", "a\nb\nc\nd"),
        ("a\n...", "a"),
        ("...\nb", "b\nc\nb"),
    ] {
        assert!(is_shown(shown, printed), "{shown}");
    }
    for (shown, printed) in [
        ("a", "b"),
        ("a", "a\nb"),
        ("a\nb", "a"),
        ("a\n...\nd", "a\nb\nc"),
        ("", "a"),
    ] {
        assert!(!is_shown(shown, printed), "{shown}");
    }
}

fn page(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manual");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Runs the blocks of a page, and returns how many commands they have.
#[track_caller]
fn run_page(name: &str) -> usize {
    let page = page(name);
    let blocks = page.split("\n```console\n").skip(1);
    blocks
        .map(|rest| {
            let (block, _) = rest.split_once("\n```").expect("the end of a block");
            Session::new().run(block)
        })
        .sum()
}

/// What is typed in one terminal.
struct Session {
    folder: PathBuf,
    /// Stands for 5061.
    port: String,
    background: Option<Running>,
}

impl Session {
    fn new() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            folder: files(),
            port: free.local_addr().unwrap().port().to_string(),
            background: None,
        }
    }

    /// Runs the commands, and compares what they print. Returns how many there are.
    fn run(mut self, block: &str) -> usize {
        let commands = commands(block);
        if block.contains("openssl ") && !child::is_found("openssl") {
            return commands.len();
        }
        for (command, shown) in &commands {
            let printed = self.output(command, shown.len());
            let printed: Vec<_> = printed.iter().map(String::as_str).collect();
            assert!(
                is_like(shown, &printed),
                "under `{command}` stands\n{}\nand printed is\n{}",
                shown.join("\n"),
                printed.join("\n")
            );
        }
        commands.len()
    }

    /// What a command prints; one that stays in the background prints so many lines first, and the rest with `wait`.
    fn output(&mut self, command: &str, lines: usize) -> Vec<String> {
        if command == "wait" {
            let running = self.background.take().expect("a command in the background");
            return running.lines(usize::MAX);
        }
        let command = command.replace("5061", &self.port);
        match command.strip_suffix(" &") {
            Some(command) => {
                let running = self
                    .background
                    .insert(Running::start(&self.folder, command));
                running.lines(lines)
            }
            None => Running::start(&self.folder, &command).lines(usize::MAX),
        }
    }
}

/// A command in a shell. It is ended with all that it started when the value goes.
struct Running {
    shell: child::Running,
}

impl Running {
    fn start(folder: &Path, command: &str) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_sip-tls")).parent().unwrap();
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(program.to_owned()).chain(env::split_paths(&path));
        let mut shell = child::command("sh");
        shell
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(folder)
            .env("PATH", env::join_paths(folders).unwrap())
            .env_remove("COLUMNS")
            .process_group(0)
            .stdout(Stdio::piped());
        Self {
            shell: child::Running::start(&mut shell),
        }
    }

    /// Waits for so many lines, or its end.
    fn lines(&self, most: usize) -> Vec<String> {
        let lines = std::iter::from_fn(|| self.shell.stdout.next_line());
        let lines = lines.take(most).map(|line| line.trim_end().to_owned());
        lines.collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let group = format!("-{}", self.shell.id());
        child::output(child::command("kill").args(["-KILL", "--", &group]));
    }
}

/// The commands of a block, each with the lines under it.
fn commands(block: &str) -> Vec<(String, Vec<&str>)> {
    let mut commands = Vec::new();
    let mut lines: VecDeque<_> = block.lines().collect();
    while let Some(line) = lines.pop_front() {
        let command = line.strip_prefix("$ ").expect("a command");
        let mut command = command.to_owned();
        while command.ends_with('\\') {
            command.push('\n');
            command.push_str(lines.pop_front().expect("the rest of a command"));
        }
        let count = lines
            .iter()
            .take_while(|line| !line.starts_with("$ "))
            .count();
        commands.push((command, lines.drain(..count).collect()));
    }
    commands
}

/// Whether lines are those that are shown: numbers may be others, and `...` stands for any lines.
fn is_like(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=printed.len()).any(|skip| is_like(rest, &printed[skip..])),
        ([line, shown @ ..], [found, printed @ ..]) => {
            masked(line.trim_end()) == masked(found.trim_end()) && is_like(shown, printed)
        }
        _ => false,
    }
}

/// The folder of the test PKI, with what only the manual has.
fn files() -> PathBuf {
    let pki = TestPki::get();
    let testdata = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata");
        fs::read(folder.join(name)).unwrap()
    };
    pki.add("sha1.crl", &testdata("crl/sha1.der"));
    pki.add("delta.crl", &testdata("crl/delta.der"));
    pki.add("identity.p12", &testdata("pki/rsa.p12"));
    pki.add("dh2048.pem", &testdata("endpoint/dh2048.pem"));
    pki.path("root.pem").parent().unwrap().to_owned()
}
