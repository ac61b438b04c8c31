//! `sip-tls connect`: one connection, and what came of it. With `--register`, the module `register`
//! takes over.
//!
//! The target is a line of the configuration or `--server`; the route is its addresses, one
//! address, or the servers of its domain. After the handshake an OPTIONS request goes out, because
//! a server may refuse the client only then, and may not speak SIP at all.

mod attempt;
mod record;
mod route;
mod target;

use std::path::PathBuf;
use std::time::Duration;

use sip_tls::profile::{Profile, Server};
use sip_tls::{Endpoint, EndpointBuilder};
use tokio::runtime::Runtime;

use crate::certificates;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::register;
use crate::settings::Settings;
use crate::verbosity::Verbosity;
pub(crate) use attempt::Attempt;
pub(crate) use record::Record;
pub(crate) use route::{Route, RouteArgs, SrvArgs, failed_before};
pub(crate) use target::{Target, choose, in_file};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.register.is_asked_for() {
        args.verbosity.start_queued();
        return args.registering().run();
    }
    args.verbosity.start();
    let record = match args.execute() {
        Ok(record) => record,
        Err(failure) => {
            if args.json {
                output::json(&Record::unusable(&failure))?;
            }
            return Err(failure);
        }
    };
    match args.json {
        true => output::json(&record)?,
        false => record.print()?,
    }
    let sent = &record.outcome.certificates;
    if args.show_certs && !args.json {
        certificates::show(sent)?;
    }
    if let Some(path) = &args.save_certs {
        certificates::save(sent, path)?;
    }
    match record.outcome.whole_error() {
        Some(error) => Err(Failure::new(record.outcome.exit(), record.blame(&error))),
        None => Ok(record.outcome.exit()),
    }
}

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Use the first TLS connection of this user in CONFIG; with `--register` all of them
    #[arg(long, value_name = "DN")]
    user: Option<String>,
    /// Connect to this server instead of one in CONFIG
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<Server>,
    #[command(flatten)]
    route: RouteArgs,
    /// Send OPTIONS; this is the default
    #[arg(long, conflicts_with = "no_sip")]
    sip: bool,
    /// Only make the TLS connection
    #[arg(long)]
    no_sip: bool,
    /// Time limit in seconds for the connection, and the same for the answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Print the certificates that the server sent
    #[arg(long)]
    show_certs: bool,
    /// Write the certificates that the server sent to a file, as PEM
    #[arg(long, value_name = "FILE")]
    save_certs: Option<PathBuf>,
    /// Print one JSON object; with `--register`, one line with an object for every change
    #[arg(long)]
    json: bool,
    #[command(flatten, next_help_heading = "With --register")]
    register: register::RegisterArgs,
}

impl Args {
    fn registering(&self) -> register::Task<'_> {
        register::Task {
            args: &self.register,
            settings: &self.settings,
            user: self.user.as_deref(),
            server: self.server.as_ref(),
            route: &self.route,
            timeout: self.timeout,
            is_json: self.json,
            is_verbose: self.verbosity.is_on(),
        }
    }

    /// Makes the endpoint and the attempt. What went wrong with the connection is in the record; an
    /// error is about the settings.
    fn execute(&self) -> Result<Record, Failure> {
        let loaded = self.settings.load()?;
        let target = self.target(loaded.profile.as_ref())?;
        let configure =
            |builder: EndpointBuilder| self.route.configure(builder.timeout(self.timeout));
        let (endpoint, _) = loaded.endpoint(configure)?;
        let runtime = runtime()?;
        let attempt = Attempt {
            endpoint: &endpoint,
            target: &target,
            route: self.route.route(),
            sip: !self.no_sip,
            timeout: self.timeout,
        };
        let record = runtime.block_on(attempt.run());
        // A name look-up that hangs must not keep the program alive.
        runtime.shutdown_background();
        Ok(record)
    }

    /// The server of the command line, or else that of a line of the configuration.
    fn target(&self, profile: Option<&Profile>) -> Result<Target, Failure> {
        if let Some(server) = &self.server {
            let user = self.user.as_deref().unwrap_or_default();
            return Ok(Target::new(server.clone(), user));
        }
        let Some(profile) = profile else {
            let text = "neither a configuration nor `--server HOST:PORT` is given";
            return Err(Failure::unusable(text));
        };
        choose(profile, self.user.as_deref())
    }
}

/// Connects to each server in turn, and sends OPTIONS.
pub(crate) fn attempt_all(
    endpoint: &Endpoint,
    targets: &[Target],
    route: Route,
) -> Result<Vec<Record>, Failure> {
    let runtime = runtime()?;
    let records = runtime.block_on(async {
        let mut records = Vec::new();
        for target in targets {
            let attempt = Attempt {
                endpoint,
                target,
                route,
                sip: true,
                timeout: TIMEOUT,
            };
            records.push(attempt.run().await);
        }
        records
    });
    runtime.shutdown_background();
    Ok(records)
}

/// One thread is enough for one connection.
fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(Failure::unusable)
}

/// For each server of `check --connect`.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a time-out.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "not a number of seconds above 0".to_owned())
}

const AFTER_HELP: &str = "\
Requests and pings that come before the answer to OPTIONS are answered.

With `--srv` the host is a SIP domain: NAPTR and SRV records name its servers (RFC 3263). If one
server fails, the next is tried. The name that is sent and checked is still the domain (RFC 5922).
For a host with another port than 5061, only the addresses of the host are looked up.

JSON: `result` is `connected`, `refused` or `failed`; `error` is the reason; `about` names the
certificate, the names and the list that the error is about; `server`, `user`, `peer`, `protocol`,
`cipher` and `group` describe the connection; `openssl` {`code`, `name`} and `depth` are the result
of the verification in OpenSSL's terms; `findings` are all findings; `path` holds the subjects of
the server's path; `matched_name` and `revocation_list` are the name that matched and the list that
was used; `alert` {`code`, `name`} is the alert with which the server refused us; `sip` {`status`,
`reason`} is the answer to OPTIONS; `timing` {`look_up`, `tcp`, `tls`, `sip`} are milliseconds.

With `--register`, every `Connectivity` of CONFIG that uses TLS and has a user is registered on its
own connection; `--user` and `--server` select among them. Requests arrive on the same connection:
OPTIONS, NOTIFY and pings are answered, other requests get 405. A ping is sent every 96 to 120
seconds, or after 80 to 100 % of the shorter of `--keep-alive` and the registrar's Flow-Timer. If
its answer does not come within 10 seconds, a new connection is made. A server that answers no ping
at all gets OPTIONS instead.

If a connection worked for `--retry` seconds and then fails, the next attempt is made within a tenth
of `--retry`. Otherwise the next attempt is made after 50 to 100 % of 2, 4, 8 ... times `--retry`,
at most 30 minutes. If the registrar refuses the user or the password, the next attempt is made
after 15 to 30 minutes. Ctrl-C and SIGTERM end the registrations; a second signal ends the program
at once. The exit code is 0 if all lines were registered at the end. Otherwise it is that of the
first line that was not. A terminal shows a table. Without a terminal, and with `-v`, every change
is a line. If the reader is too slow, changes are left out, and a line gives their number.

JSON with `--register`: `user` and `server` identify the line; `state` is `connecting`,
`registering`, `registered` (for `expires` seconds), `failed` or `refused` (with `error`, `about`,
`openssl` and `alert` as above; the next attempt is in `retry` seconds), `unregistered`, or
`unusable` (with `error`); `peer` is the address of the server; `note` is further information.
{`left_out`} is the number of changes that were left out, and {`error`} says why nothing can be
registered.";
