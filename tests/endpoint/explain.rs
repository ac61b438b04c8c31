//! Verifications explained step by step.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use sip_tls::verify::{CheckOutcome, Explanation, PathCheck, Purpose, ReferenceName};

use crate::endpoint::settings::endpoint;
use crate::endpoint::test_pki::{HOST, Identity, NOW, TestPki};

const SETTINGS: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("tls-crl", "current.crl"),
    ("tls-target-name-check", "host"),
];

fn explain(settings: &[(&str, &str)], peer: &Identity) -> Explanation {
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW));
    let verifier = endpoint(settings).verifier();
    let reference = ReferenceName::new(HOST);
    verifier.explain(&peer.chain, Purpose::Server, Some(&reference), now)
}

/// All checks as text, one line each.
fn told(explanation: &Explanation) -> String {
    let mut text = String::new();
    for step in explanation.steps() {
        text += &format!("{} {}\n", step.depth(), step.subject());
        for check in step.checks() {
            text += &format!("  {}: {}\n", check.outcome(), check.text());
        }
    }
    text
}

#[test]
fn every_step_of_a_good_path_is_told() {
    let text = told(&explain(&SETTINGS, &TestPki::get().good));
    for part in [
        "0 CN = good\n  ok: the peer sent it; serial ",
        "; its issuer `CN = Test Intermediate` was found by name and key identifier\n",
        "  ok: its key EC P-256 has 128 bits of security, and security level 2 needs 112\n",
        "  ok: `sip.example.com` is expected, and `sip.example.com` matches it\n",
        "  ok: its issuer has one list; consulted was the list number 0x01 of `CN = Test Intermediate` in block 1 (line 1) of ",
        "current.crl, issued 2021-01-01 00:00:00 UTC, in force until 2090-01-01 00:00:00 UTC, 2 entries\n",
        "  ok: signed with ecdsa-with-SHA256 and the key of `CN = Test Intermediate`\n",
        "  ok: valid from 2020-01-01 00:00:00 UTC to 2090-01-01 00:00:00 UTC\n",
        "1 CN = Test Intermediate\n  ok: the peer sent it; serial 02; its issuer `CN = Test Root`",
        "  ok: CA:TRUE; key usage Key Cert Sign, CRL Sign; no extended key usage, so all purposes are allowed\n",
        "  not checked: no list needs to cover it, and none revokes it\n",
        "2 CN = Test Root\n  ok: it comes from `trusted-ca`: block 1 (line 1) of ",
        "it is self-signed, so the path ends here\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(!text.contains("failed"), "{text}");
}

#[test]
fn what_failed_is_told_with_what_would_have_been_needed() {
    let pki = TestPki::get();
    for (peer, part) in [
        (
            &pki.revoked,
            "  failed: certificate revoked (23); its issuer has one list; consulted was the list number 0x01 of `CN = Test Intermediate` in ",
        ),
        (
            &pki.revoked,
            ", 2 entries; a certificate that is not revoked is needed\n",
        ),
        (
            &pki.expired,
            "  failed: certificate has expired (10); valid from 2020-01-01 00:00:00 UTC to 2025-01-01 00:00:00 UTC; it must be valid at 2030-01-01 00:00:00 UTC",
        ),
        (
            &pki.cn_overruled,
            "  failed: hostname mismatch (62); `sip.example.com` is expected, and it has DNS:",
        ),
        (
            &pki.lone,
            "  failed: unable to get local issuer certificate (20); the peer sent it; ",
        ),
        (
            &pki.client_only,
            "  failed: unsuitable certificate purpose (26); ",
        ),
        (
            &pki.client_only,
            "extended key usage clientAuth; it must be usable for a TLS server\n",
        ),
        (
            &pki.client_only,
            "  not checked: the signature (ecdsa-with-SHA256) was not verified, because other checks failed before\n",
        ),
    ] {
        let text = told(&explain(&SETTINGS, peer));
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn a_certificate_without_a_good_list_is_told_what_is_needed() {
    let needed = "; a current list that is signed with the key of the issuer must cover it\n";
    for (lists, parts) in [
        (
            "root.crl",
            [
                "  failed: unable to get certificate CRL (3); there is no list of its issuer",
                needed,
            ],
        ),
        (
            "expired.crl",
            [
                "  failed: CRL has expired (12); its issuer has one list; consulted was the list ",
                needed,
            ],
        ),
    ] {
        let settings = [("trusted-ca", "root.pem"), ("tls-crl", lists)];
        let text = told(&explain(&settings, &TestPki::get().good));
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}

#[test]
fn of_two_lists_the_one_that_was_consulted_is_told() {
    let settings = [
        ("trusted-ca", "root.pem"),
        ("tls-crl", "older-then-current.crl"),
    ];
    let text = told(&explain(&settings, &TestPki::get().good));
    for part in [
        "  ok: its issuer has 2 lists; consulted was the list ",
        ", issued 2021-01-01 00:00:00 UTC, in force until 2090-01-01 00:00:00 UTC, 2 entries\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn the_list_that_revokes_a_ca_is_told() {
    let settings = [
        ("trusted-ca", "root.pem"),
        ("tls-crl", "intermediate-revoked.crl"),
    ];
    let text = told(&explain(&settings, &TestPki::get().good));
    let part = "  failed: certificate revoked (23); its issuer has one list; consulted was the list number 0x01 of `CN = Test Root` in ";
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

#[cfg(feature = "crl-fetch")]
#[test]
fn lists_that_are_still_to_be_fetched_are_no_reason_to_say_that_revocation_is_not_checked() {
    let settings = [("trusted-ca", "stranger.pem"), ("tls-crl", "fetch")];
    let text = told(&explain(&settings, &TestPki::get().good));
    let part = "  not checked: no list was consulted, because the path is not complete\n";
    assert!(text.contains(part), "{part:?} is not in\n{text}");
    assert!(!text.contains("revocation is not checked"), "{text}");
}

#[test]
fn an_explanation_says_what_the_verification_found_and_nothing_else() {
    let settings: [&[(&str, &str)]; 3] = [
        &SETTINGS,
        &[("trusted-ca", "root.pem")],
        &[("trusted-ca", "stranger.pem"), ("tls-crl", "expired.crl")],
    ];
    for settings in settings {
        for peer in TestPki::get().identities() {
            let explanation = explain(settings, peer);
            let verifier = endpoint(settings).verifier();
            let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW));
            let reference = ReferenceName::new(HOST);
            let status = verifier.verify(&peer.chain, Purpose::Server, Some(&reference), now);
            assert_eq!(explanation.status().code(), status.code());
            let is_found = |check: &PathCheck| {
                matches!(
                    check.outcome(),
                    CheckOutcome::Failed | CheckOutcome::Tolerated
                )
            };
            for step in explanation.steps() {
                let failed: Vec<_> = step.checks().iter().filter(|c| is_found(c)).collect();
                let findings = status.findings().iter();
                let found: Vec<_> = findings.filter(|f| f.depth() == step.depth()).collect();
                assert_eq!(
                    failed.is_empty(),
                    found.is_empty(),
                    "{}",
                    told(&explanation)
                );
                for finding in found {
                    let words = format!("{} ({})", finding.code(), finding.code().number());
                    let is_told = failed.iter().any(|check| check.text().starts_with(&words));
                    assert!(is_told, "{words}:\n{}", told(&explanation));
                }
            }
        }
    }
}
