//! The program `sip-tls`.

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
