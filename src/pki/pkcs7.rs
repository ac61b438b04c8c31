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

/// id-signedData (RFC 5652, section 5.1).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

const NOT_SIGNED_DATA: FileProblem = FileProblem::UnsupportedFormat {
    format: "PKCS#7 without signed data",
    remedy: "only signed data holds certificates and lists: export them again",
};
