//! Clients of `Endpoint::accept`: a session is only as good as the data that the client was checked against.

use std::sync::{Arc, Mutex};

use rustls::client::ResolvesClientCert;
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, HandshakeKind, SignatureScheme, SupportedProtocolVersion};
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{VERSIONS, kind};
use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::in_memory::{AFTER, BEFORE, Clock, peer_client};
use crate::endpoint::reload::{Folder, builder};
use crate::endpoint::test_pki::{HOST, TestPki};

/// A server whose files are in a folder, and a client with the files of another folder, which resumes.
struct Ends {
    client: Endpoint,
    server: Endpoint,
    clock: Clock,
}

impl Ends {
    fn new(version: &'static str, server: &Folder, client: &Folder) -> Self {
        let clock = Clock::at(BEFORE);
        let settings = [("sec-protocol", version), ("tls-mutual", "1")];
        let client = builder(&client.settings(&settings[..1])).resumption(true);
        let server = builder(&server.settings(&settings)).tls13_tickets(1);
        Self {
            // The client's clock never advances.
            client: client
                .time_provider(Arc::new(Clock::at(BEFORE)))
                .build()
                .unwrap(),
            server: server
                .time_provider(Arc::new(clock.clone()))
                .build()
                .unwrap(),
            clock,
        }
    }

    async fn connect(&self, listener: &Listener) -> Result<HandshakeKind, ConnectError> {
        let [outgoing, incoming] = self.try_connect(listener).await;
        let mut incoming = incoming?;
        exchange(&mut outgoing.unwrap(), &mut incoming).await;
        Ok(kind(incoming))
    }

    async fn try_connect(
        &self,
        listener: &Listener,
    ) -> [Result<Connection<TcpStream>, ConnectError>; 2] {
        let at = listener.server("127.0.0.1");
        let outgoing = self.client.connect_to(&at, None);
        tokio::join!(outgoing, listener.accept(&self.server)).into()
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_is_resumed_by_sessions_from_after_the_reload_only() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let folder = Folder::of("accept", "good", "older.crl");
        let ends = Ends::new(version, &folder, &folder);
        for _ in 0..2 {
            for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
                let kind = ends.connect(&listener).await.unwrap();
                assert_eq!(kind, expected, "{version}");
            }
            ends.server.reload().unwrap();
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_that_a_reloaded_list_revokes_cannot_resume() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let server = Folder::of("accept-revoked", "good", "older.crl");
        let client = Folder::of("accept-revoked-client", "revoked", "older.crl");
        let ends = Ends::new(version, &server, &client);
        ends.connect(&listener).await.unwrap();
        server.put("ca.crl", "current.crl");
        ends.server.reload().unwrap();
        let error = ends.connect_in_vain(&listener).await;
        assert_refused(&error, VerifyCode::CertRevoked);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_is_not_resumed_once_something_that_it_was_checked_against_has_run_out() {
    for (identity, list, expected) in [
        ("good-in-2030", "older.crl", VerifyCode::CertHasExpired),
        ("good", "until-2031.crl", VerifyCode::CrlHasExpired),
    ] {
        for version in VERSIONS {
            let listener = Listener::new().await;
            let server = Folder::of("accept-run-out", "good", list);
            let client = Folder::of("accept-run-out-client", identity, "older.crl");
            let ends = Ends::new(version, &server, &client);
            ends.connect(&listener).await.unwrap();
            let resumed = ends.connect(&listener).await.unwrap();
            assert_eq!(resumed, HandshakeKind::Resumed, "{version}");
            ends.clock.set(AFTER);
            let error = ends.connect_in_vain(&listener).await;
            assert_refused(&error, expected);
        }
    }
}

/// A client that has a new certificate may still offer the session of its old one. A full handshake follows.
#[tokio::test(crate = "crate::in_time")]
async fn a_client_that_renewed_its_certificate_is_not_refused_for_its_session() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let folder = Folder::of("accept-renewed", "good", "older.crl");
        let ends = Ends::new(version, &folder, &folder);
        let renewing = Arc::new(Renewing(Mutex::new(
            TestPki::get().good_in_2030.certified_key(),
        )));
        let mut client = (*peer_client(None, &rustls_versions(version))).clone();
        client.client_auth_cert_resolver = renewing.clone();
        let mut connector = ends.client.connector();
        connector.clone_from(&Arc::new(client).into());
        let mut kinds = Vec::new();
        for _ in 0..3 {
            if kinds.len() == 2 {
                ends.clock.set(AFTER);
                *renewing.0.lock().unwrap() = TestPki::get().good.certified_key();
            }
            let stream = TcpStream::connect(listener.address()).await.unwrap();
            let name = ServerName::try_from(HOST).unwrap();
            let outgoing = connector.connect(name, stream);
            let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&ends.server));
            let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
            incoming.write_all(b"\r\n").await.unwrap();
            incoming.flush().await.unwrap();
            outgoing.read_exact(&mut [0; 2]).await.unwrap();
            kinds.push(kind(incoming));
        }
        let expected = [
            HandshakeKind::Full,
            HandshakeKind::Resumed,
            HandshakeKind::Full,
        ];
        assert_eq!(kinds, expected, "{version}");
    }
}

fn rustls_versions(name: &str) -> [&'static SupportedProtocolVersion; 1] {
    match name {
        "TLSv12" => [&TLS12],
        _ => [&TLS13],
    }
}

/// The certificate of a client, which can be replaced.
#[derive(Debug)]
struct Renewing(Mutex<Arc<CertifiedKey>>);

impl ResolvesClientCert for Renewing {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.lock().unwrap().clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl Ends {
    /// The error with which the server refuses the client in a full handshake.
    async fn connect_in_vain(&self, listener: &Listener) -> ConnectError {
        let [outgoing, incoming] = self.try_connect(listener).await;
        match outgoing {
            // In TLS 1.3 a client receives the alert when it reads.
            Ok(connection) => assert_eq!(kind(connection), HandshakeKind::Full),
            Err(ConnectError::Handshake { source, .. }) => assert!(matches!(
                source,
                rustls::Error::AlertReceived(
                    AlertDescription::CertificateRevoked | AlertDescription::CertificateExpired
                )
            )),
            Err(error) => panic!("{error:?}"),
        }
        incoming.unwrap_err()
    }
}

#[track_caller]
fn assert_refused(error: &ConnectError, expected: VerifyCode) {
    let status = error.verify_status().expect("refused for the certificate");
    assert_eq!(status.code(), expected);
}
