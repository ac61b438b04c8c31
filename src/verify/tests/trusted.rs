//! What a store of trusted certificates holds.

use rustls::pki_types::CertificateDer;

use super::case::store;
use crate::options::Source;
use crate::pki::{Trust, TrustedCertificate, roots};
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;
use crate::verify::trust_store::{explicit_trust, is_anchor, trust};

fn trusted(spec: &CertificateSpec) -> TrustedCertificate {
    TrustedCertificate::from_der(spec.der().into()).unwrap()
}

/// A CA that expires on this day, at midnight.
fn until(seed: u8, date: &str) -> CertificateSpec {
    CertificateSpec {
        validity: seq(&[utc("200101000000Z"), utc(&format!("{date}000000Z"))]),
        ..CertificateSpec::ca(cn(&format!("CA {seed}")), seed)
    }
}

#[test]
fn a_certificate_is_kept_once_and_two_of_one_name_are_both_kept() {
    let namesake = CertificateSpec::ca(root_name(), 2);
    let specs = [
        CertificateSpec::root(),
        namesake.clone(),
        CertificateSpec::root(),
        until(3, "300101"),
        namesake,
    ];
    let store = store(&specs);
    let kept: Vec<_> = store.iter().map(|kept| kept.der().clone()).collect();
    assert_eq!(
        kept,
        [0, 1, 3].map(|i: usize| CertificateDer::from(specs[i].der()))
    );
    let root = specs[0].certificate();
    let named: Vec<_> = store
        .named(root.subject())
        .map(|found| found.der())
        .collect();
    assert_eq!(named, [&kept[0], &kept[1]]);
    assert_eq!(store.certificates().count(), 3);
    assert_eq!(store.subjects().len(), 3);
    assert_eq!(store.subjects()[0].as_ref(), root_name());
}

#[test]
fn certificates_expire_one_after_the_other_at_their_last_second() {
    // 2025-06-15, 2026-01-01 and 2030-01-01.
    let [first, second, third] = [1_749_945_600, 1_767_225_600, 1_893_456_000];
    let specs = [until(1, "300101"), until(2, "250615"), until(3, "260101")];
    let store = store(&specs);
    for (number, spec, seconds) in [(0, 1, first), (1, 2, second), (2, 0, third)] {
        let (found, when) = store.expiring(number).unwrap();
        assert_eq!(found.der().as_ref(), specs[spec].der());
        assert_eq!(when, seconds);
        assert_eq!(store.expired(seconds - 1), number);
        assert_eq!(store.expired(seconds), number + 1);
    }
    assert!(store.expiring(3).is_none());
}

#[test]
fn a_certificate_ends_paths_if_it_is_self_signed() {
    assert!(is_anchor(&trusted(&CertificateSpec::root())));
    assert!(!is_anchor(&trusted(&CertificateSpec::intermediate())));
}

#[test]
fn trust_settings_decide_for_one_purpose_whether_a_certificate_ends_paths() {
    // Made by `openssl x509 -addtrust clientAuth -addreject serverAuth`.
    let pem = include_bytes!("../../../tests/testdata/pki/trusted.pem");
    let source = Source::bytes("trusted.pem", pem.as_slice());
    let roots = roots::load(source).unwrap();
    let certificate = &roots.certificates()[0];
    for (purpose, expected) in [
        (Purpose::Client, Trust::Trusted),
        (Purpose::Server, Trust::Rejected),
    ] {
        assert_eq!(explicit_trust(certificate, purpose), expected);
        assert_eq!(trust(certificate, purpose), expected);
    }
    assert!(is_anchor(certificate));
    let root = trusted(&CertificateSpec::root());
    for purpose in [Purpose::Client, Purpose::Server] {
        assert_eq!(explicit_trust(&root, purpose), Trust::Unspecified);
        assert_eq!(trust(&root, purpose), Trust::Trusted);
    }
}
