//! Functions of the caller that change the configurations.

mod fields;
mod refused;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::server::ProducesTickets;
use rustls::{HandshakeKind, ServerConfig};
use sip_tls::EndpointBuilder;

use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::builder;
use crate::endpoint::test_pki::{HOST, TestPki};

const OPEN: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
];

fn open() -> EndpointBuilder {
    builder(&OPEN)
}

fn mutual() -> EndpointBuilder {
    builder(&[&OPEN[..], &[("tls-mutual", "1")]].concat())
}

#[test]
fn what_a_client_is_changed_to_counts_in_its_handshakes_also_after_a_reload() {
    let endpoint = open().amend_client(|config| config.enable_sni = false);
    let endpoint = endpoint.build().unwrap();
    for _ in 0..2 {
        for version in VERSIONS {
            let server = peer_server(&TestPki::get().good, &[version]);
            let ends = shake(&endpoint.client_config(), &server, HOST);
            assert!(ends.succeeded());
            assert_eq!(ends.server.connection.server_name(), None, "{version:?}");
            let plain = open().build().unwrap().client_config();
            let ends = shake(&plain, &server, HOST);
            assert_eq!(ends.server.connection.server_name(), Some(HOST));
        }
        endpoint.reload().unwrap();
    }
}

#[test]
fn what_a_server_is_changed_to_counts_in_its_handshakes_also_after_a_reload() {
    for builder in [open(), mutual()] {
        let alpn = |config: &mut ServerConfig| config.alpn_protocols = vec![b"sip/2".to_vec()];
        let endpoint = builder.amend_server(alpn).build().unwrap();
        for _ in 0..2 {
            for version in VERSIONS {
                let mut client = (*peer_client(Some(&TestPki::get().good), &[version])).clone();
                client.alpn_protocols = vec![b"http/1.1".to_vec(), b"sip/2".to_vec()];
                let server = endpoint.server_config().unwrap();
                let ends = shake(&Arc::new(client), &server, HOST);
                assert!(ends.succeeded());
                let agreed = ends.client.connection.alpn_protocol();
                assert_eq!(agreed, Some(&b"sip/2"[..]), "{version:?}");
            }
            endpoint.reload().unwrap();
        }
    }
}

#[test]
fn the_functions_run_at_each_reload_and_what_was_handed_out_before_stays() {
    let name = Arc::new(Mutex::new("first"));
    let runs = Arc::new(AtomicUsize::new(0));
    let (client_name, server_name) = (name.clone(), name.clone());
    let (client_runs, server_runs) = (runs.clone(), runs.clone());
    let endpoint = open()
        .amend_client(move |config| {
            client_runs.fetch_add(1, Ordering::SeqCst);
            config.alpn_protocols = vec![client_name.lock().unwrap().as_bytes().to_vec()];
        })
        .amend_server(move |config| {
            server_runs.fetch_add(1, Ordering::SeqCst);
            config.alpn_protocols = vec![server_name.lock().unwrap().as_bytes().to_vec()];
        });
    let endpoint = endpoint.build().unwrap();
    // The client with DHE, the client without DHE, and the server.
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    let before = (endpoint.client_config(), endpoint.server_config().unwrap());
    *name.lock().unwrap() = "second";
    endpoint.reload().unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    assert_eq!(before.0.alpn_protocols, [b"first"]);
    assert_eq!(before.1.alpn_protocols, [b"first"]);
    assert_eq!(endpoint.client_config().alpn_protocols, [b"second"]);
    let server = endpoint.server_config().unwrap();
    assert_eq!(server.alpn_protocols, [b"second"]);
    assert!(shake(&endpoint.client_config(), &server, HOST).succeeded());
}

#[test]
fn without_functions_a_reload_hands_out_what_it_did_before() {
    let endpoint = open().build().unwrap();
    let before = (endpoint.client_config(), endpoint.server_config().unwrap());
    endpoint.reload().unwrap();
    assert!(Arc::ptr_eq(&before.0, &endpoint.client_config()));
    assert!(Arc::ptr_eq(&before.1, &endpoint.server_config().unwrap()));
}

/// If no client certificate is requested, a ticket cannot outlive the verification of one.
#[test]
fn a_server_without_mutual_tls_may_make_tickets() {
    let endpoint = open().tls13_tickets(1).amend_server(|config| {
        config.ticketer = Arc::new(Transparent);
    });
    let server = endpoint.build().unwrap().server_config().unwrap();
    for version in VERSIONS {
        let client = peer_client(None, &[version]);
        let kinds = [(); 2].map(|()| {
            shake(&client, &server, HOST)
                .client
                .connection
                .handshake_kind()
        });
        let expected = [HandshakeKind::Full, HandshakeKind::Resumed];
        assert_eq!(kinds, expected.map(Some), "{version:?}");
    }
}

#[test]
fn with_mutual_tls_a_configuration_that_is_handed_out_sends_no_tickets_whatever_it_is_changed_to() {
    let ask = |config: &mut ServerConfig| {
        config.send_tls13_tickets = 2;
        config.max_tls13_tickets = 2;
    };
    let sent = |builder: EndpointBuilder| {
        let server = builder.amend_server(ask).build().unwrap().server_config();
        let server = server.unwrap();
        (server.send_tls13_tickets, server.max_tls13_tickets)
    };
    assert_eq!(sent(open()), (2, 2));
    assert_eq!(sent(mutual()), (0, 0));
}

/// Tickets that are not encrypted.
#[derive(Debug)]
struct Transparent;

impl ProducesTickets for Transparent {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        3600
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        Some(plain.to_vec())
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        Some(cipher.to_vec())
    }
}
