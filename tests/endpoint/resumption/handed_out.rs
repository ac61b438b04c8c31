//! Configurations that were handed out: a resumed peer is not verified again, so only the right sessions may be
//! resumed.

use std::sync::Arc;

use rustls::{ClientConfig, HandshakeKind, ServerConfig, SupportedProtocolVersion};
use sip_tls::Endpoint;
use sip_tls::verify::VerifyCode;

use crate::endpoint::in_memory::{
    AFTER, BEFORE, Clock, Ends, Observed, VERSIONS, peer_client, peer_server, shake,
};
use crate::endpoint::reload::{Folder, builder};
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

const FULL: Option<HandshakeKind> = Some(HandshakeKind::Full);
const RESUMED: Option<HandshakeKind> = Some(HandshakeKind::Resumed);

/// A client configuration that was handed out, and a rustls server that resumes.
struct Client {
    endpoint: Endpoint,
    config: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    seen: Observed,
}

impl Client {
    fn new(
        folder: &Folder,
        clock: &Clock,
        server: &Identity,
        version: &'static SupportedProtocolVersion,
    ) -> Self {
        let seen = Observed::default();
        let builder = builder(&folder.settings(&[]))
            .observer(seen.observer())
            .resumption(true)
            .time_provider(Arc::new(clock.clone()));
        let endpoint = builder.build().unwrap();
        Self {
            config: endpoint.client_config(),
            endpoint,
            server: peer_server(server, &[version]),
            seen,
        }
    }

    /// The kind of the handshake under a name; `None` if it fails.
    fn connect(&self, name: &str) -> Option<HandshakeKind> {
        let ends = shake(&self.config, &self.server, name);
        ends.succeeded().then(|| ends.kind()).flatten()
    }

    /// A connection whose client waits for the server's last messages: `Finished` in TLS 1.2, tickets in TLS 1.3.
    fn almost_connect(&self) -> Ends {
        let mut ends = Ends::new(&self.config, &self.server, HOST);
        ends.client.send(&mut ends.server);
        ends.server.send(&mut ends.client);
        ends.client.send(&mut ends.server);
        ends
    }
}

#[test]
fn a_server_is_resumed_until_a_reload_and_never_again() {
    for version in VERSIONS {
        let folder = Folder::of("resumed-until", "good", "older.crl");
        let clock = Clock::at(BEFORE);
        let client = Client::new(&folder, &clock, &TestPki::get().good, version);
        assert_eq!(client.connect(HOST), FULL);
        assert_eq!(client.connect(HOST), RESUMED);
        client.endpoint.reload().unwrap();
        for _ in 0..3 {
            assert_eq!(client.connect(HOST), FULL, "{version:?}");
        }
        // No connection from before the reload can have this name.
        assert_eq!(client.connect("other.example.com"), FULL);
        assert_eq!(client.connect("other.example.com"), RESUMED);
    }
}

#[test]
fn a_server_that_is_revoked_by_a_reload_and_then_sends_a_session_is_not_resumed() {
    for version in VERSIONS {
        let folder = Folder::of("revoked-late", "good", "older.crl");
        let clock = Clock::at(BEFORE);
        let client = Client::new(&folder, &clock, &TestPki::get().revoked, version);
        let mut early = client.almost_connect();
        folder.put("ca.crl", "current.crl");
        client.endpoint.reload().unwrap();
        assert!(early.server.send(&mut early.client) > 0);
        assert!(early.succeeded(), "a connection from before goes on");

        assert_eq!(client.connect(HOST), None, "{version:?}");
        assert_eq!(client.seen.last().code(), VerifyCode::CertRevoked);
        assert_eq!(client.seen.count(), 2);
    }
}

/// The revoked server sends its session after a good server of the same name was verified.
#[test]
fn a_session_of_a_revoked_server_is_not_taken_for_one_of_a_good_server() {
    for version in VERSIONS {
        let folder = Folder::of("revoked-and-good", "good", "older.crl");
        let clock = Clock::at(BEFORE);
        let mut client = Client::new(&folder, &clock, &TestPki::get().revoked, version);
        let mut early = client.almost_connect();
        folder.put("ca.crl", "current.crl");
        client.endpoint.reload().unwrap();
        let revoked = std::mem::replace(
            &mut client.server,
            peer_server(&TestPki::get().good, &[version]),
        );
        assert_eq!(client.connect(HOST), FULL);
        early.server.send(&mut early.client);
        client.server = revoked;
        assert_eq!(client.connect(HOST), None, "{version:?}");
        assert_eq!(client.seen.last().code(), VerifyCode::CertRevoked);
    }
}

#[test]
fn a_server_is_not_resumed_once_something_that_it_was_checked_against_has_run_out() {
    let pki = TestPki::get();
    for (server, list, expected) in [
        (&pki.good_in_2030, "older.crl", VerifyCode::CertHasExpired),
        (&pki.good, "until-2031.crl", VerifyCode::CrlHasExpired),
        (
            &pki.good,
            "older-and-one-from-2031.crl",
            VerifyCode::CertRevoked,
        ),
    ] {
        for version in VERSIONS {
            let folder = Folder::of("run-out", "good", list);
            let clock = Clock::at(BEFORE);
            let client = Client::new(&folder, &clock, server, version);
            assert_eq!(client.connect(HOST), FULL);
            assert_eq!(client.connect(HOST), RESUMED);
            clock.set(AFTER);
            assert_eq!(client.connect(HOST), None, "{version:?}");
            assert_eq!(client.seen.last().code(), expected, "{version:?}");
        }
    }
}

#[test]
fn a_server_configuration_that_verifies_clients_resumes_nobody() {
    for version in VERSIONS {
        for (mutual, second) in [("1", FULL), ("0", RESUMED)] {
            let folder = Folder::of("server", "good", "older.crl");
            let builder = builder(&folder.settings(&[("tls-mutual", mutual)]));
            let endpoint = builder.tls13_tickets(2).build().unwrap();
            let server = endpoint.server_config().unwrap();
            let client = peer_client(Some(&TestPki::get().good), &[version]);
            assert_eq!(shake(&client, &server, HOST).kind(), FULL);
            let ends = shake(&client, &server, HOST);
            assert!(ends.succeeded());
            assert_eq!(ends.kind(), second, "{version:?}, tls-mutual {mutual}");
        }
    }
}
