//! Paths, dates, purposes and key sizes.

use rustls::AlertDescription as Alert;
use sip_tls::verify::VerifyCode;

use super::{Case, TestPki, refused};
use crate::endpoint::test_pki::HOST;

#[test]
fn a_chain_is_good_if_it_leads_to_a_self_signed_certificate_in_trusted_ca() {
    let pki = TestPki::get();
    let cases = [
        Case {
            what: "complete",
            peer: &pki.good,
            settings: &[],
            refusal: None,
        },
        Case {
            what: "in disorder, with duplicates and strangers",
            peer: &pki.jumbled,
            settings: &[],
            refusal: None,
        },
        Case {
            what: "with an RSA key",
            peer: &pki.rsa,
            settings: &[],
            refusal: None,
        },
        Case {
            what: "intermediate missing",
            peer: &pki.lone,
            settings: &[],
            refusal: refused(
                VerifyCode::UnableToGetIssuerCertLocally,
                0,
                Alert::UnknownCA,
            ),
        },
        Case {
            what: "intermediate only in trusted-ca",
            peer: &pki.lone,
            settings: &[("trusted-ca", "root-and-intermediate.pem")],
            refusal: None,
        },
        Case {
            what: "intermediate only in a second file of trusted-ca",
            peer: &pki.lone,
            settings: &[("trusted-ca", "root.pem,intermediate.pem")],
            refusal: None,
        },
        Case {
            what: "nothing but the intermediate in trusted-ca",
            peer: &pki.good,
            settings: &[("trusted-ca", "intermediate.pem")],
            refusal: refused(VerifyCode::UnableToGetIssuerCert, 1, Alert::UnknownCA),
        },
        Case {
            what: "nothing but the end entity in trusted-ca",
            peer: &pki.lone,
            settings: &[("trusted-ca", "lone.pem")],
            refusal: refused(
                VerifyCode::UnableToGetIssuerCertLocally,
                0,
                Alert::UnknownCA,
            ),
        },
        Case {
            what: "of a stranger that sends its own root",
            peer: &pki.unknown,
            settings: &[],
            refusal: refused(VerifyCode::SelfSignedCertInChain, 1, Alert::UnknownCA),
        },
        Case {
            what: "of a stranger who is trusted beside the root",
            peer: &pki.unknown,
            settings: &[("trusted-ca", "root.pem,stranger.pem")],
            refusal: None,
        },
    ];
    cases.iter().for_each(Case::run);
}

#[test]
fn a_self_signed_certificate_is_good_if_it_stands_in_trusted_ca() {
    let pki = TestPki::get();
    let cases = [
        Case {
            what: "CA:TRUE, trusted",
            peer: &pki.self_signed,
            settings: &[("trusted-ca", "self-signed.pem")],
            refusal: None,
        },
        Case {
            what: "CA:TRUE, not trusted",
            peer: &pki.self_signed,
            settings: &[],
            refusal: refused(VerifyCode::DepthZeroSelfSignedCert, 0, Alert::UnknownCA),
        },
        Case {
            what: "X.509 version 1, trusted",
            peer: &pki.v1,
            settings: &[("trusted-ca", "v1.pem")],
            refusal: None,
        },
        Case {
            what: "X.509 version 1, not trusted",
            peer: &pki.v1,
            settings: &[],
            refusal: refused(VerifyCode::DepthZeroSelfSignedCert, 0, Alert::UnknownCA),
        },
    ];
    cases.iter().for_each(Case::run);
}

#[test]
fn dates_are_checked_up_to_the_trust_anchor_by_the_clock_of_the_configuration() {
    let pki = TestPki::get();
    let cases = [
        Case {
            what: "expired",
            peer: &pki.expired,
            settings: &[],
            refusal: refused(VerifyCode::CertHasExpired, 0, Alert::CertificateExpired),
        },
        Case {
            what: "not yet valid",
            peer: &pki.not_yet_valid,
            settings: &[],
            refusal: refused(VerifyCode::CertNotYetValid, 0, Alert::BadCertificate),
        },
        Case {
            what: "valid in this one year",
            peer: &pki.good_in_2030,
            settings: &[],
            refusal: None,
        },
        Case {
            what: "under a trust anchor that has expired",
            peer: &pki.under_expired_root,
            settings: &[("trusted-ca", "expired-root.pem")],
            refusal: refused(VerifyCode::CertHasExpired, 1, Alert::CertificateExpired),
        },
    ];
    cases.iter().for_each(Case::run);
}

#[test]
fn a_certificate_for_another_purpose_is_refused_as_unsupported() {
    let pki = TestPki::get();
    let wrong = refused(VerifyCode::InvalidPurpose, 0, Alert::UnsupportedCertificate);
    let case = |what, peer, refusal| Case {
        what,
        peer,
        settings: &[],
        refusal,
    };
    case("for servers only", &pki.server_only, None).run_as_server(HOST);
    case("for servers only", &pki.server_only, wrong).run_as_client();
    case("for clients only", &pki.client_only, wrong).run_as_server(HOST);
    case("for clients only", &pki.client_only, None).run_as_client();
}

/// libssl looks at the key usage of servers only, see `status`.
#[test]
fn a_client_signs_the_handshake_whatever_its_key_usage() {
    let case = Case {
        what: "for key agreement",
        peer: &TestPki::get().key_agreement,
        settings: &[],
        refusal: None,
    };
    case.run_as_client();
}

#[test]
fn keys_must_be_as_strong_as_the_security_level_of_the_cipher_list_asks() {
    let pki = TestPki::get();
    let too_small = refused(VerifyCode::EeKeyTooSmall, 0, Alert::BadCertificate);
    let cases = [
        Case {
            what: "RSA 2048 at level 2",
            peer: &pki.rsa,
            settings: &[("cipher-list", "DEFAULT:@SECLEVEL=2")],
            refusal: None,
        },
        Case {
            what: "RSA 2048 at level 3",
            peer: &pki.rsa,
            settings: &[("cipher-list", "DEFAULT:@SECLEVEL=3")],
            refusal: too_small,
        },
        Case {
            what: "P-256 at level 3",
            peer: &pki.good,
            settings: &[("cipher-list", "DEFAULT:@SECLEVEL=3")],
            refusal: None,
        },
    ];
    cases.iter().for_each(Case::run);
}
