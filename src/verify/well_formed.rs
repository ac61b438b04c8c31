//! Whether a certificate is what it should be to the last octet.
//!
//! Where x509-parser meets what it cannot read it may leave it out, and all that follows: names, extensions,
//! constraints. OpenSSL does not read such certificates.

use super::certificate::AuthorityKeyId;
use super::der::{self, Reader};
use super::distribution_point::DistributionPoint;
use super::extension::Extension;
use super::general_name::{self, GeneralName};

/// Returns `None` if OpenSSL would not read the certificate (`d2i_X509(3)`).
pub(super) fn certificate(der: &[u8]) -> Option<()> {
    let mut outer = Reader::new(sole(der, der::SEQUENCE)?);
    let signed = outer.expect(der::SEQUENCE)?;
    der::algorithm_identifier(outer.expect(der::SEQUENCE)?)?;
    der::bits(outer.expect(der::BIT_STRING)?)?;
    outer.end()?;
    let mut reader = Reader::new(signed);
    if let Some(version) = reader.optional(0xa0)? {
        der::integer(sole(version, der::INTEGER)?)?;
    }
    der::integer(reader.expect(der::INTEGER)?)?;
    der::algorithm_identifier(reader.expect(der::SEQUENCE)?)?;
    general_name::directory_name(reader.next()?.raw)?;
    validity(reader.expect(der::SEQUENCE)?)?;
    general_name::directory_name(reader.next()?.raw)?;
    key(reader.expect(der::SEQUENCE)?)?;
    for unique_id in [0x81, 0x82] {
        if let Some(bits) = reader.optional(unique_id)? {
            der::bits(bits)?;
        }
    }
    if let Some(extensions) = reader.optional(0xa3)? {
        each(sole(extensions, der::SEQUENCE)?, |reader| {
            Extension::read(reader).map(drop)
        })?;
    }
    reader.end()
}

/// Returns `None` if it is an extension that OpenSSL reads and the value is not what it should be; the certificate is
/// invalid then.
pub(super) fn extension(oid: &[u8], value: &[u8]) -> Option<()> {
    match oid {
        [0x55, 0x1d, 14] => sole(value, der::OCTET_STRING).map(drop),
        [0x55, 0x1d, 15] | NETSCAPE_CERT_TYPE => der::bits(sole(value, der::BIT_STRING)?).map(drop),
        [0x55, 0x1d, 17] => GeneralName::parse_all(sole(value, der::SEQUENCE)?).map(drop),
        [0x55, 0x1d, 19] => basic_constraints(sole(value, der::SEQUENCE)?),
        [0x55, 0x1d, 30] => name_constraints(sole(value, der::SEQUENCE)?),
        // Whose the certificate is does not matter here.
        [0x55, 0x1d, 31] => DistributionPoint::parse_all(value, &[]).map(drop),
        [0x55, 0x1d, 35] => AuthorityKeyId::parse(value).map(drop),
        [0x55, 0x1d, 37] => each(sole(value, der::SEQUENCE)?, |reader| {
            der::object_identifier(reader.expect(der::OBJECT_IDENTIFIER)?).map(drop)
        }),
        _ => Some(()),
    }
}

fn validity(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    der::time(reader.next()?)?;
    der::time(reader.next()?)?;
    reader.end()
}

fn key(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    der::algorithm_identifier(reader.expect(der::SEQUENCE)?)?;
    der::bits(reader.expect(der::BIT_STRING)?)?;
    reader.end()
}

fn basic_constraints(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    if reader
        .optional(der::BOOLEAN)?
        .is_some_and(|ca| ca.len() != 1)
    {
        return None;
    }
    if let Some(path_len) = reader.optional(der::INTEGER)? {
        let path_len = der::integer(path_len)?;
        if path_len[0] & 0x80 != 0 {
            return None;
        }
    }
    reader.end()
}

fn name_constraints(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    for subtrees in [0xa0, 0xa1] {
        if let Some(subtrees) = reader.optional(subtrees)? {
            each(subtrees, |reader| subtree(reader.expect(der::SEQUENCE)?))?;
        }
    }
    reader.end()
}

fn subtree(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    GeneralName::parse_all(reader.next()?.raw)?;
    for bound in [0x80, 0x81] {
        if let Some(bound) = reader.optional(bound)? {
            der::integer(bound)?;
        }
    }
    reader.end()
}

/// Returns the contents of the one element in `der`.
fn sole(der: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(der);
    let content = reader.expect(tag)?;
    reader.end()?;
    Some(content)
}

fn each(content: &[u8], mut read: impl FnMut(&mut Reader<'_>) -> Option<()>) -> Option<()> {
    let mut reader = Reader::new(content);
    while !reader.is_empty() {
        read(&mut reader)?;
    }
    Some(())
}

const NETSCAPE_CERT_TYPE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1];

#[cfg(test)]
mod tests {
    use crate::verify::certificate::Certificate;
    use crate::verify::test_pki::*;

    fn read(extension: Vec<u8>) -> Option<bool> {
        let certificate =
            Certificate::parse(CertificateSpec::default().with(extension).der().into());
        certificate.ok().map(|certificate| !certificate.is_invalid)
    }

    #[test]
    fn what_follows_a_damaged_extension_does_not_vanish() {
        let good = || extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)]));
        let spec = CertificateSpec::default().with(good());
        assert!(Certificate::parse(spec.der().into()).is_ok());
        let damaged = [
            integer(&[1]),
            seq(&[integer(&[1]), octets(b"")]),
            seq(&[oid(&[0x55, 0x80]), octets(b"")]),
            seq(&[oid(&[0x2a, 3]), octets(b""), octets(b"")]),
            seq(&[oid(&[0x2a, 3]), tlv(0x01, &[]), octets(b"")]),
        ];
        for damage in damaged {
            let spec = CertificateSpec::default().with(damage.clone()).with(good());
            assert!(
                Certificate::parse(spec.der().into()).is_err(),
                "{damage:x?}"
            );
        }
    }

    #[test]
    fn a_certificate_with_a_damaged_extension_is_invalid() {
        let name = |tag| tlv(tag, b"a.example");
        let cases: [(&[u8], Vec<u8>, Vec<u8>); 7] = [
            (
                SUBJECT_ALT_NAME,
                seq(&[name(0x82)]),
                seq(&[name(0x82), name(0x89)]),
            ),
            (SUBJECT_KEY_ID, octets(b"key"), integer(&[1])),
            (KEY_USAGE, tlv(0x03, &[1, 6]), tlv(0x03, &[9, 6])),
            (
                BASIC_CONSTRAINTS,
                seq(&[boolean(true), integer(&[1])]),
                seq(&[boolean(true), integer(&[0xff])]),
            ),
            (
                &[0x55, 0x1d, 30],
                seq(&[tlv(0xa0, &seq(&[name(0x82)]))]),
                seq(&[tlv(
                    0xa0,
                    &[seq(&[name(0x82)]), seq(&[name(0x89)])].concat(),
                )]),
            ),
            (
                AUTHORITY_KEY_ID,
                seq(&[tlv(0x80, b"key")]),
                seq(&[tlv(0x80, b"key"), tlv(0x82, &[0, 1])]),
            ),
            (
                &[0x55, 0x1d, 37],
                seq(&[oid(&[0x2b, 6, 1, 5, 5, 7, 3, 1])]),
                seq(&[oid(&[0x2b, 6, 1, 5, 5, 7, 3, 1]), oid(&[0x80])]),
            ),
        ];
        for (id, good, damaged) in cases {
            assert_eq!(read(extension(id, false, &good)), Some(true), "{id:?}");
            assert_ne!(read(extension(id, false, &damaged)), Some(true), "{id:?}");
        }
    }

    #[test]
    fn a_certificate_that_says_when_in_another_way_is_not_read() {
        let der = CertificateSpec::default().der();
        let at = der
            .windows(13)
            .position(|text| text == b"400101000000Z")
            .unwrap();
        for text in [b"400101000000+", b"401301000000Z", b"40010100000 Z"] {
            let mut damaged = der.clone();
            damaged[at..at + 13].copy_from_slice(text);
            assert!(Certificate::parse(damaged.into()).is_err());
        }
    }
}
