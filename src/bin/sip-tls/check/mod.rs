mod record;
mod text;

use lexopt::Parser;
use lexopt::prelude::*;
use sip_tls::check::{Checked, Severity};
use sip_tls::profile::{Connectivity, Profile, Transport};

use crate::connect::{self, Record, Target};
use crate::failure::{Exit, Failure};
use crate::help;
use crate::output;
use crate::settings::{JsonError, Settings};

pub(crate) fn run(parser: Parser) -> Result<Exit, Failure> {
    let Some(args) = Args::parse(parser)? else {
        return help(HELP);
    };
    let outcome = match args.outcome() {
        Ok(outcome) => outcome,
        Err(failure) => {
            if args.json {
                let error = failure.message();
                output::json(&JsonError { error })?;
            }
            return Err(failure);
        }
    };
    match args.json {
        true => output::json(&record::Record::from(&outcome))?,
        false => text::print(&outcome)?,
    }
    match outcome.error() {
        Some(error) => Err(Failure::unusable(error)),
        None => Ok(outcome.exit(args.strict)),
    }
}

struct Args {
    settings: Settings,
    days: u32,
    strict: bool,
    connect: bool,
    json: bool,
}

/// What there is to say of a configuration.
struct Examined {
    config: Option<String>,
    checked: Checked,
    /// What became of each connection, if they were to be made.
    connections: Vec<Record>,
}

impl Args {
    /// `None` if help was asked for.
    fn parse(mut parser: Parser) -> Result<Option<Self>, Failure> {
        let mut args = Self {
            settings: Settings::default(),
            days: 30,
            strict: false,
            connect: false,
            json: false,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Short('o') => args.settings.add_pair(&mut parser)?,
                Long("days") => args.days = parser.value()?.parse()?,
                Long("strict") => args.strict = true,
                Long("connect") => args.connect = true,
                Long("json") => args.json = true,
                Long("passphrase-file") => args.settings.set_passphrase_file(&mut parser)?,
                Value(config) => args.settings.set_config(config)?,
                _ => return Err(arg.unexpected().into()),
            }
        }
        match args.settings.is_empty() {
            true => Err(Failure::unusable(
                "neither a configuration nor `-o NAME=VALUE` is given",
            )),
            false => Ok(Some(args)),
        }
    }

    fn outcome(&self) -> Result<Examined, Failure> {
        let checked = self.settings.check()?.days(self.days).run();
        let connections = match self.connect {
            true => connect_all(&checked)?,
            false => Vec::new(),
        };
        Ok(Examined {
            config: self.settings.config(),
            checked,
            connections,
        })
    }
}

/// Makes the connection of every line that uses TLS, one after the other.
fn connect_all(checked: &Checked) -> Result<Vec<Record>, Failure> {
    let Some((endpoint, profile)) = checked.endpoint().zip(checked.profile()) else {
        return Ok(Vec::new());
    };
    let lines = profile.connectivities().iter();
    let targets: Vec<_> = lines
        .filter(|line| line.transport() == Transport::Tls)
        .map(Target::from)
        .collect();
    connect::attempt_all(endpoint, &targets)
}

impl Examined {
    /// The first error and the number of the others, in one line.
    fn error(&self) -> Option<String> {
        let findings = self.checked.findings().iter();
        let mut errors = findings.filter(|finding| finding.severity() == Severity::Error);
        let first = errors.next()?;
        let place = self.config.as_ref().zip(first.position());
        let place = place.map(|(config, position)| format!("{config}: {position}: "));
        let option = first.option().map(|option| format!("`{option}`: "));
        let text = [place, option, Some(first.sentence().to_owned())];
        let text: String = text.into_iter().flatten().collect();
        Some(match errors.count() {
            0 => text,
            1 => format!("{text} (and 1 more error)"),
            more => format!("{text} (and {more} more errors)"),
        })
    }

    fn exit(&self, strict: bool) -> Exit {
        let exits = self.connections.iter().map(|record| record.outcome.exit());
        match self.checked.worst() {
            Some(Severity::Warning) if strict => Exit::Unusable,
            _ => exits.max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Connectivity> {
        let profile = self.checked.profile();
        profile.into_iter().flat_map(Profile::connectivities)
    }

    fn has_server_side(&self) -> bool {
        let endpoint = self.checked.endpoint();
        endpoint.is_some_and(|endpoint| endpoint.server_config().is_ok())
    }
}

const HELP: &str = "\
Loads a configuration and its files, and says all that is wrong with it, and what becomes of every
option. No network, but with --connect.

Usage: sip-tls check [CONFIG] [OPTIONS]

  CONFIG                  a SipEndpoint.config
  -o NAME=VALUE           set an option, before what CONFIG says; see `sip-tls options`
  --days N                warn of certificates that end within N days; 30 if not said
  --strict                warnings are as bad as errors
  --connect               then connect to each server of CONFIG in turn, and send SIP OPTIONS
  --passphrase-file FILE  open encrypted keys and PKCS#12 with the first line of this file;
                          see `sip-tls --help`
  --json                  print one JSON object

Findings: an `error` cannot work; a `warning` will fail soon, or fails with some peers; `advice` is
no fault. Exit code 2 says that there is an error, or with --strict a warning.

JSON: `version` is 1; `usable` and `server_side` say whether connections can be made and accepted,
`error` is the first error; `findings` have `severity`, `code`, `option`, `position` {`line`,
`column`} in CONFIG, `file`, `block` and `line` of what was read, `text` and `cure`; `connections`
hold the lines of CONFIG, with `result` as `connect --json` prints it; `options`, `certificates`,
`revocation_lists` and `suites` are the tables.
";
