//! The programs with which administrators make files.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Whether a program is installed. In CI it has to be.
#[track_caller]
pub(crate) fn is_found(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_found = std::env::split_paths(&paths).any(|folder| folder.join(program).is_file());
    assert!(
        is_found || std::env::var_os("CI").is_none(),
        "CI needs {program}"
    );
    is_found
}

/// Runs a program in a folder, and returns what it printed.
#[track_caller]
pub(crate) fn run(folder: &Path, program: &str, words: &[impl AsRef<OsStr>]) -> Output {
    Running::start(folder, program, words).end()
}

/// Runs `openssl` with words that contain no spaces, and requires success.
#[track_caller]
pub(crate) fn openssl(folder: &Path, words: &str) -> String {
    let words: Vec<_> = words.split_whitespace().collect();
    let output = run(folder, "openssl", &words);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {words:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program that is running. It has a time limit, and is ended with its test.
pub(crate) struct Running {
    program: String,
    child: Child,
    started: Instant,
    /// The outputs are read as they come, because a pipe holds little.
    outputs: [Option<JoinHandle<Vec<u8>>>; 2],
}

impl Running {
    #[track_caller]
    pub(crate) fn start(folder: &Path, program: &str, words: &[impl AsRef<OsStr>]) -> Self {
        let mut child = Command::new(program)
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let outputs = [
            child.stdout.take().map(collect),
            child.stderr.take().map(collect),
        ];
        Self {
            program: program.to_owned(),
            child,
            started: Instant::now(),
            outputs,
        }
    }

    /// Waits until the program ends.
    #[track_caller]
    pub(crate) fn end(mut self) -> Output {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let is_late = self.started.elapsed() > PATIENCE;
            assert!(!is_late, "{} does not end", self.program);
            std::thread::sleep(Duration::from_millis(2));
        };
        let [stdout, stderr] = self
            .outputs
            .each_mut()
            .map(|output| output.take().unwrap().join().unwrap());
        Output {
            status,
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

const PATIENCE: Duration = Duration::from_secs(60);
