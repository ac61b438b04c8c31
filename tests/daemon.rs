//! Server programs that tests run. Debian installs them in a folder that is not in every user's PATH.

use std::process::Command;

/// Whether this server is installed. In CI it has to be.
pub(crate) fn is_found(name: &str) -> bool {
    let is_found = program(name).is_some();
    let is_ci = std::env::var_os("CI").is_some();
    assert!(is_found || !is_ci, "CI has to have `{name}`");
    is_found
}

/// The name or path that starts the server.
pub(crate) fn program(name: &str) -> Option<String> {
    let mut places = [name.to_owned(), format!("/usr/sbin/{name}")].into_iter();
    places.find(|program| Command::new(program).arg("-v").output().is_ok())
}
