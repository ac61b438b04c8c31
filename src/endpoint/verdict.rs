//! The server's answer to our certificate after our handshake. In TLS 1.3 the answer comes only then.
//!
//! In TLS 1.2 a server refuses our certificate within the handshake. In TLS 1.3 our handshake is done when we have sent
//! it, and the alert comes with the first read, perhaps seconds later. So a connection keeps what is needed to explain
//! such an alert until it ends. That is little: the server's request, and the endpoint.

use std::fmt;
use std::io;

use rustls::AlertDescription;

use super::Endpoint;
use super::attempt::{Answer, Asked};
use super::diagnosis::Circumstances;
use super::error::{ConnectError, fmt_handshake};
use super::tap::Start;
use crate::verify::Direction;

/// Explains the refusal that may still come.
///
/// It is there only if the server asked for our certificate.
pub(super) struct Verdict {
    endpoint: Endpoint,
    asked: Asked,
}

impl Verdict {
    pub(super) fn new(endpoint: &Endpoint, asked: Asked) -> Box<Self> {
        Box::new(Self {
            endpoint: endpoint.clone(),
            asked,
        })
    }

    /// Returns the explanation of an alert.
    pub(super) fn explanation(&self, alert: AlertDescription) -> Option<String> {
        let outgoing = &self.endpoint.0.connecting.outgoing;
        outgoing.of(&rustls::Error::AlertReceived(alert), &self.circumstances())
    }

    /// Explains why the connection ended before the server had sent anything after the handshake.
    pub(super) fn end(&self, error: io::Error) -> ConnectError {
        let cause = match self.asked.answer {
            Answer::Certificate => Some("it may have refused our certificate".to_owned()),
            _ => self
                .endpoint
                .0
                .connecting
                .outgoing
                .of_own(&self.circumstances()),
        };
        let cause = cause.unwrap_or_default();
        let how = match error.kind() {
            // An alert may have come that was not read.
            io::ErrorKind::BrokenPipe => {
                "the server closed it, and nothing was received since the handshake"
            }
            _ => "the server closed it without an alert, and had sent nothing since the handshake",
        };
        ConnectError::Io {
            explanation: Some(format!("{how}; {cause}")),
            is_established: true,
            peer: None,
            source: error,
        }
    }

    fn circumstances(&self) -> Circumstances {
        let asked = Some(self.asked.clone());
        self.endpoint
            .circumstances(Direction::Outgoing, Start::default(), asked)
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdict").finish_non_exhaustive()
    }
}

/// The alert by which the peer of an established connection refused it, and the explanation.
#[derive(Debug)]
pub(super) struct RefusedLater {
    pub(super) error: rustls::Error,
    pub(super) explanation: Option<String>,
}

impl fmt::Display for RefusedLater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_handshake(&self.error, self.explanation.as_deref(), f)
    }
}

impl std::error::Error for RefusedLater {}

impl RefusedLater {
    /// Returns the refusal inside the error of a stream.
    pub(super) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}
