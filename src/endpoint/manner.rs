//! What a connection is tried with, and what it is tried with next where that fails.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rustls::PeerMisbehaved;

use super::ConnectError;

/// What the first handshake with a server has and the next may go without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Manner {
    /// The DHE suites of TLS 1.2.
    pub(super) dhe: bool,
    /// Sessions of earlier connections.
    pub(super) resumption: bool,
}

/// What a handshake failed for, where another may do without it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Obstacle {
    /// The server chose DHE with a group that rustls does not know.
    OwnGroup,
    /// A session was offered, and no certificate was looked at.
    Session,
}

impl Obstacle {
    /// What a handshake failed for. A handshake in which a session was offered and no certificate looked at may have
    /// been a resumed one.
    pub(super) fn of(error: &ConnectError, may_be_resumed: bool) -> Option<Self> {
        const UNKNOWN_GROUP: rustls::Error =
            rustls::Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedKxGroup);
        match error {
            // Of a server's key exchange in TLS 1.2, and of nothing else.
            ConnectError::Handshake { source, .. } if *source == UNKNOWN_GROUP => {
                Some(Self::OwnGroup)
            }
            _ => may_be_resumed.then_some(Self::Session),
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnGroup => "the server chose a group that was not offered",
            Self::Session => "the session may have been the reason",
        })
    }
}

impl Manner {
    /// Another way, if there is one.
    pub(super) fn without(self, obstacle: Obstacle) -> Option<Self> {
        let next = match obstacle {
            Obstacle::OwnGroup => Self { dhe: false, ..self },
            Obstacle::Session => Self {
                resumption: false,
                ..self
            },
        };
        (next != self).then_some(next)
    }
}

/// Servers that need another manner than the first.
#[derive(Debug, Default)]
pub(super) struct Servers(Mutex<VecDeque<(String, Manner)>>);

impl Servers {
    /// How a server was last connected to with success, if not in the first manner.
    pub(super) fn manner(&self, server: &str) -> Option<Manner> {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = servers.iter().find(|(known, _)| known == server);
        known.map(|(_, manner)| *manner)
    }

    /// Remembers how a server can be connected to. The one that was noted first makes room.
    pub(super) fn note(&self, server: &str, manner: Manner) {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.retain(|(known, _)| known != server);
        if servers.len() == MOST_SERVERS {
            servers.pop_front();
        }
        servers.push_back((server.to_owned(), manner));
    }

    /// Forgets all servers.
    pub(super) fn clear(&self) {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.clear();
    }

    /// Forgets a server, so that everything is tried again.
    pub(super) fn forget(&self, server: &str) {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.retain(|(known, _)| known != server);
    }
}

/// A phone has fewer.
const MOST_SERVERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Manner = Manner {
        dhe: true,
        resumption: true,
    };

    #[test]
    fn nothing_is_tried_twice_in_the_same_manner() {
        let without_dhe = FIRST.without(Obstacle::OwnGroup).unwrap();
        assert_eq!(without_dhe.without(Obstacle::OwnGroup), None);
        let bare = without_dhe.without(Obstacle::Session).unwrap();
        assert_eq!(bare.without(Obstacle::Session), None);
        assert_eq!(bare.without(Obstacle::OwnGroup), None);
    }

    #[test]
    fn sixty_four_servers_are_remembered_and_the_oldest_makes_room() {
        let servers = Servers::default();
        let manner = FIRST.without(Obstacle::OwnGroup).unwrap();
        for number in 0..=MOST_SERVERS {
            servers.note(&format!("{number}.example.com"), manner);
            servers.note("1.example.com", manner);
        }
        assert_eq!(servers.0.lock().unwrap().len(), MOST_SERVERS);
        assert_eq!(servers.manner("0.example.com"), None);
        assert_eq!(servers.manner("1.example.com"), Some(manner));
        servers.forget("1.example.com");
        assert_eq!(servers.manner("1.example.com"), None);
        assert_eq!(servers.manner("64.example.com"), Some(manner));
    }
}
