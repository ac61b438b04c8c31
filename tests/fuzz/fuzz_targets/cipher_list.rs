//! The values of `cipher-list` and `ciphersuites`: any bytes.
//!
//! ```text
//! tests/fuzz/run cipher_list -dict=tests/fuzz/cipher_list.dict
//! ```

#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use sip_tls::options::{CipherList, Ciphersuites, Role, SecurityLevel};

fuzz_target!(|text: &[u8]| {
    check_cipher_list(text);
    check_ciphersuites(text);
});

fn check_cipher_list(text: &[u8]) {
    let list = match CipherList::from_bytes(text) {
        Ok(list) => list,
        Err(error) => return drop(error.to_string()),
    };
    assert_eq!(
        list.to_string().parse().as_ref(),
        Ok(&list),
        "printed and read again"
    );

    let distinct: HashSet<_> = list.suites().iter().map(|suite| suite.number()).collect();
    assert!(!distinct.is_empty(), "OpenSSL refuses an empty list");
    assert_eq!(distinct.len(), list.suites().len(), "each suite once");

    for rule in list.rules() {
        assert!(list.to_string().contains(rule.text()));
        assert!(rule.text().ends_with(rule.ignored()));
        drop(rule.to_string());
    }

    let level = SecurityLevel::effective(list.security_level());
    let selection = list.select(Role::Client, level, SUPPORTED);
    let verdicts = selection.offered().count() + selection.left_out().count();
    assert_eq!(verdicts, list.suites().len());
    if let Err(error) = list.select_some(Role::Server, level, SUPPORTED) {
        let way_out: CipherList = error
            .way_out()
            .expect("some are supported")
            .parse()
            .expect("good");
        assert!(way_out.select_some(Role::Server, level, SUPPORTED).is_ok());
    }
}

fn check_ciphersuites(text: &[u8]) {
    match Ciphersuites::from_bytes(text) {
        Ok(list) => assert_eq!(list.to_string().parse().as_ref(), Ok(&list)),
        Err(error) => drop(error.to_string()),
    }
}

const SUPPORTED: &[u16] = &[
    0x1301, 0x1302, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9, 0xC0AC,
];
