//! Booleans, integers, object identifiers and bits.

use super::ask::Verdict::{Good, Invalid, Refused};
use super::case::{Case, Parts, check, signature};
use crate::x509::test_pki::*;

#[test]
fn booleans_integers_identifiers_and_bits() {
    let critical = |value: &[u8]| {
        let fields = [oid(BASIC_CONSTRAINTS), value.to_vec(), octets(&seq(&[]))];
        Parts::default().with(seq(&fields)).der()
    };
    let serial = |octets: &[u8]| {
        Parts {
            serial: integer(octets),
            ..Parts::default()
        }
        .der()
    };
    let kind = |octets: &[u8]| {
        let algorithm = seq(&[oid(octets)]);
        Parts {
            algorithm,
            ..Parts::default()
        }
        .der()
    };
    check([
        Case::new("true as 1", critical(&[1, 1, 1]), Good),
        Case::new("false, written out", critical(&[1, 1, 0]), Good),
        Case::new("a boolean of nothing", critical(&[1, 0]), Refused),
        Case::new("a boolean of two octets", critical(&[1, 2, 0, 1]), Refused),
        Case::new("an integer of nothing", serial(&[]), Refused),
        Case::new("a padded integer", serial(&[0, 0x7f]), Refused),
        Case::new("a padded negative integer", serial(&[0xff, 0x80]), Refused),
        Case::new("a negative integer", serial(&[0xff, 0]), Good),
        Case::new("zero", serial(&[0]), Good),
        Case::new("an integer of a hundred octets", serial(&[1; 100]), Good),
        Case::new("an identifier of nothing", kind(&[]), Refused),
        Case::new("an unknown identifier", kind(&[0x2a, 0x81, 0]), Good),
        Case::new("a padded identifier", kind(&[0x2a, 0x80, 1]), Refused),
        Case::new("a truncated identifier", kind(&[0x2a, 0x81]), Refused),
        Case::new(
            "an identifier of huge numbers",
            kind(&[0xff; 30].iter().chain(&[1]).copied().collect::<Vec<_>>()),
            Good,
        ),
        Case::new("unused bits", signature(tlv(3, &[7, 0xff])), Good),
        Case::new("unused bits of nothing", signature(tlv(3, &[7])), Good),
        Case::new("eight unused bits", signature(tlv(3, &[8, 0])), Refused),
        Case::new("bits without a count", signature(tlv(3, &[])), Refused),
        Case::extension(
            "no key usage left without the unused bits",
            KEY_USAGE,
            &[3, 2, 1, 1],
            Invalid,
        ),
        Case::extension(
            "key usage beside unused bits",
            KEY_USAGE,
            &[3, 2, 1, 3],
            Good,
        ),
    ]);
}
