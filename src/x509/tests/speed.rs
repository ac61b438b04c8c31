//! Reading takes a time in proportion to the length, whatever stands there.

use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;

use super::case::{Parts, indefinite};
use crate::x509::Certificate;
use crate::x509::extension::id;
use crate::x509::test_pki::*;

#[test]
fn measure() {
    let show = |rule: &str, der: Vec<u8>| {
        let start = Instant::now();
        let mut best = Duration::MAX;
        let mut ok = false;
        for _ in 0..5 {
            let start = Instant::now();
            ok = Certificate::parse(CertificateDer::from(&*der)).is_ok();
            best = best.min(start.elapsed());
        }
        eprintln!(
            "{rule}: {} bytes, {best:?}, {ok}, {:?}",
            der.len(),
            start.elapsed()
        );
    };
    for n in [500, 1000, 2000, 4000] {
        for (rule, id, value) in [
            ("san", id::SUBJECT_ALT_NAME, seq(&[])),
            ("kid", id::SUBJECT_KEY_ID, octets(&[1])),
            ("unknown", &[0x2a, 3][..], vec![]),
        ] {
            let mut parts = Parts::default();
            parts.extensions = vec![extension(id, false, &value); n];
            show(&format!("{rule} x {n}"), parts.der());
        }
    }
    for depth in [1000usize, 4000, 16000, 60000] {
        let nested = |tag: u8, inner: usize| {
            let mut d = [tag, 0x80].repeat(inner);
            d.extend(vec![0; 2 * inner]);
            d
        };
        let deep = nested(0x30, depth / 4);
        let params = seq(&[oid(&[0x2a, 3]), deep.clone()]);
        show(
            "params",
            Parts {
                algorithm: params,
                ..Parts::default()
            }
            .der(),
        );
        let subject = name(&[seq(&[oid(COMMON_NAME), deep.clone()])]);
        show(
            "subject",
            Parts {
                subject,
                ..Parts::default()
            }
            .der(),
        );
        let deep_name = nested(0x31, depth / 4);
        show(
            "open sets",
            Parts {
                subject: tlv(0x30, &deep_name),
                ..Parts::default()
            }
            .der(),
        );
        let san = extension(
            id::SUBJECT_ALT_NAME,
            false,
            &seq(&[tlv(0xa0, &[oid(&[0x2a]), tlv(0xa0, &deep)].concat())]),
        );
        show("san", Parts::default().with(san).der());
        let inner = nested(0x30, depth / 8);
        let many = indefinite(0x30, &[Parts::default().fields(), inner].concat());
        show("everything", Parts::default().around(many));
        // Many strings in pieces.
        let mut string = vec![4u8, 0].repeat(depth / 2);
        for _ in 0..5 {
            string = indefinite(0x24, &string);
        }
        string[0] = 0x2c;
        show(
            "string",
            Parts {
                subject: name(&[seq(&[oid(COMMON_NAME), string])]),
                ..Parts::default()
            }
            .der(),
        );
        // indefinite at all regular levels with a long content.
        let attrs = tlv(0x31, &attribute(COMMON_NAME, UTF8, b"x")).repeat(depth / 14);
        let long_name = indefinite(0x30, &attrs);
        let p = Parts {
            subject: long_name,
            ..Parts::default()
        };
        let d = indefinite(
            0x30,
            &[
                indefinite(0x30, &p.fields()),
                p.algorithm.clone(),
                p.signature.clone(),
            ]
            .concat(),
        );
        show("levels", d);
    }
}
