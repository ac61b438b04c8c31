//! The program `sip-tls`.

mod check;
mod ciphers;
mod connect;
mod connection;
mod date;
mod demo;
mod failure;
mod listen;
mod options;
mod output;
mod passphrase;
mod settings;
mod sip;
mod suites;
mod verify;

use std::process::ExitCode;

use lexopt::Parser;
use lexopt::prelude::*;

use failure::{Exit, Failure};

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::note(failure.message());
            failure.exit().into()
        }
    }
}

fn run(mut args: Parser) -> Result<Exit, Failure> {
    match args.next()? {
        Some(Short('h') | Long("help")) => help(HELP),
        Some(Short('V') | Long("version")) => {
            output::line(concat!("sip-tls ", env!("CARGO_PKG_VERSION")))?;
            Ok(Exit::Done)
        }
        Some(Value(command)) => subcommand(&command.string()?, args),
        Some(other) => Err(other.unexpected().into()),
        None => Err(Failure::unusable(format!(
            "no command given; there are {COMMANDS} (`sip-tls --help`)"
        ))),
    }
}

fn subcommand(command: &str, mut args: Parser) -> Result<Exit, Failure> {
    match command {
        "check" => check::run(args),
        "ciphers" => ciphers::run(args),
        "connect" => connect::run(args),
        "demo" => demo::run(args),
        "listen" => listen::run(args),
        "options" => options::run(args),
        "verify" => verify::run(args),
        "help" => match args.next()? {
            Some(Value(command)) => subcommand(&command.string()?, Parser::from_args(["--help"])),
            _ => help(HELP),
        },
        _ => Err(Failure::unusable(format!(
            "no command `{command}`; there are {COMMANDS}"
        ))),
    }
}

/// Prints a help text.
pub(crate) fn help(text: &str) -> Result<Exit, Failure> {
    output::line(text.trim_end())?;
    Ok(Exit::Done)
}

const COMMANDS: &str = "demo, check, connect, listen, verify, ciphers and options";

const HELP: &str = "\
Runs the TLS options of a SIP endpoint that were written for OpenSSL on rustls.

Usage: sip-tls COMMAND [ARGUMENTS]

  demo      show all of it in one screen, with a throw-away PKI
  check     load a configuration and say what becomes of every option; no network
  connect   connect to a server and send SIP OPTIONS
  listen    take connections and answer SIP OPTIONS
  verify    verify a certificate chain, as `openssl verify` does
  ciphers   say what an OpenSSL cipher string comes to
  options   list the options of a configuration

`sip-tls COMMAND --help` tells more. `--version` prints the version.

The passphrase of an encrypted key or a PKCS#12 file is the first line of the file that
`--passphrase-file` or the variable SIP_TLS_PASSPHRASE_FILE names, or of the credential of
systemd ($CREDENTIALS_DIRECTORY): `sip-tls.passphrase`, or the only one there is. Without these, it
is asked for at the terminal.

Exit codes: 0 done; 1 the peer or a certificate was refused; 2 the configuration or the
command line is unusable; 3 the network failed.
";
