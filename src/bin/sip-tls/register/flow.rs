//! An established connection on which requests go both ways.
//!
//! Only one request of ours is under way at a time. While its answer is waited for, requests and pings of the server
//! are answered, so that neither side waits for the other.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sip_tls::{ConnectError, Connection};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::board::Place;
use super::ending::Stop;
use super::error::FlowError;
use crate::connection::ConnectionRecord;
use crate::sip::{
    self, Answering, Frame, Framer, FramingError, Head, Methods, PING, PONG, Request,
};

/// A connection over which requests go out and come back
/// ([RFC 5626](https://www.rfc-editor.org/rfc/rfc5626), [RFC 5923](https://www.rfc-editor.org/rfc/rfc5923)).
pub(super) struct Flow {
    connection: Connection<TcpStream>,
    framer: Framer,
    local: SocketAddr,
    peer: SocketAddr,
    tag: String,
    /// The limit for an answer, and for the server to accept what is sent.
    timeout: Duration,
    /// `None` once the program ends.
    stop: Option<Stop>,
    place: Place,
}

/// The next event on a connection.
pub(super) enum Next {
    /// The time is up.
    Due,
    /// The answer to our ping.
    Pong,
    /// A response to any request.
    Response(Head),
}

impl Flow {
    pub(super) fn new(
        connection: Connection<TcpStream>,
        tag: String,
        timeout: Duration,
        stop: Stop,
        place: Place,
    ) -> Self {
        // If the socket has no address, it is not connected either.
        let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
        Self {
            local: connection.transport().local_addr().unwrap_or(nobody),
            peer: connection.transport().peer_addr().unwrap_or(nobody),
            connection,
            framer: Framer::default(),
            tag,
            timeout,
            stop: Some(stop),
            place,
        }
    }

    /// The address of our end of the connection.
    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    /// What is known of the connection, for the output.
    pub(super) fn record(&self) -> ConnectionRecord {
        ConnectionRecord::connected(&self.connection)
    }

    /// Sends a request, and waits for its final answer.
    pub(super) async fn transact(&mut self, request: &Request) -> Result<Head, FlowError> {
        let until = Instant::now() + self.timeout;
        if let Err(error) = self.send(request.as_bytes()).await {
            // A server that refuses us closes the connection. The next read tells why, even if writing failed.
            return Err(match self.next(until).await {
                Err(why @ FlowError::Broken(_)) => why,
                _ => error,
            });
        }
        loop {
            match self.next(until).await? {
                Next::Response(head) if request.answered_by(&head).is_some() => return Ok(head),
                Next::Due => return Err(FlowError::NoAnswer(request.method(), self.timeout)),
                Next::Pong | Next::Response(_) => {}
            }
        }
    }

    /// Sends a ping, and says whether its answer comes in time.
    pub(super) async fn ping(&mut self, wait: Duration) -> Result<bool, FlowError> {
        let until = Instant::now() + wait;
        self.framer.expect_pong();
        self.send(PING).await?;
        loop {
            match self.next(until).await? {
                Next::Pong => return Ok(true),
                Next::Due => return Ok(false),
                Next::Response(_) => {}
            }
        }
    }

    /// Reads, and answers requests and pings, until something else comes or the time is up.
    pub(super) async fn next(&mut self, until: Instant) -> Result<Next, FlowError> {
        loop {
            let frame = tokio::select! {
                biased;
                () = stopped(&mut self.stop) => return Err(FlowError::Stopped),
                () = sleep_until(until) => return Ok(Next::Due),
                frame = self.framer.read(&mut self.connection) => frame,
            };
            match frame {
                Ok(Some(Frame::Message(head))) if head.status_line().is_some() => {
                    return Ok(Next::Response(head));
                }
                Ok(Some(Frame::Message(head))) => self.answer(&head).await?,
                Ok(Some(Frame::Ping)) => self.send(PONG).await?,
                Ok(Some(Frame::Pong)) => return Ok(Next::Pong),
                Ok(None) => return Err(self.closed()),
                Err(error) => return Err(self.unreadable(error).await),
            }
        }
    }

    /// Keeps working from now on although the program ends.
    pub(super) fn end(&mut self) {
        self.stop = None;
    }

    /// Closes the connection. A server that does not acknowledge close_notify is ignored.
    pub(super) async fn close(mut self) {
        let _ = timeout(FAREWELL, self.connection.shutdown()).await;
    }

    /// Answers a request of the server. Something that is no SIP ends the connection.
    async fn answer(&mut self, head: &Head) -> Result<(), FlowError> {
        if head.message_line().is_none() {
            return Err(FlowError::NotSip);
        }
        if let Some(answer) = sip::answer(head, self.us()) {
            self.send(answer.as_bytes()).await?;
            let text = format!("answered {} with {}", answer.method, answer.status);
            self.place.event(text);
        }
        Ok(())
    }

    /// Answers unreadable input if there is an answer, and returns the error.
    async fn unreadable(&mut self, error: FramingError) -> FlowError {
        let refusal = sip::refuse(&error, self.us());
        if let FramingError::Read(error) = error {
            return FlowError::Broken(Box::new(self.connection.failure(error)));
        }
        if let Some(refusal) = refusal {
            // The connection is closed in any case.
            let _ = self.send(refusal.as_bytes()).await;
        }
        FlowError::Framing(error)
    }

    /// Returns the error for a closed connection. A server may refuse our certificate by closing the connection only.
    fn closed(&self) -> FlowError {
        let end = io::Error::from(io::ErrorKind::UnexpectedEof);
        match self.connection.failure(end) {
            error @ ConnectError::Io {
                explanation: Some(_),
                ..
            } => FlowError::Broken(Box::new(error)),
            _ => FlowError::Closed,
        }
    }

    /// Sends within the time-out.
    async fn send(&mut self, bytes: &[u8]) -> Result<(), FlowError> {
        match timeout(self.timeout, sip::send(&mut self.connection, bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(FlowError::Broken(Box::new(self.connection.failure(error)))),
            Err(_) => Err(FlowError::NotTaken),
        }
    }

    fn us(&self) -> Answering<'_> {
        Answering {
            peer: self.peer,
            tag: &self.tag,
            methods: Methods::OptionsAndNotify,
        }
    }
}

/// Waits for the end of the program, unless the flow already knows of it.
async fn stopped(stop: &mut Option<Stop>) {
    match stop {
        Some(stop) => stop.requested().await,
        None => std::future::pending().await,
    }
}

const FAREWELL: Duration = Duration::from_millis(500);
