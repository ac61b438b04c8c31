use super::input::Input;
use crate::asn1::{integer, name, oid, seq, tlv};

/// Returns the default subject of certificate `number`.
pub(super) fn of_holder(number: usize) -> Vec<u8> {
    match number {
        0 => name(b"sip.example.com"),
        _ => name(format!("CA {number}").as_bytes()),
    }
}

/// Reads a distinguished name.
pub(super) fn distinguished(input: &mut Input<'_>) -> Vec<u8> {
    match input.below(24) {
        number @ 0..12 => of_holder(number),
        12 => name(b"ca  1 "),
        13 => name(b""),
        14 => email(0x16, b"user@example.com"),
        15 => email(0x0c, b"user@example.com"),
        16 => name(b"www.example.org"),
        17 => seq(&[tlv(0x31, &[]), tlv(0x31, &attribute(4, 0x13, b"CA 1"))]),
        18 => seq(&[tlv(
            0x31,
            &[attribute(3, 0x0c, b"a"), attribute(3, 0x0c, b"b")].concat(),
        )]),
        19 => seq(&[tlv(0x31, &attribute(3, 0x1e, b"\0C\0A\0 \x001"))]),
        20 => name(input.octets()),
        _ => tlv(0x30, input.octets()),
    }
}

fn attribute(kind: u8, tag: u8, value: &[u8]) -> Vec<u8> {
    seq(&[oid(&[0x55, 4, kind]), tlv(tag, value)])
}

fn email(tag: u8, value: &[u8]) -> Vec<u8> {
    let kind = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1]);
    seq(&[tlv(0x31, &seq(&[kind, tlv(tag, value)]))])
}

/// Reads a GeneralName, for a name or for a subtree.
pub(super) fn general(input: &mut Input<'_>) -> Vec<u8> {
    match input.below(10) {
        0..3 => tlv(0x82, input.pick(HOSTS).as_bytes()),
        3 => tlv(0x81, input.pick(MAILBOXES).as_bytes()),
        4 => tlv(0x86, input.pick(URIS).as_bytes()),
        5 => tlv(0x87, input.pick(ADDRESSES)),
        6 => tlv(0xa4, &distinguished(input)),
        7 => {
            let mailbox = tlv(0x0c, input.pick(MAILBOXES).as_bytes());
            let id = oid(&[0x2b, 6, 1, 5, 5, 7, 8, 9]);
            tlv(0xa0, &[id, tlv(0xa0, &mailbox)].concat())
        }
        8 => tlv(0x80 | input.octet() & 0x2f, input.octets()),
        _ => tlv(0x82, input.octets()),
    }
}

/// Reads up to three GeneralNames.
pub(super) fn generals(input: &mut Input<'_>) -> Vec<u8> {
    let count = input.below(4);
    (0..count).flat_map(|_| general(input)).collect()
}

/// Reads a GeneralSubtree.
pub(super) fn subtree(input: &mut Input<'_>) -> Vec<u8> {
    let base = general(input);
    let bound = input.octet();
    match bound {
        0..250 => seq(&[base]),
        _ => seq(&[base, tlv(0x80, &integer(&[bound & 1])[2..])]),
    }
}

const HOSTS: &[&str] = &[
    "sip.example.com",
    "example.com",
    ".example.com",
    "SIP.EXAMPLE.com",
    "*.example.com",
    "com",
    "",
    "www.example.org",
    "badexample.com",
    "sip.example.com.",
];

const MAILBOXES: &[&str] = &[
    "user@example.com",
    "example.com",
    ".example.com",
    "@",
    "User@Example.COM",
    "\"a@b\"@example.com",
    "us\u{e9}r@xn--bcher-kva.example",
    "",
];

const URIS: &[&str] = &[
    "sips://sip.example.com:5061/",
    "example.com",
    ".example.com",
    "sip:user@example.com",
    "://",
    "",
];

const ADDRESSES: &[&[u8]] = &[
    &[192, 0, 2, 1],
    &[192, 0, 2, 0, 255, 255, 255, 0],
    &[0; 8],
    &[0xfe; 16],
    &[0; 32],
    &[1, 2, 3],
];
