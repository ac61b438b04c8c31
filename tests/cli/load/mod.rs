//! `sip-tls listen` under load, in a process of its own. By itself each test asks for little, as for a debug build;
//! `SIP_TLS_FULL_LOAD=1` asks for all, of a release build.

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
    /// How many sockets it has without connections.
    own_sockets: usize,
    _alone: MutexGuard<'static, ()>,
}

impl Load {
    async fn start(words: &[&str]) -> Self {
        Self::of(&mut command(Listener::arguments(words, &SERVER))).await
    }

    /// A server that may have so many files and sockets open.
    async fn with_descriptors(count: usize) -> Self {
        let limited = format!("ulimit -n {count}; exec \"$0\" \"$@\"");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &limited, env!("CARGO_BIN_EXE_sip-tls")]);
        shell.args(Listener::arguments(&[], &SERVER));
        Self::of(&mut shell).await
    }

    async fn of(command: &mut std::process::Command) -> Self {
        // One load does not judge the other.
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

    /// Somebody who only connects.
    async fn stranger(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// A TLS connection, and how long it took from the first packet on.
    fn connect(&self) -> impl Future<Output = (Connection<TcpStream>, Duration)> + use<> {
        let (client, address) = (self.client.clone(), self.address());
        async move {
            let began = Instant::now();
            let at = format!("{HOST}:{}", address.port()).parse().unwrap();
            let connected = client.connect_to(&at, Some(address)).await;
            (connected.unwrap(), began.elapsed())
        }
    }

    /// How many sockets the server has.
    fn sockets(&self) -> usize {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.listener.id())).unwrap();
        let targets = folder.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        targets
            .filter(|target| target.starts_with("socket:"))
            .count()
    }

    /// What the server has in memory, in KiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.listener.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let mut words = line.unwrap().split_whitespace();
        words.nth(1).unwrap().parse().unwrap()
    }
}

/// Asks the server for its options.
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

/// How much is asked for: a part, or all.
fn size(part: usize, all: usize) -> usize {
    match is_full() {
        true => all,
        false => part,
    }
}

fn is_full() -> bool {
    env::var_os("SIP_TLS_FULL_LOAD").is_some()
}

/// The value below which 99 of 100 are, and the largest.
fn worst(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    let last = times.len() - 1;
    (times[last - times.len() / 100], times[last])
}

const PATIENCE: Duration = Duration::from_secs(20);
