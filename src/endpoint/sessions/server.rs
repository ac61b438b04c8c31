use std::fmt;
use std::sync::Arc;

use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

use crate::endpoint::attempt;
use crate::endpoint::state::Shared;
use crate::verify::Validity;

/// Sessions of the clients that `Endpoint::accept` takes, each with what its client was checked against.
///
/// rustls asks while the handshake is made, so the task knows the connection.
pub(crate) struct ServerSessions {
    shared: Arc<Shared>,
    cache: Arc<ServerSessionMemoryCache>,
}

impl ServerSessions {
    pub(crate) fn new(shared: &Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            shared: shared.clone(),
            cache: ServerSessionMemoryCache::new(MOST_SESSIONS),
        })
    }

    /// A session, if it may still be resumed. The connection that is being made is told of it.
    fn usable(&self, found: Vec<u8>) -> Option<Vec<u8>> {
        let (validity, session) = split(&found)?;
        if !self.shared.holds(validity) {
            return None;
        }
        attempt::resumes(validity);
        Some(session.to_vec())
    }
}

impl StoresServerSessions for ServerSessions {
    fn put(&self, key: Vec<u8>, session: Vec<u8>) -> bool {
        // Without a verified client there is nothing that the session could be held against later.
        attempt::checked().is_some_and(|validity| self.cache.put(key, join(validity, &session)))
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.usable(self.cache.get(key)?)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.usable(self.cache.take(key)?)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

impl fmt::Debug for ServerSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSessions").finish_non_exhaustive()
    }
}

fn join(validity: Validity, session: &[u8]) -> Vec<u8> {
    let Validity { generation, until } = validity;
    [&generation.to_be_bytes()[..], &until.to_be_bytes(), session].concat()
}

fn split(joined: &[u8]) -> Option<(Validity, &[u8])> {
    let (generation, rest) = joined.split_first_chunk()?;
    let (until, session) = rest.split_first_chunk()?;
    let validity = Validity {
        generation: u64::from_be_bytes(*generation),
        until: i64::from_be_bytes(*until),
    };
    Some((validity, session))
}

const MOST_SESSIONS: usize = 1024;
