//! Compares what only a handshake decides: the same peer meets OpenSSL's client, and rustls with our verifier.
//!
//! The peer signs with the scheme of the case, whether it was offered or not.

mod cases;
mod client;
mod peer;

use std::fmt;

use rustls::{AlertDescription, SignatureScheme, SupportedProtocolVersion};

use crate::plan::Plan;

pub use cases::cases;

/// A handshake.
pub struct Case {
    pub name: String,
    /// Whether OpenSSL connects.
    pub connects: bool,
    pub version: &'static SupportedProtocolVersion,
    /// The scheme with which the peer signs the handshake.
    pub scheme: SignatureScheme,
    /// The peer signs something else.
    pub broken_signature: bool,
    pub plan: Plan,
}

/// How the handshake ended for the client.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Connects,
    /// The client refused, for this reason, with the alert that the peer saw.
    Refused(String, Option<AlertDescription>),
}

impl Outcome {
    pub fn connects(&self) -> bool {
        *self == Self::Connects
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connects => f.write_str("connects"),
            Self::Refused(why, Some(alert)) => write!(f, "refuses with {alert:?} ({why})"),
            Self::Refused(why, None) => write!(f, "refuses ({why})"),
        }
    }
}

/// Runs all handshakes with both. Returns what is not as expected.
pub fn run() -> Vec<String> {
    cases().iter().filter_map(failure).collect()
}

fn failure(case: &Case) -> Option<String> {
    let openssl = client::openssl(case);
    let ours = client::ours(case);
    let expected = match case.connects {
        true => "connects",
        false => "refuses",
    };
    let is_good = [&openssl, &ours]
        .iter()
        .all(|o| o.connects() == case.connects);
    (!is_good).then(|| {
        format!(
            "tls/{}: expected: {expected}; OpenSSL {openssl}; ours {ours}",
            case.name
        )
    })
}
