//! What became of a server that was tried and failed.

use std::fmt;
use std::net::SocketAddr;

use super::Target;
use crate::endpoint::ConnectError;

/// A server of a domain that could not be connected to, and the reason.
///
/// [`Connection::failed_before`](crate::Connection::failed_before) and [`ConnectError::Domain`] have them.
#[derive(Debug)]
pub struct TargetFailure {
    target: Target,
    address: Option<SocketAddr>,
    error: ConnectError,
}

impl TargetFailure {
    pub(super) fn new(target: &Target, address: Option<SocketAddr>, error: ConnectError) -> Self {
        Self {
            target: target.clone(),
            address,
            error,
        }
    }

    /// Returns the server.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the address with which the handshake failed. `None` if there was no TCP connection: the error has the
    /// addresses.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Returns the reason.
    pub fn error(&self) -> &ConnectError {
        &self.error
    }

    pub(super) fn into_error(self) -> ConnectError {
        self.error
    }
}

/// Prints the server, its address and the reason in one line.
impl fmt::Display for TargetFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.target.to_string();
        match self.address {
            // The error names the server.
            None => self.error.fmt(f),
            Some(address) if address.to_string() == server => {
                write!(f, "{server}: {}", self.error)
            }
            Some(address) => write!(f, "{server} at {}: {}", address.ip(), self.error),
        }
    }
}
