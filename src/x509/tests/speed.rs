//! Reading takes a time in proportion to the length, whatever stands there. Measured with `--release --nocapture`.

use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;

use super::case::{Parts, indefinite, subject};
use crate::x509::Certificate;
use crate::x509::test_pki::*;

/// What is read when each part is looked at once or a few times; what is quadratic takes seconds without optimisation.
const MOST: Duration = Duration::from_millis(50);

#[test]
fn large_certificates_are_read_in_little_time() {
    let repeated = |extension: Vec<u8>| {
        let count = 55_000 / extension.len();
        let extensions = vec![extension; count];
        Parts {
            extensions,
            ..Parts::default()
        }
        .der()
    };
    let point = seq(&[tlv(0xa0, &tlv(0xa1, &[]))]);
    let parts = Parts {
        issuer: cn(&"x".repeat(27_000)),
        ..Parts::default()
    };
    let points = extension(CRL_DISTRIBUTION_POINTS, false, &seq(&vec![point; 4_500]));
    let addresses = tlv(0x82, b"a");
    let names = extension(SUBJECT_ALT_NAME, false, &seq(&vec![addresses; 18_000]));
    check([
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
            subject_of(&attribute(COMMON_NAME, UTF8, b"x")),
        ),
        ("a subject of empty sets", subject_of(&[])),
    ]);
}

#[test]
fn indefinite_lengths_are_read_in_little_time() {
    // Each opens 13,000 levels.
    let deep = [[0x30, 0x80].repeat(13_000), vec![0; 26_000]].concat();
    let parameters = seq(&[oid(&[0x2a, 3]), deep.clone()]);
    let algorithm = Parts {
        algorithm: parameters,
        ..Parts::default()
    };
    let other = tlv(0xa0, &[oid(&[0x2a]), tlv(0xa0, &deep)].concat());
    let alt_name = extension(SUBJECT_ALT_NAME, false, &seq(&[other]));
    let mut pieces = octets(&[]).repeat(25_000);
    for _ in 0..6 {
        pieces = indefinite(0x24, &pieces);
    }
    pieces[0] = 0x20 | UTF8;
    let attributes = tlv(0x31, &attribute(COMMON_NAME, UTF8, b"x")).repeat(3_600);
    let parts = Parts {
        subject: indefinite(0x30, &attributes),
        ..Parts::default()
    };
    let tbs = indefinite(0x30, &parts.fields());
    let fields = [tbs, parts.algorithm, parts.signature].concat();
    check([
        ("parameters", algorithm.der()),
        ("a name of that type", subject(deep)),
        ("an otherName", Parts::default().with(alt_name).der()),
        ("a string in pieces", subject(pieces)),
        ("all around a long name", indefinite(0x30, &fields)),
    ]);
}

fn subject_of(set: &[u8]) -> Vec<u8> {
    let set = tlv(0x31, set);
    let subject = seq(&vec![set.clone(); 55_000 / set.len()]);
    Parts {
        subject,
        ..Parts::default()
    }
    .der()
}

#[track_caller]
fn check<const N: usize>(cases: [(&str, Vec<u8>); N]) {
    for (rule, der) in cases {
        let read = || {
            let start = Instant::now();
            Certificate::parse(CertificateDer::from(&*der)).unwrap();
            start.elapsed()
        };
        let best = (0..5).map(|_| read()).min().unwrap();
        println!("{rule}: {} octets, {best:?}", der.len());
        assert!(best < MOST, "{rule}: {best:?}");
    }
}
