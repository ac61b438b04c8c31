//! Why a connection of `--register` ends, and what that means for the next attempt.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use ezk_sip_types::StatusCode;
use sip_tls::ConnectError;

use super::backoff::Failed;
use crate::connection::{ConnectionRecord, Verdict};
use crate::date::seconds;
use crate::failure::chain;
use crate::sip::{AuthError, FramingError};

/// Why a connection is not used any longer.
#[derive(Debug)]
pub(super) enum FlowError {
    /// The registrar asks for a password, and there is no answer or the registrar does not accept it.
    Auth(AuthError),
    /// The connection broke, or the server refused us by an alert.
    Broken(Box<ConnectError>),
    /// The server closed the connection.
    Closed,
    /// The received bytes cannot be split into messages.
    Framing(FramingError),
    /// There was no answer to a request in time.
    NoAnswer(String, Duration),
    /// There was no answer to a ping in time.
    NoPong(Duration),
    /// The received message is no SIP message.
    NotSip,
    /// The server does not read.
    NotTaken,
    /// The registrar granted no time.
    NoTime,
    /// The registrar did not register us.
    Rejected {
        code: StatusCode,
        reason: String,
        /// The seconds after which the registrar asks for another attempt.
        retry_after: Option<u32>,
    },
    /// The program ends.
    Stopped,
}

impl FlowError {
    /// Tells what the error means for the next attempt. `lived` is how long we had been registered.
    pub(super) fn failed(&self, lived: Option<Duration>) -> Failed {
        match (self, lived) {
            (Self::Auth(_), _) => Failed::Refused,
            (Self::Rejected { code, .. }, _) if *code == StatusCode::FORBIDDEN => Failed::Refused,
            (Self::Rejected { .. } | Self::NoTime, _) | (_, None) => Failed::Attempt,
            (_, Some(lived)) => Failed::Lost(lived),
        }
    }

    /// How long the registrar asks us to wait.
    pub(super) fn retry_after(&self) -> Duration {
        match self {
            Self::Rejected {
                retry_after: Some(seconds),
                ..
            } => Duration::from_secs((*seconds).min(LONGEST).into()),
            _ => Duration::ZERO,
        }
    }

    /// Notes the error in the record of the connection.
    pub(super) fn note_in(&self, record: &mut ConnectionRecord) {
        match self {
            Self::Broken(error) => record.breaks(error),
            error => record.fails(chain(error)),
        }
        if self.is_refusal() {
            record.result = Verdict::Refused;
        }
    }

    /// Whether the registrar refuses us. If not, it cannot register anybody now, or cannot be reached.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Auth(_) => true,
            Self::Rejected { code, .. } => {
                let code = code.into_u16();
                matches!(code, 400..=499 | 600..=699) && code != 408
            }
            _ => false,
        }
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(error) => error.fmt(f),
            Self::Broken(error) => error.fmt(f),
            Self::Closed => f.write_str("the server closed the connection"),
            Self::Framing(error) => error.fmt(f),
            Self::NoAnswer(method, after) => {
                write!(f, "no answer to {method} after {}", seconds(*after))
            }
            Self::NoPong(after) => {
                write!(f, "no answer to a ping after {}", seconds(*after))
            }
            Self::NotSip => f.write_str("what the server sends is not SIP"),
            Self::NotTaken => f.write_str("the server does not read what is sent"),
            Self::NoTime => f.write_str("the registrar granted a registration of 0 seconds"),
            Self::Rejected { code, reason, .. } => {
                let code = code.into_u16();
                let answer = format!("{code} {reason}");
                write!(
                    f,
                    "the registrar answered REGISTER with {}",
                    answer.trim_end()
                )
            }
            Self::Stopped => f.write_str("the program ends"),
        }
    }
}

impl Error for FlowError {}

/// A registrar cannot make us wait for longer than the longest pause.
const LONGEST: u32 = 1800;
