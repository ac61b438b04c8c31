//! The programs with which administrators make files.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use crate::child;

/// Runs a program in a folder, and returns what it printed.
#[track_caller]
pub(crate) fn run(folder: &Path, program: &str, words: &[impl AsRef<OsStr>]) -> Output {
    child::output(&mut command(folder, program, words))
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

/// Whether `-CAfile` of `openssl verify` loads the file `ca`. The end entity `leaf` need not be good.
#[track_caller]
pub(crate) fn openssl_loads(ca: &Path, leaf: &Path) -> bool {
    let mut command = child::command("openssl");
    command.args(["verify", "-CAfile"]).args([ca, leaf]);
    let output = child::output(&mut command);
    let says = String::from_utf8_lossy(&output.stderr);
    // Shown only if the test fails.
    println!("{says}");
    !says.contains("Error loading file")
}

pub(crate) fn command(folder: &Path, program: &str, words: &[impl AsRef<OsStr>]) -> Command {
    let mut command = child::command(program);
    command.args(words).current_dir(folder);
    command
}
