//! x509-parser as the oracle of the reader: wherever both read something, they must read the same.
//!
//! Used in tests and fuzzing only. Each function panics if the two differ, and returns whether there was something to
//! compare.

mod certificate;
mod extensions;
mod list;
mod name;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::Certificate;
use super::crl::CertificateList;
use super::der::{self, Reader};

/// Reads a certificate with both, and compares the fields.
pub fn certificate(der: &[u8]) -> bool {
    let Ok(ours) = Certificate::parse(CertificateDer::from(der)) else {
        return false;
    };
    certificate::check_second_reading(&ours);
    match X509Certificate::from_der(der) {
        Ok(([], theirs)) if !has_indefinite_length(der) => {
            certificate::compare(&ours, &theirs);
            true
        }
        _ => false,
    }
}

/// Reads a revocation list with both, and compares the fields.
pub fn list(der: &[u8]) -> bool {
    let owned = CertificateRevocationListDer::from(der.to_vec());
    let Ok(ours) = CertificateList::parse(owned) else {
        return false;
    };
    match CertificateRevocationList::from_der(der) {
        Ok(([], theirs)) if !has_indefinite_length(der) => {
            list::compare(&ours, &theirs);
            true
        }
        _ => false,
    }
}

/// Whether there is an indefinite length anywhere, where x509-parser does not find the ends of names.
fn has_indefinite_length(der: &[u8]) -> bool {
    let mut unread = vec![Reader::new(der)];
    while let Some(mut reader) = unread.pop() {
        while let Some(element) = reader.next() {
            let (raw, content) = (element.raw.as_ptr_range(), element.content.as_ptr_range());
            if raw.end != content.end {
                return true;
            }
            // The values of extensions are octets. A SEQUENCE OF or SET OF needs no bit that says "constructed".
            let holds_others = [der::OCTET_STRING, der::SEQUENCE, der::SET].contains(&element.tag);
            if element.is_constructed || holds_others {
                unread.push(element.items());
            }
        }
    }
    false
}

/// Whether x509-parser reads a certificate.
#[cfg(test)]
pub(super) fn reads_certificate(der: &[u8]) -> bool {
    matches!(X509Certificate::from_der(der), Ok(([], _)))
}
