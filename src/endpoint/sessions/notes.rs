//! What the verifier notes of servers, for sessions that arrive on connections which are unknown here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rustls::pki_types::ServerName;

use crate::verify::Validity;

/// What servers were checked against, by their names.
///
/// rustls does not tell on which connection a session arrives. One connection may have been made before a reload and
/// another after it. So the note of a name is the minimum of all that were ever noted: the first generation, and the
/// first expiry. No note is ever removed, because its connections may still be open.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<HashMap<ServerName<'static>, Validity>>);

impl Notes {
    /// Notes that a server was accepted. If there are too many names, nothing is noted, and the new name resumes
    /// nothing.
    pub(crate) fn add(&self, server: &ServerName<'_>, checked: Validity) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(noted) = notes.get_mut(&server.to_owned()) {
            noted.generation = noted.generation.min(checked.generation);
            noted.until = noted.until.min(checked.until);
        } else if notes.len() < MOST_NAMES {
            notes.insert(server.to_owned(), checked);
        }
    }

    /// Returns what every session of a server was checked against at least.
    pub(super) fn of(&self, server: &ServerName<'_>) -> Option<Validity> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(server).copied()
    }
}

/// The maximum number of names. A phone has fewer servers.
const MOST_NAMES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const fn checked(generation: u64, until: i64) -> Validity {
        Validity { generation, until }
    }

    #[test]
    fn a_name_stands_for_its_first_generation_and_its_first_expiry() {
        let (notes, name) = (Notes::default(), name(1));
        assert_eq!(notes.of(&name), None);
        notes.add(&name, checked(2, 500));
        notes.add(&name, checked(3, 400));
        notes.add(&name, checked(4, 600));
        assert_eq!(notes.of(&name), Some(checked(2, 400)));
        // The server was verified before the others, and noted after them.
        notes.add(&name, checked(1, 900));
        assert_eq!(notes.of(&name), Some(checked(1, 400)));
    }

    #[test]
    fn a_name_too_many_gets_no_note_and_makes_no_room() {
        let notes = Notes::default();
        for number in 0..=MOST_NAMES {
            notes.add(&name(number), checked(1, 500));
        }
        assert_eq!(notes.of(&name(0)), Some(checked(1, 500)));
        assert_eq!(notes.of(&name(MOST_NAMES)), None);
    }

    fn name(number: usize) -> ServerName<'static> {
        ServerName::try_from(format!("{number}.example.com")).unwrap()
    }
}
