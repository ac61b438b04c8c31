//! Which certificate may have issued another, and what else is kept of one.

use std::borrow::Cow;

use rustls::pki_types::{Der, TrustAnchor};

use super::case::{ED25519, Parts, ed25519};
use crate::x509::Certificate;
use crate::x509::algorithm::KeyKind;
use crate::x509::certificate::key_and_usage;
use crate::x509::extension::KeyUsage;
use crate::x509::name::Name;
use crate::x509::test_pki::*;

/// A CA that signs with Ed25519, and says that it issued itself.
fn ca() -> Parts {
    Parts {
        serial: integer(&[7]),
        issuer: cn("CA"),
        subject: cn("CA"),
        ..Parts::default()
    }
    .with(extension(SUBJECT_KEY_ID, false, &octets(&[1, 2, 3])))
}

fn authority_key_id(fields: &[Vec<u8>]) -> Vec<u8> {
    extension(AUTHORITY_KEY_ID, false, &seq(fields))
}

fn key_id(octets: &[u8]) -> Vec<u8> {
    tlv(0x80, octets)
}

fn issuer_and_serial(issuer: &str, serial: u8) -> [Vec<u8>; 2] {
    [tlv(0xa1, &tlv(0xa4, &cn(issuer))), tlv(0x82, &[serial])]
}

/// Extensions with which a certificate is invalid.
fn invalid() -> Vec<u8> {
    extension(KEY_USAGE, false, &[])
}

#[test]
fn an_issuer_agrees_in_name_key_identifier_and_kind_of_key() {
    let below = || Parts {
        issuer: cn(" ca "),
        ..Parts::default()
    };
    let by = |fields: &[Vec<u8>]| below().with(authority_key_id(fields));
    let ecdsa = Parts {
        signed_algorithm: ecdsa_sha256(),
        ..below()
    };
    // What stands beside the signature does not matter here.
    let ecdsa_beside = Parts {
        algorithm: ecdsa_sha256(),
        ..below()
    };
    let [issuer, serial] = issuer_and_serial("CA", 7);
    let [other_issuer, other_serial] = issuer_and_serial("Other", 8);
    let cases = [
        ("the name alone", below(), true),
        ("another name", Parts::default(), false),
        ("an empty authorityKeyIdentifier", by(&[]), true),
        ("the key identifier", by(&[key_id(&[1, 2, 3])]), true),
        ("another key identifier", by(&[key_id(&[1, 2])]), false),
        (
            "issuer and number",
            by(&[issuer.clone(), serial.clone()]),
            true,
        ),
        (
            "another number",
            by(&[issuer.clone(), other_serial.clone()]),
            false,
        ),
        (
            "another issuer",
            by(&[other_issuer.clone(), serial.clone()]),
            false,
        ),
        (
            "the key identifier and another number",
            by(&[key_id(&[1, 2, 3]), issuer.clone(), other_serial]),
            false,
        ),
        (
            "the key identifier and another issuer",
            by(&[key_id(&[1, 2, 3]), other_issuer, serial.clone()]),
            false,
        ),
        (
            "another key identifier, and issuer and number",
            by(&[key_id(&[9]), issuer, serial]),
            false,
        ),
        ("another kind of key", ecdsa, false),
        ("another algorithm beside the signature", ecdsa_beside, true),
        ("an invalid certificate", below().with(invalid()), false),
    ];
    let ca = ca().read();
    for (rule, parts, is_issuer) in cases {
        let certificate = parts.read();
        assert_eq!(ca.may_have_issued(&certificate), is_issuer, "{rule}");
        assert!(!certificate.may_have_issued(&certificate), "{rule}");
    }
    let below_it = by(&[key_id(&[9])]).read();
    assert!(
        !self::ca()
            .with(invalid())
            .read()
            .may_have_issued(&below().read())
    );
    // An issuer without a subjectKeyIdentifier matches every authorityKeyIdentifier that has only a key identifier.
    let mut without = self::ca();
    without.extensions.clear();
    assert!(without.read().may_have_issued(&below_it) && !ca.may_have_issued(&below_it));
    assert!(ca.is_meant_by(None) && !ca.is_meant_by(below_it.authority_key_id().as_ref()));
}

#[test]
fn a_certificate_is_self_signed_if_it_may_have_issued_itself() {
    let with = |fields: &[Vec<u8>]| ca().with(authority_key_id(fields));
    let [_, serial] = issuer_and_serial("CA", 7);
    let other_name = Parts {
        issuer: cn("Other"),
        ..ca()
    };
    let other_kind = Parts {
        signed_algorithm: ecdsa_sha256(),
        ..ca()
    };
    let unknown_kind = Parts {
        signed_algorithm: seq(&[oid(&[0x2a])]),
        ..ca()
    };
    let cases = [
        ("the name alone", ca(), true, true),
        (
            "its key identifier",
            with(&[key_id(&[1, 2, 3])]),
            true,
            true,
        ),
        ("another key identifier", with(&[key_id(&[9])]), true, false),
        ("its number", with(&[serial]), true, true),
        ("another number", with(&[tlv(0x82, &[8])]), true, false),
        ("another name", other_name, false, false),
        ("another kind of key", other_kind, true, false),
        ("a kind of key that is not known", unknown_kind, true, false),
        ("an invalid certificate", ca().with(invalid()), true, false),
    ];
    for (rule, parts, is_self_issued, is_self_signed) in cases {
        let certificate = parts.read();
        assert_eq!(certificate.is_self_issued, is_self_issued, "{rule}");
        assert_eq!(certificate.is_self_signed(), is_self_signed, "{rule}");
    }
}

#[test]
fn the_kind_of_a_signature_is_within_and_its_strength_beside() {
    const SHA1_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
    let algorithms = |within: &[u8], beside: &[u8]| {
        let [signed_algorithm, algorithm] = [within, beside].map(|id| seq(&[oid(id)]));
        let found = Parts {
            signed_algorithm,
            algorithm,
            ..Parts::default()
        }
        .read();
        assert_eq!(found.has_contradicting_algorithms, within != beside);
        found.signature_kind.map(|kind| (kind.key, kind.bits))
    };
    assert_eq!(algorithms(ED25519, ED25519), Some((KeyKind::Ed25519, 128)));
    assert_eq!(
        algorithms(ED25519, SHA1_WITH_RSA),
        Some((KeyKind::Ed25519, 63))
    );
    assert_eq!(
        algorithms(SHA1_WITH_RSA, ED25519),
        Some((KeyKind::Rsa, 128))
    );
    assert_eq!(algorithms(ED25519, &[0x2a]), Some((KeyKind::Ed25519, 0)));
    assert_eq!(algorithms(&[0x2a], ED25519), None);
}

#[test]
fn each_part_is_kept_as_it_stands() {
    let parts = Parts {
        signature: tlv(3, &[4, 0xab, 0xcf]),
        subject: name(&[
            attribute(COMMON_NAME, UTF8, b"First"),
            attribute(ORGANIZATION, UTF8, b"Organisation"),
            attribute(COMMON_NAME, BMP, b"\0\xe4"),
            attribute(COMMON_NAME, UTF8, &[]),
        ]),
        ..ca()
    };
    let found = parts.read();
    assert_eq!(**found.der(), parts.der());
    assert_eq!(found.tbs(), seq(&[parts.fields()]));
    assert_eq!(found.serial(), [7]);
    assert_eq!(found.spki(), parts.key);
    assert_eq!(found.key_algorithm(), oid(ED25519));
    assert_eq!(found.key_bits(), [7; 32]);
    assert_eq!(found.signature_algorithm(), oid(ED25519));
    assert_eq!(found.signature(), [0xab, 0xc0]);
    assert!(found.has_unused_signature_bits && !found.has_contradicting_algorithms);
    assert_eq!(found.subject_der(), parts.subject);
    assert_eq!(found.subject_name().der(), parts.subject);
    assert_eq!(found.issuer_name().der(), parts.issuer);
    assert_eq!(found.subject_key_id(), Some(&[1, 2, 3][..]));
    let names: Vec<_> = found.common_names().collect();
    let expected = ["First", "\u{e4}", ""].map(|name| Some(Cow::from(name)));
    assert_eq!(names, expected);
    let others = Parts::default().read();
    assert_eq!(others.signature(), [9; 64]);
    assert!(!others.has_unused_signature_bits && others.subject_key_id().is_none());
    assert!(others.authority_key_id().is_none() && !others.has_alt_names());
    assert_eq!(
        (
            others.alt_names().count(),
            others.distribution_points().count()
        ),
        (0, 0)
    );
    let no_name = extension(SUBJECT_ALT_NAME, false, &seq(&[]));
    let no_name = Parts::default().with(no_name).read();
    assert!(no_name.has_alt_names() && no_name.alt_names().count() == 0);
}

#[test]
fn version_1_is_the_number_0_or_no_number() {
    for (number, is_v1) in [
        (None, true),
        (Some(0), true),
        (Some(1), false),
        (Some(2), false),
    ] {
        let version = number.map(|number| tlv(0xa0, &integer(&[number])));
        let parts = Parts {
            version: version.unwrap_or_default(),
            ..Parts::default()
        };
        assert_eq!(parts.read().is_v1, is_v1, "{number:?}");
    }
}

#[test]
fn a_critical_extension_is_one_that_openssl_handles() {
    // `X509_supported_extension(3)`.
    let handled = [
        (NETSCAPE_CERT_TYPE, vec![3, 2, 0, 0x80]),
        (KEY_USAGE, vec![3, 2, 0, 0x80]),
        (SUBJECT_ALT_NAME, seq(&[])),
        (BASIC_CONSTRAINTS, seq(&[])),
        (CERTIFICATE_POLICIES, seq(&[])),
        (CRL_DISTRIBUTION_POINTS, seq(&[])),
        (EXTENDED_KEY_USAGE, seq(&[])),
        (ADDRESS_BLOCKS, seq(&[])),
        (AS_NUMBERS, seq(&[])),
        (OCSP_NO_CHECK, tlv(5, &[])),
        (POLICY_CONSTRAINTS, seq(&[])),
        (PROXY_CERT_INFO, seq(&[seq(&[oid(&[0x2a])])])),
        (NAME_CONSTRAINTS, seq(&[])),
        (POLICY_MAPPINGS, seq(&[])),
        (INHIBIT_ANY_POLICY, integer(&[0])),
    ];
    let others = [
        (SUBJECT_KEY_ID, octets(&[1])),
        (AUTHORITY_KEY_ID, seq(&[])),
        (ISSUER_ALT_NAME, seq(&[])),
        (&[0x2a, 3][..], seq(&[])),
    ];
    for (id, value) in &handled {
        for is_critical in [false, true] {
            let found = Parts::default()
                .with(extension(id, is_critical, value))
                .read();
            assert!(!found.extensions.has_unhandled_critical, "{id:02x?}");
            assert!(!found.extensions.is_invalid, "{id:02x?}");
        }
    }
    for (id, value) in &others {
        for is_critical in [false, true] {
            let parts = Parts::default().with(extension(id, is_critical, value));
            let found = parts.read();
            assert_eq!(
                found.extensions.has_unhandled_critical, is_critical,
                "{id:02x?}"
            );
            let (handled, value) = &handled[0];
            let both = parts.with(extension(handled, true, value)).read();
            assert_eq!(
                both.extensions.has_unhandled_critical, is_critical,
                "{id:02x?}"
            );
        }
    }
}

#[test]
fn a_key_and_its_first_usage_are_found_without_the_rest() {
    let usage = |bits: u8| extension(KEY_USAGE, true, &[3, 2, 0, bits]);
    let other = || extension(BASIC_CONSTRAINTS, true, &seq(&[]));
    let sign = Some(KeyUsage::DIGITAL_SIGNATURE);
    let encipher = Some(KeyUsage::KEY_ENCIPHERMENT);
    let unique_ids = [tlv(0x81, &[0, 1]), tlv(0x82, &[0, 1])].concat();
    let cases = [
        (vec![], None),
        (vec![other()], None),
        (vec![usage(0x80)], sign),
        (vec![usage(0x80), other()], sign),
        (vec![other(), usage(0x20)], encipher),
        (vec![other(), usage(0x20), other()], encipher),
        (vec![usage(0x80), usage(0x20)], sign),
        (vec![extension(KEY_USAGE, true, &[5, 0])], None),
    ];
    for (extensions, expected) in cases {
        for (unique_ids, version) in [
            (vec![], Parts::default().version),
            (vec![], vec![]),
            (unique_ids.clone(), Parts::default().version),
        ] {
            let parts = Parts {
                extensions: extensions.clone(),
                unique_ids,
                version,
                ..Parts::default()
            };
            let der = parts.der();
            let found = key_and_usage(&der).unwrap();
            assert_eq!((found.key, found.usage), (&*parts.key, expected));
        }
    }
    let der = Parts::default().der();
    for len in [0, 1, 10, der.len() - 1] {
        assert!(key_and_usage(&der[..len]).is_none(), "{len}");
    }
    let not_an_extension = Parts::default().with(tlv(5, &[]));
    assert!(key_and_usage(&not_an_extension.der()).is_none());
}

#[test]
fn a_key_usage_forbids_what_it_does_not_name() {
    let with = |bits| Parts::default().with(extension(KEY_USAGE, true, &[3, 2, 0, bits]));
    let (sign, agree) = (KeyUsage::DIGITAL_SIGNATURE, KeyUsage::KEY_AGREEMENT);
    let found = with(0x80).read();
    assert!(!found.key_usage_forbids(sign) && !found.key_usage_forbids(sign | agree));
    assert!(found.key_usage_forbids(agree) && found.key_usage_forbids(KeyUsage::CRL_SIGN));
    assert!(!Parts::default().read().key_usage_forbids(agree));
}

#[test]
fn a_trust_anchor_without_a_certificate_is_a_ca_of_its_name_and_key() {
    let subject = cn("CA");
    let key = seq(&[ed25519(), bit_string(&[7; 32])]);
    let constraints = seq(&[tlv(0xa0, &seq(&[tlv(0x82, b"example.com")]))]);
    // An anchor has the contents of the SEQUENCEs.
    let anchor = |subject: &[u8], key: &[u8], constraints: Option<&[u8]>| {
        Certificate::of_anchor(&TrustAnchor {
            subject: Der::from_slice(&subject[2..]),
            subject_public_key_info: Der::from_slice(&key[2..]),
            name_constraints: constraints.map(|value| Der::from_slice(&value[2..])),
        })
    };
    let plain = anchor(&subject, &key, None).unwrap();
    let canonical = Name::of_checked(&subject).canonical().unwrap();
    assert_eq!(
        (plain.subject(), plain.issuer()),
        (&*canonical, &*canonical)
    );
    assert_eq!(plain.subject_der(), subject);
    assert_eq!((plain.spki(), plain.key_bits()), (&*key, &[7; 32][..]));
    assert_eq!(plain.key_algorithm(), oid(ED25519));
    assert!(plain.tbs().is_empty() && plain.serial().is_empty() && plain.signature().is_empty());
    assert!(plain.is_self_issued && plain.is_self_signed() && !plain.is_v1);
    let found = &plain.extensions;
    let limits = found.basic_constraints.unwrap();
    assert!(limits.is_ca && limits.path_len.is_none() && !found.is_invalid);
    assert!(found.name_constraints.is_none() && found.key_usage.is_none());
    let below = Parts {
        issuer: cn("CA"),
        ..Parts::default()
    };
    assert!(plain.may_have_issued(&below.read()));
    assert!(!plain.may_have_issued(&Parts::default().read()));
    let constrained = anchor(&subject, &key, Some(&constraints)).unwrap();
    let found = constrained.extensions.name_constraints.as_ref().unwrap();
    assert_eq!((found.permitted.len(), found.excluded.len()), (1, 0));
    // Two anchors are the same if name, key and constraints are the same.
    let others = [
        anchor(&cn("Other"), &key, None),
        anchor(&subject, &seq(&[ed25519(), bit_string(&[8; 32])]), None),
        anchor(&subject, &key, Some(&constraints)),
        anchor(&subject, &key, Some(&seq(&[]))),
    ];
    assert!(plain.is_same_anchor(&anchor(&subject, &key, None).unwrap()));
    assert!(constrained.is_same_anchor(&anchor(&subject, &key, Some(&constraints)).unwrap()));
    for other in others {
        assert!(!plain.is_same_anchor(&other.unwrap()));
    }
    assert!(!constrained.is_same_anchor(&anchor(&cn("X"), &key, Some(&constraints)).unwrap()));
    let bad_name = name(&[attribute(COMMON_NAME, UTF8, &[0xff])]);
    assert!(anchor(&bad_name, &key, None).is_err());
    assert!(anchor(&subject, &seq(&[ed25519()]), None).is_err());
    assert!(anchor(&subject, &key, Some(&seq(&[tlv(5, &[])]))).is_err());
}
