//! Verifiers of the caller, which replace ours.

use std::sync::Arc;

use sip_tls::EndpointBuilder;

use crate::endpoint::in_memory::{Credulous, Observed, VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::builder;
use crate::endpoint::test_pki::{HOST, TestPki};

const OPEN: [(&str, &str); 4] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("tls-target-name-check", "host"),
];

fn mutual() -> EndpointBuilder {
    builder(&[&OPEN[..], &[("tls-mutual", "1")]].concat())
}

#[test]
fn a_verifier_of_servers_decides_alone_also_after_a_reload() {
    let seen = Observed::default();
    let builder = mutual().observer(seen.observer()).danger();
    let endpoint = builder
        .replace_server_verifier(Arc::new(Credulous))
        .build()
        .unwrap();
    let pki = TestPki::get();
    for _ in 0..2 {
        for version in VERSIONS {
            let client = endpoint.client_config();
            let server = peer_server(&pki.unknown, &[version]);
            assert!(shake(&client, &server, "elsewhere.example.org").succeeded());
            assert_eq!(seen.count(), 0, "observers hear nothing");
        }
        endpoint.reload().unwrap();
    }
    // Our own verifier verifies the clients.
    let client = peer_client(Some(&pki.unknown), &VERSIONS);
    assert!(!shake(&client, &endpoint.server_config().unwrap(), HOST).succeeded());
    assert!(!seen.last().is_accepted());
}

#[test]
fn a_verifier_of_clients_decides_alone_also_after_a_reload() {
    let seen = Observed::default();
    let builder = mutual().observer(seen.observer()).danger();
    let endpoint = builder
        .replace_client_verifier(Arc::new(Credulous))
        .build()
        .unwrap();
    let pki = TestPki::get();
    for _ in 0..2 {
        for version in VERSIONS {
            // The verifier also accepts clients without a certificate.
            for client in [Some(&pki.unknown), None] {
                let client = peer_client(client, &[version]);
                let server = endpoint.server_config().unwrap();
                assert!(shake(&client, &server, HOST).succeeded());
                assert_eq!(seen.count(), 0, "observers hear nothing");
            }
        }
        endpoint.reload().unwrap();
    }
    let server = peer_server(&pki.unknown, &VERSIONS);
    assert!(!shake(&endpoint.client_config(), &server, HOST).succeeded());
    assert!(!seen.last().is_accepted());
}

#[test]
fn a_verifier_of_clients_that_nobody_would_ask_is_an_error() {
    let builder = builder(&OPEN).danger();
    let error = builder.replace_client_verifier(Arc::new(Credulous)).build();
    assert_eq!(
        error.unwrap_err().to_string(),
        "unusable value for `Danger::replace_client_verifier`: without `tls-mutual` no client is asked for a certificate"
    );
}

#[test]
fn functions_that_change_configurations_leave_a_verifier_of_the_callers_in_its_place() {
    let builder = mutual()
        .danger()
        .replace_server_verifier(Arc::new(Credulous));
    let endpoint = builder.amend_client(|config| config.enable_sni = false);
    let client = endpoint.build().unwrap().client_config();
    let server = peer_server(&TestPki::get().unknown, &VERSIONS);
    assert!(shake(&client, &server, HOST).succeeded());
}

#[cfg(feature = "tokio")]
mod connected {
    use rustls::HandshakeKind;
    use sip_tls::Endpoint;

    use super::*;
    use crate::endpoint::additions::connected::VERSIONS;
    use crate::endpoint::connect::{Listener, exchange};

    /// A server whose certificate is not trusted, and a client whose certificate is not trusted.
    fn ends(version: &str) -> [Endpoint; 2] {
        let of = |identity: &str| {
            let files = [format!("{identity}.pem"), format!("{identity}.key")];
            let settings = [
                ("trusted-ca", "root.pem"),
                ("certificate", &files[0]),
                ("certificate-key", &files[1]),
                ("tls-target-name-check", "host"),
                ("tls-mutual", "1"),
                ("sec-protocol", version),
            ];
            let builder = builder(&settings)
                .resumption(true)
                .tls13_tickets(2)
                .danger();
            let builder = builder
                .replace_server_verifier(Arc::new(Credulous))
                .danger();
            builder
                .replace_client_verifier(Arc::new(Credulous))
                .build()
                .unwrap()
        };
        [of("unknown"), of("unknown")]
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn connections_are_made_by_it_without_a_status_and_never_resumed() {
        for version in VERSIONS {
            let [client, server] = ends(version);
            let listener = Listener::new().await;
            let at = listener.server("127.0.0.1");
            for _ in 0..3 {
                let outgoing = client.connect_to(&at, None);
                let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&server));
                let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
                exchange(&mut outgoing, &mut incoming).await;
                assert!(outgoing.verify_status().is_none());
                assert!(incoming.verify_status().is_none());
                assert_eq!(outgoing.peer_certificates().len(), 2);
                let stream = outgoing.into_stream();
                let kind = stream.get_ref().1.handshake_kind();
                assert_eq!(kind, Some(HandshakeKind::Full), "{version}");
            }
        }
    }

    /// rustls cannot represent such a name, so a verifier of rustls does not see it either.
    #[tokio::test(crate = "crate::in_time")]
    async fn a_name_that_rustls_cannot_send_is_no_way_around_it() {
        for version in VERSIONS {
            let [client, server] = ends(version);
            let listener = Listener::new().await;
            let stream = tokio::net::TcpStream::connect(listener.address())
                .await
                .unwrap();
            assert!(client.server_name(".example.com").is_none());
            let outgoing = client.connect_stream(".example.com", stream);
            let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&server));
            let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
            exchange(&mut outgoing, &mut incoming).await;
            assert!(outgoing.verify_status().is_none());
        }
    }
}
