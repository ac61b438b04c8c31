//! Failures of connections, with their reasons.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use rvoip_sip_core::framing::SipFramingError;
use rvoip_sip_transport::{Error, TransportFlowId};
use sip_tls::verify::{Direction, VerifyStatus};
use sip_tls::{ConnectError, ServeError};

/// A connection that was not made, or that broke. rvoip's own errors do not give the reason.
///
/// Its text contains the peer and the whole reason: OpenSSL's code and name if we refused the peer, the alert with its
/// explanation if the peer refused us.
#[derive(Debug)]
pub struct Failure {
    pub(crate) direction: Direction,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) server: Option<String>,
    pub(crate) flow_id: Option<TransportFlowId>,
    pub(crate) cause: Cause,
}

/// The reason of a failure.
#[non_exhaustive]
#[derive(Debug)]
pub enum Cause {
    /// The server closed the connection in an orderly way, and may not have answered.
    Closed,
    /// The connection was not made, or the peer refused an established one. In TLS 1.3 a server verifies the client's
    /// certificate only after the handshake.
    Connect(ConnectError),
    /// The peer sent something that is not a SIP message, or is too large. The text is rvoip's.
    NotSip(&'static str),
    /// An incoming connection was not served.
    Serve(ServeError),
    /// The peer read nothing for too long.
    Stalled,
}

impl Failure {
    /// Returns which side opened the connection.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns the peer's address. `None` if it is not known.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Returns the host that the server was checked for. `None` for a client.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Returns the number of the connection in rvoip. `None` if the connection was not established.
    pub fn flow_id(&self) -> Option<TransportFlowId> {
        self.flow_id
    }

    /// Returns the reason.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Returns the verification status, if we refused the peer because of it.
    pub fn verify_status(&self) -> Option<&VerifyStatus> {
        self.connect_error()?.verify_status()
    }

    /// Returns the number of the alert by which the peer refused us.
    pub fn alert(&self) -> Option<u8> {
        self.connect_error()?.alert().map(u8::from)
    }

    fn connect_error(&self) -> Option<&ConnectError> {
        match &self.cause {
            Cause::Connect(error) | Cause::Serve(ServeError::Connect(error)) => Some(error),
            _ => None,
        }
    }

    /// Returns the error for rvoip. rvoip does not print its text, but an application may read it.
    pub(crate) fn to_error(&self, destination: SocketAddr) -> Error {
        let text = self.to_string();
        match self.connect_error() {
            Some(ConnectError::Refused { .. }) => Error::TlsCertificateError(text),
            Some(ConnectError::TimedOut { .. }) => Error::ConnectionTimeout(destination),
            Some(ConnectError::Unreachable { .. }) => {
                Error::ConnectFailed(destination, io::Error::other(text))
            }
            _ => Error::TlsHandshakeFailed(text),
        }
    }
}

impl Cause {
    pub(crate) fn not_sip(error: SipFramingError) -> Self {
        Self::NotSip(error.class())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(peer) = self.peer {
            write!(f, "{peer}: ")?;
        }
        match &self.cause {
            Cause::Closed => {
                f.write_str("the server closed the connection, perhaps without an answer")
            }
            Cause::Connect(error) => error.fmt(f),
            Cause::NotSip(class) => write!(f, "what the peer sent is not a SIP message: {class}"),
            Cause::Serve(error) => error.fmt(f),
            Cause::Stalled => f.write_str("the peer read nothing for too long"),
        }
    }
}

impl std::error::Error for Failure {}
