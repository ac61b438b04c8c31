mod attempt;
mod record;
mod target;

use std::net::SocketAddr;
use std::time::Duration;

use lexopt::Parser;
use lexopt::prelude::*;
use sip_tls::Endpoint;
use sip_tls::profile::{Profile, Server};
use tokio::runtime::Runtime;

use crate::failure::{Exit, Failure};
use crate::help;
use crate::output;
use crate::settings::Settings;
pub(crate) use attempt::Attempt;
pub(crate) use record::Record;
pub(crate) use target::Target;

pub(crate) fn run(parser: Parser) -> Result<Exit, Failure> {
    let Some(args) = Args::parse(parser)? else {
        return help(HELP);
    };
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
    match &record.outcome.error {
        Some(error) => Err(Failure::new(record.outcome.exit(), record.blame(error))),
        None => Ok(record.outcome.exit()),
    }
}

struct Args {
    settings: Settings,
    json: bool,
    user: Option<String>,
    server: Option<Server>,
    connect_to: Option<SocketAddr>,
    sip: bool,
    timeout: Duration,
}

impl Args {
    /// `None` if help was asked for.
    fn parse(mut parser: Parser) -> Result<Option<Self>, Failure> {
        let mut args = Self {
            settings: Settings::default(),
            json: false,
            user: None,
            server: None,
            connect_to: None,
            sip: true,
            timeout: TIMEOUT,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Short('o') => args.settings.add_pair(&mut parser)?,
                Long("json") => args.json = true,
                Long("passphrase-file") => args.settings.set_passphrase_file(&mut parser)?,
                Long("user") => args.user = Some(parser.value()?.string()?),
                Long("server") => args.server = Some(parser.value()?.parse()?),
                Long("connect-to") => args.connect_to = Some(parser.value()?.parse()?),
                Long("sip") => args.sip = true,
                Long("no-sip") => args.sip = false,
                Long("timeout") => args.timeout = parser.value()?.parse_with(seconds)?,
                Value(config) => args.settings.set_config(config)?,
                _ => return Err(arg.unexpected().into()),
            }
        }
        Ok(Some(args))
    }

    fn execute(&self) -> Result<Record, Failure> {
        let loaded = self.settings.load()?;
        let target = self.target(loaded.profile.as_ref())?;
        let (endpoint, _) = loaded.endpoint(|builder| builder.timeout(self.timeout))?;
        let runtime = runtime()?;
        let attempt = Attempt {
            endpoint: &endpoint,
            target: &target,
            address: self.connect_to,
            sip: self.sip,
            timeout: self.timeout,
        };
        let record = runtime.block_on(attempt.run());
        // A name look-up that hangs must not keep the program alive.
        runtime.shutdown_background();
        Ok(record)
    }

    fn target(&self, profile: Option<&Profile>) -> Result<Target, Failure> {
        if let Some(server) = &self.server {
            return Ok(Target {
                server: server.clone(),
                user: self.user.clone().unwrap_or_default(),
                note: None,
            });
        }
        let Some(profile) = profile else {
            let text = "neither a configuration nor `--server HOST:PORT` is given";
            return Err(Failure::unusable(text));
        };
        target::choose(profile, self.user.as_deref())
    }
}

/// Connects to each server in turn, and sends OPTIONS.
pub(crate) fn attempt_all(endpoint: &Endpoint, targets: &[Target]) -> Result<Vec<Record>, Failure> {
    let runtime = runtime()?;
    let records = runtime.block_on(async {
        let mut records = Vec::new();
        for target in targets {
            let attempt = Attempt {
                endpoint,
                target,
                address: None,
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

fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(Failure::unusable)
}

const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a time-out.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "not a number of seconds above 0".to_owned())
}

const HELP: &str = "\
Connects to a server as a configuration says, sends SIP OPTIONS and reads the answer. Requests and
pings that come before it are answered.

Usage: sip-tls connect [CONFIG] [OPTIONS]

  CONFIG                 a SipEndpoint.config
  -o NAME=VALUE          set an option, before what CONFIG says; see `sip-tls options`
  --user DN              take the first TLS connection of this user in CONFIG
  --server HOST:PORT     connect to this server instead of one in CONFIG
  --connect-to ADDR:PORT open the connection to this address, as if it were the server's
  --sip                  send OPTIONS; this is the default
  --no-sip               only make the TLS connection
  --timeout SECONDS      for the connection, and again for the answer; 10 if not said
  --passphrase-file FILE open encrypted keys and PKCS#12 with the first line of this file
  --json                 print one JSON object

JSON: `result` is `connected`, `refused` or `failed`, and `error` says why; `server`, `user`,
`peer`, `protocol`, `cipher` and `group` describe the connection; `openssl` {`code`, `name`} and
`depth` are the result of the verification as OpenSSL has it, `findings` all that was found;
`path` holds the subjects of the server's path, `matched_name` and `revocation_list` what
answered; `alert` {`code`, `name`} is what the server refused us with; `sip` {`status`, `reason`}
is the answer to OPTIONS.
";
