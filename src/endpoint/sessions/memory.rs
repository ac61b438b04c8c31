//! The store of incoming sessions that an endpoint has by default.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::server::StoresServerSessions;

/// The sessions of one endpoint's clients, the last [`MOST`] of them.
///
/// The store of rustls allocates memory for all of them at once, in every endpoint, and most endpoints have no
/// sessions.
#[derive(Default)]
pub(crate) struct SessionMemory(Mutex<Sessions>);

#[derive(Default)]
struct Sessions {
    by_key: HashMap<Vec<u8>, Vec<u8>>,
    /// The keys, the oldest first.
    order: VecDeque<Vec<u8>>,
}

impl SessionMemory {
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoresServerSessions for SessionMemory {
    fn put(&self, key: Vec<u8>, session: Vec<u8>) -> bool {
        let mut sessions = self.sessions();
        if sessions.by_key.insert(key.clone(), session).is_none() {
            sessions.order.push_back(key);
        }
        if sessions.order.len() > MOST
            && let Some(oldest) = sessions.order.pop_front()
        {
            sessions.by_key.remove(&oldest);
        }
        true
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.sessions().by_key.get(key).cloned()
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut sessions = self.sessions();
        let session = sessions.by_key.remove(key)?;
        sessions.order.retain(|known| known != key);
        Some(session)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

impl fmt::Debug for SessionMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionMemory").finish_non_exhaustive()
    }
}

const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    #[test]
    fn the_oldest_session_makes_room_and_the_others_stay() {
        let memory = SessionMemory::default();
        for number in 0..=MOST {
            assert!(memory.put(key(number), vec![1]));
        }
        assert_eq!(memory.get(&key(0)), None);
        assert_eq!(memory.get(&key(1)), Some(vec![1]));
        assert_eq!(memory.sessions().by_key.len(), MOST);
    }

    #[test]
    fn a_session_is_replaced_read_and_taken_once() {
        let memory = SessionMemory::default();
        for session in [1, 2] {
            memory.put(key(7), vec![session]);
        }
        assert_eq!(memory.get(&key(7)), Some(vec![2]));
        assert_eq!(memory.take(&key(7)), Some(vec![2]));
        assert_eq!(memory.take(&key(7)), None);
        assert!(memory.sessions().order.is_empty());
    }
}
