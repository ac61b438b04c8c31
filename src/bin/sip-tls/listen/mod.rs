mod reload;
mod session;

use std::future::Future;
use std::io;
use std::time::Duration;

use sip_tls::Endpoint;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use crate::connect::seconds;
use crate::failure::{Context, Exit, Failure};
use crate::output;
use crate::settings::Settings;
use crate::verbosity::Verbosity;
use reload::Reloads;
pub(crate) use session::{Limits, Session, serve};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    args.verbosity.start();
    let (endpoint, _) = args.settings.load()?.endpoint(|builder| {
        let builder = builder.timeout(args.timeout);
        builder.server_preference(args.serverpref)
    })?;
    endpoint.server_config()?;
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
    /// Where to listen: an address or a name; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT")]
    bind: String,
    /// End after N connections
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Take the first suite of our lists, not of the client's
    #[arg(long)]
    serverpref: bool,
    /// Read the files again when they change
    #[arg(long)]
    watch: bool,
    /// Seconds for a handshake
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Seconds of silence on a connection
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

    async fn listen(&self, endpoint: Endpoint) -> Result<(), Failure> {
        let unreachable = |error| {
            let text = format!("cannot listen on {}", self.bind);
            Failure::new(Exit::Network, Context::new(text, error))
        };
        let listener = TcpListener::bind(&self.bind).await.map_err(unreachable)?;
        // Before the first line: whoever has read it may send the signal.
        let reloads = Reloads::new(&endpoint, self.watch)?;
        let address = listener.local_addr().map_err(unreachable)?;
        output::line(format!("listening on {address}"))?;
        tokio::select! {
            result = self.take_connections(&listener, &endpoint, ended()) => result,
            never = reloads.run(&endpoint) => match never {},
        }
    }

    async fn take_connections(
        &self,
        listener: &TcpListener,
        endpoint: &Endpoint,
        interrupted: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let mut interrupted = std::pin::pin!(interrupted);
        let (stop, stopped) = watch::channel(false);
        let mut sessions = JoinSet::new();
        let mut taken = 0;
        loop {
            let is_full = self.count.is_some_and(|count| taken >= count);
            if is_full && sessions.is_empty() {
                return Ok(());
            }
            tokio::select! {
                accepted = listener.accept(), if !is_full => match accepted {
                    Ok((stream, peer)) => {
                        taken += 1;
                        // A socket that cannot do so is only slower.
                        let _ = stream.set_nodelay(true);
                        let (endpoint, stopped) = (endpoint.clone(), stopped.clone());
                        sessions.spawn(serve(endpoint, stream, peer, self.limits(), stopped));
                    }
                    Err(error) => pause(&error).await,
                },
                Some(session) = sessions.join_next() => self.report(session)?,
                () = &mut interrupted => break,
            }
        }
        // Nobody listens any more if the send fails, which is as good.
        let _ = stop.send(true);
        while let Some(session) = sessions.join_next().await {
            self.report(session)?;
        }
        Ok(())
    }

    fn report(&self, session: Result<Session, JoinError>) -> Result<(), Failure> {
        match session {
            Ok(session) if self.json => output::json(&session),
            Ok(session) => output::line(session),
            Err(error) => {
                output::note(format!("a connection was given up: {error}"));
                Ok(())
            }
        }
    }
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
async fn ended() {
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        match tokio::signal::unix::signal(kind) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = terminated.recv() => {}
                    () = interrupted() => {}
                }
                return;
            }
            Err(error) => output::note(format!("SIGTERM cannot be waited for: {error}")),
        }
    }
    interrupted().await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        output::note(format!("Ctrl-C cannot be waited for: {error}"));
        std::future::pending::<()>().await;
    }
}

/// The peer may be gone before it was accepted, or there are too many open files: neither lasts.
async fn pause(error: &io::Error) {
    output::note(format!("cannot take a connection: {error}"));
    tokio::time::sleep(Duration::from_millis(100)).await;
}

const AFTER_HELP: &str = "\
`certificate` is needed.

The first line is `listening on ADDR:PORT` with the real port, with `--json` too. Every connection
is a line when it ends. Other requests than OPTIONS are answered with 405, messages of more than
256 KiB with 413 or 513; ACK is not answered.
Ctrl-C and SIGTERM end the program in order, with exit code 0. SIGHUP reads the files again, and so does `--watch`: a
line on stderr says that the new files are in force, or why the old ones stay.

JSON: as `sip-tls connect`; `peer` is the client's address, `client` its subject, and `sip` the
list of answers {`method`, `status`, `count`}.";
