//! Revocation lists.

use rustls::AlertDescription as Alert;
use sip_tls::verify::VerifyCode;

use super::{Case, TestPki, refused};
use crate::endpoint::test_pki::HOST;

#[test]
fn with_tls_crl_a_certificate_must_be_cleared_by_a_list_of_its_issuer() {
    let pki = TestPki::get();
    let revoked = refused(VerifyCode::CertRevoked, 0, Alert::CertificateRevoked);
    let cases = [
        ("no list at all", &pki.revoked, None, None),
        ("not on the list", &pki.good, Some("current.crl"), None),
        ("on the list", &pki.revoked, Some("current.crl"), revoked),
        (
            "on the newer of two",
            &pki.revoked,
            Some("older-then-current.crl"),
            revoked,
        ),
        (
            "on the list in the second file",
            &pki.revoked,
            Some("older.crl,current.crl"),
            revoked,
        ),
        ("among lists of others", &pki.good, Some("all.crl"), None),
        (
            "list expired",
            &pki.good,
            Some("expired.crl"),
            refused(VerifyCode::CrlHasExpired, 0, Alert::CertificateExpired),
        ),
        (
            "list not yet valid",
            &pki.good,
            Some("not-yet-valid.crl"),
            refused(VerifyCode::CrlNotYetValid, 0, Alert::BadCertificate),
        ),
        (
            "list badly signed",
            &pki.good,
            Some("forged.crl"),
            refused(VerifyCode::CrlSignatureFailure, 0, Alert::DecryptError),
        ),
        (
            "list of another issuer",
            &pki.good,
            Some("stranger.crl"),
            refused(VerifyCode::UnableToGetCrl, 0, Alert::UnknownCA),
        ),
        (
            "list of the root alone",
            &pki.good,
            Some("root.crl"),
            refused(VerifyCode::UnableToGetCrl, 0, Alert::UnknownCA),
        ),
        (
            "intermediate on its issuer's list",
            &pki.good,
            Some("intermediate-revoked.crl"),
            refused(VerifyCode::CertRevoked, 1, Alert::CertificateRevoked),
        ),
    ];
    for (what, peer, list, refusal) in cases {
        let settings: Vec<_> = list.map(|list| ("tls-crl", list)).into_iter().collect();
        let case = Case {
            what,
            peer,
            settings: &settings,
            refusal,
        };
        case.run();
    }
}

#[test]
fn a_list_among_the_trusted_cas_counts_once_revocation_is_checked() {
    let cases = [
        Case {
            what: "no tls-crl",
            peer: &TestPki::get().revoked,
            settings: &[("trusted-ca", "root-and-current-crl.pem")],
            refusal: None,
        },
        Case {
            what: "an older list in tls-crl",
            peer: &TestPki::get().revoked,
            settings: &[
                ("trusted-ca", "root-and-current-crl.pem"),
                ("tls-crl", "older.crl"),
            ],
            refusal: refused(VerifyCode::CertRevoked, 0, Alert::CertificateRevoked),
        },
    ];
    cases.iter().for_each(Case::run);
}

#[test]
fn of_several_reasons_the_one_counts_that_openssl_finds_first() {
    let peer = &TestPki::get().rotten;
    let mismatch = Case {
        what: "name, list and date",
        peer,
        settings: &[
            ("tls-crl", "current.crl"),
            ("tls-target-name-check", "host"),
        ],
        refusal: refused(VerifyCode::HostnameMismatch, 0, Alert::BadCertificate),
    };
    mismatch.run_as_server(HOST);
    let revoked = Case {
        what: "list and date",
        peer,
        settings: &[("tls-crl", "current.crl")],
        refusal: refused(VerifyCode::CertRevoked, 0, Alert::CertificateRevoked),
    };
    revoked.run();
    let expired = Case {
        what: "date",
        peer,
        settings: &[],
        refusal: refused(VerifyCode::CertHasExpired, 0, Alert::CertificateExpired),
    };
    expired.run();
}
