//! `sip-tls listen`: a server that answers OPTIONS and pings.
//!
//! It is a server for tests and for monitoring, on top of `Endpoint::serve`. One line for each
//! connection goes through a queue, so that a terminal which does not read does not hold
//! connections up.

mod reload;
mod session;

use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use sip_tls::Endpoint;
use tokio::net::TcpListener;

use crate::connect::seconds;
use crate::failure::{Context, Exit, Failure};
use crate::network::network;
use crate::output::{self, Queue};
use crate::settings::Settings;
use crate::signal;
use crate::verbosity::Verbosity;
use reload::Reloads;
pub(crate) use session::{Limits, Session, server};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    args.verbosity.start_queued();
    let endpoint = args.settings.load()?.server(|builder| {
        let builder = builder.timeout(args.timeout);
        Ok(builder.server_preference(args.serverpref))
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::unusable)?;
    runtime.block_on(args.listen(endpoint))?;
    Ok(Exit::Done)
}

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Where to listen: an address or a name; port 0 selects a free port
    #[arg(long, value_name = "HOST:PORT", value_parser = place)]
    bind: String,
    /// End after N connections
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Accept at most N connections at once; further connections wait
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    max_connections: Option<usize>,
    /// Accept at most N connections from one address at once
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    max_per_address: Option<usize>,
    /// The addresses of proxies that send the PROXY protocol, such as 192.0.2.0/24
    #[arg(long, value_name = "NETWORK,...", value_delimiter = ',', value_parser = network)]
    proxies: Vec<IpNet>,
    /// Use our order of suites, not the client's
    #[arg(long)]
    serverpref: bool,
    /// Read the files again when they change
    #[arg(long)]
    watch: bool,
    /// Time limit in seconds for a handshake, and for a client to accept an answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Close a connection after so many seconds of silence
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    idle: Duration,
    /// Print a JSON object for every connection
    #[arg(long)]
    json: bool,
}

impl Args {
    fn limits(&self) -> Limits {
        Limits {
            message: self.timeout,
            idle: self.idle,
        }
    }

    /// Listens until a signal or `--count` ends the server. The queue is printed before this
    /// returns.
    async fn listen(&self, endpoint: Endpoint) -> Result<(), Failure> {
        let unreachable = |error| {
            let text = format!("cannot listen on {}", self.bind);
            Failure::new(Exit::Network, Context::new(text, error))
        };
        let listener = TcpListener::bind(&self.bind).await.map_err(unreachable)?;
        // Reloads start before the first line is printed: whoever has read that line may send the signal.
        let reloads = Reloads::new(&endpoint, self.watch)?;
        let address = listener.local_addr().map_err(unreachable)?;
        output::line(format!("listening on {address}"))?;
        let (queue, printing) = Queue::start(io::stdout(), self.left_out());
        let server = self.server(&endpoint, listener, queue)?;
        tokio::select! {
            () = server.into_future() => printing.end().map_err(Failure::unusable),
            never = reloads.run(&endpoint) => match never {},
        }
    }

    /// Makes the server, with the limits of the command line.
    fn server(
        &self,
        endpoint: &Endpoint,
        listener: TcpListener,
        queue: Queue,
    ) -> Result<impl IntoFuture<Output = (), IntoFuture: Send> + use<>, Failure> {
        let is_json = self.json;
        let report = move |session: Session| queue.line(line(&session, is_json));
        let mut server = server(endpoint, listener, self.limits(), report)?
            .until(signal::ended())
            .proxies(self.proxies.iter().copied());
        if let Some(most) = self.count {
            server = server.at_most(most);
        }
        if let Some(most) = self.max_connections {
            server = server.max_connections(most);
        }
        if let Some(most) = self.max_per_address {
            server = server.max_per_address(most);
        }
        Ok(server)
    }

    /// Returns what is printed in the place of lines that nobody read.
    fn left_out(&self) -> fn(u64) -> String {
        match self.json {
            true => |count| format!("{{\"left_out\":{count}}}"),
            false => |count| output::left_out(count, "connection"),
        }
    }
}

/// The line of a connection.
fn line(session: &Session, is_json: bool) -> String {
    match is_json {
        true => serde_json::to_string(session).unwrap_or_else(|error| error.to_string()),
        false => session.to_string(),
    }
}

/// Checks that a text is `HOST:PORT`. The host is looked up when the server starts.
fn place(text: &str) -> Result<String, String> {
    let is_host = |host: &str| match host.contains(':') {
        true => host.parse::<Ipv6Addr>().is_ok(),
        false => !host.is_empty(),
    };
    let is_place = |(host, port): (&str, &str)| is_host(host) && port.parse::<u16>().is_ok();
    match text.parse::<SocketAddr>().is_ok() || text.rsplit_once(':').is_some_and(is_place) {
        true => Ok(text.to_owned()),
        false => {
            Err("it is not HOST:PORT, such as 192.0.2.1:5061 or [2001:db8::1]:5061".to_owned())
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a number of at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

const AFTER_HELP: &str = "\
`certificate` is needed.

The first line is `listening on ADDR:PORT` with the real port, also with `--json`. Every connection
is a line when it ends. If the reader is too slow, lines are left out, and a line gives their number
(`left_out` in JSON). Requests other than OPTIONS are answered with 405, messages of more than 256
KiB with 413 or 513; ACK is not answered.

Ctrl-C and SIGTERM shut the program down gracefully, with exit code 0. On SIGHUP, and with
`--watch` when a file changes, the files are read again. A line on stderr says that the new files
are in use, or why the old ones stay in use.

JSON: as `sip-tls connect`; `peer` is the client's address, `client` its subject, and `sip` the list
of answers {`method`, `status`, `count`}.";
