//! A file of any format, with a passphrase, read as the value of each option that names files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sip_tls_fuzz::files;

fuzz_target!(|data: &[u8]| files::read(data));
