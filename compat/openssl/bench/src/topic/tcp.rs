//! Over TCP, through tokio, as a SIP stack does it.

use compat_openssl::keys::Kind;
use tokio::net::TcpListener;

use super::Topic;
use super::handshakes::base;
use crate::measure::{Effort, Lane, race};
use crate::pki::{End, Files};
use crate::row::Row;
use crate::side::openssl::Contexts;
use crate::side::{Cipher, Settings, Version, ours};
use crate::tokio_ends;

pub static TOPIC: Topic = Topic {
    name: "tcp",
    title: "Through tokio, over TCP on loopback",
    choices: "`Endpoint::connect_stream` and `Endpoint::accept` beside `tokio-openssl`; both ends in one thread, `TCP_NODELAY` \
              on. The kernel's work is in the figures. A message goes to the server, and one of the same length comes \
              back. P-256.",
    avx512: &["CHACHA20", "RSA"],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for version in [Version::Tls13, Version::Tls12] {
        for cipher in [Cipher::Aes256Gcm, Cipher::ChaCha20] {
            let settings = Settings {
                cipher,
                ..Settings::new(version, Kind::P256)
            };
            if effort.wants(settings.suite()) {
                rows.extend(messages(effort, &settings));
            }
        }
        for (kind, key) in [(Kind::P256, "P-256"), (Kind::Rsa(2048), "RSA-2048")] {
            let name = format!(
                "connection made and ended, {}, {key}, mutual",
                version.name()
            );
            let settings = Settings {
                mutual: true,
                ..Settings::new(version, kind)
            };
            if effort.wants(&name) {
                rows.push(connections(effort, name, &settings));
            }
        }
    }
    rows
}

fn messages(effort: &Effort, settings: &Settings) -> Vec<Row> {
    let runtime = tokio_ends::runtime();
    let files = settings.pki().files();
    let ends = ends(settings, &files);
    let contexts = Contexts::new(settings, &files);
    let (mut ours, mut other) = runtime.block_on(async {
        let listener = listener().await;
        let ours = tokio_ends::ours(&ends, tokio_ends::over_tcp(&listener).await).await;
        let streams = tokio_ends::over_tcp(&listener).await;
        (ours, tokio_ends::openssl(&contexts, streams).await)
    });
    let row = |size: usize| {
        let (message, mut near, mut far) = (vec![1; size], vec![0; size], vec![0; size]);
        let lanes = vec![
            Lane::new(|| {
                let (client, server) = (&mut ours.0, &mut ours.1);
                let done = tokio_ends::there_and_back(client, server, &message, &mut near);
                runtime.block_on(done);
            }),
            Lane::new(|| {
                let (client, server) = (&mut other.0, &mut other.1);
                let done = tokio_ends::there_and_back(client, server, &message, &mut far);
                runtime.block_on(done);
            }),
        ];
        let name = format!("{}, {size} bytes and back", settings.suite());
        Row::of_race(name, &race(effort, lanes), 0, ("tokio-openssl", 1))
    };
    [500, 1_400, 16_384].into_iter().map(row).collect()
}

fn connections(effort: &Effort, name: String, settings: &Settings) -> Row {
    let runtime = tokio_ends::runtime();
    let files = settings.pki().files();
    let ends = ends(settings, &files);
    let contexts = Contexts::new(settings, &files);
    let listener = runtime.block_on(listener());
    let lanes = vec![
        Lane::new(|| {
            runtime.block_on(async {
                tokio_ends::ours(&ends, tokio_ends::over_tcp(&listener).await).await
            })
        }),
        Lane::new(|| {
            runtime.block_on(async {
                tokio_ends::openssl(&contexts, tokio_ends::over_tcp(&listener).await).await
            })
        }),
    ];
    Row::of_race(name, &race(effort, lanes), 0, ("tokio-openssl", 1))
}

fn ends(settings: &Settings, files: &Files) -> (sip_tls::Endpoint, sip_tls::Endpoint) {
    let end = |end| ours::endpoint(&base(), settings, files, end);
    (end(End::Client), end(End::Server))
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("loopback")
}
