//! The AuthenticatedSafe of a PKCS#12 file without a MAC, so that every change of it is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sip_tls_fuzz::asn1::{seq, tlv};
use sip_tls_fuzz::files;

fuzz_target!(|data: &[u8]| {
    let content = tlv(0xa0, &tlv(4, data));
    let safe = seq(&[tlv(6, DATA), content]);
    files::read(&seq(&[tlv(2, &[3]), safe]));
});

/// id-data, 1.2.840.113549.1.7.1.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
