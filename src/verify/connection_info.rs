//! Which connection a verification belongs to, for observers that log or count.
//!
//! rustls does not tell a verifier which connection it works for. Connections that an endpoint makes itself carry
//! this along; configurations that were handed out to a SIP stack cannot.

use std::net::SocketAddr;

/// The connection that a peer was verified for.
///
/// An [`Observer`](super::Observer) receives it with each verification of a connection that the endpoint itself made
/// or accepted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectionInfo {
    id: u64,
    direction: Direction,
    peer_address: Option<SocketAddr>,
    local_address: Option<SocketAddr>,
}

impl ConnectionInfo {
    /// Returns a number that no other connection of this process has.
    ///
    /// Numbers begin at 1 and are given in the order in which connections begin. They join the log lines of one
    /// connection.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Says who opened the connection.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns the peer's address. `None` if the connection does not run over a `TcpStream` of tokio.
    /// Behind a proxy of `Serve::proxies` it is the address in the PROXY header.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.peer_address
    }

    /// Returns our own address. `None` if the connection does not run over a `TcpStream` of tokio.
    /// Behind a proxy of `Serve::proxies` it is the address in the PROXY header.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local_address
    }

    /// Takes the next number. The addresses are those of the socket at the beginning; a proxy in between may hide the
    /// real ones.
    #[cfg(feature = "tokio")]
    pub(crate) fn new(
        direction: Direction,
        peer_address: Option<SocketAddr>,
        local_address: Option<SocketAddr>,
    ) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};

        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            direction,
            peer_address,
            local_address,
        }
    }
}

/// Who opened a connection.
///
/// It also says which purpose a certificate is verified for: a server's on outgoing connections, a client's on
/// incoming ones.
#[expect(clippy::exhaustive_enums, reason = "a connection has two ends")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// The peer opened it.
    Incoming,
    /// We opened it.
    Outgoing,
}
