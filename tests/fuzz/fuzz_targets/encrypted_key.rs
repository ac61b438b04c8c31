//! An encrypted private key: the fields of PKCS#8, or after a first octet below 0x20 the value of a DEK-Info.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sip_tls_fuzz::asn1::tlv;
use sip_tls_fuzz::files;

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0..0x20, dek_info)) => {
            let pem = [HEADER, dek_info, TEXT].concat();
            files::read(&pem);
        }
        _ => files::read(&tlv(0x30, data)),
    }
});

const HEADER: &[u8] = b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: ";
const TEXT: &[u8] = b"\n\n\
    AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4P\n\
    -----END EC PRIVATE KEY-----\n";
