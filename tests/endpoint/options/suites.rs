//! `cipher-list` and `ciphersuites`.

use rustls::pki_types::ServerName;
use rustls::version::TLS13;
use rustls::{AlertDescription, CipherSuite, ProtocolVersion};
use sip_tls::Endpoint;
use sip_tls::report::Outcome;

use super::{Attempt, CA, CERTIFICATE, KEY, assert_applied, assert_optional, assert_refused};
use crate::endpoint::hello::Hello;
use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::{builder, endpoint};
use crate::endpoint::test_pki::{HOST, TestPki};

const TWO: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";

fn suites_offered(settings: &[(&str, &str)]) -> Vec<u16> {
    let name = ServerName::try_from(HOST).unwrap();
    let suites = Hello::of(&endpoint(settings).client_config(), name).suites;
    let signalling = 0x00ff;
    suites
        .into_iter()
        .filter(|suite| *suite != signalling)
        .collect()
}

#[test]
fn peers_are_offered_the_suites_of_both_lists_in_their_order() {
    let settings = [CA, ("cipher-list", TWO)];
    assert_applied(&settings, "cipher-list");
    assert_eq!(
        suites_offered(&settings),
        [0x1302, 0x1303, 0x1301, 0xc02b, 0xc02c]
    );
    let settings = [
        CA,
        ("cipher-list", TWO),
        (
            "ciphersuites",
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
        ),
    ];
    assert_applied(&settings, "ciphersuites");
    assert_eq!(suites_offered(&settings), [0x1301, 0x1302, 0xc02b, 0xc02c]);
}

#[test]
fn without_lists_the_offer_is_that_of_openssl_without_what_rustls_has_not() {
    assert_optional(&[CA], "cipher-list");
    assert_optional(&[CA], "ciphersuites");
    let offered = suites_offered(&[CA]);
    assert_eq!(
        offered[..6],
        [0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xcca9]
    );
    assert_eq!(
        suites_offered(&[CA, ("cipher-list", ""), ("ciphersuites", "")]),
        offered
    );
    assert_eq!(suites_offered(&[CA, ("cipher-list", "DEFAULT")]), offered);
}

/// With a handed-out configuration, a caller cannot be made to try again without DHE.
#[test]
fn dhe_is_handed_out_only_where_the_list_has_no_ecdhe() {
    let is_dhe = |suite: &u16| [0x009e, 0x009f, 0xccaa].contains(suite);
    let ecdhe_ecdsa = "ECDHE-ECDSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256";
    for (list, handed_out) in [
        ("", false),
        ("DEFAULT:!ECDSA", false),
        (
            "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
            false,
        ),
        (ecdhe_ecdsa, false),
        ("kDHE", true),
        ("DEFAULT:!ECDHE", true),
    ] {
        let settings = [CA, ("cipher-list", list)];
        let offers = |endpoint: &Endpoint| {
            let name = ServerName::try_from(HOST).unwrap();
            let hello = Hello::of(&endpoint.client_config(), name);
            // Our private numbers for the groups of RFC 3526 are never sent.
            let is_private = |group: &u16| (0x01fc..=0x01ff).contains(group);
            assert!(!hello.groups.iter().any(is_private), "{list}");
            hello.suites.iter().any(is_dhe)
        };
        let plain = endpoint(&settings);
        assert_eq!(offers(&plain), handed_out, "{list}");
        let report = plain.report();
        let report = report.outgoing().unwrap();
        let listed = report.tls12.as_ref().unwrap().names.iter();
        assert!(
            listed.clone().any(|name| name.starts_with("DHE-")),
            "{list}"
        );
        let dhe: Vec<_> = listed
            .filter(|name| name.starts_with("DHE-"))
            .copied()
            .collect();
        let expected = if handed_out { Vec::new() } else { dhe };
        assert_eq!(report.not_handed_out, expected, "{list}");
        let told = builder(&settings).offer_dhe(true).build().unwrap();
        assert!(offers(&told), "{list}");
        assert!(told.report().outgoing().unwrap().not_handed_out.is_empty());
    }
}

#[cfg(feature = "cbc")]
#[test]
fn cbc_suites_are_offered_only_where_they_are_named_one_by_one_or_danger_is_asked_for() {
    const CBC: [u16; 2] = [0xc027, 0xc013];
    let named = "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
    for (list, expected) in [
        ("", &[][..]),
        ("HIGH", &[]),
        ("ALL", &[]),
        ("DEFAULT", &[]),
        ("ECDHE+AES", &[]),
        ("ALL:+ECDHE-RSA-AES128-SHA256", &[]),
        (named, &[0xc027]),
        ("ALL:ECDHE-RSA-AES128-SHA", &[0xc013]),
        (
            "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES128-SHA256",
            &[0xc013, 0xc027],
        ),
    ] {
        let settings = [CA, ("cipher-list", list)];
        let name = ServerName::try_from(HOST).unwrap();
        let offered = |endpoint: &Endpoint| {
            let hello = Hello::of(&endpoint.client_config(), name.clone());
            let mut suites = hello.suites;
            suites.retain(|suite| CBC.contains(suite));
            suites
        };
        let plain = endpoint(&settings);
        assert_eq!(offered(&plain), expected, "{list}");
        let report = plain.report();
        let tls12 = report.outgoing().unwrap().tls12.as_ref().unwrap();
        let reason = "CBC mode, needs the feature `cbc` and the suite's own name in the list";
        let is_explained = tls12.left_out.iter().any(|(_, why)| why == reason);
        assert_eq!(
            is_explained,
            !list.contains("AES128-SHA:E") && list != named,
            "{list}"
        );
        let dangerous = builder(&settings).danger().offer_cbc().build().unwrap();
        assert!(!offered(&dangerous).is_empty(), "{list}");
    }
}

#[test]
fn cipher_list_alone_decides_whether_tls_12_is_possible_with_a_peer() {
    let server_settings = [
        CA,
        CERTIFICATE,
        KEY,
        ("cipher-list", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("sec-protocol", "TLSv12"),
    ];
    let server = endpoint(&server_settings).server_config().unwrap();
    for (list, is_possible) in [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", true),
        ("AESGCM", true),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", false),
        ("AESGCM:!AES128", false),
    ] {
        let client = endpoint(&[CA, ("cipher-list", list)]).client_config();
        let ends = shake(&client, &server, HOST);
        assert_eq!(ends.succeeded(), is_possible, "{list}");
        if !is_possible {
            assert_eq!(
                ends.client.alert(),
                Some(AlertDescription::HandshakeFailure),
                "{list}"
            );
        }
    }
}

#[test]
fn the_clients_order_counts_as_with_openssl() {
    let server = endpoint(&[CA, CERTIFICATE, KEY]).server_config().unwrap();
    for (list, first) in [
        (TWO, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        (
            "ECDHE-ECDSA-CHACHA20-POLY1305:AESGCM",
            CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ),
    ] {
        let settings = [CA, ("cipher-list", list), ("sec-protocol", "TLSv12")];
        let ends = shake(&endpoint(&settings).client_config(), &server, HOST);
        let chosen = ends.client.connection.negotiated_cipher_suite().unwrap();
        assert_eq!(chosen.suite(), first);
    }
    for (list, first) in [
        (
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
            CipherSuite::TLS13_AES_128_GCM_SHA256,
        ),
        (
            "TLS_CHACHA20_POLY1305_SHA256",
            CipherSuite::TLS13_CHACHA20_POLY1305_SHA256,
        ),
        (
            "TLS_AES_128_CCM_SHA256",
            CipherSuite::TLS13_AES_128_CCM_SHA256,
        ),
    ] {
        let settings = [CA, ("ciphersuites", list), ("sec-protocol", "TLSv13")];
        let server_settings = [CA, CERTIFICATE, KEY, ("ciphersuites", ALL_13)];
        let server = endpoint(&server_settings).server_config().unwrap();
        let ends = shake(&endpoint(&settings).client_config(), &server, HOST);
        let chosen = ends.client.connection.negotiated_cipher_suite().unwrap();
        assert_eq!(chosen.suite(), first);
    }
}

const ALL_13: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:\
                      TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256";

#[test]
fn ciphersuites_alone_decides_whether_tls_13_is_possible_with_a_peer() {
    let server = peer_server(&TestPki::get().good, &[&TLS13]);
    for (list, is_possible) in [
        ("TLS_AES_128_GCM_SHA256", true),
        ("TLS_AES_128_CCM_SHA256", false),
    ] {
        let client = endpoint(&[CA, ("ciphersuites", list)]).client_config();
        let ends = shake(&client, &server, HOST);
        assert_eq!(ends.succeeded(), is_possible, "{list}");
        if !is_possible {
            assert_eq!(
                ends.client.alert(),
                Some(AlertDescription::HandshakeFailure),
                "{list}"
            );
        }
    }
}

#[test]
fn cipher_list_leaves_tls_13_alone() {
    let client = endpoint(&[CA, ("cipher-list", "ECDHE-ECDSA-AES128-GCM-SHA256")]).client_config();
    let server = peer_server(&TestPki::get().good, &[&TLS13]);
    let ends = shake(&client, &server, HOST);
    let chosen = ends.client.connection.negotiated_cipher_suite().unwrap();
    assert_eq!(chosen.suite(), CipherSuite::TLS13_AES_256_GCM_SHA384);
}

#[test]
fn a_cipher_list_without_a_usable_suite_narrows_to_tls_13_and_says_so() {
    let settings = [CA, CERTIFICATE, KEY, ("cipher-list", "kRSA")];
    let attempt = Attempt::of(&settings);
    assert_eq!(attempt.error, None);
    let outcome = attempt.outcome("cipher-list");
    assert!(
        matches!(&outcome, Outcome::Narrowed(how) if how.contains("TLS 1.2 is off")),
        "{outcome}"
    );
    let warnings = attempt.report.warnings();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("TLS 1.2 is off")),
        "{warnings:?}"
    );
    let endpoint = endpoint(&settings);
    for version in VERSIONS {
        let is_13 = version.version == ProtocolVersion::TLSv1_3;
        let server = peer_server(&TestPki::get().good, &[version]);
        assert_eq!(
            shake(&endpoint.client_config(), &server, HOST).succeeded(),
            is_13
        );
        let server = endpoint.server_config().unwrap();
        assert_eq!(
            shake(&peer_client(None, &[version]), &server, HOST).succeeded(),
            is_13
        );
    }
}

#[test]
fn a_cipher_list_without_a_usable_suite_is_refused_where_tls_12_is_a_must() {
    let settings = [CA, ("cipher-list", "kRSA"), ("sec-protocol", "TLSv12")];
    assert_refused(&settings, "cipher-list", "static RSA key exchange");
}

/// OpenSSL's client offers DHE. OpenSSL's server has it only with parameters, which no option sets.
#[test]
fn a_cipher_list_of_dhe_alone_still_makes_a_client_and_tells_of_the_server() {
    let list = ("cipher-list", "DHE-RSA-AES128-GCM-SHA256");
    let narrowed = |settings: &[(&str, &str)]| {
        let attempt = Attempt::of(settings);
        assert_eq!(attempt.error, None);
        attempt.outcome("cipher-list")
    };
    assert_eq!(narrowed(&[CA, list]), Outcome::Applied);
    let outcome = narrowed(&[CA, CERTIFICATE, KEY, list]);
    assert!(
        matches!(&outcome, Outcome::Narrowed(how) if how.contains("incoming")),
        "{outcome}"
    );
    // A client with a certificate does not need the server side.
    let strict = [CA, CERTIFICATE, KEY, list, ("sec-protocol", "TLSv12")];
    let endpoint = endpoint(&strict);
    let error = endpoint.server_config().unwrap_err();
    assert_eq!(error.option(), Some("cipher-list"));
}

#[test]
fn unreadable_lists_are_refused_and_unknown_words_pointed_out() {
    assert_refused(
        &[CA, ("cipher-list", "NONSENSE")],
        "cipher-list",
        "no cipher match",
    );
    assert_refused(
        &[CA, ("cipher-list", "ALL:!")],
        "cipher-list",
        "invalid command",
    );
    assert_refused(
        &[CA, ("ciphersuites", "AES128-SHA")],
        "ciphersuites",
        "AES128-SHA",
    );
    let attempt = Attempt::of(&[CA, ("cipher-list", "AESGCM:NONSENSE")]);
    assert_eq!(attempt.error, None);
    let warnings = attempt.report.warnings();
    assert!(
        warnings.iter().any(|warning| warning.contains("NONSENSE")),
        "{warnings:?}"
    );
}

#[test]
fn a_low_security_level_is_narrowed_to_the_floor() {
    let attempt = Attempt::of(&[CA, ("cipher-list", "DEFAULT@SECLEVEL=0")]);
    let outcome = attempt.outcome("cipher-list");
    assert!(
        matches!(&outcome, Outcome::Narrowed(how) if how.contains("SECLEVEL=0")),
        "{outcome}"
    );
    assert_applied(&[CA, ("cipher-list", "DEFAULT@SECLEVEL=3")], "cipher-list");
}

#[test]
fn a_security_level_takes_suites_and_groups_that_are_too_weak_out_of_the_offer() {
    for list in ["ALL:@SECLEVEL=3", "ALL:@SECLEVEL=4", "ALL:@SECLEVEL=5"] {
        let offered = suites_offered(&[CA, ("cipher-list", list)]);
        assert!(offered.contains(&0xc02c), "{list}: {offered:x?}");
    }
    let offered = suites_offered(&[CA, ("cipher-list", "ALL:@SECLEVEL=4")]);
    assert!(!offered.contains(&0xc02b), "AES-128 has 128 bits");
}
