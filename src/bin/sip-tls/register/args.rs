//! The arguments of `--register`, and the times that follow from them.

use std::path::PathBuf;
use std::time::Duration;

use crate::connect::seconds;

/// The arguments that only `connect --register` has.
#[derive(clap::Args)]
pub(crate) struct RegisterArgs {
    /// Register, stay connected and answer requests, until Ctrl-C or SIGTERM
    #[arg(long, conflicts_with_all = ["no_sip", "show_certs", "save_certs"])]
    register: bool,
    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds, requires = "register")]
    pub(super) duration: Option<Duration>,
    /// Register for so many seconds; defaults to 600
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..), requires = "register")]
    expires: Option<u32>,
    /// The longest interval between two pings, in seconds; defaults to 120 (RFC 5626)
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "register")]
    keep_alive: Option<Duration>,
    /// The base of the growing pauses between attempts, in seconds; defaults to 30
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "register")]
    retry: Option<Duration>,
    /// The user name for the password; defaults to the user
    #[arg(long, value_name = "NAME", requires = "register")]
    pub(super) auth_user: Option<String>,
    /// Read the password from the first line of this file; defaults to the variable SIP_TLS_AUTH_PASSWORD
    #[arg(long, value_name = "FILE", requires = "register")]
    pub(super) auth_password_file: Option<PathBuf>,
}

impl RegisterArgs {
    pub(crate) fn is_asked_for(&self) -> bool {
        self.register
    }

    pub(super) fn pace(&self, timeout: Duration) -> Pace {
        Pace {
            timeout: timeout.min(YEAR),
            expires: self.expires.unwrap_or(EXPIRES),
            keep_alive: self.keep_alive.unwrap_or(KEEP_ALIVE).min(YEAR),
            retry: self.retry.unwrap_or(RETRY).min(YEAR),
        }
    }
}

/// The intervals and time limits of registrations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The limit for a connection, and for an answer.
    pub(super) timeout: Duration,
    pub(super) expires: u32,
    pub(super) keep_alive: Duration,
    pub(super) retry: Duration,
}

const EXPIRES: u32 = 600;
/// [RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4.4.1): a ping every 96 to 120 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(120);
/// [RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4.5): the base where all connections failed.
const RETRY: Duration = Duration::from_secs(30);
/// The longest time. A moment that is further away may not be representable.
const YEAR: Duration = Duration::from_secs(365 * 86_400);
