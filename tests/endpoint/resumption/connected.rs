//! Clients of `Endpoint::connect`: a session is only as good as the data that its server was checked against.

use rustls::HandshakeKind;
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{VERSIONS, kind};
use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::in_memory::{BEFORE, Clock, Observed};
use crate::endpoint::reload::{Folder, builder};

/// A client with the files of one folder, and a server with the files of another.
struct Ends {
    client: Endpoint,
    server: Endpoint,
    seen: Observed,
}

impl Ends {
    fn new(version: &'static str, client: &Folder, server: &Folder) -> Self {
        let clock = std::sync::Arc::new(Clock::at(BEFORE));
        let seen = Observed::default();
        let protocol = ("sec-protocol", version);
        let client = builder(&client.settings(&[protocol])).observer(seen.observer());
        let server = builder(&server.settings(&[protocol])).tls13_tickets(1);
        Self {
            client: client
                .resumption(true)
                .time_provider(clock.clone())
                .build()
                .unwrap(),
            server: server.time_provider(clock).build().unwrap(),
            seen,
        }
    }

    async fn connect(&self, listener: &Listener) -> Result<HandshakeKind, ConnectError> {
        let at = listener.server("127.0.0.1");
        let outgoing = self.client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&self.server));
        let mut outgoing = outgoing?;
        exchange(&mut outgoing, &mut incoming.unwrap()).await;
        Ok(kind(outgoing))
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_is_resumed_by_sessions_from_after_the_reload_only() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let folder = Folder::of("connect", "good", "older.crl");
        let ends = Ends::new(version, &folder, &folder);
        for _ in 0..2 {
            assert_eq!(ends.connect(&listener).await.unwrap(), HandshakeKind::Full);
            assert_eq!(
                ends.connect(&listener).await.unwrap(),
                HandshakeKind::Resumed
            );
            ends.client.reload().unwrap();
        }
        assert_eq!(ends.seen.count(), 2, "{version}");
    }
}

/// The ticket of TLS 1.3 is read after the reload, on a connection from before.
#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_is_revoked_by_a_reload_and_then_sends_a_session_is_not_resumed() {
    for version in VERSIONS {
        let listener = Listener::new().await;
        let client = Folder::of("connect-revoked", "good", "older.crl");
        let server = Folder::of("connect-revoked-server", "revoked", "older.crl");
        let ends = Ends::new(version, &client, &server);
        let at = listener.server("127.0.0.1");
        let outgoing = ends.client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&ends.server));
        client.put("ca.crl", "current.crl");
        ends.client.reload().unwrap();
        exchange(&mut outgoing.unwrap(), &mut incoming.unwrap()).await;

        let outgoing = ends.client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&ends.server));
        assert!(incoming.is_err());
        let error = outgoing.unwrap_err();
        let code = error.verify_status().map(|status| status.code());
        assert_eq!(code, Some(VerifyCode::CertRevoked), "{version}");
        // Both handshakes are full, and the second one is not a retry.
        assert_eq!(ends.seen.count(), 2, "{version}");
    }
}

/// rustls stores a ticket when it is read. Our code does not notice that if the stream was taken out.
#[tokio::test(crate = "crate::in_time")]
async fn a_session_that_a_bare_stream_reads_goes_by_the_name_of_the_server() {
    for (reloads, expected) in [(0, HandshakeKind::Resumed), (1, HandshakeKind::Full)] {
        let listener = Listener::new().await;
        let folder = Folder::of("bare-stream", "good", "older.crl");
        let ends = Ends::new("TLSv13", &folder, &folder);
        let at = listener.server("127.0.0.1");
        let outgoing = ends.client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&ends.server));
        for _ in 0..reloads {
            ends.client.reload().unwrap();
        }
        let mut incoming = incoming.unwrap();
        incoming.write_all(b"\r\n\r\n").await.unwrap();
        incoming.flush().await.unwrap();
        let mut stream = outgoing.unwrap().into_stream();
        stream.read_exact(&mut [0; 4]).await.unwrap();
        assert_eq!(ends.connect(&listener).await.unwrap(), expected);
    }
}
