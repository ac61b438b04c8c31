//! Additions of the caller in connections that an endpoint makes itself.

use std::sync::{Arc, Mutex};

use rustls::HandshakeKind;
use sip_tls::{Connection, Endpoint, EndpointBuilder};
use tokio::net::TcpStream;

use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::settings::builder;

pub(super) const SETTINGS: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
];
pub(super) const VERSIONS: [&str; 2] = ["TLSv12", "TLSv13"];

/// An endpoint of one version, after `change`.
#[track_caller]
pub(super) fn endpoint(
    version: &str,
    change: impl FnOnce(EndpointBuilder) -> EndpointBuilder,
) -> Endpoint {
    let settings = [&SETTINGS[..], &[("sec-protocol", version)]].concat();
    change(builder(&settings)).build().unwrap()
}

/// Connects one endpoint to the other, and sends a message each way.
pub(super) async fn connect(client: &Endpoint, server: &Endpoint) -> [Connection<TcpStream>; 2] {
    let listener = Listener::new().await;
    let at = listener.server("127.0.0.1");
    let outgoing = client.connect_to(&at, None);
    let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(server));
    let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
    exchange(&mut outgoing, &mut incoming).await;
    [outgoing, incoming]
}

#[tokio::test(crate = "crate::in_time")]
async fn a_connection_says_which_protocol_was_agreed_on() {
    for version in VERSIONS {
        let plain = endpoint(version, |builder| builder);
        let ours = endpoint(version, |builder| builder.alpn(["msrp", "sip/2"]));
        let peer = endpoint(version, |builder| builder.alpn(["sip/2", "http/1.1"]));
        for connection in connect(&ours, &peer).await {
            assert_eq!(connection.alpn(), Some(&b"sip/2"[..]), "{version}");
        }
        for connection in connect(&ours, &plain).await {
            assert_eq!(connection.alpn(), None, "{version}");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn connections_are_made_with_the_configurations_that_a_function_changed() {
    for version in VERSIONS {
        let names = Arc::new(Mutex::new("first"));
        let of_client = names.clone();
        let of_server = names.clone();
        let alpn = |names: &Mutex<&str>| vec![names.lock().unwrap().as_bytes().to_vec()];
        let client = endpoint(version, |builder| {
            builder.amend_client(move |config| config.alpn_protocols = alpn(&of_client))
        });
        let server = endpoint(version, |builder| {
            builder.amend_server(move |config| config.alpn_protocols = alpn(&of_server))
        });
        for name in ["first", "second"] {
            *names.lock().unwrap() = name;
            client.reload().unwrap();
            server.reload().unwrap();
            for connection in connect(&client, &server).await {
                assert_eq!(connection.alpn(), Some(name.as_bytes()), "{version}");
            }
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_changed_client_resumes_and_ends_its_sessions_at_a_reload_as_another() {
    for version in VERSIONS {
        let client = endpoint(version, |builder| {
            builder
                .resumption(true)
                .amend_client(|config| config.enable_sni = false)
        });
        let server = endpoint(version, |builder| {
            let builder = builder.tls13_tickets(2);
            builder.amend_server(|config| config.ignore_client_order = true)
        });
        // The client remembers a server by its port, so the listener stays the same.
        let listener = Listener::new().await;
        let at = listener.server("127.0.0.1");
        for _ in 0..2 {
            for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
                let outgoing = client.connect_to(&at, None);
                let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&server));
                let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
                exchange(&mut outgoing, &mut incoming).await;
                assert!(outgoing.verify_status().is_some());
                let stream = outgoing.into_stream();
                let kind = stream.get_ref().1.handshake_kind();
                assert_eq!(kind, Some(expected), "{version}");
            }
            client.reload().unwrap();
        }
    }
}
