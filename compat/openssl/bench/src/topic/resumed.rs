//! Handshakes that resume a session.

use ::openssl::ssl::SslRef;
use compat_openssl::keys::Kind;
use rustls::HandshakeKind;
use sip_tls::Endpoint;
use tokio::runtime::Runtime;

use super::Topic;
use super::handshakes::{base, connect};
use crate::measure::{Effort, Lane, Race, race};
use crate::pki::{End, Files};
use crate::row::{Row, Target};
use crate::side::openssl::{self, Contexts};
use crate::side::{Cipher, Sessions, Settings, Version, ours};
use crate::tokio_ends;

pub static TOPIC: Topic = Topic {
    name: "resumed",
    title: "Resumed handshakes",
    choices: "P-256; both sides resume, which is asked of each connection. The server keeps its sessions in memory \
              (OpenSSL with `NO_TICKET`), or OpenSSL's default, encrypted tickets; ours keeps them in memory in both. In TLS 1.3 the \
              server sends one ticket per handshake, and the client takes the newest. *Configurations*: over memory, by \
              `client_config` and `server_config`. *Endpoints*: `Endpoint::connect_stream` and `Endpoint::accept` beside \
              `tokio-openssl`, over a stream of tokio in memory, with mutual TLS and a list of 1,000 entries: our \
              side looks up the verdict on the peer, which it has kept. Most of our time goes to X25519 (a third in TLS 1.3), SHA-384 \
              (a quarter in TLS 1.3, a third in TLS 1.2) and memory: the CPU has instructions for SHA-256, and none for \
              SHA-384. The code of this crate takes at most 4 %.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for version in [Version::Tls13, Version::Tls12] {
        for cipher in [Cipher::Aes256Gcm, Cipher::Aes128Gcm] {
            for sessions in [Sessions::Server, Sessions::Tickets] {
                let settings = Settings {
                    sessions,
                    cipher,
                    keeps_verdicts: true,
                    ..Settings::new(version, Kind::P256)
                };
                rows.push(configurations(effort, settings));
                rows.push(endpoints(effort, settings));
            }
        }
    }
    rows
}

fn configurations(effort: &Effort, settings: Settings) -> Row {
    let files = settings.pki().files();
    let (client, server) = ours::configs(&base(), &settings, &files);
    let contexts = Contexts::new(&settings, &files);
    drop(connect(&client, &server));
    assert!(is_resumed(connect(&client, &server)), "ours");
    openssl_connects(&contexts);
    assert!(openssl_connects(&contexts), "OpenSSL");
    let lanes = vec![
        Lane::new(|| assert!(is_resumed(connect(&client, &server)))),
        Lane::new(|| assert!(openssl_connects(&contexts))),
    ];
    row(&settings, "configurations", &race(effort, lanes))
}

fn endpoints(effort: &Effort, settings: Settings) -> Row {
    let settings = Settings {
        mutual: true,
        list: true,
        ..settings
    };
    let mut pki = settings.pki();
    pki.list = Some(1_000);
    let files = pki.files();
    let runtime = tokio_ends::runtime();
    let ends = ends(&settings, &files);
    let contexts = Contexts::new(&settings, &files);
    take_tickets(&runtime, &ends);
    assert!(take_tickets(&runtime, &ends), "ours");
    openssl_resumes(&runtime, &contexts);
    assert!(openssl_resumes(&runtime, &contexts), "OpenSSL");
    let lanes = vec![
        Lane::new(|| assert!(take_tickets(&runtime, &ends))),
        Lane::new(|| assert!(openssl_resumes(&runtime, &contexts))),
    ];
    row(&settings, "endpoints", &race(effort, lanes))
}

/// Makes a row. It has a target if both sides keep the sessions in the same way.
fn row(settings: &Settings, how: &str, race: &Race) -> Row {
    let kept = match settings.sessions {
        Sessions::Tickets => "OpenSSL with tickets",
        _ => "both in memory",
    };
    let name = format!("{}, {how}, {kept}", settings.suite());
    let row = Row::of_race(name, race, 0, ("OpenSSL", 1)).point("resumed", 0.0);
    match settings.sessions {
        Sessions::Tickets => row,
        _ => row.target(Target::Times(3.0)),
    }
}

fn is_resumed(pair: compat_suites::ours::Ours) -> bool {
    let (client, server) = pair.into_ends();
    let kinds = [client.handshake_kind(), server.handshake_kind()];
    kinds == [Some(HandshakeKind::Resumed); 2]
}

/// Makes a connection with OpenSSL, and ends it in order. Returns whether it was resumed.
fn openssl_connects(contexts: &Contexts) -> bool {
    let connection = contexts.connect().expect("nothing is in the way");
    let (client, server) = connection.into_ends();
    is_resumed_and_ends(client.ssl(), server.ssl())
}

fn is_resumed_and_ends(client: &SslRef, server: &SslRef) -> bool {
    let ends = [client, server];
    ends.into_iter().for_each(openssl::end);
    ends.into_iter().all(SslRef::session_reused)
}

fn ends(settings: &Settings, files: &Files) -> (Endpoint, Endpoint) {
    let end = |end| ours::endpoint(&base(), settings, files, end);
    (end(End::Client), end(End::Server))
}

/// Makes a connection with our endpoints, and sends a byte from the server, with which a ticket arrives. Returns
/// whether the connection was resumed.
fn take_tickets(runtime: &Runtime, ends: &(Endpoint, Endpoint)) -> bool {
    runtime.block_on(async {
        let (mut client, mut server) = tokio_ends::ours(ends, tokio_ends::in_memory()).await;
        tokio_ends::send(&mut server, &mut client, &[1], &mut [0]).await;
        client.is_resumed() && server.is_resumed()
    })
}

/// Makes the same connection with OpenSSL. Returns whether it was resumed.
fn openssl_resumes(runtime: &Runtime, contexts: &Contexts) -> bool {
    runtime.block_on(async {
        let streams = tokio_ends::in_memory();
        let (mut client, mut server) = tokio_ends::openssl(contexts, streams).await;
        tokio_ends::send(&mut server, &mut client, &[1], &mut [0]).await;
        is_resumed_and_ends(client.ssl(), server.ssl())
    })
}
