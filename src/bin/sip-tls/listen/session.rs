use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sip_tls::{Connection, Endpoint, Serve, ServeError, Stopping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::connection::ConnectionRecord;
use crate::failure::chain;
use crate::sip::{self, Answer, Frame, Framer, FramingError, Methods, PONG};

/// How long a peer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For a handshake, or to take an answer.
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

/// What became of an incoming connection.
#[derive(Debug, Serialize)]
pub(crate) struct Session {
    peer: SocketAddr,
    client: Option<String>,
    #[serde(flatten)]
    pub(crate) outcome: ConnectionRecord,
    pub(crate) sip: Vec<Answered>,
}

/// Requests of one kind, and what they were answered with.
#[derive(Debug, Serialize)]
pub(crate) struct Answered {
    pub(crate) method: String,
    pub(crate) status: u16,
    count: usize,
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

/// Makes a server that answers what comes, and hands over what became of each connection.
pub(crate) fn server<R: Fn(Session) + Clone + Send + Sync + 'static>(
    endpoint: &Endpoint,
    listener: TcpListener,
    limits: Limits,
    report: R,
) -> Result<Serve<impl Fn(Connection<TcpStream>, Stopping) -> Answering + use<R>>, sip_tls::Error> {
    let tag: Arc<str> = sip::token(endpoint).into();
    let of_session = report.clone();
    let handler = move |connection: Connection<TcpStream>, stopping| -> Answering {
        let (report, tag) = (of_session.clone(), tag.clone());
        Box::pin(async move {
            report(answer_all(connection, limits, tag, stopping).await);
        })
    };
    let server = endpoint.serve(listener, handler)?;
    Ok(server.on_failure(move |peer, error| report(Session::failed(peer, &error))))
}

type Answering = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Answers what comes until the client ends, the server is stopped, or time is up.
async fn answer_all(
    connection: Connection<TcpStream>,
    limits: Limits,
    tag: Arc<str>,
    mut stopping: Stopping,
) -> Session {
    // The connection has one, as its transport is a TcpStream.
    let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
    let peer = connection.info().peer_address().unwrap_or(nobody);
    let mut conversation = Conversation {
        outcome: ConnectionRecord::connected(&connection),
        connection,
        peer,
        tag,
        limits,
        answered: BTreeMap::new(),
    };
    tokio::select! {
        () = conversation.run() => {}
        () = stopping.requested() => {}
    }
    // A peer that does not acknowledge close_notify is ignored.
    let _ = timeout(FAREWELL, conversation.connection.shutdown()).await;
    Session::new(peer, conversation.outcome, conversation.answered)
}

struct Conversation {
    connection: Connection<TcpStream>,
    peer: SocketAddr,
    tag: Arc<str>,
    limits: Limits,
    outcome: ConnectionRecord,
    answered: BTreeMap<(String, u16), usize>,
}

impl Conversation {
    async fn run(&mut self) {
        let mut framer = Framer::default();
        loop {
            let frame = match timeout(self.limits.idle, framer.read(&mut self.connection)).await {
                Ok(Ok(Some(frame))) => frame,
                Ok(Ok(None)) => return,
                Ok(Err(error)) => return self.give_up(error).await,
                Err(_) if framer.is_between_messages() => return,
                Err(_) => {
                    return self
                        .outcome
                        .fails("a SIP message was never finished".to_owned());
                }
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

    fn us(&self) -> sip::Answering<'_> {
        sip::Answering {
            peer: self.peer,
            tag: &self.tag,
            methods: Methods::Options,
        }
    }

    /// Ends with an answer to what cannot be read, as far as there is one.
    async fn give_up(&mut self, error: FramingError) {
        let refusal = sip::refuse(&error, self.us());
        match error {
            FramingError::Read(error) => {
                let failure = self.connection.failure(error);
                self.outcome.breaks(&failure);
            }
            error => self.outcome.fails(chain(&error)),
        }
        if let Some(answer) = refusal
            && self.reply(answer).await
        {
            self.drain().await;
        }
    }

    /// Says that no more will be read, and reads on for a while: a connection that is closed with bytes unread is reset,
    /// and the client may never see the answer.
    async fn drain(&mut self) {
        let drain = async {
            self.connection.shutdown().await?;
            let mut unread = vec![0; 16 * 1024];
            while self.connection.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        // The client may be gone, or may never end: neither is worth more time.
        let _ = timeout(FAREWELL, drain).await;
    }

    async fn reply(&mut self, answer: Answer) -> bool {
        let is_sent = self.send(answer.as_bytes()).await;
        let key = match self.answered.len() < MOST_KINDS {
            true => (answer.method, answer.status),
            false => ("others".to_owned(), answer.status),
        };
        *self.answered.entry(key).or_default() += usize::from(is_sent);
        is_sent
    }

    async fn send(&mut self, bytes: &[u8]) -> bool {
        let connection = &mut self.connection;
        let sending = sip::send(connection, bytes);
        match timeout(self.limits.message, sending).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                let failure = self.connection.failure(error);
                self.outcome.breaks(&failure);
                false
            }
            Err(_) => {
                self.outcome
                    .fails("the client does not take the answer".to_owned());
                false
            }
        }
    }
}

impl Session {
    fn failed(peer: SocketAddr, error: &ServeError) -> Self {
        let outcome = match error {
            ServeError::Connect(error) => ConnectionRecord::not_connected(error),
            error => ConnectionRecord::failed(Some(error.to_string())),
        };
        Self::new(peer, outcome, BTreeMap::new())
    }

    fn new(
        peer: SocketAddr,
        outcome: ConnectionRecord,
        answered: BTreeMap<(String, u16), usize>,
    ) -> Self {
        let answered = answered.into_iter();
        Self {
            peer,
            client: outcome.peer_subject().map(str::to_owned),
            outcome,
            sip: answered
                .map(|((method, status), count)| Answered {
                    method,
                    status,
                    count,
                })
                .collect(),
        }
    }
}

impl Session {
    /// All of it in short.
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
