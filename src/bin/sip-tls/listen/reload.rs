//! The reloads of a running server: SIGHUP, as daemons have it, and `--watch`.

use std::convert::Infallible;

use sip_tls::{Endpoint, Error, Watcher};

use crate::failure::{Failure, chain};
use crate::output;

/// The events that make the endpoint read its files again.
pub(super) struct Reloads {
    #[cfg(unix)]
    hangups: tokio::signal::unix::Signal,
    _watcher: Option<Watcher>,
}

impl Reloads {
    /// Begins to catch the signal. Until then it would end the program.
    pub(super) fn new(endpoint: &Endpoint, watch: bool) -> Result<Self, Failure> {
        let watcher = watch.then(|| endpoint.watch(tell));
        #[cfg(unix)]
        let hangup = tokio::signal::unix::SignalKind::hangup();
        Ok(Self {
            #[cfg(unix)]
            hangups: tokio::signal::unix::signal(hangup).map_err(Failure::unusable)?,
            _watcher: watcher.transpose()?,
        })
    }

    /// Reloads at every SIGHUP.
    #[cfg(unix)]
    pub(super) async fn run(mut self, endpoint: &Endpoint) -> Infallible {
        while self.hangups.recv().await.is_some() {
            let reloaded = endpoint.reload_async().await;
            tell(&reloaded.map(|_| endpoint.generation()));
        }
        std::future::pending().await
    }

    #[cfg(not(unix))]
    pub(super) async fn run(self, _: &Endpoint) -> Infallible {
        std::future::pending().await
    }
}

/// Says what came of a reload. After an error the old files stay in force.
fn tell(reloaded: &Result<u64, Error>) {
    match reloaded {
        Ok(generation) => output::note(format!("reloaded: generation {generation}")),
        Err(error) => output::note(format!(
            "not reloaded: {}; the old files stay in use",
            chain(error)
        )),
    }
}
