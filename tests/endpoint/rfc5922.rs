//! RFC 5922, sections 7.3 and 7.4: the checks of SIP domains by clients and servers. The tests of sections 7.1 and 7.2
//! are in `src/verify/sip_domain/tests.rs`.

use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, SanType};
use rustls::AlertDescription;
use sip_tls::Endpoint;
use sip_tls::verify::{PeerIdentities, Purpose, VerifyCode};

use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::{builder, observed};
use crate::endpoint::test_pki::{Identity, TestPki, uri};

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const SIP: (&str, &str) = ("tls-target-name-check", "sip");
const HOST: (&str, &str) = ("tls-target-name-check", "host");

/// The result of a client that connects to `domain`, in each version.
#[track_caller]
fn verdict(check: (&str, &str), server: &Identity, domain: &str) -> VerifyCode {
    let [first, second] = VERSIONS.map(|version| {
        let (endpoint, seen) = observed(&[CA, check]);
        let ends = shake(
            &endpoint.client_config(),
            &peer_server(server, &[version]),
            domain,
        );
        let code = seen.status().code();
        assert_eq!(ends.succeeded(), code == VerifyCode::Ok);
        if code == VerifyCode::HostnameMismatch {
            // OpenSSL sends the same alert for a name that does not match.
            assert_eq!(ends.server.alert(), Some(AlertDescription::BadCertificate));
        }
        code
    });
    assert_eq!(first, second);
    first
}

/// A server with these names in its subjectAltName. Its common name is `example.com`.
fn server(names: Vec<SanType>) -> Identity {
    let change = |params: &mut CertificateParams| params.subject_alt_names = names;
    TestPki::get().issued(change)
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

#[test]
fn section_7_3_a_server_with_a_matching_domain_is_authenticated() {
    for names in [
        vec![uri("sip:example.com")],
        vec![uri("sip:example.net"), uri("sip:example.com")],
        vec![dns("example.com")],
        vec![],
    ] {
        let server = server(names);
        assert_eq!(verdict(SIP, &server, "example.com"), VerifyCode::Ok);
    }
}

#[test]
fn section_7_3_a_server_without_any_domain_is_not_authenticated() {
    for names in [
        vec![uri("sip:alice@example.com")],
        vec![uri("https://example.com")],
        vec![SanType::Rfc822Name("alice@example.com".try_into().unwrap())],
        vec![SanType::IpAddress([192, 0, 2, 7].into())],
    ] {
        let server = server(names);
        let found = verdict(SIP, &server, "example.com");
        assert_eq!(found, VerifyCode::HostnameMismatch);
    }
}

#[test]
fn section_7_3_a_server_of_another_domain_is_not_authenticated_and_the_connection_ends() {
    for (names, domain) in [
        (vec![uri("sip:example.net")], "example.com"),
        (
            vec![uri("sip:example.net"), dns("example.com")],
            "example.com",
        ),
        (vec![uri("sip:example.com")], "sip.example.com"),
        (vec![dns("*.example.com")], "sip.example.com"),
    ] {
        let server = server(names);
        assert_eq!(verdict(SIP, &server, domain), VerifyCode::HostnameMismatch);
    }
}

#[test]
fn the_modes_differ_where_openssl_and_the_rfc_do() {
    let sip_domain = &TestPki::get().sip_domain;
    for (check, domain, expected) in [
        (SIP, "example.com", VerifyCode::Ok),
        (SIP, "edge7.provider.net", VerifyCode::HostnameMismatch),
        (HOST, "example.com", VerifyCode::HostnameMismatch),
        (HOST, "edge7.provider.net", VerifyCode::Ok),
    ] {
        assert_eq!(
            verdict(check, sip_domain, domain),
            expected,
            "{check:?} {domain}"
        );
    }
}

#[test]
fn an_address_is_compared_with_addresses_as_by_host() {
    for check in [SIP, HOST] {
        let pki = TestPki::get();
        assert_eq!(verdict(check, &pki.address, "192.0.2.7"), VerifyCode::Ok);
        let by_uri = server(vec![uri("sip:192.0.2.7")]);
        for other in [&by_uri, &pki.cn_address, &pki.address] {
            let address = if other.name == "address" {
                "192.0.2.8"
            } else {
                "192.0.2.7"
            };
            assert_eq!(
                verdict(check, other, address),
                VerifyCode::IpAddressMismatch
            );
        }
    }
}

#[test]
fn the_refusal_names_the_domains_of_the_certificate() {
    let (endpoint, seen) = observed(&[CA, SIP]);
    let server = peer_server(&TestPki::get().sip_domain, &VERSIONS);
    shake(&endpoint.client_config(), &server, "example.net");
    let status = seen.status();
    assert_eq!(
        status.error().unwrap().statement(),
        "hostname mismatch (62) at depth 0: its SIP domain is `sip:example.com` (RFC 5922)"
    );
}

#[test]
fn the_purpose_of_sip_is_good_only_where_names_are_those_of_sip() {
    let pki = TestPki::get();
    assert_eq!(
        verdict(SIP, &pki.sip_purpose, "example.com"),
        VerifyCode::Ok
    );
    for check in [HOST, ("tls-target-name-check", "no")] {
        let found = verdict(check, &pki.sip_purpose, "example.com");
        assert_eq!(found, VerifyCode::InvalidPurpose, "{check:?}");
    }
    // This purpose is accepted in addition to the others, and does not replace them.
    let host = crate::endpoint::test_pki::HOST;
    assert_eq!(verdict(SIP, &pki.server_only, host), VerifyCode::Ok);
    assert_eq!(
        verdict(SIP, &pki.client_only, host),
        VerifyCode::InvalidPurpose
    );
    for (check, expected) in [(SIP, VerifyCode::Ok), (HOST, VerifyCode::InvalidPurpose)] {
        let (server, seen) = observed(&[&MUTUAL[..], &[check]].concat());
        let ends = shake(
            &peer_client(Some(&pki.sip_purpose), &VERSIONS),
            &server.server_config().unwrap(),
            host,
        );
        assert_eq!(seen.status().code(), expected, "a client, {check:?}");
        assert_eq!(ends.succeeded(), expected == VerifyCode::Ok);
    }
}

const MUTUAL: [(&str, &str); 4] = [
    CA,
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("tls-mutual", "1"),
];

/// A server that records the identities of its clients, and accepts clients of these domains.
fn choosy(domains: &'static [&str]) -> (Endpoint, Arc<Mutex<Vec<PeerIdentities>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = seen.clone();
    let endpoint = builder(&MUTUAL).authorise(move |peer| {
        notes.lock().unwrap().push(peer.clone());
        domains.iter().any(|domain| peer.has_sip_domain(domain))
    });
    (endpoint.build().unwrap(), seen)
}

#[test]
fn section_7_4_a_client_without_a_certificate_is_not_authenticated() {
    let (server, seen) = choosy(&["example.com"]);
    for version in VERSIONS {
        let config = server.server_config().unwrap();
        let ends = shake(&peer_client(None, &[version]), &config, "sip.example.com");
        assert!(!ends.succeeded());
    }
    assert!(
        seen.lock().unwrap().is_empty(),
        "there is nobody to ask about"
    );
    // Without a request for a certificate, no client could be authenticated. Such a server is refused.
    let refused = builder(&MUTUAL[..3]).authorise(|_| true).build().unwrap();
    let error = refused.server_config().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`tls-mutual` is not `1`: without it clients send no certificate, and `EndpointBuilder::authorise` needs one"
    );
}

#[test]
fn section_7_4_the_domains_of_a_client_are_those_of_section_7_1() {
    let (server, seen) = choosy(&["example.com"]);
    let client = peer_client(Some(&TestPki::get().sip_domain), &VERSIONS);
    let ends = shake(&client, &server.server_config().unwrap(), "sip.example.com");
    assert!(ends.succeeded());
    let seen = seen.lock().unwrap();
    let [peer] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(peer.purpose(), Purpose::Client);
    assert_eq!(peer.sip_domains(), ["example.com"]);
    assert_eq!(peer.dns_names(), ["edge7.provider.net"]);
    assert_eq!(peer.common_names(), ["sip-domain"]);
}

#[test]
fn section_7_4_a_list_of_domains_decides_who_may_connect() {
    for version in VERSIONS {
        for (listed, is_taken) in [(&["example.com"], true), (&["example.net"], false)] {
            let (server, _) = choosy(listed);
            let client = peer_client(Some(&TestPki::get().sip_domain), &[version]);
            let ends = shake(&client, &server.server_config().unwrap(), "sip.example.com");
            assert_eq!(ends.succeeded(), is_taken, "{version:?}");
            let alert = (!is_taken).then_some(AlertDescription::AccessDenied);
            assert_eq!(ends.client.alert(), alert, "{version:?}");
        }
    }
}

#[test]
fn a_client_that_is_refused_anyway_is_not_asked_about() {
    let (server, seen) = choosy(&["sip.example.com"]);
    let client = peer_client(Some(&TestPki::get().expired), &VERSIONS);
    let ends = shake(&client, &server.server_config().unwrap(), "sip.example.com");
    assert!(!ends.succeeded());
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn servers_are_asked_about_too() {
    for (domain, is_taken) in [("sip.example.com", true), ("example.com", false)] {
        let endpoint = builder(&[CA]).authorise(move |peer| {
            assert_eq!(peer.purpose(), Purpose::Server);
            peer.has_sip_domain(domain)
        });
        let endpoint = endpoint.build().unwrap();
        let server = peer_server(&TestPki::get().good, &VERSIONS);
        let ends = shake(&endpoint.client_config(), &server, "sip.example.com");
        assert_eq!(ends.succeeded(), is_taken);
        let alert = (!is_taken).then_some(AlertDescription::AccessDenied);
        assert_eq!(ends.server.alert(), alert);
    }
}

/// The next hop may be a name from DNS, which can be forged.
#[cfg(feature = "tokio")]
#[tokio::test(crate = "crate::in_time")]
async fn section_7_3_the_domain_is_compared_and_not_the_next_hop() {
    let own = [
        CA,
        ("certificate", "sip-domain.pem"),
        ("certificate-key", "sip-domain.key"),
    ];
    let (client, server) = (builder(&[CA, SIP]), builder(&own));
    let (client, server) = (client.build().unwrap(), server.build().unwrap());
    let listener = crate::endpoint::connect::Listener::new().await;
    for (domain, expected) in [
        ("example.com", VerifyCode::Ok),
        ("EXAMPLE.com.", VerifyCode::Ok),
        ("edge7.provider.net", VerifyCode::HostnameMismatch),
    ] {
        let connecting = client.connect_domain(domain, listener.address());
        let (outgoing, _incoming) = tokio::join!(connecting, listener.accept(&server));
        let code = match &outgoing {
            Ok(connection) => connection.verify_status().unwrap().code(),
            Err(error) => error.verify_status().unwrap().code(),
        };
        assert_eq!(code, expected, "{domain}");
    }
}
