//! A file of any format, with a passphrase, as each of the options that name files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sip_tls_fuzz::files;

fuzz_target!(|data: &[u8]| files::read(data));
