use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use sip_tls::{Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::connection::ConnectionRecord;
use crate::failure::chain;
use crate::sip::{self, Answer, Frame, Framer, FramingError, PONG};

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

/// Makes the connection and answers what comes, until the client ends, `stopped` changes, or time is up.
pub(crate) async fn serve(
    endpoint: Endpoint,
    stream: TcpStream,
    peer: SocketAddr,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) -> Session {
    let accepted = tokio::select! {
        accepted = endpoint.accept(stream) => accepted,
        _ = stopped.wait_for(|stopped| *stopped) => {
            let why = Some("ended before the handshake was done".to_owned());
            return Session::new(peer, ConnectionRecord::failed(why), BTreeMap::new());
        }
    };
    let connection = match accepted {
        Ok(connection) => connection,
        Err(error) => {
            return Session::new(
                peer,
                ConnectionRecord::not_connected(&error),
                BTreeMap::new(),
            );
        }
    };
    let mut conversation = Conversation {
        outcome: ConnectionRecord::connected(&connection),
        connection,
        peer,
        tag: sip::token(&endpoint),
        limits,
        answered: BTreeMap::new(),
    };
    tokio::select! {
        () = conversation.run() => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    // A peer that does not acknowledge close_notify is ignored.
    let _ = timeout(FAREWELL, conversation.connection.shutdown()).await;
    Session::new(peer, conversation.outcome, conversation.answered)
}

struct Conversation {
    connection: Connection<TcpStream>,
    peer: SocketAddr,
    tag: String,
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
                Frame::Message(head) => match sip::answer(&head, self.peer, &self.tag) {
                    Some(answer) => self.reply(answer).await,
                    None => true,
                },
            };
            if !is_sent {
                return;
            }
        }
    }

    /// Ends with an answer to what cannot be read, as far as there is one.
    async fn give_up(&mut self, error: FramingError) {
        let refusal = sip::refuse(&error, self.peer, &self.tag);
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
            let mut unread = [0; 16 * 1024];
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
        let sending = async {
            connection.write_all(bytes).await?;
            connection.flush().await
        };
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
