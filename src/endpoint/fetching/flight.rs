//! One fetch of one list. Any number of connections may wait for it.
//!
//! The work that blocks (the cache, parsing, the signature of a list) is done on threads for it. A fetch holds the
//! endpoint only weakly, so that it does not keep it alive.

use std::sync::{Arc, Weak};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::error::{ListError, ListFailure};
use super::records::Flight;
use crate::endpoint::reload::blocking;
use crate::endpoint::state::Shared;
use crate::fetch::Source;
use crate::pki::RevocationList;
use crate::verify::WantedList;

/// What a fetch needs. The endpoint may end meanwhile.
#[derive(Clone)]
pub(super) struct Errand {
    pub(super) shared: Weak<Shared>,
    pub(super) source: Arc<dyn Source>,
    pub(super) wanted: WantedList,
}

impl Errand {
    /// Starts the fetch in a task of its own.
    pub(super) fn start(self, runtime: &Handle) -> (Flight, tokio::task::AbortHandle) {
        let (sender, flight) = watch::channel(None);
        let task = runtime.spawn(self.fly(sender));
        (flight, task.abort_handle())
    }

    /// Runs the fetch and sends its result. If the runtime ends before, the sender is dropped, and that ends the
    /// fetch.
    async fn fly(self, sender: watch::Sender<Option<Result<(), ListFailure>>>) {
        let result = self.run().await;
        if let Err(failure) = &result {
            tracing::warn!(
                issuer = self.wanted.issuer(),
                "no new revocation list: {failure}"
            );
        }
        if let Some(shared) = self.shared.upgrade() {
            shared.landed(&self.wanted, result.as_ref().err());
        }
        sender.send_replace(Some(result));
    }

    /// Uses the list that is kept, or else fetches it.
    async fn run(&self) -> Result<(), ListFailure> {
        for url in self.wanted.urls() {
            if self.take_kept(url).await {
                return Ok(());
            }
        }
        let mut tries = Vec::new();
        for url in self.wanted.urls() {
            match self.fetch(url).await {
                Ok(()) => return Ok(()),
                Err(error) => tries.push((url.clone(), error)),
            }
        }
        Err(ListFailure::new(&self.wanted, tries))
    }

    /// Uses the list that is kept for a URL, if it is good.
    async fn take_kept(&self, url: &str) -> bool {
        let (errand, url) = (self.clone(), url.to_owned());
        let taking = blocking(move || {
            let kept = errand.source.kept(&url)?;
            let taken = errand.take(&url, kept.der, false);
            match &taken {
                Ok(()) => {
                    tracing::info!(url, fetched = ?kept.fetched, "a cached revocation list is used")
                }
                Err(error) => {
                    tracing::debug!(url, "the cached revocation list is not used: {error}")
                }
            }
            taken.ok()
        });
        taking.await.is_some()
    }

    /// Fetches a list from one URL, and uses it if it is good.
    async fn fetch(&self, url: &str) -> Result<(), ListError> {
        tracing::debug!(
            url,
            issuer = self.wanted.issuer(),
            "fetching a revocation list"
        );
        let bytes = self.source.get(url).await.map_err(ListError::Fetch)?;
        let (errand, url) = (self.clone(), url.to_owned());
        blocking(move || {
            errand.take(&url, bytes, true)?;
            tracing::info!(
                url,
                issuer = errand.wanted.issuer(),
                "a revocation list was fetched"
            );
            Ok(())
        })
        .await
    }

    /// Checks a list, puts it in use for connections, and keeps it if it is new. Blocks.
    fn take(&self, url: &str, bytes: Vec<u8>, is_new: bool) -> Result<(), ListError> {
        let Some(shared) = self.shared.upgrade() else {
            return Err(ListError::NotTried { reason: GONE });
        };
        let list = RevocationList::fetched(url, bytes).map_err(ListError::Unreadable)?;
        let der = is_new.then(|| list.der().to_vec());
        let verifier = shared.load().in_force.verifier.clone();
        let now = shared.seconds().unwrap_or(i64::MAX);
        let list = verifier.judge(&self.wanted, list, now);
        let adopted = list.and_then(|list| shared.adopt(&self.wanted, list));
        adopted.map_err(ListError::Refused)?;
        if let Some(der) = der
            && let Err(error) = self.source.keep(url, &der)
        {
            tracing::warn!(url, "the revocation list is not kept: {error}");
        }
        Ok(())
    }
}

const GONE: &str = "the endpoint no longer exists";
