//! One request and its answer, for `connect`.

use std::error::Error;
use std::time::Duration;
use std::{fmt, io};

use ezk_sip_types::msg::StatusLine;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::answer::{Answering, answer};
use super::framing::{Frame, Framer, FramingError, PONG};
use super::request::Request;
use crate::date::seconds;

/// Sends a request and waits for its final answer. Requests and pings that come meanwhile are answered.
pub(crate) async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &Request,
    us: Answering<'_>,
    timeout: Duration,
) -> Result<StatusLine, ExchangeError> {
    let exchange = async {
        // A server that refuses us closes the connection. The next read tells why, even if writing failed.
        let sent = send(stream, request.as_bytes()).await;
        match (receive(stream, request, us).await, sent) {
            (Err(ExchangeError::Closed), Err(error)) => Err(ExchangeError::Broken(error)),
            (received, _) => received,
        }
    };
    tokio::time::timeout(timeout, exchange)
        .await
        .unwrap_or(Err(ExchangeError::TimedOut(timeout)))
}

/// Sends bytes, and flushes them at once.
pub(crate) async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Reads until the final answer comes. Provisional answers are passed over.
async fn receive(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &Request,
    us: Answering<'_>,
) -> Result<StatusLine, ExchangeError> {
    let mut framer = Framer::default();
    loop {
        match framer.read(stream).await {
            Ok(Some(Frame::Message(head))) => {
                if let Some(line) = request.answered_by(&head) {
                    return Ok(line);
                }
                if head.message_line().is_none() {
                    return Err(ExchangeError::NotSip);
                }
                if let Some(answer) = answer(&head, us) {
                    send(stream, answer.as_bytes())
                        .await
                        .map_err(ExchangeError::Broken)?;
                }
            }
            Ok(Some(Frame::Ping)) => send(stream, PONG).await.map_err(ExchangeError::Broken)?,
            Ok(Some(Frame::Pong)) => {}
            Ok(None) => return Err(ExchangeError::Closed),
            Err(FramingError::Read(error)) => return Err(ExchangeError::Broken(error)),
            Err(error) => return Err(ExchangeError::Framing(error)),
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum ExchangeError {
    /// The stream broke, or the peer sent an alert.
    Broken(io::Error),
    /// The stream ended.
    Closed,
    /// The received bytes cannot be split into messages.
    Framing(FramingError),
    /// The received message is no SIP message.
    NotSip,
    /// Nothing came in time.
    TimedOut(Duration),
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer to SIP OPTIONS")?;
        match self {
            Self::Broken(_) | Self::Framing(_) => Ok(()),
            Self::Closed => f.write_str(": the server closed the connection"),
            Self::NotSip => f.write_str(": what the server sends is not SIP"),
            Self::TimedOut(after) => write!(f, " after {}", seconds(*after)),
        }
    }
}

impl Error for ExchangeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Broken(source) => Some(source),
            Self::Framing(source) => Some(source),
            _ => None,
        }
    }
}
