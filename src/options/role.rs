//! The two ends of a connection. Suites, purposes and signatures are judged by the end that we are.

/// Our own role in a connection.
///
/// The peer has the other one: in the role of a client we verify a server's certificate
/// ([`Purpose::Server`](crate::verify::Purpose::Server)).
#[expect(clippy::exhaustive_enums, reason = "a connection has two ends")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// We connect to a server.
    Client,
    /// We accept connections.
    Server,
}
