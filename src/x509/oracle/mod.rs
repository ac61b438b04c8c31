//! x509-parser as the oracle of the reader: wherever both read something, they must read the same.
//!
//! Part of tests and of fuzzing only. Each function panics at a difference, and says whether there was something to
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

/// Reads a certificate with both, and compares the fields.
pub fn certificate(der: &[u8]) -> bool {
    let Ok(ours) = Certificate::parse(CertificateDer::from(der)) else {
        return false;
    };
    certificate::check_second_reading(&ours);
    match X509Certificate::from_der(der) {
        Ok(([], theirs)) => {
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
        Ok(([], theirs)) => {
            list::compare(&ours, &theirs);
            true
        }
        _ => false,
    }
}

/// Whether x509-parser reads a certificate.
#[cfg(test)]
pub(super) fn reads_certificate(der: &[u8]) -> bool {
    matches!(X509Certificate::from_der(der), Ok(([], _)))
}
