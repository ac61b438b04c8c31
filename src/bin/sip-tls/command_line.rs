//! The command line: parsing with clap, and what clap generates for shells and manual pages.
//!
//! clap's own errors and usage texts are turned into the one line that every error of the program is.

use std::{io, iter};

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::failure::{Exit, Failure};
use crate::{check, ciphers, connect, crl, demo, listen, options, output, verify};

/// Runs the TLS options of a SIP endpoint that were written for OpenSSL on rustls.
#[derive(Parser)]
#[command(name = "sip-tls", version, long_version = version(), after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the main functions on one screen, with a temporary PKI
    Demo(demo::Args),
    /// Load a configuration, and report everything that is wrong with it
    Check(check::Args),
    /// Connect to a server and send SIP OPTIONS, or register
    Connect(connect::Args),
    /// Accept connections and answer SIP OPTIONS
    Listen(listen::Args),
    /// Verify certificate chains, as `openssl verify` does
    Verify(verify::Args),
    /// Fetch and show revocation lists
    Crl(crl::Args),
    /// Show which suites an OpenSSL cipher string selects
    Ciphers(ciphers::Args),
    /// List the options of a configuration
    Options(options::Args),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

impl CommandLine {
    /// Parses the arguments of this process. `--help` and `--version` print their text and end the program.
    pub(crate) fn read() -> Result<Self, Failure> {
        Self::try_parse().or_else(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                output::line(error.render().to_string().trim_end())?;
                std::process::exit(Exit::Done as i32);
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Err(Failure::unusable(
                "no command is given; `sip-tls --help` lists them",
            )),
            _ => Err(Failure::unusable(statement(&error))),
        })
    }

    /// Runs the command.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match self.command {
            Command::Demo(args) => demo::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Connect(args) => connect::run(&args),
            Command::Listen(args) => listen::run(&args),
            Command::Verify(args) => verify::run(&args),
            Command::Crl(args) => crl::run(&args),
            Command::Ciphers(args) => ciphers::run(&args),
            Command::Options(args) => options::run(&args),
            Command::Completions { shell } => completions(shell),
            Command::Man => man(),
        }
    }
}

/// Prints the script that completes commands and options in this shell.
fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "sip-tls", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}

/// Prints one page for the program and all its commands.
fn man() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    write_man(&mut page).map_err(Failure::unusable)?;
    let page = String::from_utf8_lossy(&page).replace(" EXTRA", " NOTES");
    output::line(page.trim_end())?;
    Ok(Exit::Done)
}

/// Writes the page: the sections of the program, and one for each command, whose own sections become subsections.
fn write_man(page: &mut Vec<u8>) -> io::Result<()> {
    use io::Write;

    let mut program = CommandLine::command();
    program.build();
    let main = clap_mangen::Man::new(program.clone());
    main.render_title(page)?;
    main.render_name_section(page)?;
    main.render_synopsis_section(page)?;
    main.render_description_section(page)?;
    main.render_options_section(page)?;
    let is_help = |command: &&clap::Command| command.get_name() == "help";
    let commands = program
        .get_subcommands()
        .filter(|command| !is_help(command))
        .flat_map(|command| iter::once(command).chain(command.get_subcommands()))
        .filter(|command| !is_help(command));
    for command in commands {
        let mut section = Vec::new();
        let man = clap_mangen::Man::new(command.clone().override_usage(usage(command)));
        man.render_description_section(&mut section)?;
        man.render_synopsis_section(&mut section)?;
        man.render_options_section(&mut section)?;
        if command.get_after_help().is_some() {
            man.render_extra_section(&mut section)?;
        }
        let section = String::from_utf8_lossy(&section).replace(".SH ", ".SS ");
        let name = command.get_bin_name().unwrap_or_default().to_uppercase();
        let name = name.replace('-', "\\-");
        write!(page, ".SH \"{name}\"\n{section}")?;
    }
    main.render_extra_section(page)
}

/// Returns the usage with all options. clap_mangen would leave out their values, and clap's usage the options.
fn usage(command: &clap::Command) -> String {
    let name = command.get_bin_name().unwrap_or_default();
    let words = command.get_arguments().map(|argument| {
        let more = match argument.get_action() {
            ArgAction::Append => "...",
            _ => "",
        };
        match argument.is_positional() {
            true => argument.to_string(),
            false if argument.is_required_set() => format!("{argument}{more}"),
            false => format!("[{argument}]{more}"),
        }
    });
    let mut usage = vec![name.to_owned()];
    usage.extend(words);
    if command.has_subcommands() {
        usage.push("<COMMAND>".to_owned());
    }
    usage.join(" ")
}

/// Formats an error of clap in one line, without its hints at the usage.
fn statement(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut parts = text
        .split("\n\n")
        .map(str::trim)
        .filter(|part| !part.starts_with("Usage:") && !part.starts_with("For more information"));
    let first = parts.next().unwrap_or_default();
    let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = words(first.strip_prefix("error: ").unwrap_or(first));
    match parts.next() {
        Some(tip) => format!("{first}; {}", words(tip)),
        None => first,
    }
}

/// The version, and what the program was built with.
fn version() -> String {
    let provider = match sip_tls::crypto::default_base_name() {
        Ok(name) => name.to_owned(),
        Err(error) => format!("none: {error}"),
    };
    let features: Vec<_> = FEATURES
        .iter()
        .filter(|(_, is_on)| *is_on)
        .map(|(name, _)| *name)
        .collect();
    format!(
        "{}\nprovider: {provider}\nfeatures: {}",
        env!("CARGO_PKG_VERSION"),
        features.join(", ")
    )
}

/// The features that `--version` names.
const FEATURES: [(&str, bool); 8] = [
    ("aws-lc-rs", cfg!(feature = "aws-lc-rs")),
    ("cbc", cfg!(feature = "cbc")),
    ("cli", cfg!(feature = "cli")),
    ("crl-fetch", cfg!(feature = "crl-fetch")),
    ("graviola", cfg!(feature = "graviola")),
    ("ring", cfg!(feature = "ring")),
    ("srv", cfg!(feature = "srv")),
    ("watch", cfg!(feature = "watch")),
];

const AFTER_HELP: &str = "\
The passphrase of an encrypted key or a PKCS#12 file is the first line of a file: the file that
`--passphrase-file` or the variable SIP_TLS_PASSPHRASE_FILE names, or a credential of systemd
($CREDENTIALS_DIRECTORY), `sip-tls.passphrase` or the only one that there is. Without these, the
program asks for it at the terminal.

With `trusted-ca` = `system`, the variables SSL_CERT_FILE and SSL_CERT_DIR replace the file and the
folder of the system, as with OpenSSL.

Exit codes: 0 done; 1 the peer or a certificate was refused; 2 the configuration or the command line
cannot be used; 3 the network failed.";
