use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::endpoint::ConnectError;

/// Why a connection that was taken never came to the handler.
#[non_exhaustive]
#[derive(Debug)]
pub enum ServeError {
    /// There was no TLS connection.
    Connect(ConnectError),
    /// Its handshake was not done, and there was no room for the next connection.
    #[non_exhaustive]
    Displaced {
        /// How old it was.
        after: Duration,
    },
    /// A proxy did not begin with a header of the PROXY protocol that can be used.
    Proxy(io::Error),
    /// The server was ended before its handshake was done.
    Stopped,
    /// Its address has as many connections as one address may have.
    #[non_exhaustive]
    TooMany {
        /// How many that is.
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
            Self::Stopped => f.write_str("ended before the handshake was done"),
            Self::TooMany { limit } => {
                write!(f, "closed at once: the limit for one address is {limit}")
            }
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The messages of the others are whole.
        match self {
            Self::Connect(error) => error.source(),
            _ => None,
        }
    }
}
