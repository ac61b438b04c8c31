//! The application is asked about the peer of every connection, even if both ends would resume a session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::{AlertDescription, HandshakeKind};
use sip_tls::verify::{Purpose, VerifyCode};
use sip_tls::{ConnectError, Endpoint};

use super::{VERSIONS, kind};
use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::settings::builder;
use crate::endpoint::test_pki::HOST;

const OPTIONS: [(&str, &str); 4] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("tls-mutual", "1"),
];

/// An endpoint that would resume, and that asks the application if there is an answer.
fn resuming(version: &'static str, answer: Option<&Arc<AtomicBool>>) -> Endpoint {
    let settings = [&OPTIONS[..], &[("sec-protocol", version)]].concat();
    let builder = builder(&settings).resumption(true).tls13_tickets(2);
    let builder = match answer.cloned() {
        Some(answer) => builder.authorise(move |_| answer.load(Ordering::Relaxed)),
        None => builder,
    };
    builder.build().unwrap()
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_whose_right_was_withdrawn_is_refused_with_access_denied() {
    for version in VERSIONS {
        let answer = Arc::new(AtomicBool::new(true));
        let server = resuming(version, Some(&answer));
        let client = resuming(version, None);
        let listener = Listener::new().await;
        for _ in 0..2 {
            let [outgoing, incoming] = listener.connect(&client, &server, HOST).await;
            let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
            exchange(&mut outgoing, &mut incoming).await;
            assert_eq!(kind(incoming), HandshakeKind::Full, "{version}");
        }
        answer.store(false, Ordering::Relaxed);
        let [outgoing, incoming] = listener.connect(&client, &server, HOST).await;
        let error = incoming.unwrap_err();
        let status = error.verify_status().unwrap();
        assert_eq!(status.code(), VerifyCode::ApplicationVerification);
        assert_eq!(
            error.to_string(),
            "the peer's certificate was refused: application verification failure (50) at depth 0: the peer is not authorised; \
             its SIP domain is `sip.example.com` (RFC 5922)"
        );
        // In TLS 1.3 the client receives the alert when it reads.
        let alert = match outgoing {
            Err(error) => error.alert(),
            Ok(mut connection) => {
                let error = read(&mut connection).await;
                error.alert()
            }
        };
        assert_eq!(alert, Some(AlertDescription::AccessDenied), "{version}");
    }
}

async fn read(connection: &mut sip_tls::Connection<tokio::net::TcpStream>) -> ConnectError {
    let error = tokio::io::AsyncReadExt::read(connection, &mut [0]).await;
    connection.failure(error.unwrap_err())
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_whose_right_was_withdrawn_is_refused_with_access_denied() {
    for version in VERSIONS {
        let answer = Arc::new(AtomicBool::new(true));
        let server = resuming(version, None);
        let client = resuming(version, Some(&answer));
        let listener = Listener::new().await;
        let [outgoing, incoming] = listener.connect(&client, &server, HOST).await;
        let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
        exchange(&mut outgoing, &mut incoming).await;
        answer.store(false, Ordering::Relaxed);
        let [outgoing, incoming] = listener.connect(&client, &server, HOST).await;
        let error = outgoing.unwrap_err();
        let status = error.verify_status().unwrap();
        assert_eq!(status.code(), VerifyCode::ApplicationVerification);
        let alert = incoming.unwrap_err().alert();
        assert_eq!(alert, Some(AlertDescription::AccessDenied), "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn each_end_knows_who_the_other_is() {
    let (client, server) = (resuming("", None), resuming("", None));
    let listener = Listener::new().await;
    let [outgoing, incoming] = listener.connect(&client, &server, HOST).await;
    for (connection, purpose) in [
        (outgoing.unwrap(), Purpose::Server),
        (incoming.unwrap(), Purpose::Client),
    ] {
        let peer = connection.peer_identities().unwrap();
        assert_eq!(peer.purpose(), purpose);
        assert_eq!(peer.dns_names(), [HOST]);
        assert_eq!(peer.common_names(), ["good"]);
        assert!(peer.addresses().is_empty() && peer.email_addresses().is_empty());
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_that_shows_no_certificate_has_no_identity() {
    let server = builder(&OPTIONS[..3]).build().unwrap();
    let client = builder(&OPTIONS[..1]).build().unwrap();
    let listener = Listener::new().await;
    let [outgoing, incoming] = listener.connect(&client, &server, HOST).await;
    assert!(incoming.unwrap().peer_identities().is_none());
    assert!(outgoing.unwrap().peer_identities().is_some());
}

#[test]
fn a_verifier_that_replaces_ours_would_not_ask() {
    let verifier = Arc::new(crate::endpoint::in_memory::Credulous);
    let builder = builder(&OPTIONS).authorise(|_| true);
    let error = builder.danger().replace_client_verifier(verifier).build();
    assert_eq!(
        error.unwrap_err().to_string(),
        "unusable value for `EndpointBuilder::authorise`: a verifier that replaces the built-in one does not call it"
    );
}
