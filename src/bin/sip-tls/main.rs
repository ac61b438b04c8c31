//! The program `sip-tls`.
//!
//! Each command is a module: a struct of arguments for clap, and a function `run` that returns how
//! the program ends. A command uses the library as any other program can; what it prints for people
//! and as JSON comes from the same values.
//!
//! Results go to stdout, and notes and errors to stderr, so that a pipe gets results only. Texts
//! from outside are escaped before they are printed. The program ends with an
//! [`Exit`](failure::Exit), which `--help` explains.
//!
//! Doc comments on arguments and commands are their help texts.

mod certificates;
mod check;
mod ciphers;
mod command_line;
mod connect;
mod connection;
mod crl;
mod date;
mod demo;
mod failure;
mod fetch;
mod listen;
mod lists;
mod network;
mod options;
mod output;
mod passphrase;
mod register;
mod settings;
mod signal;
mod sip;
mod suites;
mod verbosity;
mod verify;

use std::process::ExitCode;

use command_line::CommandLine;

fn main() -> ExitCode {
    match CommandLine::read().and_then(CommandLine::run) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::note(failure.message());
            failure.exit().into()
        }
    }
}
