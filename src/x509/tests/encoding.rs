//! Lengths, tags and strings in pieces: where `der` is laxer than DER, and the cases next to these.

use super::ask::Verdict::{Good, Invalid, Refused};
use super::case::{Case, Parts, check, ed25519, indefinite, long, signature, subject};
use crate::x509::test_pki::*;

#[test]
fn lengths_in_the_long_form() {
    let with_serial = |serial| {
        Parts {
            serial,
            ..Parts::default()
        }
        .der()
    };
    let parts = Parts::default();
    let outer = [seq(&[parts.fields()]), ed25519(), parts.signature.clone()].concat();
    check([
        Case::new(
            "long where short would do",
            with_serial(long(2, 1, &[5])),
            Good,
        ),
        Case::new("with leading zeros", with_serial(long(2, 8, &[5])), Good),
        Case::new(
            "with many leading zeros",
            with_serial(long(2, 126, &[5])),
            Good,
        ),
        Case::new("of the whole", long(0x30, 4, &outer), Good),
        Case::new(
            "of the signed part",
            parts.around(long(0x30, 8, &parts.fields())),
            Good,
        ),
        Case::new(
            "beyond the end",
            with_serial(vec![2, 0x81, 0xff, 5]),
            Refused,
        ),
        Case::new(
            "nine significant octets",
            with_serial(vec![2, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 1, 5]),
            Refused,
        ),
        Case::new(
            "no octet behind a long zero",
            Parts {
                signed_algorithm: seq(&[oid(&[0x2a, 3]), long(5, 1, &[])]),
                ..parts.clone()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "an octet behind a long zero",
            Parts {
                subject: long(0x30, 1, &[]),
                ..parts.clone()
            }
            .der(),
            Good,
        ),
        Case::new("trailing octets", [parts.der(), vec![0]].concat(), Good).but_ours(Refused),
    ]);
}

#[test]
fn indefinite_lengths_at_each_level() {
    let parts = Parts::default();
    let whole = |signature: Vec<u8>, close: &[u8]| {
        let fields = [seq(&[parts.fields()]), ed25519(), signature].concat();
        [&[0x30, 0x80], &*fields, close].concat()
    };
    let signature = parts.signature.clone();
    let attribute = [oid(COMMON_NAME), tlv(UTF8, b"x")].concat();
    let levels = indefinite(0x30, &indefinite(0x31, &indefinite(0x30, &attribute)));
    let extension = indefinite(
        0x30,
        &[
            oid(BASIC_CONSTRAINTS),
            octets(&indefinite(0x30, &boolean(true))),
        ]
        .concat(),
    );
    check([
        Case::new("the whole", whole(signature.clone(), &[0, 0]), Good),
        Case::new(
            "the whole, not ended",
            whole(signature.clone(), &[]),
            Refused,
        ),
        Case::new("the whole, ended by half", whole(signature, &[0]), Refused),
        Case::new(
            "the signed part",
            parts.around(indefinite(0x30, &parts.fields())),
            Good,
        ),
        Case::new(
            "a name, its sets and attributes",
            Parts {
                subject: levels,
                ..parts.clone()
            }
            .der(),
            Good,
        ),
        Case::new(
            "an explicit tag",
            Parts {
                version: indefinite(0xa0, &integer(&[2])),
                ..parts.clone()
            }
            .der(),
            Good,
        ),
        Case::new(
            "an explicit tag around nothing",
            Parts {
                version: indefinite(0xa0, &[]),
                ..parts.clone()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "an extension and its value",
            parts.clone().with(extension).der(),
            Good,
        ),
        Case::new(
            "a primitive",
            Parts {
                serial: indefinite(2, &[5]),
                ..parts.clone()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "an end of contents within a definite length",
            Parts {
                validity: [parts.validity.clone(), vec![0, 0]].concat(),
                ..parts.clone()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "a field behind the end of contents",
            parts.around(indefinite(
                0x30,
                &[parts.fields(), vec![0, 0, 5, 0]].concat(),
            )),
            Refused,
        ),
    ]);
}

#[test]
fn an_octet_follows_a_long_length_of_zero() {
    let null = long(5, 1, &[]);
    let algorithm = |tag: u8, close: fn(u8, &[u8]) -> Vec<u8>| {
        let content = [oid(&[0x2a, 3]), null.clone()].concat();
        Parts {
            algorithm: close(tag, &content),
            ..Parts::default()
        }
        .der()
    };
    let text = |close: fn(u8, &[u8]) -> Vec<u8>| {
        let attribute = close(0x30, &[oid(COMMON_NAME), long(UTF8, 1, &[])].concat());
        Parts {
            subject: seq(&[tlv(0x31, &attribute)]),
            ..Parts::default()
        }
        .der()
    };
    let piece = |close: fn(u8, &[u8]) -> Vec<u8>| {
        let pieces = [octets(b"x"), long(4, 1, &[])].concat();
        subject(close(0x20 | UTF8, &pieces))
    };
    let alt_name = |close: fn(u8, &[u8]) -> Vec<u8>| {
        let value = close(0x30, &long(0x82, 1, &[]));
        let extension = extension(SUBJECT_ALT_NAME, false, &value);
        Parts::default().with(extension).der()
    };
    check([
        Case::new("parameters", algorithm(0x30, tlv), Refused),
        Case::new("parameters, then an end", algorithm(0x30, indefinite), Good),
        Case::new("a string", text(tlv), Refused),
        Case::new("a string, then an end", text(indefinite), Good),
        Case::new("a piece", piece(tlv), Refused),
        Case::new("a piece, then an end", piece(indefinite), Good),
        Case::new("a general name", alt_name(tlv), Invalid),
        Case::new("a general name, then an end", alt_name(indefinite), Good),
    ]);
}

#[test]
fn strings_in_pieces() {
    let nested = |depth: usize| {
        let mut string = octets(b"x");
        for _ in 0..depth {
            string = tlv(0x24, &string);
        }
        string[0] = 0x20 | UTF8;
        subject(string)
    };
    check([
        Case::new("one level", nested(1), Good),
        Case::new("five levels below the first", nested(6), Good),
        Case::new("six levels below the first", nested(7), Refused),
        Case::new("of no piece", subject(tlv(0x20 | UTF8, &[])), Good),
        Case::new(
            "of other types",
            subject(tlv(
                0x20 | UTF8,
                &[integer(&[0x41]), tlv(0x9e, &[0x42])].concat(),
            )),
            Good,
        ),
        Case::new(
            "indefinite",
            subject(indefinite(0x20 | UTF8, &octets(b"x"))),
            Good,
        ),
        Case::new(
            "an end of contents among them",
            subject(tlv(0x20 | UTF8, &[0, 0])),
            Refused,
        ),
        Case::new(
            "bits",
            signature(tlv(0x23, &[bit_string(&[1]), bit_string(&[2])].concat())),
            Good,
        ),
        Case::new("bits of no piece", signature(tlv(0x23, &[])), Refused),
        Case::new(
            "text that is whole only together",
            subject(tlv(
                0x20 | UTF8,
                &[octets(&[0xc3]), octets(&[0xa4])].concat(),
            )),
            Good,
        ),
        Case::new(
            "the value of an extension",
            Parts::default()
                .with(seq(&[
                    oid(BASIC_CONSTRAINTS),
                    tlv(0x24, &[octets(&[0x30]), octets(&[0])].concat()),
                ]))
                .der(),
            Good,
        ),
        Case::new(
            "a date",
            Parts {
                validity: seq(&[tlv(0x37, &utc("200101000000Z")), utc("400101000000Z")]),
                ..Parts::default()
            }
            .der(),
            Good,
        ),
        Case::new(
            "an integer",
            Parts {
                serial: tlv(0x22, &integer(&[5])),
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "an object identifier",
            Parts {
                algorithm: seq(&[tlv(0x26, &oid(&[0x2a, 3]))]),
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
        Case::extension(
            "a boolean",
            BASIC_CONSTRAINTS,
            &seq(&[tlv(0x21, &boolean(true))]),
            Invalid,
        ),
    ]);
}

#[test]
fn tags_in_the_long_form() {
    let with_serial = |tag: &[u8]| {
        Parts {
            serial: [tag, &[1, 5]].concat(),
            ..Parts::default()
        }
        .der()
    };
    check([
        Case::new("where short would do", with_serial(&[0x1f, 2]), Good),
        Case::new(
            "with leading zeros",
            with_serial(&[0x1f, 0x80, 0x80, 2]),
            Good,
        ),
        Case::new("another number", with_serial(&[0x1f, 0x82, 2]), Refused),
        Case::new(
            "a number that is too large",
            with_serial(&[0x1f, 0xff, 0xff, 0xff, 0xff, 2]),
            Refused,
        ),
        Case::new(
            "a number above 30 as a parameter",
            Parts {
                algorithm: seq(&[oid(&[0x2a, 3]), vec![0x1f, 0x81, 0, 1, 5]]),
                ..Parts::default()
            }
            .der(),
            Good,
        ),
        Case::new(
            "a number above 30 in a name",
            subject(vec![0x1f, 0x81, 0, 1, 5]),
            Refused,
        ),
        Case::extension(
            "an optional field",
            AUTHORITY_KEY_ID,
            &seq(&[vec![0x9f, 0, 1, 5]]),
            Good,
        ),
    ]);
}

#[test]
fn lists_without_the_constructed_bit() {
    let attribute = seq(&[oid(COMMON_NAME), tlv(UTF8, b"x")]);
    let primitive_name = tlv(0x10, &tlv(0x11, &attribute));
    let mut parts = Parts::default().with(extension(BASIC_CONSTRAINTS, false, &seq(&[])));
    parts.unique_ids = tlv(0xa3, &tlv(0x10, &parts.extensions.concat()));
    parts.extensions.clear();
    let validity = tlv(0x10, &[utc("200101000000Z"), utc("400101000000Z")].concat());
    check([
        Case::new(
            "a name and its sets",
            Parts {
                subject: primitive_name,
                ..Parts::default()
            }
            .der(),
            Good,
        ),
        Case::new("extensions", parts.der(), Good),
        Case::new(
            "a sequence of fields",
            Parts {
                validity,
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "an attribute",
            Parts {
                subject: tlv(
                    0x30,
                    &tlv(
                        0x31,
                        &tlv(0x10, &[oid(COMMON_NAME), tlv(UTF8, b"x")].concat()),
                    ),
                ),
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "an explicit tag",
            Parts {
                version: tlv(0x80, &integer(&[2])),
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
        Case::extension(
            "purposes",
            EXTENDED_KEY_USAGE,
            &tlv(0x10, &oid(&[0x2a, 3])),
            Good,
        ),
        Case::extension(
            "general names",
            SUBJECT_ALT_NAME,
            &tlv(0x10, &tlv(0x82, b"x")),
            Good,
        ),
        Case::extension(
            "an implicit list",
            AUTHORITY_KEY_ID,
            &seq(&[tlv(0x81, &tlv(0x82, b"x"))]),
            Good,
        ),
        Case::extension(
            "an implicit choice",
            CRL_DISTRIBUTION_POINTS,
            &seq(&[seq(&[tlv(0xa0, &tlv(0x80, &tlv(0x82, b"x")))])]),
            Good,
        ),
        Case::extension("a constraint", BASIC_CONSTRAINTS, &tlv(0x10, &[]), Invalid),
    ]);
}
