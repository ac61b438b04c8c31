//! What a verifier said, and how a connection ended.

use std::{fmt, str::FromStr};

use serde::Deserialize;

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Answer {
    Accepted,
    /// A file could not be loaded: the application does not start.
    Load,
    /// OpenSSL's error number and depth.
    Refused {
        code: i32,
        depth: i32,
    },
    /// A certificate of the peer cannot be read as one: the handshake ends before verification.
    Unreadable,
}

impl Answer {
    pub fn accepts(self) -> bool {
        self == Self::Accepted
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("ok"),
            Self::Load => f.write_str("load"),
            Self::Refused { code, depth } => write!(f, "{code}@{depth}"),
            Self::Unreadable => f.write_str("unreadable"),
        }
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = |text: &str| {
            let (code, depth) = text.split_once('@')?;
            Some(Self::Refused {
                code: code.parse().ok()?,
                depth: depth.parse().ok()?,
            })
        };
        match text {
            "ok" => Ok(Self::Accepted),
            "load" => Ok(Self::Load),
            "unreadable" => Ok(Self::Unreadable),
            _ => refused(text).ok_or_else(|| {
                format!("`{text}` is not one of `ok`, `load`, `unreadable`, `CODE@DEPTH`")
            }),
        }
    }
}

/// Whether there is a connection on which bytes went both ways.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Connects,
    Fails,
}

impl Outcome {
    pub fn of<T, E>(result: &Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Connects,
            Err(_) => Self::Fails,
        }
    }
}
