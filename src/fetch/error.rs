//! Why a URL could not be fetched. What is wrong with a list that was fetched is another error,
//! `ListError`.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::policy;
use crate::report::counted;

/// Why a revocation list could not be fetched.
///
/// Its text names addresses and the server's answer. A text that comes from outside is escaped, so
/// that it cannot write to a terminal.
#[non_exhaustive]
#[derive(Debug)]
pub enum FetchError {
    /// No connection to the server can be made.
    #[non_exhaustive]
    Connect {
        /// The address that was tried last.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The answer is compressed, although compression was not asked for.
    #[non_exhaustive]
    Encoded {
        /// The encoding, as the server names it.
        encoding: String,
    },
    /// The server has an address that is forbidden unless it is allowed.
    #[non_exhaustive]
    Forbidden {
        /// The address.
        address: IpAddr,
    },
    /// The connection failed, or the answer of the server cannot be parsed.
    Io(io::Error),
    /// The server redirects to a URL that cannot be parsed, is not an `http:` URL, or has no host, an invalid port or a
    /// user name.
    #[non_exhaustive]
    Redirected {
        /// The URL.
        to: String,
    },
    /// The server's name cannot be looked up.
    #[non_exhaustive]
    Resolve {
        /// The name.
        host: String,
        /// The error of the system.
        source: io::Error,
    },
    /// The server has no list: the status of its answer is not 200.
    #[non_exhaustive]
    Status {
        /// The status.
        code: u16,
    },
    /// The answer was not complete in time.
    #[non_exhaustive]
    TimedOut {
        /// The time limit.
        after: Duration,
    },
    /// The answer is longer than is allowed.
    #[non_exhaustive]
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// The server redirects too many times.
    #[non_exhaustive]
    TooManyRedirects {
        /// How many are allowed.
        limit: u32,
    },
    /// The connection ended before the answer did.
    #[non_exhaustive]
    Truncated {
        /// How many bytes of the list arrived.
        received: u64,
    },
    /// The URL cannot be parsed, is not an `http:` URL, or has no host, an invalid port or a user name.
    #[non_exhaustive]
    Url {
        /// The URL.
        url: String,
    },
}

/// Prints the cause in the same line. So there is no [`source`](std::error::Error::source).
impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { address, source } => {
                write!(f, "cannot connect to {address}: {source}")
            }
            Self::Encoded { encoding } => {
                let encoding = encoding.escape_debug();
                write!(f, "the answer is compressed (`{encoding}`)")
            }
            Self::Forbidden { address } => {
                if let Some(kind) = policy::kind(*address) {
                    write!(f, "{address} is {kind}: ")?;
                }
                write!(
                    f,
                    "lists are not fetched from {address} unless it is allowed"
                )
            }
            Self::Io(error) => error.fmt(f),
            Self::Redirected { to } => write!(
                f,
                "the server redirects to `{}`, which cannot be fetched: {USABLE}",
                to.escape_debug()
            ),
            Self::Resolve { host, source } => {
                write!(f, "cannot look up `{}`: {source}", host.escape_debug())
            }
            Self::Status { code } => write!(f, "the server answered with status {code}"),
            Self::TimedOut { after } => {
                let after = counted(after.as_secs_f32(), "second", "seconds");
                write!(f, "no complete answer after {after}")
            }
            Self::TooLarge { limit } => write!(f, "the answer has more than {limit} bytes"),
            Self::TooManyRedirects { limit } => {
                let limit = counted(limit, "time", "times");
                write!(f, "the server redirects more than {limit}")
            }
            Self::Truncated { received } => {
                let received = counted(received, "byte", "bytes");
                write!(
                    f,
                    "the connection ended in the middle of the answer, after {received}"
                )
            }
            Self::Url { url } => {
                write!(f, "`{}` cannot be fetched: {USABLE}", url.escape_debug())
            }
        }
    }
}

impl std::error::Error for FetchError {}

/// What a URL must be.
const USABLE: &str =
    "it must be a valid `http:` URL (no spaces) with a host, a valid port and no user name";

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks every error in the words that users read.
    #[test]
    fn messages_are_one_line_and_name_what_they_are_about() {
        let io = || io::Error::new(io::ErrorKind::NotFound, "the reason");
        for (error, message) in [
            (
                FetchError::Connect {
                    address: "192.0.2.1:80".parse().unwrap(),
                    source: io(),
                },
                "cannot connect to 192.0.2.1:80: the reason",
            ),
            (
                FetchError::Encoded {
                    encoding: "gzip\n".to_owned(),
                },
                r"the answer is compressed (`gzip\n`)",
            ),
            (
                FetchError::Forbidden {
                    address: "127.0.0.1".parse().unwrap(),
                },
                "127.0.0.1 is a loopback address: lists are not fetched from 127.0.0.1 unless it is allowed",
            ),
            (
                FetchError::Forbidden {
                    address: "192.0.2.1".parse().unwrap(),
                },
                "lists are not fetched from 192.0.2.1 unless it is allowed",
            ),
            (FetchError::Io(io()), "the reason"),
            (
                FetchError::Redirected {
                    to: "https://a\n".to_owned(),
                },
                r"the server redirects to `https://a\n`, which cannot be fetched: it must be a valid `http:` URL (no spaces) with a host, a valid port and no user name",
            ),
            (
                FetchError::Resolve {
                    host: "crl.example.com".to_owned(),
                    source: io(),
                },
                "cannot look up `crl.example.com`: the reason",
            ),
            (
                FetchError::Status { code: 404 },
                "the server answered with status 404",
            ),
            (
                FetchError::TimedOut {
                    after: Duration::from_millis(1500),
                },
                "no complete answer after 1.5 seconds",
            ),
            (
                FetchError::TooLarge { limit: 10 },
                "the answer has more than 10 bytes",
            ),
            (
                FetchError::TooManyRedirects { limit: 5 },
                "the server redirects more than 5 times",
            ),
            (
                FetchError::Truncated { received: 7 },
                "the connection ended in the middle of the answer, after 7 bytes",
            ),
            (
                FetchError::Url {
                    url: "ldap:///\n".to_owned(),
                },
                r"`ldap:///\n` cannot be fetched: it must be a valid `http:` URL (no spaces) with a host, a valid port and no user name",
            ),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }
}
