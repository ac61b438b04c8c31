//! Lists that openssl made, from tests/testdata/crl.

use super::super::{Crl, PathSignatures, RevocationDepth, RevocationIndex};
use super::list::crl;
use crate::verify::test_pki::*;
use crate::verify::tests::case::certificate_of_pem;
use crate::x509::Certificate;
use crate::x509::CrlError;

macro_rules! list {
    ($name:literal) => {
        crl(include_bytes!(concat!("../../../../tests/testdata/crl/", $name)).to_vec())
    };
}

fn root() -> Certificate<'static> {
    certificate_of_pem(include_bytes!("../../../../tests/testdata/crl/root.pem"))
}

fn end_entity(serial: &[u8]) -> CertificateSpec {
    CertificateSpec {
        issuer: name(&[
            attribute(COUNTRY, PRINTABLE, b"DE"),
            attribute(ORGANIZATION, UTF8, b"Example"),
            attribute(COMMON_NAME, UTF8, b"List CA"),
        ]),
        serial: serial.to_vec(),
        ..CertificateSpec::default()
    }
}

/// Returns the number of the error, or 0.
fn ask(list: Crl, end_entity: &CertificateSpec) -> u8 {
    let provider = rustls_graviola::default_provider();
    let algorithms = provider.signature_verification_algorithms.all;
    let (end_entity, root) = (end_entity.certificate(), root());
    let path = [&end_entity, &root];
    let index = RevocationIndex::new(vec![list]);
    let depth = RevocationDepth::EndEntity;
    let found = index.check_path(&path, depth, NOW, algorithms, PathSignatures::Verified);
    found
        .refusals
        .first()
        .map_or(0, |refusal| refusal.code().number())
}

#[test]
fn lists_of_openssl_are_read_and_verified() {
    let serials: [(&[u8], u8); 3] = [
        (&[1], 0),
        (&[0x12, 0x34], 23),
        (&[0, 0xd0, 0x0f, 0xab, 0x1e], 23),
    ];
    for (serial, code) in serials {
        let lists = [
            list!("plain.der"),
            list!("extended.der"),
            list!("sha512.der"),
            list!("pss.der"),
        ];
        for list in lists {
            assert_eq!(ask(list.unwrap(), &end_entity(serial)), code, "{serial:?}");
        }
    }
}

#[test]
fn a_scoped_list_of_openssl_is_for_certificates_at_its_point() {
    let point = tlv(
        0xa0,
        &tlv(0xa0, &tlv(0x86, b"http://ca.example.com/list.crl")),
    );
    let points = extension(CRL_DISTRIBUTION_POINTS, false, &seq(&[seq(&[point])]));
    let revoked = end_entity(&[0x12, 0x34]);
    assert_eq!(ask(list!("scoped.der").unwrap(), &revoked), 44);
    assert_eq!(ask(list!("scoped.der").unwrap(), &revoked.with(points)), 23);
}

#[test]
fn a_delta_list_of_openssl_is_refused() {
    assert_eq!(list!("delta.der").err(), Some(CrlError::Delta));
}

#[test]
fn lists_signed_with_md5_or_sha1_are_refused() {
    for list in [list!("md5.der"), list!("sha1.der"), list!("pss-sha1.der")] {
        assert_eq!(list.err(), Some(CrlError::WeakSignature));
    }
}
