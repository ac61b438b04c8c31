//! The key log with the secrets of connections.

use std::sync::{Arc, Mutex};

use rustls::KeyLog;

use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::reload::{Folder, builder};
use crate::endpoint::test_pki::{HOST, TestPki};

/// A key log that keeps each label with its client random.
#[derive(Debug, Default)]
struct Kept(Mutex<Vec<(String, Vec<u8>)>>);

impl KeyLog for Kept {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        assert!(secret.len() >= 32, "{label}");
        let mut kept = self.0.lock().unwrap();
        kept.push((label.to_owned(), client_random.to_vec()));
    }
}

impl Kept {
    /// The labels since the last call, which must all belong to one connection.
    #[track_caller]
    fn take(&self) -> Vec<String> {
        let kept = std::mem::take(&mut *self.0.lock().unwrap());
        assert!(kept.iter().all(|(_, random)| *random == kept[0].1));
        kept.into_iter().map(|(label, _)| label).collect()
    }
}

#[test]
fn the_secrets_of_both_directions_are_logged_also_after_a_reload() {
    let folder = Folder::of("key-log", "good", "older.crl");
    let log = Arc::new(Kept::default());
    let endpoint = builder(&folder.settings(&[])).key_log(log.clone());
    let endpoint = endpoint.build().unwrap();
    for _ in 0..2 {
        for (version, expected) in VERSIONS.into_iter().zip([TLS12, TLS13]) {
            let server = peer_server(&TestPki::get().good, &[version]);
            assert!(shake(&endpoint.client_config(), &server, HOST).succeeded());
            assert_eq!(log.take(), expected, "client, {version:?}");

            let server = endpoint.server_config().unwrap();
            assert!(shake(&peer_client(None, &[version]), &server, HOST).succeeded());
            assert_eq!(log.take(), expected, "server, {version:?}");
        }
        endpoint.reload().unwrap();
    }
}

const TLS12: &[&str] = &["CLIENT_RANDOM"];

const TLS13: &[&str] = &[
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
];
