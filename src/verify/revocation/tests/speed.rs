//! The cost of a list of a million entries. Run with `--release --ignored --nocapture`.

use std::time::Instant;
use std::{env, fs, hint};

use super::super::{PathSignatures, RevocationDepth, RevocationIndex};
use super::list::{ListSpec, crl, entry_with, reason};
use crate::verify::test_pki::{CertificateSpec, NOW};

#[test]
#[ignore = "measures"]
fn a_million_entries_load_in_little_time_and_memory() {
    let der = million();
    // For measuring other programs with the same list.
    if let Some(path) = env::var_os("SIP_TLS_LIST") {
        fs::write(path, &der).unwrap();
    }
    let root = CertificateSpec::root().certificate();
    let end_entity = CertificateSpec::default().certificate();
    let provider = rustls_graviola::default_provider();
    let algorithms = provider.signature_verification_algorithms.all;
    println!("list: {} octets", der.len());
    for _ in 0..3 {
        let before = resident();
        let der = der.clone();
        let start = Instant::now();
        let index = RevocationIndex::new(vec![crl(der).unwrap()]);
        let parsed = start.elapsed();
        index.lists[0].verify_with(&root, algorithms);
        println!("load {parsed:?}, with signature {:?}", start.elapsed());
        println!("resident: {} KiB", (resident() - before) / 1024);
        let start = Instant::now();
        let path = [&end_entity, &root];
        for _ in 0..1000 {
            let index = hint::black_box(&index);
            let found = index.check_path(&path, DEPTH, NOW, algorithms, PathSignatures::Verified);
            assert!(found.refusals.is_empty());
        }
        println!("check: {:?}", start.elapsed() / 1000);
    }
}

/// Serial numbers of 16 octets or 17, as a CA draws them, each with a reason.
fn million() -> Vec<u8> {
    let mut state = 1_u128;
    let mut next = || {
        state = state
            .wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645)
            .wrapping_add(1);
        (state ^ (state >> 61)).to_be_bytes()
    };
    let mut spec = ListSpec::default();
    for _ in 0..1_000_000 {
        let mut serial = next();
        serial[0] = serial[0] & 0x7f | 1;
        spec.entries.push(entry_with(&serial, &[reason(1)]));
    }
    spec.der()
}

const DEPTH: RevocationDepth = RevocationDepth::EndEntity;

/// The memory of the process in octets. Only Linux reports it.
fn resident() -> isize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0) * 4096
}
