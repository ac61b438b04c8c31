//! Certificates and lists in PKCS#7 (RFC 2315) and CMS (RFC 5652).
//!
//! CAs deliver chains in such files (`.p7b`). The signature of one is of no use: it is missing in
//! most of them, and whom to trust is said by other options.

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::error::{Damage, FileProblem};
use crate::x509::der::{Element, Reader, SEQUENCE, SET, context};

/// The certificates and lists of a SignedData. Its content and signatures are ignored.
pub(super) struct Contents {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) lists: Vec<CertificateRevocationListDer<'static>>,
}

/// Reads a ContentInfo, in DER or BER.
pub(super) fn contents(content_info: &[u8]) -> Result<Contents, FileProblem> {
    let damaged = FileProblem::Damaged(Damage::Structure);
    let mut fields = Reader::new(content_info).sequence().ok_or(damaged)?;
    match fields.object_identifier() {
        Some(SIGNED_DATA) => {}
        _ => return Err(NOT_SIGNED_DATA),
    }
    signed_data(fields).ok_or(FileProblem::Damaged(Damage::Structure))
}

/// Reads a SignedData (RFC 5652, section 5.1).
fn signed_data(mut fields: Reader<'_>) -> Option<Contents> {
    let mut data = fields.expect(context(0))?.explicit()?.sequence()?;
    data.integer()?;
    data.list(SET)?;
    check_content(data.sequence()?)?;
    let certificates = data.optional(context(0))?;
    let lists = data.optional(context(1))?;
    data.expect(SET)?;
    data.end()?;
    Some(Contents {
        certificates: elements(certificates)?
            .map(|der| der.to_vec().into())
            .collect(),
        lists: elements(lists)?.map(|der| der.to_vec().into()).collect(),
    })
}

/// Checks that the signed content has the form of a ContentInfo. It has no meaning here.
fn check_content(mut info: Reader<'_>) -> Option<()> {
    info.object_identifier()?;
    if let Some(content) = info.optional(context(0))? {
        content.explicit()?;
    }
    info.end()
}

/// Returns the SEQUENCEs of a set. The other choices of CMS are not certificates or lists of X.509.
fn elements(set: Option<Element<'_>>) -> Option<impl Iterator<Item = &[u8]>> {
    let mut found = Vec::new();
    let mut items = set.map(|set| set.items()).unwrap_or_default();
    while !items.is_empty() {
        let element = items.next()?;
        if element.tag == SEQUENCE {
            found.push(element.raw);
        }
    }
    Some(found.into_iter())
}

/// The content types id-data and id-signedData (RFC 5652, sections 4 and 5.1).
pub(super) const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
pub(super) const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

const NOT_SIGNED_DATA: FileProblem = FileProblem::UnsupportedFormat {
    format: "PKCS#7 without signed data",
    remedy: "only signed data holds certificates and lists: export them again",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{integer, octets, oid, seq, tlv};

    /// A ContentInfo with these fields of a SignedData, which begins with its version and its digests.
    fn signed(kind: &[u8], fields: &[Vec<u8>]) -> Vec<u8> {
        let data = seq(&[integer(&[1]), tlv(0x31, &[]), fields.concat()]);
        seq(&[oid(kind), tlv(0xa0, &data)])
    }

    #[test]
    fn certificates_and_lists_of_x_509_are_taken_in_their_order() {
        let [first, second, list] = [1, 2, 3].map(|number| seq(&[integer(&[number])]));
        // An attribute certificate, and a list in another format (RFC 5652, sections 10.2.1 and 10.2.2).
        let other = tlv(0xa1, &integer(&[4]));
        let (certificates, lists) = (
            tlv(0xa0, &[&first[..], &other, &second].concat()),
            tlv(0xa1, &[&other[..], &list].concat()),
        );
        let end = tlv(0x31, &[]);
        let content = seq(&[oid(DATA)]);
        for (fields, expected) in [
            (vec![certificates.clone()], (2, 0)),
            (vec![lists.clone()], (0, 1)),
            (vec![certificates, lists], (2, 1)),
            (vec![], (0, 0)),
        ] {
            let fields = [vec![content.clone()], fields, vec![end.clone()]].concat();
            let found = contents(&signed(SIGNED_DATA, &fields)).unwrap();
            let certificates: Vec<&[u8]> = found.certificates.iter().map(|der| &**der).collect();
            let lists: Vec<&[u8]> = found.lists.iter().map(|der| &**der).collect();
            assert_eq!(certificates, [&first[..], &second][..expected.0]);
            assert_eq!(lists, [&list[..]][..expected.1]);
        }
    }

    /// `openssl pkcs7` reads and refuses the same.
    #[test]
    fn the_content_that_is_signed_has_to_be_readable() {
        let content = tlv(0xa0, &octets(b"text"));
        for (info, is_good) in [
            (seq(&[oid(DATA)]), true),
            (seq(&[oid(DATA), content.clone()]), true),
            (seq(&[]), false),
            (seq(&[integer(&[1])]), false),
            (seq(&[oid(DATA), integer(&[1])]), false),
            (seq(&[oid(DATA), content.clone(), content]), false),
            (seq(&[oid(DATA), tlv(0xa0, &[])]), false),
        ] {
            let read = contents(&signed(SIGNED_DATA, &[info.clone(), tlv(0x31, &[])]));
            assert_eq!(read.is_ok(), is_good, "{info:02x?}");
        }
        let other = contents(&signed(DATA, &[seq(&[oid(DATA)]), tlv(0x31, &[])])).err();
        assert!(matches!(other, Some(FileProblem::UnsupportedFormat { .. })));
    }
}
