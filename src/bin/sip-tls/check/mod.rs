//! `sip-tls check`: all that can be said of a configuration without a network, and with `--connect`
//! also with it.
//!
//! The findings are the library's (`sip_tls::check`). The report has the tables besides: options,
//! certificates, lists, suites.

mod fetched;
mod record;
mod text;

use sip_tls::Error;
use sip_tls::check::{Checked, Severity};
use sip_tls::profile::{Connectivity, Profile, Transport};

use crate::connect::{self, Record, Route, SrvArgs, Target};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::settings::{Settings, tell_json};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let outcome = tell_json(args.json, args.outcome())?;
    match args.json {
        true => output::json(&record::Record::from(&outcome))?,
        false => text::print(&outcome)?,
    }
    match outcome.error() {
        Some(error) => Err(Failure::unusable(error)),
        None => Ok(outcome.exit(args.strict)),
    }
}

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Warn of certificates that expire within N days
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: u32,
    /// Exit with code 2 after a warning, too
    #[arg(long)]
    strict: bool,
    /// Then connect to each server of CONFIG, one after the other, and send SIP OPTIONS
    #[arg(long)]
    connect: bool,
    #[command(flatten)]
    srv: SrvArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The results of checking a configuration.
struct Examined {
    config: Option<String>,
    checked: Checked,
    /// The result of each connection; empty without `--connect`.
    connections: Vec<Record>,
    /// `None` if no list is fetched.
    fetched: Option<Vec<fetched::FetchedList>>,
}

impl Args {
    fn outcome(&self) -> Result<Examined, Failure> {
        if self.settings.is_empty() {
            let text = "neither a configuration nor `-o NAME=VALUE` is given";
            return Err(Failure::unusable(text));
        }
        if self.srv.is_given() && !self.connect {
            return Err(Failure::unusable("`--srv` needs `--connect`"));
        }
        let check = self.settings.check(self.srv.resolver()?)?;
        let checked = check.days(self.days).run();
        let connections = match self.connect {
            true => connect_all(&checked, self.srv.route())?,
            false => Vec::new(),
        };
        Ok(Examined {
            fetched: fetched::lists(&checked, &self.settings.fetch()),
            config: self.settings.config(),
            checked,
            connections,
        })
    }
}

/// Connects to the server of each line that uses TLS, one after the other.
fn connect_all(checked: &Checked, route: Route) -> Result<Vec<Record>, Failure> {
    let Some((endpoint, profile)) = checked.endpoint().zip(checked.profile()) else {
        return Ok(Vec::new());
    };
    let lines = profile.connectivities().iter();
    let targets: Vec<_> = lines
        .filter(|line| line.transport() == Transport::Tls)
        .map(Target::from)
        .collect();
    connect::attempt_all(endpoint, &targets, route)
}

impl Examined {
    /// Returns the first error and the number of the others, in one line.
    fn error(&self) -> Option<String> {
        let findings = self.checked.findings().iter();
        let mut errors = findings.filter(|finding| finding.severity() == Severity::Error);
        let first = errors.next()?;
        let place = self
            .config
            .as_ref()
            .and_then(|config| match first.position() {
                Some(position) => Some(format!("{config}: {position}: ")),
                // These are about the file as a whole.
                None if ["bad-config", "option-missing"].contains(&first.code()) => {
                    Some(format!("{config}: "))
                }
                None => None,
            });
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

    /// Returns whether connections can be accepted, or why not. `None` if there is no endpoint.
    fn server_side(&self) -> Option<Result<(), Error>> {
        let endpoint = self.checked.endpoint()?;
        Some(endpoint.server_config().map(drop))
    }

    fn has_server_side(&self) -> bool {
        self.server_side().is_some_and(|server| server.is_ok())
    }
}

const AFTER_HELP: &str = "\
Reads the configuration and its files, and shows how every option is treated. Uses the network only
with --connect.

Findings: an `error` cannot work; a `warning` will fail soon, or fails with some peers; `advice` is
not a fault. The exit code is 2 if there is an error or, with --strict, a warning.

JSON: `version` is 1; `usable` and `server_side` say whether connections can be made and accepted;
`error` is the first error; `findings` have `severity`, `code`, `option`, `position` {`line`,
`column`} in CONFIG, `file`, `block` and `line` of the object, `text` and `cure`; `connections` hold
the lines of CONFIG, with `result` as `connect --json` prints it; `options`, `certificates`,
`revocation_lists` and `suites` are the tables, and so is `fetched_lists` if `tls-crl` contains
`fetch`.";
