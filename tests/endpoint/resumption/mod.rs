//! Resumed sessions: rustls does not verify the peer again, so `Endpoint` does it.

mod accepted;
mod authorised;
mod connected;
mod handed_out;
mod stores;

use std::sync::Arc;

use rustls::HandshakeKind;
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::net::TcpStream;

use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::in_memory::{AFTER, BEFORE, Clock, Observed};
use crate::endpoint::settings::builder;

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const MUTUAL: (&str, &str) = ("tls-mutual", "1");
const VERSIONS: [&str; 2] = ["TLSv12", "TLSv13"];

/// A client and a server with the same options and the same clock.
struct Pair {
    client: Endpoint,
    server: Endpoint,
    /// The verifications of the client and of the server.
    seen: Observed,
}

impl Pair {
    fn new(
        version: &'static str,
        identity: [(&'static str, &'static str); 2],
        clock: &Clock,
    ) -> Self {
        let seen = Observed::default();
        let settings = [&[CA, MUTUAL, ("sec-protocol", version)], &identity[..]].concat();
        let make = || {
            let clock = Arc::new(clock.clone());
            let builder = builder(&settings).observer(seen.observer());
            builder
                .resumption(true)
                .tls13_tickets(2)
                .time_provider(clock)
                .build()
                .unwrap()
        };
        Self {
            client: make(),
            server: make(),
            seen,
        }
    }

    async fn connect(
        &self,
        listener: &Listener,
    ) -> [Result<Connection<TcpStream>, ConnectError>; 2] {
        let at = listener.server("127.0.0.1");
        let outgoing = self.client.connect_to(&at, None);
        let (mut outgoing, mut incoming) = tokio::join!(outgoing, listener.accept(&self.server));
        if let (Ok(outgoing), Ok(incoming)) = (&mut outgoing, &mut incoming) {
            exchange(outgoing, incoming).await;
        }
        [outgoing, incoming]
    }

    async fn connect_well(&self, listener: &Listener) -> [Connection<TcpStream>; 2] {
        self.connect(listener).await.map(Result::unwrap)
    }
}

const GOOD: [(&str, &str); 2] = [("certificate", "good.pem"), ("certificate-key", "good.key")];

fn kind(connection: Connection<TcpStream>) -> HandshakeKind {
    let stream = connection.into_stream();
    stream.get_ref().1.handshake_kind().unwrap()
}

#[tokio::test(crate = "crate::in_time")]
async fn a_resumed_connection_has_a_verification_status_on_both_sides() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let pair = Pair::new(version, GOOD, &Clock::at(BEFORE));
        for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
            for connection in pair.connect_well(&listener).await {
                let status = connection.verify_status().expect("a status").clone();
                assert_eq!(status.code(), VerifyCode::Ok);
                assert_eq!(status.path().len(), 3);
                assert_eq!(connection.peer_certificates().len(), 2);
                assert_ne!(connection.cipher(), "unknown");
                assert_eq!(kind(connection), expected, "{version}");
            }
        }
        assert_eq!(
            pair.seen.count(),
            2,
            "the observers hear of full handshakes"
        );
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn an_endpoint_made_anew_resumes_no_session_of_its_predecessor() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let clock = Clock::at(BEFORE);
        let mut pair = Pair::new(version, GOOD, &clock);
        pair.connect_well(&listener).await;
        pair.client = Pair::new(version, GOOD, &clock).client;
        for connection in pair.connect_well(&listener).await {
            assert_eq!(
                kind(connection),
                HandshakeKind::Full,
                "{version}, new client"
            );
        }
        pair.server = Pair::new(version, GOOD, &clock).server;
        for connection in pair.connect_well(&listener).await {
            assert_eq!(
                kind(connection),
                HandshakeKind::Full,
                "{version}, new server"
            );
        }
    }
}

/// The session is not offered at all, so the server can present another certificate.
#[tokio::test(crate = "crate::in_time")]
async fn a_session_does_not_outlive_the_certificate_it_was_checked_against() {
    let identity = [
        ("certificate", "good-in-2030.pem"),
        ("certificate-key", "good-in-2030.key"),
    ];
    for version in VERSIONS {
        let listener = Listener::new().await;
        let clock = Clock::at(BEFORE);
        let pair = Pair::new(version, identity, &clock);
        pair.connect_well(&listener).await;
        clock.set(AFTER);
        let [outgoing, incoming] = pair.connect(&listener).await;
        let error = outgoing.unwrap_err();
        let status = error.verify_status().expect("refused for the certificate");
        assert_eq!(status.code(), VerifyCode::CertHasExpired, "{version}");
        let ConnectError::Handshake { source, .. } = incoming.unwrap_err() else {
            panic!("{version}: the client refuses the handshake");
        };
        let expired = rustls::AlertDescription::CertificateExpired;
        assert_eq!(source, rustls::Error::AlertReceived(expired), "{version}");
        assert_eq!(pair.seen.count(), 3, "{version}: two full handshakes");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_resumes_only_if_it_is_told_to() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let mut pair = Pair::new(version, GOOD, &Clock::at(BEFORE));
        let settings = [&[CA, MUTUAL, ("sec-protocol", version)], &GOOD[..]].concat();
        pair.client = builder(&settings).build().unwrap();
        for _ in 0..2 {
            for connection in pair.connect_well(&listener).await {
                assert_eq!(kind(connection), HandshakeKind::Full, "{version}");
            }
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn our_server_sends_no_tickets_in_tls_13_unless_told_to() {
    let listener = Listener::new().await;
    let settings = [&[CA, ("sec-protocol", "TLSv13")], &GOOD[..]].concat();
    let endpoint = builder(&settings).build().unwrap();
    let pair = Pair {
        client: endpoint.clone(),
        server: endpoint,
        seen: Observed::default(),
    };
    for _ in 0..2 {
        for connection in pair.connect_well(&listener).await {
            assert_eq!(kind(connection), HandshakeKind::Full);
        }
    }
}

/// For the session store, two names of one server are two servers.
#[tokio::test(crate = "crate::in_time")]
async fn a_session_is_resumed_under_the_name_it_was_made_for_only() {
    let listener = Listener::new().await;
    let pair = Pair::new("TLSv12", GOOD, &Clock::at(BEFORE));
    pair.connect_well(&listener).await;
    let at = listener.server("localhost");
    let outgoing = pair.client.connect_to(&at, None);
    let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&pair.server));
    assert_eq!(kind(outgoing.unwrap()), HandshakeKind::Full);
    incoming.unwrap();
}
