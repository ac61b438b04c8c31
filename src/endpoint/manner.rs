//! The features that a handshake uses, and those that the next one leaves out if the first fails.
//!
//! OpenSSL offers everything at once and copes with whatever the server chooses. rustls has two limits: groups of DHE
//! that it does not know, and servers that refuse a session with an alert. Both show only when the handshake has
//! failed. So a failure names the obstacle, the next handshake leaves the feature out, and the server is remembered, to
//! save the failure the next time.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rustls::PeerMisbehaved;

use super::ConnectError;

/// The features that the first handshake with a server has and the next may do without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Manner {
    /// The DHE suites of TLS 1.2.
    pub(super) dhe: bool,
    /// Sessions of earlier connections.
    pub(super) resumption: bool,
}

/// The reason why a handshake failed, if another handshake can avoid it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Obstacle {
    /// The server chose DHE with a group that rustls does not know.
    OwnGroup,
    /// A session was offered, and no certificate was verified.
    Session,
}

impl Obstacle {
    /// Returns the reason why a handshake failed. If a session was offered and no certificate was verified, it may
    /// have been a resumed handshake.
    ///
    /// An unknown group is certain. A session is only a suspicion, so every failure of a handshake that may have been a
    /// resumed one counts.
    pub(super) fn of(error: &ConnectError, may_be_resumed: bool) -> Option<Self> {
        const UNKNOWN_GROUP: rustls::Error =
            rustls::Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedKxGroup);
        match error {
            // rustls has this error only for a server's key exchange in TLS 1.2.
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
            Self::Session => "the resumed session may be the reason",
        })
    }
}

impl Manner {
    /// Returns the manner that avoids an obstacle, if there is another one.
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
///
/// They are forgotten at a reload: the options or the server may be different then.
#[derive(Debug, Default)]
pub(super) struct Servers(Mutex<VecDeque<(String, Manner)>>);

impl Servers {
    /// Returns the manner in which a server was last connected to with success, if it is not the first manner.
    pub(super) fn manner(&self, server: &str) -> Option<Manner> {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = servers.iter().find(|(known, _)| known == server);
        known.map(|(_, manner)| *manner)
    }

    /// Remembers how a server can be connected to. If there are too many servers, the one that was noted first is
    /// removed.
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

/// How many servers are remembered. A phone has fewer.
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
        servers.clear();
        assert_eq!(servers.manner("64.example.com"), None);
    }
}
