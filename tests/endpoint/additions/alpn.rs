//! ALPN protocols.

use std::sync::Arc;

use rustls::{AlertDescription, ClientConfig, Error, ServerConfig};
use sip_tls::Endpoint;

use crate::endpoint::in_memory::{Ends, VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::reload::{Folder, builder};
use crate::endpoint::test_pki::{HOST, TestPki};

const OURS: [&str; 2] = ["sip/2", "msrp"];

fn endpoint(name: &str) -> Endpoint {
    let folder = Folder::of(name, "good", "older.crl");
    builder(&folder.settings(&[])).alpn(OURS).build().unwrap()
}

/// Makes a handshake in each version with a rustls server that has these protocols.
fn with_server(client: &Arc<ClientConfig>, protocols: &[&str]) -> Vec<Ends> {
    let shake = |version| {
        let mut server = (*peer_server(&TestPki::get().good, &[version])).clone();
        server.alpn_protocols = names(protocols);
        shake(client, &Arc::new(server), HOST)
    };
    VERSIONS.into_iter().map(shake).collect()
}

/// Makes a handshake in each version with a rustls client that has these protocols.
fn with_client(server: &Arc<ServerConfig>, protocols: &[&str]) -> Vec<Ends> {
    let shake = |version| {
        let mut client = (*peer_client(None, &[version])).clone();
        client.alpn_protocols = names(protocols);
        shake(&Arc::new(client), server, HOST)
    };
    VERSIONS.into_iter().map(shake).collect()
}

fn names(protocols: &[&str]) -> Vec<Vec<u8>> {
    let bytes = protocols.iter().map(|name| name.as_bytes().to_vec());
    bytes.collect()
}

#[track_caller]
fn assert_agreed(ends: &[Ends], expected: Option<&str>) {
    for ends in ends {
        assert!(ends.succeeded());
        let expected = expected.map(str::as_bytes);
        assert_eq!(ends.client.connection.alpn_protocol(), expected);
        assert_eq!(ends.server.connection.alpn_protocol(), expected);
    }
}

#[test]
fn our_first_protocol_that_both_know_is_agreed_on_before_and_after_a_reload() {
    let endpoint = endpoint("alpn");
    let (client, server) = (endpoint.client_config(), endpoint.server_config().unwrap());
    for _ in 0..2 {
        assert_agreed(&with_server(&client, &["msrp", "http/1.1"]), Some("msrp"));
        assert_agreed(&with_client(&server, &["msrp", "sip/2"]), Some("sip/2"));
        endpoint.reload().unwrap();
    }
}

#[test]
fn a_peer_without_protocols_is_fine() {
    let endpoint = endpoint("alpn-without");
    assert_agreed(&with_server(&endpoint.client_config(), &[]), None);
    assert_agreed(&with_client(&endpoint.server_config().unwrap(), &[]), None);
}

#[test]
fn without_our_asking_there_are_none() {
    let folder = Folder::of("alpn-default", "good", "older.crl");
    let endpoint = builder(&folder.settings(&[])).build().unwrap();
    assert_agreed(&with_server(&endpoint.client_config(), &OURS), None);
    assert_agreed(
        &with_client(&endpoint.server_config().unwrap(), &OURS),
        None,
    );
}

#[test]
fn a_client_that_knows_only_others_is_refused_with_no_application_protocol() {
    let endpoint = endpoint("alpn-others");
    for ends in with_client(&endpoint.server_config().unwrap(), &["http/1.1"]) {
        let refused = Err(Error::NoApplicationProtocol);
        assert_eq!(ends.server.outcome, refused);
        let alert = AlertDescription::NoApplicationProtocol;
        assert_eq!(ends.client.alert(), Some(alert));
        assert_eq!(u8::from(alert), 120);
    }
}

#[test]
fn names_that_do_not_fit_into_a_hello_are_an_error() {
    let folder = Folder::of("alpn-unfit", "good", "older.crl");
    let many = vec!["x".repeat(255); 65];
    for (names, expected) in [
        (
            vec![String::new()],
            "the name of a protocol must have 1 to 255 bytes",
        ),
        (
            vec!["x".repeat(256)],
            "the name of a protocol must have 1 to 255 bytes",
        ),
        (
            many,
            "the names of the protocols have more than 16384 bytes together",
        ),
    ] {
        let error = builder(&folder.settings(&[])).alpn(names).build();
        let expected = format!("unusable value for `EndpointBuilder::alpn`: {expected}");
        assert_eq!(error.unwrap_err().to_string(), expected);
    }
    let longest = builder(&folder.settings(&[])).alpn(["x".repeat(255)]);
    assert_agreed(
        &with_server(
            &longest.build().unwrap().client_config(),
            &[&"x".repeat(255)],
        ),
        Some(&"x".repeat(255)),
    );
}
