use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use sip_tls::{ConnectError, Connection};

/// How a connection ended.
#[non_exhaustive]
#[derive(Debug)]
pub enum End {
    /// We ended the connection in an orderly way.
    Asked,
    /// The connection broke.
    Broken(io::Error),
    /// The peer ended the connection.
    Closed,
    /// Nothing was received for this time: `set_stream_idle_timeout` of rsipstack.
    Idle(Duration),
    /// The peer sent something that is not SIP.
    NoSip(rsipstack::Error),
    /// The peer sent an alert. In TLS 1.3 a server that refuses a client sends it after the handshake, or closes the
    /// connection before it sends anything.
    Refused(ConnectError),
}

impl End {
    /// Returns the meaning of an error of the stream.
    pub(crate) fn of<IO>(error: io::Error, connection: &Connection<IO>) -> Self {
        match connection.failure(error) {
            // Few peers send close_notify. In SIP, each message says where it ends.
            ConnectError::Io {
                explanation: None,
                source,
                ..
            } => match source.kind() {
                io::ErrorKind::UnexpectedEof => Self::Closed,
                _ => Self::Broken(source),
            },
            error => Self::Refused(error),
        }
    }

    /// The number of the alert that the peer sent.
    pub(crate) fn alert(&self) -> Option<u8> {
        match self {
            Self::Refused(error) => error.alert().map(u8::from),
            _ => None,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("we closed the connection"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::Closed => f.write_str("the peer closed the connection"),
            Self::Idle(after) => write!(f, "the peer sent nothing for {} s", after.as_secs_f32()),
            Self::NoSip(error) => write!(f, "what the peer sent is not SIP: {error}"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl Error for End {}
