//! The programs that administrators make files with.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Whether a program is there. In CI it has to be.
#[track_caller]
pub(super) fn is_found(program: &str) -> bool {
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
pub(super) fn run(folder: &Path, program: &str, words: &[impl AsRef<OsStr>]) -> Output {
    let mut child = Command::new(program)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("{program} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// Runs `openssl` with words that have no spaces in them, and demands success.
#[track_caller]
pub(super) fn openssl(folder: &Path, words: &str) -> String {
    let words: Vec<_> = words.split_whitespace().collect();
    let output = run(folder, "openssl", &words);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {words:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const PATIENCE: Duration = Duration::from_secs(60);
