//! One request, and its answer.
//!
//! It runs on a thread of its own, because `ureq` blocks. The answer has to be 200 or a redirect. It is read piece by
//! piece, with the limit of its size checked before and after each piece.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use ureq::http::Response;
use ureq::http::header::{CONNECTION, CONTENT_ENCODING, HeaderName, LOCATION};
use ureq::{Agent, Body, Error};

use super::wire::{Known, Wire};
use crate::fetch::FetchError;
use crate::fetch::client::FetchLimits;
use crate::fetch::url::HttpUrl;

/// A request over an existing connection.
pub(super) struct Exchange {
    /// The URL before redirects. Progress is reported with this URL.
    pub(super) told: String,
    pub(super) url: HttpUrl,
    pub(super) stream: TcpStream,
    pub(super) address: SocketAddr,
    pub(super) limits: FetchLimits,
    pub(super) deadline: Instant,
}

/// An answer that is not an error.
pub(super) enum Answer {
    Body(Vec<u8>),
    /// The value of `Location`.
    Redirect(String),
}

impl Exchange {
    /// Sends the request and reads the answer. Blocks until the deadline at the latest.
    pub(super) fn run(self) -> Result<Answer, FetchError> {
        // Nothing is sent to a forbidden address, however the connection was made.
        let peer = self.stream.peer_addr().map_err(FetchError::Io)?.ip();
        if !self.limits.is_allowed(peer) {
            return Err(FetchError::Forbidden { address: peer });
        }
        let wire = Wire::new(self.stream, self.deadline);
        let agent = Agent::with_parts(config(), wire, Known(self.address));
        let request = agent.get(self.url.uri()).header(CONNECTION, "close");
        let response = request.call().map_err(|error| told(error, &self.limits))?;
        match response.status().as_u16() {
            200 => {
                let reading = Reading {
                    told: &self.told,
                    limits: &self.limits,
                };
                reading.body(response).map(Answer::Body)
            }
            code => match header(&response, LOCATION) {
                Some(to) if matches!(code, 301 | 302 | 303 | 307 | 308) => Ok(Answer::Redirect(to)),
                _ => Err(FetchError::Status { code }),
            },
        }
    }
}

/// Turns off redirects in `ureq`. They are followed elsewhere, over connections whose addresses are checked again.
fn config() -> ureq::config::Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .user_agent(concat!("sip-tls/", env!("CARGO_PKG_VERSION")))
        .build()
}

struct Reading<'a> {
    told: &'a str,
    limits: &'a FetchLimits,
}

impl Reading<'_> {
    /// Reads the body. A length that is announced is checked first; a body without one is refused
    /// once it is longer.
    fn body(&self, response: Response<Body>) -> Result<Vec<u8>, FetchError> {
        if let Some(encoding) = header(&response, CONTENT_ENCODING)
            && !encoding.eq_ignore_ascii_case("identity")
        {
            return Err(FetchError::Encoded { encoding });
        }
        let limit = self.limits.max_size;
        let total = response.body().content_length();
        if total.is_some_and(|total| total > limit) {
            return Err(FetchError::TooLarge { limit });
        }
        let mut reader = response.into_body().into_reader();
        let mut body = Vec::with_capacity(expected(total));
        let mut piece = vec![0; PIECE];
        loop {
            let received = body.len() as u64;
            self.limits.tell_progress(self.told, received, total);
            let len = match reader.read(&mut piece) {
                Ok(0) => return Ok(body),
                Ok(len) => len,
                Err(error) => return Err(self.broken(error, received)),
            };
            if received + len as u64 > limit {
                return Err(FetchError::TooLarge { limit });
            }
            body.extend_from_slice(&piece[..len]);
        }
    }

    /// The error of a body that ended too early.
    fn broken(&self, error: io::Error, received: u64) -> FetchError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => FetchError::Truncated { received },
            _ => told(Error::from(error), self.limits),
        }
    }
}

/// Returns how much memory to reserve. The length is within the limit.
fn expected(total: Option<u64>) -> usize {
    total
        .and_then(|total| usize::try_from(total).ok())
        .unwrap_or(0)
}

/// Returns the first value of a header.
fn header(response: &Response<Body>, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Converts an error of `ureq` to one with a message for users.
fn told(error: Error, limits: &FetchLimits) -> FetchError {
    let io = |kind, why: String| FetchError::Io(io::Error::new(kind, why));
    match error {
        Error::Timeout(_) => FetchError::TimedOut {
            after: limits.timeout,
        },
        Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => io(
            error.kind(),
            "the server closed the connection without an answer".to_owned(),
        ),
        Error::Io(error) => FetchError::Io(error),
        Error::LargeResponseHeader(_, limit) => io(
            io::ErrorKind::InvalidData,
            format!("the head of the answer has more than {limit} bytes"),
        ),
        Error::Protocol(error) => io(
            io::ErrorKind::InvalidData,
            format!("the answer is not valid HTTP: {error}"),
        ),
        error => io(io::ErrorKind::InvalidData, error.to_string()),
    }
}

const PIECE: usize = 64 << 10;
