//! `sip-tls listen` under load, in a separate process. By default each test makes a small load, for a debug build;
//! `SIP_TLS_FULL_LOAD=1` makes the full load, for a release build.

mod crowds;
mod slow;
mod unread;

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use std::{env, fs};

use sip_tls::{Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};

use super::program::{Listener, command};
use crate::child;
use crate::endpoint::settings::builder;
use crate::endpoint::test_pki::HOST;

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const SERVER: [(&str, &str); 3] = [
    CA,
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
];

/// A running server, and a client.
struct Load {
    listener: Listener,
    client: Endpoint,
    /// The number of sockets of the server without connections.
    own_sockets: usize,
    _alone: MutexGuard<'static, ()>,
}

impl Load {
    async fn start(words: &[&str]) -> Self {
        Self::of(&mut command(Listener::arguments(words, &SERVER))).await
    }

    /// A server that may have this number of open files and sockets.
    async fn with_descriptors(count: usize) -> Self {
        let limited = format!("ulimit -n {count}; exec \"$0\" \"$@\"");
        let mut shell = child::command("sh");
        shell.args(["-c", &limited, env!("CARGO_BIN_EXE_sip-tls")]);
        shell.args(Listener::arguments(&[], &SERVER));
        Self::of(&mut shell).await
    }

    async fn of(command: &mut std::process::Command) -> Self {
        // Tests with load run one at a time, so that they do not disturb each other.
        static ALONE: Mutex<()> = Mutex::const_new(());
        let alone = ALONE.lock().await;
        let client = builder(&[CA]).timeout(PATIENCE);
        let mut load = Self {
            listener: Listener::of(command),
            client: client.build().unwrap(),
            own_sockets: 0,
            _alone: alone,
        };
        load.own_sockets = load.sockets();
        load
    }

    fn address(&self) -> SocketAddr {
        self.listener.address
    }

    /// A client that only connects with TCP.
    async fn stranger(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// A TLS connection, and the time since the first packet that it took.
    fn connect(&self) -> impl Future<Output = (Connection<TcpStream>, Duration)> + use<> {
        let (client, address) = (self.client.clone(), self.address());
        async move {
            let began = Instant::now();
            let at = format!("{HOST}:{}", address.port()).parse().unwrap();
            let connected = client.connect_to(&at, Some(address)).await;
            (connected.unwrap(), began.elapsed())
        }
    }

    /// The number of sockets of the server.
    fn sockets(&self) -> usize {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.listener.id())).unwrap();
        let targets = folder.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        targets
            .filter(|target| target.starts_with("socket:"))
            .count()
    }

    /// The resident memory of the server in KiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.listener.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let mut words = line.unwrap().split_whitespace();
        words.nth(1).unwrap().parse().unwrap()
    }
}

/// Sends OPTIONS to the server, and reads the answer.
async fn ask(connection: &mut Connection<TcpStream>) {
    let asking = async {
        connection.write_all(OPTIONS).await?;
        connection.flush().await?;
        let mut answer = [0; 12];
        connection.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"SIP/2.0 200 ");
        std::io::Result::Ok(())
    };
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    asked.expect("in time").unwrap();
}

const OPTIONS: &[u8] = b"OPTIONS sip:sip.example.com SIP/2.0\r\n\
    Via: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK1\r\n\
    Max-Forwards: 70\r\n\
    From: <sip:load@example.com>;tag=1\r\n\
    To: <sip:sip.example.com>\r\n\
    Call-ID: load@example.com\r\n\
    CSeq: 1 OPTIONS\r\n\
    Content-Length: 0\r\n\r\n";

/// Returns the size of the load: `all` for the full load, and `part` otherwise.
fn size(part: usize, all: usize) -> usize {
    match is_full() {
        true => all,
        false => part,
    }
}

fn is_full() -> bool {
    env::var_os("SIP_TLS_FULL_LOAD").is_some()
}

/// The 99th percentile, and the largest value.
fn worst(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    let last = times.len() - 1;
    (times[last - times.len() / 100], times[last])
}

const PATIENCE: Duration = Duration::from_secs(20);
