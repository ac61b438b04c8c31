//! The providers side by side.

use std::sync::Arc;

use compat_openssl::keys::Kind;
use compat_suites::memory::Pair;
use compat_suites::ours::Ours;
use rustls::crypto::{CryptoProvider, aws_lc_rs, ring};

use super::Topic;
use super::handshakes::{base, connect, lane};
use crate::measure::{Effort, Lane, Race, race};
use crate::pki::Files;
use crate::row::{Row, Target};
use crate::side::openssl::Contexts;
use crate::side::{Cipher, Settings, Version, ours};

pub static TOPIC: Topic = Topic {
    name: "providers",
    title: "The providers side by side",
    choices: "The same endpoints on graviola (the default), ring and aws-lc-rs, each beside OpenSSL: handshakes as above, \
              server authentication, X25519; messages in TLS 1.3. aws-lc-rs heeds `OPENSSL_ia32cap` as well.",
    avx512: &["RSA", "ChaCha20"],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for version in [Version::Tls13, Version::Tls12] {
        for (kind, key) in [(Kind::P256, "P-256"), (Kind::Rsa(2048), "RSA-2048")] {
            let name = format!("handshake, {}, {key}", version.name());
            if effort.wants(&name) {
                rows.extend(handshakes(effort, &name, &Settings::new(version, kind)));
            }
        }
    }
    for (cipher, of) in [
        (Cipher::Aes256Gcm, "AES-256-GCM"),
        (Cipher::ChaCha20, "ChaCha20"),
    ] {
        let settings = Settings {
            cipher,
            ..Settings::new(Version::Tls13, Kind::P256)
        };
        for size in [500, 1_400, 16_384] {
            let name = format!("{of}, {size} bytes");
            if effort.wants(&name) {
                rows.extend(messages(effort, &name, &settings, size));
            }
        }
    }
    rows
}

/// The providers, by name.
pub fn all() -> [(&'static str, Arc<CryptoProvider>); 3] {
    [
        ("graviola", base()),
        ("ring", Arc::new(ring::default_provider())),
        ("aws-lc-rs", Arc::new(aws_lc_rs::default_provider())),
    ]
}

fn handshakes(effort: &Effort, name: &str, settings: &Settings) -> Vec<Row> {
    let files = settings.pki().files();
    let contexts = Contexts::new(settings, &files);
    let mut lanes: Vec<_> = all()
        .iter()
        .map(|(_, base)| lane(ours::configs(base, settings, &files)))
        .collect();
    lanes.push(Lane::new(|| {
        contexts.connect().expect("nothing is in the way")
    }));
    let mut rows = rows_of(name, &race(effort, lanes));
    if settings.kind == Kind::Rsa(2048) {
        rows[2].target = Some(Target::Times(2.2));
    }
    rows
}

fn messages(effort: &Effort, name: &str, settings: &Settings, size: usize) -> Vec<Row> {
    let files = settings.pki().files();
    let (message, mut buffer) = (vec![1; size], vec![0; size]);
    let mut pairs: Vec<_> = all()
        .iter()
        .map(|(_, base)| pair(base, settings, &files))
        .collect();
    let mut other = Contexts::new(settings, &files)
        .connect()
        .expect("nothing is in the way");
    let mut lanes: Vec<_> = pairs
        .iter_mut()
        .map(|pair| {
            let (message, mut buffer) = (message.clone(), vec![0; size]);
            Lane::new(move || pair.send(&message, &mut buffer))
        })
        .collect();
    lanes.push(Lane::new(|| other.send(&message, &mut buffer)));
    rows_of(name, &race(effort, lanes))
}

fn pair(base: &CryptoProvider, settings: &Settings, files: &Files) -> Ours {
    let (client, server) = ours::configs(base, settings, files);
    connect(&client, &server)
}

/// Makes a row of each provider beside OpenSSL, which is the last lane.
fn rows_of(name: &str, race: &Race) -> Vec<Row> {
    let row = |(lane, (provider, _)): (usize, &(&str, _))| {
        Row::of_race(format!("{name}: {provider}"), race, lane, ("OpenSSL", 3))
    };
    all().iter().enumerate().map(row).collect()
}
