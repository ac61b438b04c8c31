//! The SignedData of PKCS#7.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sip_tls_fuzz::asn1::{seq, tlv};
use sip_tls_fuzz::files;

fuzz_target!(|data: &[u8]| files::read(&seq(&[tlv(6, SIGNED_DATA), tlv(0xa0, data)])));

/// id-signedData, 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
