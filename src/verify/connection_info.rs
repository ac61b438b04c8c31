use std::net::SocketAddr;

/// The connection that a peer was verified for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectionInfo {
    id: u64,
    direction: Direction,
    peer_address: Option<SocketAddr>,
    local_address: Option<SocketAddr>,
}

impl ConnectionInfo {
    /// Returns a number that no other connection of this process has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Says who opened the connection.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns the peer's address. `None` if the connection does not run over a `TcpStream` of tokio.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.peer_address
    }

    /// Returns our own address. `None` if the connection does not run over a `TcpStream` of tokio.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local_address
    }

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
#[expect(clippy::exhaustive_enums, reason = "a connection has two ends")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// The peer opened it.
    Incoming,
    /// We opened it.
    Outgoing,
}
