//! Keys and digests at the border of a security level.

use super::case::certificate_of_pem;
use crate::options::SecurityLevel;
use crate::verify::path::Path;
use crate::verify::status::Finding;
use crate::verify::strength::{check, end_entity, is_weak_ca, own};
use crate::verify::test_pki::*;
use crate::x509::Certificate;

/// An end entity, an intermediate and the root, all with P-256, which counts 128 bits, as level 3 asks.
///
/// The certificates at the given depths are said to be signed with SHA-224, which counts 112 bits, and the others with
/// SHA-256, which counts 128.
fn path(sha224: &[usize]) -> Vec<Certificate<'static>> {
    let intermediate = CertificateSpec::intermediate();
    let end_entity = CertificateSpec::default().below(&intermediate);
    let path = [end_entity, intermediate, CertificateSpec::root()];
    path.iter()
        .enumerate()
        .map(|(depth, spec)| {
            let der = match sha224.contains(&depth) {
                true => signed_with_sha224(spec.der()),
                false => spec.der(),
            };
            Certificate::parse(der.into()).unwrap()
        })
        .collect()
}

/// Writes ecdsa-with-SHA224 in place of ecdsa-with-SHA256. The signature does not fit any more.
fn signed_with_sha224(mut der: Vec<u8>) -> Vec<u8> {
    let sha256 = ecdsa_sha256();
    for at in 0..der.len() {
        if der[at..].starts_with(&sha256) {
            der[at + sha256.len() - 1] = 1;
        }
    }
    der
}

fn level(number: u8) -> SecurityLevel {
    SecurityLevel::new(number).unwrap()
}

fn shown(finding: Finding) -> (u8, usize) {
    (finding.code().number(), finding.depth())
}

/// All findings about a path at a level.
fn found(certificates: &[Certificate<'_>], number: u8) -> Vec<(u8, usize)> {
    let path = Path {
        certificates: certificates.iter().collect(),
        trusted: Vec::new(),
        changes_at: i64::MAX,
    };
    let first = end_entity(&certificates[0], level(number));
    let findings = first.into_iter().chain(check(&path, level(number)));
    findings.map(shown).collect()
}

#[test]
fn keys_and_digests_reach_a_level_with_just_enough_bits() {
    for number in [2, 3] {
        assert!(found(&path(&[]), number).is_empty(), "{number}");
    }
    let too_weak = [(66, 0), (68, 0), (67, 1), (68, 1), (67, 2)];
    assert_eq!(found(&path(&[]), 4), too_weak);
}

#[test]
fn every_digest_of_a_path_counts_except_that_of_the_last_certificate() {
    for (sha224, findings) in [
        (&[0][..], &[(68, 0)][..]),
        (&[1], &[(68, 1)]),
        (&[2], &[]),
        (&[0, 1, 2], &[(68, 0), (68, 1)]),
    ] {
        assert_eq!(found(&path(sha224), 3), findings, "{sha224:?}");
        assert!(found(&path(sha224), 2).is_empty(), "{sha224:?}");
    }
}

#[test]
fn of_our_own_certificates_a_self_signed_one_may_have_a_weak_signature() {
    let found = |sha224: &[usize], from: usize, number| {
        let path = path(sha224);
        own(&path[from..], level(number)).map(shown)
    };
    for number in [2, 3] {
        assert_eq!(found(&[], 0, number), None);
    }
    assert_eq!(found(&[], 0, 4), Some((66, 0)));
    assert_eq!(found(&[0], 0, 3), Some((68, 0)));
    assert_eq!(found(&[1], 0, 3), Some((68, 1)));
    assert_eq!(found(&[2], 0, 3), None);
    assert_eq!(found(&[2], 2, 3), None);
    assert_eq!(found(&[0, 1, 2], 0, 2), None);
}

#[test]
fn our_own_chain_has_another_number_for_the_key_of_a_ca() {
    let strong = include_bytes!("../../../tests/testdata/crypto/p384.crt");
    let strong = certificate_of_pem(strong);
    let [_, intermediate, _] = <[_; 3]>::try_from(path(&[])).unwrap();
    let chain = [strong, intermediate];
    assert_eq!(own(&chain, level(4)).map(shown), Some((67, 1)));
    assert_eq!(own(&chain[..1], level(4)).map(shown), None);
}

#[test]
fn a_ca_is_weak_below_the_bits_of_the_level() {
    let root = CertificateSpec::root().certificate();
    let weak = [2, 3, 4, 5].map(|number| is_weak_ca(&root, level(number)));
    assert_eq!(weak, [false, false, true, true]);
}
