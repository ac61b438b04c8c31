use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use lexopt::Parser;
use lexopt::prelude::*;
use serde::Serialize;
use sip_tls::profile::{Connectivity, Profile, Server, Transport};
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::failure::{Exit, Failure, chain};
use crate::help;
use crate::outcome::{Outcome, Verdict};
use crate::output::{self, Table};
use crate::settings::Settings;
use crate::sip::{self, OptionsRequest};

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
            timeout: Duration::from_secs(10),
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Short('o') => args.settings.add_pair(&mut parser)?,
                Long("json") => args.json = true,
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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::unusable)?;
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
        choose(profile.connectivities(), self.user.as_deref())
    }
}

/// Reads a time-out.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "not a number of seconds above 0".to_owned())
}

/// Whom to connect to.
pub(crate) struct Target {
    server: Server,
    user: String,
    note: Option<String>,
}

impl From<&Connectivity> for Target {
    fn from(line: &Connectivity) -> Self {
        Self {
            server: line.server().clone(),
            user: line.user().to_owned(),
            note: None,
        }
    }
}

/// Picks the line of the configuration: the first that uses TLS, of `user` if one is asked for.
fn choose(lines: &[Connectivity], user: Option<&str>) -> Result<Target, Failure> {
    let of_user: Vec<_> = lines
        .iter()
        .filter(|line| user.is_none_or(|user| line.user() == user))
        .collect();
    let mut tls = of_user
        .iter()
        .filter(|line| line.transport() == Transport::Tls);
    let Some(line) = tls.next() else {
        return Err(Failure::unusable(no_line(lines, &of_user, user)));
    };
    let note = match tls.count() {
        0 => None,
        others => Some(format!(
            "{} lines of the configuration use TLS; taking the first, `{}` at {} (`--user` and \
             `--server` choose others)",
            others + 1,
            line.user(),
            line.server()
        )),
    };
    Ok(Target {
        note,
        ..Target::from(*line)
    })
}

fn no_line(lines: &[Connectivity], of_user: &[&Connectivity], user: Option<&str>) -> String {
    let whose = user.map_or_else(String::new, |user| format!(" of user `{user}`"));
    match (lines, of_user) {
        ([], _) => {
            "the configuration has no `Connectivity`; give the server with `--server`".to_owned()
        }
        (_, []) => {
            let mut users: Vec<_> = lines.iter().map(Connectivity::user).collect();
            users.dedup();
            format!(
                "no `Connectivity`{whose}; there are `{}`",
                users.join("`, `")
            )
        }
        (_, [first, ..]) => format!(
            "no `Connectivity`{whose} uses TLS: the protocol to {} is {}",
            first.server(),
            first.transport()
        ),
    }
}

/// A connection to be made.
pub(crate) struct Attempt<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) target: &'a Target,
    /// Where to, if not where the target's name leads.
    pub(crate) address: Option<SocketAddr>,
    /// Whether to send OPTIONS.
    pub(crate) sip: bool,
    pub(crate) timeout: Duration,
}

impl Attempt<'_> {
    pub(crate) async fn run(&self) -> Record {
        let mut record = Record {
            outcome: Outcome::failed(None),
            server: Some(self.target.server.to_string()),
            user: self.target.user.clone(),
            peer: None,
            sip: None,
            note: self.target.note.clone(),
        };
        let began = Instant::now();
        let connected = tokio::time::timeout(self.timeout, self.connect(&mut record.peer)).await;
        let timed_out = ConnectError::TimedOut {
            after: self.timeout,
        };
        match connected.unwrap_or(Err(timed_out)) {
            Err(error) => record.outcome = Outcome::not_connected(&error),
            Ok(connection) => {
                record.outcome = Outcome::connected(&connection);
                match self.sip {
                    true => self.ask(connection, &mut record).await,
                    false => wait_for_refusal(connection, began.elapsed(), &mut record).await,
                }
            }
        }
        record
    }

    async fn connect(
        &self,
        peer: &mut Option<SocketAddr>,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let server = &self.target.server;
        let stream = self.endpoint.connect_tcp(server, self.address).await?;
        *peer = stream.peer_addr().ok();
        self.endpoint.connect_stream(server.host(), stream).await
    }

    /// Sends OPTIONS and notes the answer.
    async fn ask(&self, mut connection: Connection<TcpStream>, record: &mut Record) {
        let Target { server, user, .. } = self.target;
        let local = connection.transport().local_addr();
        let local = local.unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
        let request = OptionsRequest::new(server, user, local, &sip::token(self.endpoint));
        match sip::exchange(&mut connection, &request, self.timeout).await {
            Ok(line) => {
                record.sip = Some(SipAnswer {
                    status: line.code.into_u16(),
                    reason: line.reason.as_deref().unwrap_or_default().to_owned(),
                });
            }
            Err(sip::ExchangeError::Broken(error)) => record.outcome.breaks(&error),
            Err(error) => record.outcome.fails(chain(&error)),
        }
    }
}

/// In TLS 1.3 a server says only after our handshake whether it takes our certificate.
async fn wait_for_refusal(
    mut connection: Connection<TcpStream>,
    round_trips: Duration,
    record: &mut Record,
) {
    if connection.protocol() != "TLSv1.3" {
        return;
    }
    // The way to the server and back, twice at least, lies behind us.
    let wait = SHORTEST_WAIT.max(round_trips);
    let mut byte = [0];
    match tokio::time::timeout(wait, connection.read(&mut byte)).await {
        Ok(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            record.outcome.breaks(&error);
        }
        Ok(Ok(0) | Err(_)) => {
            let note = "the server closed the connection right after the handshake; it may have \
                        refused our certificate";
            record.note.get_or_insert_with(|| note.to_owned());
        }
        Ok(Ok(_)) | Err(_) => {}
    }
}

/// What became of a connection that was to be made.
#[derive(Serialize)]
pub(crate) struct Record {
    server: Option<String>,
    user: String,
    peer: Option<SocketAddr>,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    sip: Option<SipAnswer>,
    note: Option<String>,
}

#[derive(Serialize)]
struct SipAnswer {
    status: u16,
    reason: String,
}

impl Record {
    fn unusable(failure: &Failure) -> Self {
        Self {
            outcome: Outcome::failed(failure.message()),
            server: None,
            user: String::new(),
            peer: None,
            sip: None,
            note: None,
        }
    }

    /// The status of the answer to OPTIONS.
    pub(crate) fn status(&self) -> Option<u16> {
        self.sip.as_ref().map(|answer| answer.status)
    }

    /// All of it in short.
    pub(crate) fn sentence(&self) -> String {
        let outcome = &self.outcome;
        match (&outcome.error, outcome.protocol, outcome.cipher, &self.sip) {
            (None, Some(protocol), Some(cipher), sip) => {
                let certificate = outcome.peer_subject().unwrap_or_default();
                let (name, revocation) = (self.name(), self.revocation());
                let mut text =
                    format!("connected, {protocol}, {cipher}; {certificate}: {name}; {revocation}");
                if let Some(sip) = sip {
                    text.push_str(&format!("; OPTIONS: {} {}", sip.status, sip.reason));
                }
                text
            }
            (error, ..) => error.clone().unwrap_or_default(),
        }
    }

    /// The error with the server in front, unless it names the server itself.
    fn blame(&self, error: &str) -> String {
        match &self.server {
            Some(server) if !error.contains(server.split(':').next().unwrap_or(server)) => {
                format!("{server}: {error}")
            }
            _ => error.to_owned(),
        }
    }

    fn print(&self) -> Result<(), Failure> {
        if let Some(note) = &self.note {
            output::note(note);
        }
        let outcome = &self.outcome;
        let Some(protocol) = outcome.protocol else {
            return Ok(());
        };
        let peer = self
            .peer
            .map_or_else(String::new, |peer| format!(" at {peer}"));
        let server = self.server.as_deref().unwrap_or_default();
        output::line(match outcome.result {
            Verdict::Connected => format!("{} to {server}{peer}", output::green("connected")),
            _ => format!("connected to {server}{peer}, but not for long"),
        })?;
        let mut table = Table::default();
        let mut row = |name: &str, value: &str| table.row([name.to_owned(), value.to_owned()]);
        row("protocol", protocol);
        row("cipher", outcome.cipher.unwrap_or_default());
        row("group", outcome.group.unwrap_or("none (resumed)"));
        row("certificate", &outcome.path.join("  <  "));
        row("name", &self.name());
        row("revocation", &self.revocation());
        if let Some(sip) = &self.sip {
            row("OPTIONS", &format!("{} {}", sip.status, sip.reason));
        }
        output::line(table)
    }

    fn name(&self) -> String {
        match (&self.outcome.matched_name, self.outcome.findings.first()) {
            (Some(name), _) => format!("matches {name}"),
            (None, Some(finding)) => format!("not checked: {}", finding.text()),
            (None, None) => "not checked".to_owned(),
        }
    }

    fn revocation(&self) -> String {
        match &self.outcome.revocation_list {
            Some(list) => format!("not revoked, says the list of {list}"),
            None => "not checked".to_owned(),
        }
    }
}

const SHORTEST_WAIT: Duration = Duration::from_millis(250);

const HELP: &str = "\
Connects to a server as a configuration says, sends SIP OPTIONS and reads the answer.

Usage: sip-tls connect [CONFIG] [OPTIONS]

  CONFIG                 a SipEndpoint.config
  -o NAME=VALUE          set an option, before what CONFIG says; see `sip-tls options`
  --user DN              take the first TLS connection of this user in CONFIG
  --server HOST:PORT     connect to this server instead of one in CONFIG
  --connect-to ADDR:PORT open the connection to this address, as if it were the server's
  --sip                  send OPTIONS; this is the default
  --no-sip               only make the TLS connection
  --timeout SECONDS      for the connection, and again for the answer; 10 if not said
  --json                 print one JSON object

JSON: `result` is `connected`, `refused` or `failed`, and `error` says why; `server`, `user`,
`peer`, `protocol`, `cipher` and `group` describe the connection; `openssl` {`code`, `name`} and
`depth` are the result of the verification as OpenSSL has it, `findings` all that was found;
`path` holds the subjects of the server's path, `matched_name` and `revocation_list` what
answered; `alert` {`code`, `name`} is what the server refused us with; `sip` {`status`, `reason`}
is the answer to OPTIONS.
";
