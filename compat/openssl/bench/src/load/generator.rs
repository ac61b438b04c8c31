//! Clients that each send an OPTIONS request at a steady pace, and measure how long the answers take.

use std::net::SocketAddr;
use std::time::Duration;

use sip_tls::{Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::side::HOST;

/// How many clients there are, and what they do.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub connections: usize,
    /// The time from one request of a client to its next.
    pub period: Duration,
    /// How long requests are measured, after the first period.
    pub length: Duration,
}

/// The clients, connected.
pub struct Clients(Vec<Connection<TcpStream>>);

impl Load {
    /// Makes the connections, some at a time.
    pub async fn connect(&self, client: &Endpoint, server: SocketAddr) -> Clients {
        let (mut all, mut making) = (Vec::with_capacity(self.connections), JoinSet::new());
        for _ in 0..self.connections {
            if making.len() == AT_ONCE {
                all.extend(making.join_next().await.map(connected));
            }
            making.spawn(connect(client.clone(), server));
        }
        all.extend(making.join_all().await);
        Clients(all)
    }

    /// When measuring begins and ends, if the clients begin now.
    fn window(&self, now: Instant) -> (Instant, Instant) {
        let begin = now + self.period;
        (begin, begin + self.length)
    }
}

impl Clients {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes all clients send, and calls `mark` when measuring begins and when it ends. Returns the times of the
    /// answers to the requests in between.
    pub async fn send(self, load: &Load, mut mark: impl FnMut()) -> Vec<Duration> {
        let now = Instant::now();
        let (begin, end) = load.window(now);
        let apart = load.period / u32::try_from(self.len()).expect("not that many");
        let mut clients = JoinSet::new();
        for (number, connection) in (0..).zip(self.0) {
            let first = now + apart * number;
            clients.spawn(client(connection, first, load.period, (begin, end)));
        }
        for moment in [begin, end] {
            tokio::time::sleep_until(moment).await;
            mark();
        }
        clients.join_all().await.concat()
    }
}

async fn connect(client: Endpoint, server: SocketAddr) -> Connection<TcpStream> {
    let stream = TcpStream::connect(server).await.expect("it listens");
    stream.set_nodelay(true).expect("loopback");
    let connecting = client.connect_stream(HOST, stream);
    connecting.await.expect("nothing is in the way")
}

fn connected(made: Result<Connection<TcpStream>, tokio::task::JoinError>) -> Connection<TcpStream> {
    made.expect("it does not panic")
}

/// Sends from `first` on until the window ends, and returns the times of the requests that were sent within it.
async fn client(
    mut connection: Connection<TcpStream>,
    first: Instant,
    period: Duration,
    (begin, end): (Instant, Instant),
) -> Vec<Duration> {
    let (mut times, mut answer) = (Vec::new(), Vec::new());
    let mut pace = interval_at(first, period);
    // A client that is late sends no two requests at once.
    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        pace.tick().await;
        let sent = Instant::now();
        if sent >= end {
            return times;
        }
        connection.write_all(REQUEST).await.expect("it is open");
        connection.flush().await.expect("it is open");
        answer.clear();
        while !answer.ends_with(b"\r\n\r\n") {
            let count = connection.read_buf(&mut answer).await.expect("it is open");
            assert_ne!(count, 0, "it is open");
        }
        assert!(answer.starts_with(b"SIP/2.0 200 "), "{answer:?}");
        if sent >= begin {
            times.push(sent.elapsed());
        }
    }
}

const REQUEST: &[u8] = b"OPTIONS sip:server.example.com;transport=tls SIP/2.0\r\n\
    Via: SIP/2.0/TLS 192.0.2.7:40000;branch=z9hG4bK776asdhds;rport\r\n\
    Max-Forwards: 70\r\n\
    From: <sip:phone@example.com>;tag=1928301774\r\n\
    To: <sip:server.example.com>\r\n\
    Call-ID: a84b4c76e66710@192.0.2.7\r\n\
    CSeq: 63104 OPTIONS\r\n\
    Contact: <sip:phone@192.0.2.7:40000;transport=tls>\r\n\
    Accept: application/sdp\r\n\
    User-Agent: a phone\r\n\
    Content-Length: 0\r\n\r\n";

const AT_ONCE: usize = 100;
