//! Reading takes time in proportion to the length, whatever the content. The times are shown with
//! `--release --nocapture`.

use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::case::{Parts, indefinite, nest, subject};
use super::clock;
use crate::x509::Certificate;
use crate::x509::test_pki::*;

/// The length of the larger certificates in octets, as much as fits into a handshake of most peers.
const LARGE: usize = 55_000;

/// How many times as long the larger certificates are as the smaller ones.
const TIMES: usize = 8;

/// How many times as long reading them may take at most. Quadratic work takes 64 times as long.
const MOST: f64 = 24.0;

#[test]
fn large_certificates_are_read_in_proportion() {
    check(large);
}

fn large(len: usize) -> Vec<(&'static str, Vec<u8>)> {
    let repeated = |extension: Vec<u8>| {
        let count = len / extension.len();
        let extensions = vec![extension; count];
        Parts {
            extensions,
            ..Parts::default()
        }
        .der()
    };
    let point = seq(&[tlv(0xa0, &tlv(0xa1, &[]))]);
    let parts = Parts {
        issuer: cn(&"x".repeat(len / 2)),
        ..Parts::default()
    };
    let points = extension(CRL_DISTRIBUTION_POINTS, false, &seq(&vec![point; len / 12]));
    let addresses = tlv(0x82, b"a");
    let names = extension(SUBJECT_ALT_NAME, false, &seq(&vec![addresses; len / 3]));
    vec![
        (
            "names, repeated",
            repeated(extension(SUBJECT_ALT_NAME, false, &seq(&[]))),
        ),
        (
            "key identifiers, repeated",
            repeated(extension(SUBJECT_KEY_ID, false, &octets(&[1]))),
        ),
        (
            "unknown extensions, repeated",
            repeated(extension(&[0x2a, 3], false, &[])),
        ),
        (
            "relative names under a long issuer",
            parts.with(points).der(),
        ),
        ("short names", Parts::default().with(names).der()),
        (
            "a subject of many attributes",
            subject_of(len, &attribute(COMMON_NAME, UTF8, b"x")),
        ),
        ("a subject of empty sets", subject_of(len, &[])),
    ]
}

#[test]
fn indefinite_lengths_are_read_in_proportion() {
    check(indefinite_lengths);
}

fn indefinite_lengths(len: usize) -> Vec<(&'static str, Vec<u8>)> {
    // Each level has four octets.
    let deep = nest(0x30, len / 4);
    let parameters = seq(&[oid(&[0x2a, 3]), deep.clone()]);
    let algorithm = Parts {
        algorithm: parameters,
        ..Parts::default()
    };
    let key = [seq(&[oid(&[0x2a, 3]), deep.clone()]), bit_string(&[7])].concat();
    let key = Parts {
        key: indefinite(0x30, &key),
        ..Parts::default()
    };
    let around = [
        indefinite(0x30, &[oid(&[0x2a, 3]), deep.clone()].concat()),
        bit_string(&[7]),
    ]
    .concat();
    let key_all_around = Parts {
        key: indefinite(0x30, &around),
        ..Parts::default()
    };
    let other = tlv(0xa0, &[oid(&[0x2a]), tlv(0xa0, &deep)].concat());
    let alt_name = extension(SUBJECT_ALT_NAME, false, &seq(&[other]));
    let mut pieces = octets(&[]).repeat(len / 2);
    for _ in 0..6 {
        pieces = indefinite(0x24, &pieces);
    }
    pieces[0] = 0x20 | UTF8;
    let attributes = tlv(0x31, &attribute(COMMON_NAME, UTF8, b"x")).repeat(len / 15);
    let parts = Parts {
        subject: indefinite(0x30, &attributes),
        ..Parts::default()
    };
    let tbs = indefinite(0x30, &parts.fields());
    let fields = [tbs, parts.algorithm, parts.signature].concat();
    vec![
        ("parameters", algorithm.der()),
        ("parameters of a key", key.der()),
        (
            "parameters of a key within indefinite lengths",
            key_all_around.der(),
        ),
        ("a name of that type", subject(deep)),
        ("an otherName", Parts::default().with(alt_name).der()),
        ("a string in pieces", subject(pieces)),
        ("all around a long name", indefinite(0x30, &fields)),
    ]
}

fn subject_of(len: usize, set: &[u8]) -> Vec<u8> {
    let set = tlv(0x31, set);
    let subject = seq(&vec![set.clone(); len / set.len()]);
    Parts {
        subject,
        ..Parts::default()
    }
    .der()
}

#[track_caller]
fn check(cases: impl Fn(usize) -> Vec<(&'static str, Vec<u8>)>) {
    for ((rule, small), (_, large)) in cases(LARGE / TIMES).into_iter().zip(cases(LARGE)) {
        let (short, long) = (best(&small), best(&large));
        println!("{rule}: {} octets, {long:?}", large.len());
        let ratio = long.as_secs_f64() / short.as_secs_f64();
        assert!(ratio < MOST, "{rule}: {ratio:.1}, {short:?} and {long:?}");
    }
}

/// The shortest of several times, which other work on the machine disturbs least.
fn best(der: &[u8]) -> Duration {
    let read = || {
        let start = clock::now();
        Certificate::parse(CertificateDer::from(der)).unwrap();
        clock::now() - start
    };
    (0..20).map(|_| read()).min().unwrap()
}
