//! A registrar that is made with the library and does what a test says.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sip_tls::{Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::super::program::SERVER;
use crate::endpoint::settings::endpoint;

/// What a registrar does with a request.
pub(super) enum Reply {
    /// It answers with this status and these headers.
    Answer(&'static str, String),
    /// It closes the connection.
    Close,
    /// It sends nothing.
    Nothing,
    /// It sends this text.
    Say(String),
}

impl Reply {
    /// An answer that grants a registration for this number of seconds.
    pub(super) fn grant(seconds: u32) -> Self {
        Self::Answer("200 OK", format!("Expires: {seconds}\r\n"))
    }
}

/// An event on a connection of the registrar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Heard {
    Connected,
    Message(String),
    Ping,
    Pong,
    /// The client closed the connection, or it broke.
    End,
}

enum Order {
    Close,
    Say(Vec<u8>),
}

type Timed = (usize, Heard, Instant);

/// A registrar on a free port, which runs until the value is dropped.
pub(super) struct Registrar {
    pub(super) address: SocketAddr,
    heard: Receiver<Timed>,
    orders: Arc<Mutex<Option<UnboundedSender<Order>>>>,
    runtime: Option<Runtime>,
}

impl Registrar {
    /// Starts a registrar. `answer` is called for each request with the number of requests before it.
    pub(super) fn start(answer: impl FnMut(usize, &str) -> Reply + Send + 'static) -> Self {
        Self::with_pongs(true, answer)
    }

    /// Starts a registrar that answers pings only if `pongs` is set.
    pub(super) fn with_pongs(
        pongs: bool,
        mut answer: impl FnMut(usize, &str) -> Reply + Send + 'static,
    ) -> Self {
        let endpoint = endpoint(&SERVER);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (sender, heard) = channel();
        let orders = Arc::<Mutex<Option<UnboundedSender<Order>>>>::default();
        let registrar = Self {
            address: listener.local_addr().unwrap(),
            heard,
            orders: orders.clone(),
            runtime: Some(Runtime::new().unwrap()),
        };
        let mut requests = 0;
        let answer: Answer = Arc::new(Mutex::new(move |request: &str| {
            requests += 1;
            answer(requests - 1, request)
        }));
        registrar.runtime.as_ref().unwrap().spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (order, ordered) = unbounded_channel();
                *orders.lock().unwrap() = Some(order);
                let client = Client {
                    number,
                    heard: sender.clone(),
                    pongs,
                    answer: answer.clone(),
                };
                tokio::spawn(client.serve(endpoint.clone(), stream, ordered));
            }
        });
        registrar
    }

    /// The next event, with the number of its connection.
    #[track_caller]
    pub(super) fn next(&self) -> (usize, Heard) {
        let (number, heard, _) = self.heard.recv_timeout(PATIENCE).expect("something");
        (number, heard)
    }

    /// The next message. Other events before it are dropped.
    #[track_caller]
    pub(super) fn message(&self) -> String {
        self.timed_message().0
    }

    /// The next message, and its time. Other events before it are dropped.
    #[track_caller]
    pub(super) fn timed_message(&self) -> (String, Instant) {
        self.find(|(_, heard, when)| match heard {
            Heard::Message(text) => Some((text, when)),
            _ => None,
        })
    }

    /// Waits for this event, and drops others before it. Returns the number of its connection, and its time.
    #[track_caller]
    pub(super) fn wait_for(&self, awaited: &Heard) -> (usize, Instant) {
        self.find(|(number, heard, when)| (heard == *awaited).then_some((number, when)))
    }

    /// What `pick` takes of the first event that it wants. Others before it are dropped.
    #[track_caller]
    fn find<T>(&self, pick: impl Fn((usize, Heard, Instant)) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = self.heard.recv_timeout(left).expect("in time");
            if let Some(found) = pick(event) {
                return found;
            }
        }
    }

    /// Whether no message and no connection comes in this time.
    pub(super) fn is_left_alone(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if let Ok((_, Heard::Message(_) | Heard::Connected, _)) = self.heard.recv_timeout(left)
            {
                return false;
            }
        }
        true
    }

    /// Sends a text on the newest connection, in one record.
    pub(super) fn say(&self, text: &str) {
        self.order(Order::Say(text.as_bytes().to_vec()));
    }

    /// Closes the newest connection.
    pub(super) fn close(&self) {
        self.order(Order::Close);
    }

    fn order(&self, order: Order) {
        let orders = self.orders.lock().unwrap();
        let _ = orders.as_ref().expect("a connection").send(order);
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

type Answer = Arc<Mutex<dyn FnMut(&str) -> Reply + Send>>;

/// A connection of a client.
struct Client {
    number: usize,
    heard: Sender<Timed>,
    pongs: bool,
    answer: Answer,
}

impl Client {
    /// Serves a connection until either side ends it.
    async fn serve(
        self,
        endpoint: Endpoint,
        stream: TcpStream,
        mut orders: UnboundedReceiver<Order>,
    ) {
        let Ok(mut connection) = endpoint.accept(stream).await else {
            return;
        };
        self.hear(Heard::Connected);
        let mut buffer = Vec::new();
        loop {
            let mut chunk = [0; 4096];
            let count = tokio::select! {
                Some(order) = orders.recv() => match order {
                    Order::Say(bytes) => {
                        send(&mut connection, &bytes).await;
                        continue;
                    }
                    Order::Close => break,
                },
                count = connection.read(&mut chunk) => count.unwrap_or(0),
            };
            if count == 0 {
                self.hear(Heard::End);
                return;
            }
            buffer.extend_from_slice(&chunk[..count]);
            if !self.answer_all(&mut connection, &mut buffer).await {
                break;
            }
        }
        let _ = connection.shutdown().await;
    }

    /// Answers all complete messages in the buffer. Returns whether the connection goes on.
    async fn answer_all(
        &self,
        connection: &mut Connection<TcpStream>,
        buffer: &mut Vec<u8>,
    ) -> bool {
        loop {
            if buffer.starts_with(b"\r\n\r\n") {
                buffer.drain(..4);
                self.hear(Heard::Ping);
                if self.pongs {
                    send(connection, b"\r\n").await;
                }
            } else if buffer.starts_with(b"\r\n") {
                buffer.drain(..2);
                self.hear(Heard::Pong);
            } else if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let message: Vec<u8> = buffer.drain(..end + 4).collect();
                let message = String::from_utf8(message).unwrap();
                let is_request = !message.starts_with("SIP/2.0 ");
                let reply = is_request.then(|| (self.answer.lock().unwrap())(&message));
                self.hear(Heard::Message(message.clone()));
                match reply {
                    Some(Reply::Answer(status, headers)) => {
                        let text = response(status, &message, &headers);
                        send(connection, text.as_bytes()).await;
                    }
                    Some(Reply::Say(text)) => send(connection, text.as_bytes()).await,
                    Some(Reply::Close) => return false,
                    Some(Reply::Nothing) | None => {}
                }
            } else {
                return true;
            }
        }
    }

    fn hear(&self, heard: Heard) {
        let _ = self.heard.send((self.number, heard, Instant::now()));
    }
}

async fn send(connection: &mut Connection<TcpStream>, bytes: &[u8]) {
    let _ = connection.write_all(bytes).await;
    let _ = connection.flush().await;
}

/// The answer to a request.
pub(super) fn response(status: &str, request: &str, headers: &str) -> String {
    let copied = ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| line(request, name));
    format!(
        "SIP/2.0 {status}\r\n{}{headers}Content-Length: 0\r\n\r\n",
        copied.concat()
    )
}

/// A header of a message, with its line end.
fn line(message: &str, name: &str) -> String {
    format!("{name}: {}\r\n", header(message, name))
}

/// The value of a header of a message.
#[track_caller]
pub(super) fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let value = message
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    value.unwrap_or_else(|| panic!("{name} is not in {message}"))
}

/// A request to the client.
pub(super) fn request(method: &str, number: u32) -> String {
    format!(
        "{method} sip:4021@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK{method}{number}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:server@example.com>;tag=1\r\nTo: <sip:4021@example.com>\r\n\
         Call-ID: theirs\r\nCSeq: {number} {method}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// The time after which a test fails. No step takes nearly as long.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
