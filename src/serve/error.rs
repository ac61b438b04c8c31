//! Why a client was not served.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::endpoint::ConnectError;

/// Why an accepted connection was not given to the handler.
///
/// [`Serve::on_failure`](super::Serve::on_failure) gets it, with the address of the client.
#[non_exhaustive]
#[derive(Debug)]
pub enum ServeError {
    /// No TLS connection was established.
    Connect(ConnectError),
    /// The handshake was not done, and there was no room for the next connection.
    #[non_exhaustive]
    Displaced {
        /// How old the connection was.
        after: Duration,
    },
    /// A proxy did not begin with a usable header of the PROXY protocol.
    Proxy(io::Error),
    /// The server ended before the handshake was done.
    Stopped,
    /// The address of the client has as many connections as one address may have. The IPv6 addresses of a /64 count as
    /// one.
    #[non_exhaustive]
    TooMany {
        /// The limit for one address.
        limit: usize,
    },
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Displaced { after } => write!(
                f,
                "the TLS handshake was not finished after {:.1} s, and there was no room for the next connection",
                after.as_secs_f64()
            ),
            Self::Proxy(error) => write!(f, "no usable header of the PROXY protocol: {error}"),
            Self::Stopped => f.write_str("the server was stopped before the handshake was done"),
            Self::TooMany { limit } => {
                let connections = match limit {
                    1 => "connection",
                    _ => "connections",
                };
                write!(
                    f,
                    "closed at once: this address (for IPv6: its /64) already has {limit} {connections}, the limit \
                     (`Serve::max_per_address`, `--max-per-address`)"
                )
            }
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The messages of the other variants are complete.
        match self {
            Self::Connect(error) => error.source(),
            _ => None,
        }
    }
}
