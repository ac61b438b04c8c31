//! Why a connection was not made, in one sentence.
//!
//! An error of OpenSSL is a number and a line of its source code. The sentence here says who refused whom, what both
//! sides offered and, where it is known, which option changes it. `diagnosis` makes the explanations.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::AlertDescription;

use super::alert;
use super::domain::TargetFailure;
use crate::error::Error;
use crate::profile::{Quoted, Transport};
use crate::report::{chain, counted};
use crate::verify::VerifyStatus;

/// Why a connection was not made.
///
/// # Examples
///
/// ```
/// use sip_tls::ConnectError;
///
/// /// Whether it is worth to try again later.
/// fn is_temporary(error: &ConnectError) -> bool {
///     match error {
///         ConnectError::Refused { .. } | ConnectError::Configuration(_) => false,
///         ConnectError::Unreachable { .. } | ConnectError::Resolve { .. } => true,
///         error => error.is_timeout(),
///     }
/// }
/// # let _ = is_temporary;
/// ```
#[non_exhaustive]
#[derive(Debug)]
pub enum ConnectError {
    /// The endpoint's configuration does not allow such a connection.
    Configuration(Box<Error>),
    /// No server of a domain could be connected to: [`Endpoint::connect_domain`](crate::Endpoint::connect_domain).
    #[non_exhaustive]
    Domain {
        /// The domain.
        domain: String,
        /// The failure of each server and address, in the order of tries.
        failures: Vec<TargetFailure>,
        /// How many servers were not tried, because no time or no address was left.
        untried: usize,
    },
    /// The handshake failed for another reason than the peer's certificate: there is no common suite, or the peer
    /// refused us with an alert.
    #[non_exhaustive]
    Handshake {
        /// The cause, if the error of rustls does not state it.
        explanation: Option<String>,
        /// The peer's address, where it is known.
        peer: Option<SocketAddr>,
        /// The error of rustls.
        source: rustls::Error,
    },
    /// The connection broke without an alert, while it was made or afterwards. After the handshake, it comes from
    /// [`Connection::failure`](crate::Connection::failure), from [`Connection::confirm`](crate::Connection::confirm),
    /// and from `Endpoint::connect` and the similar methods with
    /// [`EndpointBuilder::confirm`](crate::EndpointBuilder::confirm).
    #[non_exhaustive]
    Io {
        /// How far the handshake had come, and what the peer may have wanted.
        explanation: Option<String>,
        /// Whether the connection broke after the handshake.
        is_established: bool,
        /// The peer's address, where it is known.
        peer: Option<SocketAddr>,
        /// The error of the system.
        source: io::Error,
    },
    /// The text that was given as a domain is not a domain.
    #[non_exhaustive]
    NotADomain {
        /// The text.
        given: String,
        /// Why it is not a domain.
        reason: &'static str,
    },
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
        /// The result of the verification.
        status: Box<VerifyStatus>,
    },
    /// The server's name cannot be looked up.
    #[non_exhaustive]
    Resolve {
        /// The name.
        host: String,
        /// The error of the resolver.
        source: io::Error,
    },
    /// It took too long to make the connection.
    #[non_exhaustive]
    TimedOut {
        /// The time-out.
        after: Duration,
        /// What was waited for: the look-up, or how far the handshake had come. `None` if it is unknown.
        explanation: Option<String>,
        /// The peer's address, where it is known.
        peer: Option<SocketAddr>,
    },
    /// No address of the server answers.
    #[non_exhaustive]
    Unreachable {
        /// The server.
        server: String,
        /// The error of each address.
        failures: Vec<(SocketAddr, io::Error)>,
    },
}

impl ConnectError {
    /// Returns the verification status, if the peer was refused because of it. If several servers of a domain were
    /// tried, it is the status of the last one that was refused.
    pub fn verify_status(&self) -> Option<&VerifyStatus> {
        match self {
            Self::Domain { failures, .. } => last(failures, Self::verify_status),
            Self::Refused { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Returns the alert with which the peer refused us. If several servers of a domain were tried, it is the last
    /// alert.
    ///
    /// [`alert_name`](crate::alert_name) has its name in RFC 8446.
    pub fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::Domain { failures, .. } => last(failures, Self::alert),
            Self::Handshake {
                source: rustls::Error::AlertReceived(alert),
                ..
            } => Some(*alert),
            _ => None,
        }
    }

    /// Returns whether the connection took too long. For several servers or addresses: whether all did.
    pub fn is_timeout(&self) -> bool {
        let is_late = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
        match self {
            Self::Domain { failures, .. } => {
                let mut failures = failures.iter();
                failures.all(|failure| failure.error().is_timeout())
            }
            Self::TimedOut { .. } => true,
            Self::Io { source, .. } | Self::Resolve { source, .. } => is_late(source),
            Self::Unreachable { failures, .. } => {
                !failures.is_empty() && failures.iter().all(|(_, error)| is_late(error))
            }
            _ => false,
        }
    }

    /// Returns the address of the peer with which the handshake failed, where it is known. If several servers of a
    /// domain were tried, it is the last address.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Domain { failures, .. } => last(failures, Self::peer_address),
            Self::Handshake { peer, .. }
            | Self::Io { peer, .. }
            | Self::Refused { peer, .. }
            | Self::TimedOut { peer, .. } => *peer,
            _ => None,
        }
    }

    /// The error of a look-up that took too long.
    pub(super) fn late_look_up(host: &str, after: Duration) -> Self {
        Self::TimedOut {
            after,
            explanation: Some(format!("the look-up of `{host}` got no answer")),
            peer: None,
        }
    }

    /// Sets the peer's address.
    pub(super) fn of_peer(mut self, address: Option<SocketAddr>) -> Self {
        if let Self::Handshake { peer, .. }
        | Self::Io { peer, .. }
        | Self::Refused { peer, .. }
        | Self::TimedOut { peer, .. } = &mut self
        {
            *peer = address;
        }
        self
    }

    /// Sets how long the wait was, if it was shorter than the endpoint's time-out.
    pub(super) fn timed_out_after(mut self, waited: Duration) -> Self {
        if let Self::TimedOut { after, .. } = &mut self {
            let tenths = waited.as_millis() / 100;
            *after = Duration::from_millis(u64::try_from(tenths).unwrap_or(u64::MAX) * 100);
        }
        self
    }

    /// The error of a handshake that failed. If the verifier has refused the peer, that is the reason, whatever rustls
    /// made of it.
    pub(super) fn handshake(
        error: io::Error,
        status: Option<VerifyStatus>,
        explain: impl Fn(Cause<'_>) -> Option<String>,
    ) -> Self {
        if let Some(status) = status.filter(|status| !status.is_accepted()) {
            return Self::Refused {
                peer: None,
                status: Box::new(status),
            };
        }
        match error.downcast::<rustls::Error>() {
            Ok(source) => Self::Handshake {
                explanation: explain(Cause::Rustls(&source)),
                peer: None,
                source,
            },
            Err(source) => Self::Io {
                explanation: explain(Cause::Io(&source)),
                is_established: false,
                peer: None,
                source,
            },
        }
    }
}

/// Returns the value of the last failure that has one.
fn last<'a, T>(
    failures: &'a [TargetFailure],
    says: impl Fn(&'a ConnectError) -> Option<T>,
) -> Option<T> {
    failures
        .iter()
        .rev()
        .find_map(|failure| says(failure.error()))
}

/// The error to explain.
#[derive(Clone, Copy)]
pub(super) enum Cause<'a> {
    Io(&'a io::Error),
    Rustls(&'a rustls::Error),
}

/// Prints the cause in the same line. So there is no [`source`](StdError::source).
impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(error) => f.write_str(&chain(&**error)),
            Self::Domain {
                domain,
                failures,
                untried,
            } => fmt_domain(domain, failures, *untried, f),
            Self::Handshake {
                explanation,
                source,
                ..
            } => fmt_handshake(source, explanation.as_deref(), f),
            Self::Io {
                explanation: Some(explanation),
                is_established,
                ..
            } => match is_established {
                true => write!(f, "the connection broke: {explanation}"),
                false => write!(f, "the TLS handshake failed: {explanation}"),
            },
            Self::Io { source, .. } => {
                write!(f, "the connection broke: {source}")
            }
            Self::NotADomain { given, reason } => {
                write!(f, "{} is not a domain: {reason}", Quoted(given))
            }
            Self::NotTls { transport } => {
                write!(f, "the connectivity's protocol is {transport}, not tls")
            }
            Self::Refused { status, .. } => {
                f.write_str("the peer's certificate was refused")?;
                match status.error() {
                    Some(finding) => write!(f, ": {}", finding.statement()),
                    None => Ok(()),
                }
            }
            Self::Resolve { host, source } => write!(f, "cannot look up `{host}`: {source}"),
            Self::TimedOut {
                after, explanation, ..
            } => {
                let after = counted(after.as_secs_f32(), "second", "seconds");
                write!(f, "no connection after {after}")?;
                match explanation {
                    Some(explanation) => write!(f, ": {explanation}"),
                    None => Ok(()),
                }
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

impl StdError for ConnectError {}

fn fmt_domain(
    domain: &str,
    failures: &[TargetFailure],
    untried: usize,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "cannot connect to `{domain}`")?;
    for failure in failures {
        write!(f, "; {failure}")?;
    }
    match untried {
        0 => Ok(()),
        1 => f.write_str("; one more server was not tried"),
        many => write!(f, "; {many} more servers were not tried"),
    }
}

/// Prints an alert and the explanation. For another error, prints the explanation or the error of rustls.
pub(super) fn fmt_handshake(
    error: &rustls::Error,
    explanation: Option<&str>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match (error, explanation) {
        (rustls::Error::AlertReceived(alert), None) => f.write_str(&alert::sentence(*alert)),
        (rustls::Error::AlertReceived(alert), Some(why)) => {
            write!(f, "{}: {why}", alert::sentence(*alert))
        }
        (_, Some(why)) => write!(f, "the TLS handshake failed: {why}"),
        (error, None) => write!(f, "the TLS handshake failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_tells_its_cause_in_one_line() {
        let alert = rustls::Error::AlertReceived(AlertDescription::HandshakeFailure);
        let reset = io::ErrorKind::ConnectionReset;
        let refused = io::ErrorKind::ConnectionRefused;
        for (error, text) in [
            (
                ConnectError::Handshake {
                    explanation: None,
                    peer: None,
                    source: alert.clone(),
                },
                "the peer refused the connection: TLS alert handshake_failure (40)",
            ),
            (
                ConnectError::Handshake {
                    explanation: Some("why".to_owned()),
                    peer: None,
                    source: alert,
                },
                "the peer refused the connection: TLS alert handshake_failure (40): why",
            ),
            (
                ConnectError::Handshake {
                    explanation: Some("why".to_owned()),
                    peer: None,
                    source: rustls::Error::DecryptError,
                },
                "the TLS handshake failed: why",
            ),
            (
                ConnectError::Io {
                    explanation: Some("the peer reset the connection".to_owned()),
                    is_established: false,
                    peer: None,
                    source: reset.into(),
                },
                "the TLS handshake failed: the peer reset the connection",
            ),
            (
                ConnectError::Io {
                    explanation: Some("the server closed it".to_owned()),
                    is_established: true,
                    peer: None,
                    source: reset.into(),
                },
                "the connection broke: the server closed it",
            ),
            (
                ConnectError::NotADomain {
                    given: "sip:a@b\n".to_owned(),
                    reason: "it is a URI; give only the domain",
                },
                "`sip:a@b\\n` is not a domain: it is a URI; give only the domain",
            ),
            (
                ConnectError::NotTls {
                    transport: Transport::Udp,
                },
                "the connectivity's protocol is udp, not tls",
            ),
            (
                ConnectError::Resolve {
                    host: "sip.example.com".to_owned(),
                    source: io::Error::other("no such name"),
                },
                "cannot look up `sip.example.com`: no such name",
            ),
            (
                ConnectError::TimedOut {
                    after: Duration::from_secs(10),
                    explanation: Some("why".to_owned()),
                    peer: None,
                },
                "no connection after 10 seconds: why",
            ),
            (
                ConnectError::Unreachable {
                    server: "sip.example.com:5061".to_owned(),
                    failures: vec![(([192, 0, 2, 7], 5061).into(), refused.into())],
                },
                "cannot reach sip.example.com:5061; 192.0.2.7:5061: connection refused",
            ),
        ] {
            assert_eq!(error.to_string(), text);
            assert!(error.source().is_none(), "the cause is in the text");
        }
    }
}
