//! The counters of an endpoint.

use sip_tls::verify::VerifyCode;
use sip_tls::{DirectionCounters, Endpoint};

use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::endpoint;
use crate::endpoint::test_pki::{HOST, TestPki};

const MUTUAL: [(&str, &str); 4] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("tls-mutual", "1"),
];

/// Checks the counters: connections, then verifications and alerts. No handshake may be in progress.
#[track_caller]
fn assert_counted(
    counters: &DirectionCounters,
    [succeeded, resumed, failed]: [u64; 3],
    verified: u64,
    refused: &[(VerifyCode, u64)],
    alerts: &[(u8, u64)],
) {
    let found = [counters.succeeded, counters.resumed, counters.failed];
    assert_eq!(found, [succeeded, resumed, failed], "{counters:?}");
    assert_eq!(counters.verified, verified, "{counters:?}");
    let found: Vec<_> = counters.refused.clone().into_iter().collect();
    assert_eq!(found, refused, "{counters:?}");
    let found: Vec<_> = counters.alerts.clone().into_iter().collect();
    assert_eq!(found, alerts, "{counters:?}");
    assert_eq!(counters.in_progress, 0, "{counters:?}");
}

#[test]
fn of_configurations_that_were_handed_out_verifications_are_counted_also_after_a_reload() {
    let pki = TestPki::get();
    let endpoint: Endpoint = endpoint(&MUTUAL);
    assert_eq!(endpoint.counters(), Default::default());
    let (client, server) = (endpoint.client_config(), endpoint.server_config().unwrap());
    for _ in 0..2 {
        for version in VERSIONS {
            for peer in [&pki.good, &pki.unknown] {
                shake(&client, &peer_server(peer, &[version]), HOST);
                shake(&peer_client(Some(peer), &[version]), &server, HOST);
            }
            shake(&client, &peer_server(&pki.expired, &[version]), HOST);
        }
        endpoint.reload().unwrap();
    }
    let counters = endpoint.clone().counters();
    let unknown = (VerifyCode::SelfSignedCertInChain, 4);
    let expired = (VerifyCode::CertHasExpired, 4);
    assert_counted(&counters.outgoing, [0, 0, 0], 4, &[expired, unknown], &[]);
    assert_counted(&counters.incoming, [0, 0, 0], 4, &[unknown], &[]);
}

#[cfg(feature = "tokio")]
mod connections {
    use std::time::Duration;

    use sip_tls::EndpointBuilder;
    use tokio::net::TcpStream;

    use super::*;
    use crate::endpoint::connect::{Listener, exchange};
    use crate::endpoint::settings::builder;

    const VERSIONS: [&str; 2] = ["TLSv12", "TLSv13"];

    fn with(version: &str, more: &[(&'static str, &str)]) -> EndpointBuilder {
        let settings = [&MUTUAL[..], &[("sec-protocol", version)], more].concat();
        builder(&settings).tls13_tickets(2).resumption(true)
    }

    /// Connects to 127.0.0.1, and returns whether both ends accepted the other.
    async fn connect(client: &Endpoint, server: &Endpoint, listener: &Listener) -> bool {
        let at = listener.server("127.0.0.1");
        let outgoing = client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(server));
        let (Ok(mut outgoing), Ok(mut incoming)) = (outgoing, incoming) else {
            return false;
        };
        exchange(&mut outgoing, &mut incoming).await;
        true
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn connections_are_counted_by_what_became_of_them_and_a_reload_sets_nothing_back() {
        for version in VERSIONS {
            let listener = Listener::new().await;
            let client = with(version, &[]).build().unwrap();
            let server = with(version, &[]).build().unwrap();
            for _ in 0..2 {
                assert!(connect(&client, &server, &listener).await);
                assert!(connect(&client, &server, &listener).await);
                client.reload().unwrap();
                server.reload().unwrap();
            }
            for counters in [client.counters().outgoing, server.counters().incoming] {
                assert_counted(&counters, [4, 2, 0], 4, &[], &[]);
            }
            assert_eq!(client.counters().incoming, Default::default());
            assert_eq!(server.counters().outgoing, Default::default());
        }
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn a_refusal_is_counted_by_its_code_here_and_by_its_alert_there() {
        for version in VERSIONS {
            let listener = Listener::new().await;
            let check = [("tls-target-name-check", "host")];
            let client = with(version, &check).build().unwrap();
            let server = with(version, &[]).build().unwrap();
            assert!(!connect(&client, &server, &listener).await);
            let mismatch = [(VerifyCode::IpAddressMismatch, 1)];
            assert_counted(&client.counters().outgoing, [0, 0, 1], 0, &mismatch, &[]);
            // bad_certificate
            assert_counted(&server.counters().incoming, [0, 0, 1], 0, &[], &[(42, 1)]);
        }
    }

    /// In TLS 1.3, the client receives the alert after the handshake.
    #[tokio::test(crate = "crate::in_time")]
    async fn a_client_that_is_refused_counts_the_alert_if_it_comes_in_the_handshake() {
        for (version, expected, alerts) in [
            ("TLSv12", [0, 0, 1], &[(48, 1)][..]),
            ("TLSv13", [1, 0, 0], &[]),
        ] {
            let listener = Listener::new().await;
            let unknown = [
                ("certificate", "unknown.pem"),
                ("certificate-key", "unknown.key"),
            ];
            let client = with(version, &unknown).build().unwrap();
            let server = with(version, &[]).build().unwrap();
            assert!(!connect(&client, &server, &listener).await);
            let refused = [(VerifyCode::SelfSignedCertInChain, 1)];
            assert_counted(&server.counters().incoming, [0, 0, 1], 0, &refused, &[]);
            assert_counted(&client.counters().outgoing, expected, 1, &[], alerts);
        }
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn an_alert_that_is_waited_for_is_counted() {
        let listener = Listener::new().await;
        let unknown = [
            ("certificate", "unknown.pem"),
            ("certificate-key", "unknown.key"),
        ];
        let client = with("TLSv13", &unknown).confirm(Duration::from_secs(60));
        let client = client.build().unwrap();
        let server = with("TLSv13", &[]).build().unwrap();
        assert!(!connect(&client, &server, &listener).await);
        assert_counted(&client.counters().outgoing, [0, 0, 1], 1, &[], &[(48, 1)]);
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn a_connection_is_in_progress_until_it_fails_or_is_given_up() {
        let listener = Listener::new().await;
        let at = listener.server("127.0.0.1");
        let client = with("TLSv13", &[]).build().unwrap();
        let never = client.connect_to(&at, None);
        assert_eq!(client.counters().outgoing.in_progress, 0, "not begun");
        let never = tokio::spawn(never);
        let begun = async {
            while client.counters().outgoing.in_progress == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), begun)
            .await
            .unwrap();
        assert_eq!(client.counters().outgoing.failed, 0);
        never.abort();
        assert!(never.await.unwrap_err().is_cancelled());
        assert_counted(&client.counters().outgoing, [0, 0, 1], 0, &[], &[]);

        let hasty = with("TLSv13", &[]).timeout(Duration::from_millis(20));
        let hasty = hasty.build().unwrap();
        assert!(hasty.connect_to(&at, None).await.is_err());
        assert_counted(&hasty.counters().outgoing, [0, 0, 1], 0, &[], &[]);
        let stream = TcpStream::connect(listener.address()).await.unwrap();
        assert!(hasty.accept(stream).await.is_err());
        assert_counted(&hasty.counters().incoming, [0, 0, 1], 0, &[], &[]);
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn a_stream_of_the_callers_counts_too() {
        let server = with("TLSv13", &[]).build().unwrap();
        let client = with("TLSv13", &[]).build().unwrap();
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let outgoing = client.connect_stream(HOST, ours);
        let (outgoing, incoming) = tokio::join!(outgoing, server.accept(theirs));
        assert!(outgoing.is_ok() && incoming.is_ok());
        assert_counted(&client.counters().outgoing, [1, 0, 0], 1, &[], &[]);
        assert_counted(&server.counters().incoming, [1, 0, 0], 1, &[], &[]);
    }
}
