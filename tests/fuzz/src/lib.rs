//! Code that the fuzz targets share.

pub mod asn1;
pub mod files;
pub mod walk;

use std::sync::LazyLock;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use sip_tls::crypto;
use sip_tls::pki::{RevocationList, TrustedCertificate};

/// The provider of the verifiers.
pub static PROVIDER: LazyLock<CryptoProvider> = LazyLock::new(|| {
    let base = crypto::default_base().expect("this CPU runs graviola");
    crypto::client_provider(&base)
});

/// The time at which the seeds are valid: 2026-06-01.
pub fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(1_780_272_000))
}

/// Reads a certificate of `trusted-ca`.
pub fn trusted(der: &[u8]) -> Option<TrustedCertificate> {
    TrustedCertificate::from_der(CertificateDer::from(der.to_vec())).ok()
}

/// Reads a list of `tls-crl`.
pub fn list(der: &[u8]) -> Option<RevocationList> {
    RevocationList::from_der(CertificateRevocationListDer::from(der.to_vec())).ok()
}

/// Splits bytes into DER elements. The rest that is no element is returned as one more.
pub fn elements(mut data: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !data.is_empty() {
        let (element, rest) = data.split_at(element_length(data).min(data.len()));
        found.push(element);
        data = rest;
    }
    found
}

fn element_length(data: &[u8]) -> usize {
    match data {
        [_, short @ 0..=0x7f, ..] => 2 + usize::from(*short),
        [_, 0x81, len, ..] => 3 + usize::from(*len),
        [_, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => data.len(),
    }
}
