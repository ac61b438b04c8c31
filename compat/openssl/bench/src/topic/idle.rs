//! The memory that an idle connection holds.

use std::io;
use std::time::Duration;

use compat_openssl::keys::Kind;
use compat_suites::memory::Pair;
use openssl::ssl::SslMode;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Topic;
use super::handshakes::{base, connect};
use crate::measure::Effort;
use crate::pki::End;
use crate::row::{Figure, Row, Target};
use crate::side::openssl::Contexts;
use crate::side::{Settings, Version, ours};
use crate::{allocations, child, heap, limits, program, tokio_ends};

pub static TOPIC: Topic = Topic {
    name: "idle",
    title: "Memory of an idle connection",
    choices: "10,000 connections, P-256, server authentication, after the handshake and a message of 500 bytes to the server. *Client* \
              and *server*: the bytes that the library has asked for and not given back, divided by the connections; each \
              side in a process of its own, with configurations and files not counted. OpenSSL as it is, and with \
              `SSL_MODE_RELEASE_BUFFERS`. *listen*: how much the resident memory of `sip-tls listen` grows by a connection \
              that has asked by OPTIONS and was answered; sockets are the kernel's, and not in it.",
    avx512: &[],
    rows,
};

/// The bytes that each end holds.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Ends {
    client: f64,
    server: f64,
}

fn rows(effort: &Effort) -> Vec<Row> {
    let count = effort.pick(10_000, 20);
    let mut rows = Vec::new();
    for version in [Version::Tls13, Version::Tls12] {
        let of =
            |side| -> Ends { child::ask(&["idle", side, version.name(), &count.to_string()], &[]) };
        let ours = of("ours");
        for (side, who) in OPENSSL {
            rows.extend(pair(version, ours, who, of(side)));
        }
    }
    let count = effort.pick(10_000, 20);
    let name = format!("listen, {count} connections");
    let grown = Figure::Bytes(listen(count));
    rows.push(Row::alone(name, grown).target(Target::AtMost(21_000.0)));
    rows
}

const OPENSSL: [(&str, &str); 2] = [
    ("openssl", "OpenSSL"),
    ("released", "OpenSSL, releases buffers"),
];

fn pair(version: Version, ours: Ends, who: &str, other: Ends) -> [Row; 2] {
    let row = |end: &str, ours, other| {
        let name = format!("{}, {end}", version.name());
        Row::exact(name, Figure::Bytes(ours), who, Figure::Bytes(other)).point(who, 0.0)
    };
    [
        row("client", ours.client, other.client),
        row("server", ours.server, other.server),
    ]
}

/// Holds this number of connections. The OpenSSL of this process must not have been used before.
pub fn child(side: &str, version: &str, count: usize) -> Ends {
    if side != "ours" {
        heap::count_openssl();
    }
    let version = match version == Version::Tls12.name() {
        true => Version::Tls12,
        false => Version::Tls13,
    };
    let settings = Settings::new(version, Kind::P256);
    match side {
        "ours" => hold_ours(&settings, count),
        "openssl" => hold_openssl(&settings, count, SslMode::empty()),
        _ => hold_openssl(&settings, count, SslMode::RELEASE_BUFFERS),
    }
}

fn hold_ours(settings: &Settings, count: usize) -> Ends {
    let files = settings.pki().files();
    let (client, server) = ours::configs(&base(), settings, &files);
    let connection = || {
        let mut pair = connect(&client, &server);
        pair.send(&[1; 500], &mut [0; 500]);
        let (client, server) = pair.into_ends();
        (Box::new(client), Box::new(server))
    };
    held(count, connection, || allocations::tally().live)
}

fn hold_openssl(settings: &Settings, count: usize, mode: SslMode) -> Ends {
    let files = settings.pki().files();
    let contexts = Contexts::with_mode(settings, &files, mode);
    let connection = || {
        let mut pair = contexts.connect().expect("nothing is in the way");
        pair.send(&[1; 500], &mut [0; 500]);
        pair.into_ends()
    };
    held(count, connection, heap::openssl)
}

/// Makes connections, drops the servers, and measures how the bytes change.
fn held<C, S>(count: usize, connection: impl Fn() -> (C, S), bytes: impl Fn() -> i64) -> Ends {
    // Makes what is made for the first connection alone.
    drop(connection());
    let (mut clients, mut servers) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let before = bytes();
    for _ in 0..count {
        let (client, server) = connection();
        clients.push(client);
        servers.push(server);
    }
    let both = bytes();
    servers.clear();
    let without_servers = bytes();
    let each = |bytes: i64| bytes as f64 / count as f64;
    Ends {
        client: each(without_servers - before),
        server: each(both - without_servers),
    }
}

/// Returns by how many bytes the program grows with each connection.
fn listen(count: usize) -> f64 {
    limits::raise_descriptors(count);
    let settings = Settings::new(Version::Tls13, Kind::P256);
    let files = settings.pki().files();
    let listener = program::Listener::start(&files);
    let client = ours::endpoint(&base(), &settings, &files, End::Client);
    let runtime = tokio_ends::runtime();
    let connection = async || {
        let stream = tokio::net::TcpStream::connect(listener.address).await;
        let stream = stream.expect("it listens");
        stream.set_nodelay(true).expect("it is open");
        let connected = client.connect_stream(crate::side::HOST, stream).await;
        let mut connection = connected.expect("nothing is in the way");
        let answered = tokio::time::timeout(Duration::from_secs(10), ask(&mut connection)).await;
        answered.expect("in time").expect("it is open");
        connection
    };
    runtime.block_on(async {
        // Makes what is made for the first connections alone.
        for _ in 0..count.min(100) {
            drop(connection().await);
        }
        let before = listener.resident();
        let mut held = Vec::with_capacity(count);
        for _ in 0..count {
            held.push(connection().await);
        }
        let grown = listener.resident().saturating_sub(before);
        grown as f64 / count as f64
    })
}

/// Sends OPTIONS, and reads the answer.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(connection: &mut S) -> io::Result<()> {
    connection.write_all(OPTIONS.as_bytes()).await?;
    connection.flush().await?;
    let mut answer = Vec::new();
    // The answer has no body.
    while !answer.ends_with(b"\r\n\r\n") {
        if connection.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    assert!(answer.starts_with(b"SIP/2.0 200"), "no answer to OPTIONS");
    Ok(())
}

const OPTIONS: &str = "\
OPTIONS sip:sip.example.com SIP/2.0\r\n\
Via: SIP/2.0/TLS phone.example.com;branch=z9hG4bKbench1\r\n\
Max-Forwards: 70\r\n\
From: <sip:phone@example.com>;tag=bench\r\n\
To: <sip:sip.example.com>\r\n\
Call-ID: bench1@phone.example.com\r\n\
CSeq: 1 OPTIONS\r\n\
Contact: <sip:phone@phone.example.com;transport=tls>\r\n\
Accept: application/sdp\r\n\
User-Agent: bench\r\n\
Content-Length: 0\r\n\r\n";
