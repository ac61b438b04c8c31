//! Chains made of the input, against trusted certificates and lists made of it. Signatures are good or bad as it says.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| sip_tls_fuzz::walk::run(data));
