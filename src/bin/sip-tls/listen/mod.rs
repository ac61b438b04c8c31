mod reload;
mod session;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use lexopt::Parser;
use lexopt::prelude::*;
use sip_tls::Endpoint;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use crate::connect::seconds;
use crate::failure::{Context, Exit, Failure};
use crate::help;
use crate::output;
use crate::settings::Settings;
use reload::Reloads;
pub(crate) use session::{Limits, Session, serve};

pub(crate) fn run(parser: Parser) -> Result<Exit, Failure> {
    let Some(args) = Args::parse(parser)? else {
        return help(HELP);
    };
    let (endpoint, _) = args.settings.load()?.endpoint(|builder| {
        let builder = builder.timeout(args.limits.message);
        builder.server_preference(args.server_preference)
    })?;
    endpoint.server_config()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::unusable)?;
    runtime.block_on(args.listen(endpoint))?;
    Ok(Exit::Done)
}

struct Args {
    settings: Settings,
    json: bool,
    bind: SocketAddr,
    count: Option<usize>,
    server_preference: bool,
    watch: bool,
    limits: Limits,
}

impl Args {
    /// `None` if help was asked for.
    fn parse(mut parser: Parser) -> Result<Option<Self>, Failure> {
        let mut settings = Settings::default();
        let mut json = false;
        let mut bind = None;
        let mut count = None;
        let mut server_preference = false;
        let mut watch = false;
        let mut limits = Limits::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Short('o') => settings.add_pair(&mut parser)?,
                Long("json") => json = true,
                Long("passphrase-file") => settings.set_passphrase_file(&mut parser)?,
                Long("bind") => bind = Some(parser.value()?.parse()?),
                Long("count") => count = Some(parser.value()?.parse()?),
                Long("serverpref") => server_preference = true,
                Long("watch") => watch = true,
                Long("timeout") => limits.message = parser.value()?.parse_with(seconds)?,
                Long("idle") => limits.idle = parser.value()?.parse_with(seconds)?,
                Value(config) => settings.set_config(config)?,
                _ => return Err(arg.unexpected().into()),
            }
        }
        let bind = bind.ok_or_else(|| Failure::unusable("`--bind ADDR:PORT` is not given"))?;
        Ok(Some(Self {
            settings,
            json,
            bind,
            count,
            server_preference,
            watch,
            limits,
        }))
    }

    async fn listen(&self, endpoint: Endpoint) -> Result<(), Failure> {
        let unreachable = |error| {
            let text = format!("cannot listen on {}", self.bind);
            Failure::new(Exit::Network, Context::new(text, error))
        };
        let listener = TcpListener::bind(self.bind).await.map_err(unreachable)?;
        // Before the first line: whoever has read it may send the signal.
        let reloads = Reloads::new(&endpoint, self.watch)?;
        let address = listener.local_addr().map_err(unreachable)?;
        output::line(format!("listening on {address}"))?;
        tokio::select! {
            result = self.take_connections(&listener, &endpoint, interrupted()) => result,
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
                        let (endpoint, stopped) = (endpoint.clone(), stopped.clone());
                        sessions.spawn(serve(endpoint, stream, peer, self.limits, stopped));
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

const HELP: &str = "\
Takes TLS connections as a configuration says, and answers SIP OPTIONS with 200 OK.

Usage: sip-tls listen [CONFIG] --bind ADDR:PORT [OPTIONS]

  CONFIG            a SipEndpoint.config; `certificate` is needed
  -o NAME=VALUE     set an option, before what CONFIG says; see `sip-tls options`
  --bind ADDR:PORT  where to listen; port 0 takes a free one
  --count N         end after N connections
  --serverpref      take the first suite of our lists, not of the client's
  --watch           read the files again when they change
  --timeout SECONDS for a handshake; 10 if not said
  --idle SECONDS    for silence on a connection; 300 if not said
  --passphrase-file FILE
                    open encrypted keys and PKCS#12 with the first line of this file
  --json            print a JSON object for every connection

The first line is `listening on ADDR:PORT` with the real port, with `--json` too. Every connection
is a line when it ends. Other requests than OPTIONS are answered with 405, messages of more than
256 KiB with 413 or 513; ACK is not answered.
Ctrl-C ends the program with exit code 0. SIGHUP reads the files again, and so does `--watch`: a
line on stderr says that the new files are in force, or why the old ones stay.

JSON: as `sip-tls connect`; `peer` is the client's address, `client` its subject, and `sip` the
list of answers {`method`, `status`, `count`}.
";
