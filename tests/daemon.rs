//! Servers of others that tests run: Debian has them in a folder that is not in every user's PATH.

use std::process::Command;

/// Whether there is this server to run. In CI there has to be one.
pub(crate) fn is_found(name: &str) -> bool {
    let is_found = program(name).is_some();
    let is_ci = std::env::var_os("CI").is_some();
    assert!(is_found || !is_ci, "CI has to have `{name}`");
    is_found
}

/// How the server is started.
pub(crate) fn program(name: &str) -> Option<String> {
    let mut places = [name.to_owned(), format!("/usr/sbin/{name}")].into_iter();
    places.find(|program| Command::new(program).arg("-v").output().is_ok())
}
