use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::error::Error;
use crate::profile::Transport;
use crate::verify::VerifyStatus;

/// Why there is no connection.
#[non_exhaustive]
#[derive(Debug)]
pub enum ConnectError {
    /// The endpoint's configuration does not allow such a connection.
    Configuration(Box<Error>),
    /// The handshake failed for another reason than the peer's certificate: there is no common suite, or the peer
    /// refused us with an alert.
    #[non_exhaustive]
    Handshake {
        /// What went wrong, if the error of rustls does not say it. Where that error would mislead, it is not this
        /// one's [`source`](StdError::source).
        explanation: Option<String>,
        /// The peer's address, where it is known.
        peer: Option<SocketAddr>,
        /// The error of rustls.
        source: rustls::Error,
    },
    /// The connection broke while it was made.
    Io(io::Error),
    /// The connectivity asks for another transport than TLS.
    #[non_exhaustive]
    NotTls {
        /// The transport.
        transport: Transport,
    },
    /// The peer's certificate was refused.
    #[non_exhaustive]
    Refused {
        /// The peer's address, where it is known.
        peer: Option<SocketAddr>,
        /// Why.
        status: Box<VerifyStatus>,
    },
    /// The server's name cannot be looked up.
    #[non_exhaustive]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        source: io::Error,
    },
    /// It took too long to make the connection.
    #[non_exhaustive]
    TimedOut {
        /// The time-out.
        after: Duration,
    },
    /// No address of the server answers.
    #[non_exhaustive]
    Unreachable {
        /// The server.
        server: String,
        /// What became of each address.
        failures: Vec<(SocketAddr, io::Error)>,
    },
}

impl ConnectError {
    /// The verification status, if the peer was refused because of it.
    pub fn verify_status(&self) -> Option<&VerifyStatus> {
        match self {
            Self::Refused { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The address of the peer with which the handshake failed, where it is known.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Handshake { peer, .. } | Self::Refused { peer, .. } => *peer,
            _ => None,
        }
    }

    /// Notes the peer's address.
    pub(super) fn of_peer(mut self, address: Option<SocketAddr>) -> Self {
        if let Self::Handshake { peer, .. } | Self::Refused { peer, .. } = &mut self {
            *peer = address;
        }
        self
    }

    pub(super) fn handshake(
        error: io::Error,
        status: Option<VerifyStatus>,
        explain: impl Fn(&rustls::Error) -> Option<String>,
    ) -> Self {
        if let Some(status) = status.filter(|status| !status.is_accepted()) {
            return Self::Refused {
                peer: None,
                status: Box::new(status),
            };
        }
        match error.downcast::<rustls::Error>() {
            Ok(source) => Self::Handshake {
                explanation: explain(&source),
                peer: None,
                source,
            },
            Err(error) => Self::Io(error),
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(error) => error.fmt(f),
            Self::Handshake { explanation, .. } => {
                f.write_str("the TLS handshake failed")?;
                match explanation {
                    Some(explanation) => write!(f, ": {explanation}"),
                    None => Ok(()),
                }
            }
            Self::Io(_) => f.write_str("the connection broke during the TLS handshake"),
            Self::NotTls { transport } => {
                write!(f, "the connectivity's protocol is {transport}, not tls")
            }
            Self::Refused { .. } => f.write_str("the peer's certificate was refused"),
            Self::Resolve { host, .. } => write!(f, "cannot look up `{host}`"),
            Self::TimedOut { after } => {
                write!(f, "no connection after {} seconds", after.as_secs_f32())
            }
            Self::Unreachable { server, failures } => {
                write!(f, "cannot reach {server}")?;
                for (address, error) in failures {
                    write!(f, "; {address}: {error}")?;
                }
                Ok(())
            }
        }
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Configuration(error) => error.source(),
            Self::Handshake {
                explanation: Some(_),
                source,
                ..
            } if is_misleading(source) => None,
            Self::Handshake { source, .. } => Some(source),
            Self::Io(source) | Self::Resolve { source, .. } => Some(source),
            Self::Refused { status, .. } => status.error().map(|finding| finding as _),
            Self::NotTls { .. } | Self::TimedOut { .. } | Self::Unreachable { .. } => None,
        }
    }
}

/// Whether rustls' words would mislead beside our explanation.
fn is_misleading(error: &rustls::Error) -> bool {
    use rustls::{InvalidMessage, PeerMisbehaved};
    matches!(
        error,
        rustls::Error::PeerMisbehaved(PeerMisbehaved::ServerNameMustContainOneHostName)
            | rustls::Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                    | InvalidMessage::InvalidServerName
                    | InvalidMessage::HandshakePayloadTooLarge
            )
            | rustls::Error::Other(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_reads_well_with_its_cause() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::HandshakeFailure);
        let reset = io::ErrorKind::ConnectionReset;
        let refused = io::ErrorKind::ConnectionRefused;
        for (error, text, cause) in [
            (
                ConnectError::Handshake {
                    explanation: None,
                    peer: None,
                    source: alert.clone(),
                },
                "the TLS handshake failed",
                Some("received fatal alert: HandshakeFailure"),
            ),
            (
                ConnectError::Handshake {
                    explanation: Some("why".to_owned()),
                    peer: None,
                    source: alert,
                },
                "the TLS handshake failed: why",
                Some("received fatal alert: HandshakeFailure"),
            ),
            (
                ConnectError::Io(reset.into()),
                "the connection broke during the TLS handshake",
                Some("connection reset"),
            ),
            (
                ConnectError::NotTls {
                    transport: Transport::Udp,
                },
                "the connectivity's protocol is udp, not tls",
                None,
            ),
            (
                ConnectError::Resolve {
                    host: "sip.example.com".to_owned(),
                    source: io::Error::other("no such name"),
                },
                "cannot look up `sip.example.com`",
                Some("no such name"),
            ),
            (
                ConnectError::TimedOut {
                    after: Duration::from_secs(10),
                },
                "no connection after 10 seconds",
                None,
            ),
            (
                ConnectError::Unreachable {
                    server: "sip.example.com:5061".to_owned(),
                    failures: vec![(([192, 0, 2, 7], 5061).into(), refused.into())],
                },
                "cannot reach sip.example.com:5061; 192.0.2.7:5061: connection refused",
                None,
            ),
        ] {
            assert_eq!(error.to_string(), text);
            assert_eq!(error.source().map(ToString::to_string).as_deref(), cause);
        }
    }
}
