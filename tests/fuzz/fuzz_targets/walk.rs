//! Chains, trusted certificates and lists, all made of the input. The input also says which signatures are good.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| sip_tls_fuzz::walk::run(data));
