//! Libraries as peers: a small C program is compiled with each.

use std::process::Command;
use std::time::Duration;

use crate::cell::Setup;
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};
use crate::sip;

/// Compiles a program into the folder of the PKI, under the name of the peer.
pub(super) fn compile(pki: &Pki, name: &str, source: &str, flags: &[&str]) -> Result<(), String> {
    let file = format!("{name}.c");
    write_file(&pki.file(&file), source)?;
    let mut compile = Command::new("cc");
    compile
        .args(["-O1", &file, "-o", name])
        .args(flags)
        .current_dir(pki.folder());
    Process::run(&mut compile, Duration::from_secs(60))?;
    Ok(())
}

/// Starts the program with these words, followed by the files of the identity. Without an identity, they are empty
/// words.
pub(super) fn start(
    pki: &Pki,
    name: &str,
    words: &[&str],
    setup: Setup,
) -> Result<Process, String> {
    let own = setup
        .identity
        .map(|identity| [pki.chain(identity), pki.key(identity)]);
    let mut command = Command::new(pki.file(name));
    command
        .args(words)
        .args(own.unwrap_or_default())
        .current_dir(pki.folder());
    Process::start(&mut command)
}

/// Waits until a server listens.
pub(super) fn listening(mut process: Process, port: u16) -> Result<Box<dyn Running>, String> {
    process.wait_for_port(port)?;
    Ok(Box::new(process))
}

/// Gives a client its request.
pub(super) fn asking(mut process: Process) -> Box<dyn Running> {
    // A client that has ended accepts no input.
    let _ = process.write(sip::OPTIONS);
    process.close_stdin();
    Box::new(process)
}
