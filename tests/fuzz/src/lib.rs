//! What the fuzz targets share.

use std::sync::LazyLock;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::UnixTime;
use sip_tls::crypto;

/// The provider of the verifiers.
pub static PROVIDER: LazyLock<CryptoProvider> = LazyLock::new(|| {
    let base = crypto::default_base().expect("this CPU runs graviola");
    crypto::client_provider(&base)
});

/// The time at which the seeds are valid: 2026-06-01.
pub fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(1_780_272_000))
}

/// Splits bytes into DER elements; what does not divide is one element more.
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
