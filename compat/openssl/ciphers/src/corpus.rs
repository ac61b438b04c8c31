//! The strings that the tests of sip-tls hold.
//!
//! The tests compare our answers with recorded ones. The comparison compares them with the OpenSSL of this machine,
//! and so checks the records too.

use std::fs;

#[path = "../../../../tests/cipher_list/records.rs"]
#[expect(dead_code, reason = "the answers are for the tests")]
mod records;

/// The strings of a file below `tests/testdata/cipher_list`.
pub fn read(name: &str) -> Vec<Vec<u8>> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/testdata/cipher_list"
    );
    let path = format!("{folder}/{name}");
    let file = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    records::read(&file)
        .into_iter()
        .map(|record| record.text)
        .collect()
}
