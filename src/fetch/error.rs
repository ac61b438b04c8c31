use std::fmt;
use std::io;
use std::net::IpAddr;

/// Why a revocation list could not be fetched.
#[non_exhaustive]
#[derive(Debug)]
pub enum FetchError {
    /// The server has an address to which no connection is made, unless it is allowed.
    #[non_exhaustive]
    Forbidden {
        /// The address.
        address: IpAddr,
    },
    /// The connection failed, or what the server says cannot be understood.
    Io(io::Error),
    /// The answer is longer than is allowed.
    #[non_exhaustive]
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// The server has no list: the status of its answer is not 200.
    #[non_exhaustive]
    Status {
        /// The status.
        code: u16,
    },
    /// The URL is not one of `http:`.
    #[non_exhaustive]
    Url {
        /// The URL.
        url: String,
    },
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden { address } => {
                write!(f, "{address} is an address that lists are not fetched from")
            }
            Self::Io(error) => error.fmt(f),
            Self::Status { code } => write!(f, "the server answered with status {code}"),
            Self::TooLarge { limit } => write!(f, "the answer has more than {limit} bytes"),
            Self::Url { url } => write!(f, "`{}` is no URL of `http:`", url.escape_debug()),
        }
    }
}

impl std::error::Error for FetchError {}
