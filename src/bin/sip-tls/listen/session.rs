//! A connection of `listen`: its requests are answered until the client or the server ends.
//!
//! A request is answered whatever it is, because a client that gets no answer waits for half a minute. What cannot be
//! split into messages any more ends the connection, with an answer if there is a request to answer.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sip_tls::{ConnectError, Connection, Endpoint, Serve, ServeError, Stopping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::connection::ConnectionRecord;
use crate::failure::chain;
use crate::sip::{self, Answer, Frame, Framer, FramingError, Methods, PONG};

/// The time limits for a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For a handshake, or for accepting an answer.
    pub(crate) message: Duration,
    /// Between messages.
    pub(crate) idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: Duration::from_secs(10),
            idle: Duration::from_secs(300),
        }
    }
}

/// The result of an incoming connection.
#[derive(Debug, Serialize)]
pub(crate) struct Session {
    peer: SocketAddr,
    client: Option<String>,
    #[serde(flatten)]
    pub(crate) outcome: ConnectionRecord,
    pub(crate) sip: Vec<Answered>,
}

/// Requests with the same method whose answers had the same status.
#[derive(Debug, Serialize)]
pub(crate) struct Answered {
    pub(crate) method: String,
    pub(crate) status: u16,
    count: usize,
}

impl Answered {
    fn key(&self) -> (&String, u16) {
        (&self.method, self.status)
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.method, self.status)?;
        match self.count {
            1 => Ok(()),
            count => write!(f, " ({count} times)"),
        }
    }
}

/// Makes a server that answers requests, and hands the result of each connection to `report`.
pub(crate) fn server<R: Fn(Session) + Clone + Send + Sync + 'static>(
    endpoint: &Endpoint,
    listener: TcpListener,
    limits: Limits,
    report: R,
) -> Result<Serve<impl Fn(Connection<TcpStream>, Stopping) -> Answering + use<R>>, sip_tls::Error> {
    let tag: Arc<str> = sip::token(endpoint).into();
    let of_session = report.clone();
    let handler = move |connection: Connection<TcpStream>, stopping| -> Answering {
        let report = of_session.clone();
        // Made outside of the future, which would otherwise hold its parts twice: a connection may be idle for long.
        let mut conversation = Conversation::new(connection, limits, tag.clone());
        Box::pin(async move {
            conversation.hold(stopping).await;
            report(conversation.into_session());
        })
    };
    let server = endpoint.serve(listener, handler)?;
    Ok(server.on_failure(move |peer, error| report(Session::failed(peer, &error))))
}

type Answering = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A connection that is being served.
struct Conversation {
    connection: Connection<TcpStream>,
    peer: SocketAddr,
    tag: Arc<str>,
    limits: Limits,
    ending: Ending,
    answered: Vec<Answered>,
}

/// How a conversation ended.
enum Ending {
    Broken(Box<ConnectError>),
    Failed(String),
    InOrder,
}

impl Conversation {
    fn new(connection: Connection<TcpStream>, limits: Limits, tag: Arc<str>) -> Self {
        // The connection has an address, because its transport is a TcpStream.
        let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
        let peer = connection.info().peer_address().unwrap_or(nobody);
        Self {
            connection,
            peer,
            tag,
            limits,
            ending: Ending::InOrder,
            answered: Vec::new(),
        }
    }

    /// Answers requests until the client ends, the server is stopped, or time is up.
    async fn hold(&mut self, mut stopping: Stopping) {
        tokio::select! {
            () = self.run() => {}
            () = stopping.requested() => {}
        }
        // A peer that does not acknowledge close_notify is ignored.
        let _ = timeout(FAREWELL, self.connection.shutdown()).await;
    }

    fn into_session(mut self) -> Session {
        let mut outcome = ConnectionRecord::connected(&self.connection);
        match self.ending {
            Ending::Broken(error) => outcome.breaks(&error),
            Ending::Failed(error) => outcome.fails(error),
            Ending::InOrder => {}
        }
        self.answered
            .sort_by(|one, other| one.key().cmp(&other.key()));
        Session::new(self.peer, outcome, self.answered)
    }

    /// Reads and answers. It returns at the end of the stream, after an error, and after a long silence.
    async fn run(&mut self) {
        let mut framer = Framer::default();
        loop {
            let frame = match timeout(self.limits.idle, framer.read(&mut self.connection)).await {
                Ok(Ok(Some(frame))) => frame,
                Ok(Ok(None)) => return,
                Ok(Err(error)) => return self.give_up(error).await,
                Err(_) if framer.is_between_messages() => return,
                Err(_) => return self.fails("a SIP message was not completed in time"),
            };
            let is_sent = match frame {
                Frame::Ping => self.send(PONG).await,
                Frame::Pong => true,
                Frame::Message(head) => match sip::answer(&head, self.us()) {
                    Some(answer) => self.reply(answer).await,
                    None => true,
                },
            };
            if !is_sent {
                return;
            }
        }
    }

    /// Who answers: only OPTIONS gets a 200.
    fn us(&self) -> sip::Answering<'_> {
        sip::Answering {
            peer: self.peer,
            tag: &self.tag,
            methods: Methods::Options,
        }
    }

    /// Ends the conversation because of unreadable input, with an answer if there is one.
    async fn give_up(&mut self, error: FramingError) {
        let refusal = sip::refuse(&error, self.us());
        match error {
            FramingError::Read(error) => self.breaks(error),
            error => self.fails(chain(&error)),
        }
        if let Some(answer) = refusal
            && self.reply(answer).await
        {
            self.drain().await;
        }
    }

    /// Closes our direction, and reads on for a while: closing a connection with unread bytes resets it, and the
    /// client may never see the answer.
    ///
    /// It ends when the client closes, or after a second.
    async fn drain(&mut self) {
        let drain = async {
            self.connection.shutdown().await?;
            let mut unread = vec![0; 16 * 1024];
            while self.connection.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        // The client may be gone, or may never stop sending: neither is worth more time.
        let _ = timeout(FAREWELL, drain).await;
    }

    /// Sends an answer and counts it. Returns whether it was sent.
    async fn reply(&mut self, answer: Answer) -> bool {
        let is_sent = self.send(answer.as_bytes()).await;
        let method = match self.answered.len() < MOST_KINDS {
            true => answer.method,
            false => "others".to_owned(),
        };
        self.note(method, answer.status, is_sent);
        is_sent
    }

    /// Counts an answer by its method and status.
    fn note(&mut self, method: String, status: u16, is_sent: bool) {
        let count = usize::from(is_sent);
        let mut known = self.answered.iter_mut();
        match known.find(|known| known.key() == (&method, status)) {
            Some(known) => known.count += count,
            None => {
                // Most clients send requests of one kind.
                self.answered.reserve_exact(1);
                self.answered.push(Answered {
                    method,
                    status,
                    count,
                });
            }
        }
    }

    fn fails(&mut self, error: impl Into<String>) {
        self.ending = Ending::Failed(error.into());
    }

    /// Notes that the connection broke. The connection itself finds the alert in the error.
    fn breaks(&mut self, error: io::Error) {
        let failure = self.connection.failure(error);
        self.ending = Ending::Broken(Box::new(failure));
    }

    /// Sends within the time for a message: a client that does not read must not hold its connection for ever.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        let connection = &mut self.connection;
        let sending = sip::send(connection, bytes);
        match timeout(self.limits.message, sending).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                self.breaks(error);
                false
            }
            Err(_) => {
                self.fails("the client does not read the answer");
                false
            }
        }
    }
}

impl Session {
    /// The result of a connection that the handler never got.
    fn failed(peer: SocketAddr, error: &ServeError) -> Self {
        let outcome = match error {
            ServeError::Connect(error) => ConnectionRecord::not_connected(error),
            error => ConnectionRecord::failed(Some(error.to_string())),
        };
        Self::new(peer, outcome, Vec::new())
    }

    fn new(peer: SocketAddr, outcome: ConnectionRecord, sip: Vec<Answered>) -> Self {
        Self {
            peer,
            client: outcome.peer_subject().map(str::to_owned),
            outcome,
            sip,
        }
    }
}

impl Session {
    /// Summarises the session in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let outcome = &self.outcome;
        let mut parts = Vec::new();
        if let (Some(protocol), Some(cipher)) = (outcome.protocol, outcome.cipher) {
            parts.push(format!("connected, {protocol}, {cipher}"));
            parts.push(match &self.client {
                Some(client) => format!("client {client}"),
                None => "no client certificate".to_owned(),
            });
            parts.extend(self.sip.iter().map(Answered::to_string));
        }
        parts.extend(outcome.error.clone());
        parts.join("; ")
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.peer, self.sentence())?;
        match &self.outcome.about {
            Some(about) => write!(f, "; {about}"),
            None => Ok(()),
        }
    }
}

const FAREWELL: Duration = Duration::from_secs(1);
/// A client that invents methods must not fill our memory.
const MOST_KINDS: usize = 32;
