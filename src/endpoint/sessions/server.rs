//! The sessions of incoming connections with `tls-mutual`.
//!
//! A session goes through the store with a prefix: the mark of the endpoint, the generation of its files, and when the
//! first of them expires. A session with another mark is not ours, and one of an older generation or after its end is
//! not resumed. The client then makes a full handshake, in which it is verified.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, GetRandomFailed};
use rustls::server::StoresServerSessions;

use crate::endpoint::attempt;
use crate::endpoint::state::Shared;
use crate::verify::Validity;

/// Sessions of the clients that `Endpoint::accept` accepts, each with what its client was checked against.
///
/// rustls calls the store during the handshake, so the task knows the connection.
pub(crate) struct ServerSessions {
    shared: Arc<Shared>,
    store: Arc<dyn StoresServerSessions>,
    /// Distinguishes our sessions from those of other endpoints in the same store. It is not known here what those
    /// were checked against.
    mark: Mark,
}

type Mark = [u8; 16];

impl ServerSessions {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        store: Arc<dyn StoresServerSessions>,
        provider: &CryptoProvider,
    ) -> Result<Arc<Self>, GetRandomFailed> {
        let mut mark = Mark::default();
        provider.secure_random.fill(&mut mark)?;
        Ok(Arc::new(Self {
            shared: shared.clone(),
            store,
            mark,
        }))
    }

    /// Returns a session if it may still be resumed, and notes it for the connection that is being made.
    fn usable(&self, found: Vec<u8>) -> Option<Vec<u8>> {
        let (validity, session) = split(found.strip_prefix(&self.mark)?)?;
        if !self.shared.holds(validity) {
            return None;
        }
        attempt::resumes(validity);
        Some(session.to_vec())
    }
}

impl StoresServerSessions for ServerSessions {
    fn put(&self, key: Vec<u8>, session: Vec<u8>) -> bool {
        // Without a verified client, there is nothing to check the session against later.
        attempt::checked().is_some_and(|validity| {
            let session = join(self.mark, validity, &session);
            self.store.put(key, session)
        })
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.usable(self.store.get(key)?)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.usable(self.store.take(key)?)
    }

    fn can_cache(&self) -> bool {
        self.store.can_cache()
    }
}

impl fmt::Debug for ServerSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSessions").finish_non_exhaustive()
    }
}

/// Mark, generation and end, in 16, 8 and 8 bytes, and the session as rustls has it.
fn join(mark: Mark, validity: Validity, session: &[u8]) -> Vec<u8> {
    let Validity { generation, until } = validity;
    let (generation, until) = (generation.to_be_bytes(), until.to_be_bytes());
    [&mark[..], &generation, &until, session].concat()
}

/// The reverse of [`join`], after the mark was taken off.
fn split(joined: &[u8]) -> Option<(Validity, &[u8])> {
    let (generation, rest) = joined.split_first_chunk()?;
    let (until, session) = rest.split_first_chunk()?;
    let validity = Validity {
        generation: u64::from_be_bytes(*generation),
        until: i64::from_be_bytes(*until),
    };
    Some((validity, session))
}
