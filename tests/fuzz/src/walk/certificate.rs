use std::sync::LazyLock;

use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{NonZeroScalar, PublicKey};

use super::input::Input;
use super::names;
use crate::asn1::{EXTENSIONS, bits, boolean, extension, integer, octets, oid, seq, tlv};

/// The number of a certificate, and how many there are.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) count: usize,
}

/// The largest number of certificates.
pub(super) const MOST: usize = 12;

/// Reads a certificate. Apart from copies, no two have the same key or serial number.
pub(super) fn read(input: &mut Input<'_>, place: Place, earlier: &[Vec<u8>]) -> Vec<u8> {
    let shape = Shape(input.octet());
    if shape.has(COPY) && !earlier.is_empty() {
        return earlier[input.below(earlier.len())].clone();
    }
    let (subject, issuer) = subject_and_issuer(input, shape, place);
    let dates = match shape.has(DATES) {
        true => [date(input), date(input)],
        false => [tlv(0x17, b"260101000000Z"), tlv(0x17, b"270101000000Z")],
    };
    let (key, algorithm) = match shape.has(KEY) {
        true => (key(input.below(5), place.number), input.pick(&ALGORITHMS)),
        false => (key(0, place.number), ALGORITHMS[0]),
    };
    let extensions = extensions(input, shape, place);
    let tbs = seq(&[
        tlv(0xa0, &integer(&[if shape.has(V1) { 0 } else { 2 }])),
        integer(&[place.number as u8 + 1]),
        seq(&[oid(algorithm)]),
        issuer,
        seq(&dates),
        subject,
        key,
        extensions,
    ]);
    let signature = signature(algorithm, u8::from(shape.has(BAD_SIGNATURE)));
    let mut der = seq(&[tbs, seq(&[oid(algorithm)]), bits(&signature)]);
    if shape.has(DAMAGE) {
        let at = (input.below(256) << 8 | input.below(256)) % der.len();
        der[at] = input.octet();
    }
    der
}

/// Flags for the ways in which a certificate differs from a usual one.
#[derive(Clone, Copy)]
struct Shape(u8);

impl Shape {
    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

const COPY: u8 = 1;
const NAMES: u8 = 2;
const DATES: u8 = 4;
const KEY: u8 = 8;
const EXTENSIONS_OF_ITS_OWN: u8 = 0x10;
const BAD_SIGNATURE: u8 = 0x20;
const V1: u8 = 0x40;
const DAMAGE: u8 = 0x80;

fn subject_and_issuer(input: &mut Input<'_>, shape: Shape, place: Place) -> (Vec<u8>, Vec<u8>) {
    if shape.has(NAMES) {
        return (names::distinguished(input), names::distinguished(input));
    }
    let above = (place.number + 1).min(place.count - 1);
    (names::of_holder(place.number), names::of_holder(above))
}

fn extensions(input: &mut Input<'_>, shape: Shape, place: Place) -> Vec<u8> {
    let extensions: Vec<_> = match shape.has(EXTENSIONS_OF_ITS_OWN) {
        true => (0..input.below(7)).map(|_| any_extension(input)).collect(),
        false => usual_extensions(place),
    };
    match extensions.is_empty() {
        true => Vec::new(),
        false => tlv(0xa3, &seq(&extensions)),
    }
}

/// Returns a signature. Its first octet says whether it is good.
pub(super) fn signature(algorithm: &[u8], verdict: u8) -> Vec<u8> {
    let len = match algorithm == ALGORITHMS[1] {
        true => 256,
        false => 64,
    };
    let mut signature = vec![9; len];
    signature[0] = verdict;
    signature
}

/// ECDSA with SHA-256, RSA with SHA-256, Ed25519, RSA with SHA-1.
pub(super) const ALGORITHMS: [&[u8]; 4] = [
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
    &[0x2b, 0x65, 0x70],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5],
];

fn key(kind: usize, number: usize) -> Vec<u8> {
    match kind {
        0 => seq(&[seq(&[oid(EC), oid(P256)]), bits(&POINTS[number])]),
        1 => rsa(256, number),
        2 => rsa(128, number),
        3 => seq(&[seq(&[oid(ALGORITHMS[2])]), bits(&[number as u8; 32])]),
        _ => seq(&[seq(&[oid(EC), seq(&[])]), bits(&POINTS[number])]),
    }
}

fn rsa(len: usize, number: usize) -> Vec<u8> {
    let mut modulus = vec![0xff; len + 1];
    (modulus[0], modulus[2]) = (0, number as u8);
    let key = seq(&[integer(&modulus), integer(&[1, 0, 1])]);
    let id = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    seq(&[seq(&[id, tlv(5, &[])]), bits(&key)])
}

static POINTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let point = |number: u8| {
        let scalar = NonZeroScalar::try_from(&[number; 32][..]).expect("not zero");
        let key = PublicKey::from_secret_scalar(&scalar);
        key.to_sec1_point(false).as_bytes().to_vec()
    };
    (1..=MOST as u8).map(point).collect()
});

fn date(input: &mut Input<'_>) -> Vec<u8> {
    match input.below(8) {
        0 => tlv(0x17, b"260101000000Z"),
        1 => tlv(0x17, b"270101000000Z"),
        2 => tlv(0x17, b"250101000000Z"),
        3 => tlv(0x18, b"99991231235959Z"),
        // Exactly the time of the verification.
        4 => tlv(0x17, b"260601000000Z"),
        5 => tlv(0x17, b"2606010000+0000"),
        6 => tlv(0x18, input.octets()),
        _ => tlv(0x17, input.octets()),
    }
}

fn usual_extensions(place: Place) -> Vec<Vec<u8>> {
    match place.number {
        0 => {
            let names = seq(&[tlv(0x82, b"sip.example.com")]);
            vec![extension(&[0x55, 0x1d, 17], false, &names)]
        }
        _ => vec![extension(&[0x55, 0x1d, 19], true, &seq(&[boolean(true)]))],
    }
}

fn any_extension(input: &mut Input<'_>) -> Vec<u8> {
    let kind = input.octet();
    let is_critical = kind & 0x80 != 0;
    let (id, value) = match kind & 0x0f {
        0 | 12 => (19, basic_constraints(input)),
        1 => (15, bits(&[input.octet(), input.octet() & 0x80])),
        2 => (37, purposes(input)),
        3 => (14, octets(&[input.octet() & 3])),
        4 => (35, authority_key_id(input)),
        5 | 13 => (17, tlv(0x30, &names::generals(input))),
        6 | 14 => (30, name_constraints(input)),
        7 => (31, distribution_point(input)),
        8 => return extension(&RESOURCES[0], is_critical, &numbers(input)),
        9 => return extension(&RESOURCES[1], is_critical, &blocks(input)),
        _ => return extension(input.pick(&EXTENSIONS), is_critical, input.octets()),
    };
    extension(&[0x55, 0x1d, id], is_critical, &value)
}

fn basic_constraints(input: &mut Input<'_>) -> Vec<u8> {
    let flags = input.octet();
    let limit = match flags & 2 {
        0 => Vec::new(),
        _ => integer(&[flags >> 2 & 3]),
    };
    let ca = match flags & 1 {
        0 => boolean(true),
        _ => Vec::new(),
    };
    seq(&[ca, limit])
}

/// Reads an extendedKeyUsage: server, client, any, Server Gated Crypto.
fn purposes(input: &mut Input<'_>) -> Vec<u8> {
    let chosen = input.octet();
    let known: [&[u8]; 4] = [
        &[0x2b, 6, 1, 5, 5, 7, 3, 1],
        &[0x2b, 6, 1, 5, 5, 7, 3, 2],
        &[0x55, 0x1d, 37, 0],
        &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 4, 1],
    ];
    let listed = known
        .iter()
        .enumerate()
        .filter(|(i, _)| chosen >> i & 1 != 0);
    seq(&listed.map(|(_, id)| oid(id)).collect::<Vec<_>>())
}

fn authority_key_id(input: &mut Input<'_>) -> Vec<u8> {
    let flags = input.octet();
    let mut fields = Vec::new();
    if flags & 1 != 0 {
        fields.push(tlv(0x80, &[input.octet() & 3]));
    }
    if flags & 2 != 0 {
        fields.push(tlv(0xa1, &tlv(0xa4, &names::distinguished(input))));
    }
    if flags & 4 != 0 {
        fields.push(tlv(0x82, &[1 + input.below(MOST) as u8]));
    }
    seq(&fields)
}

fn name_constraints(input: &mut Input<'_>) -> Vec<u8> {
    let mut subtrees = |tag: u8| {
        let count = input.below(4);
        let subtrees: Vec<_> = (0..count).flat_map(|_| names::subtree(input)).collect();
        match count {
            0 => Vec::new(),
            _ => tlv(tag, &subtrees),
        }
    };
    seq(&[subtrees(0xa0), subtrees(0xa1)])
}

pub(super) fn distribution_point(input: &mut Input<'_>) -> Vec<u8> {
    let flags = input.octet();
    let mut fields = Vec::new();
    if flags & 1 == 0 {
        fields.push(tlv(0xa0, &point_name(input)));
    }
    if flags & 2 != 0 {
        fields.push(tlv(0x81, &[0, input.octet(), input.octet() & 0x80]));
    }
    if flags & 4 != 0 {
        fields.push(tlv(0xa2, &names::generals(input)));
    }
    seq(&[seq(&fields)])
}

pub(super) fn point_name(input: &mut Input<'_>) -> Vec<u8> {
    match input.below(4) {
        0..3 => tlv(0xa0, &names::generals(input)),
        _ => tlv(0xa1, &seq(&[oid(&[0x55, 4, 3]), tlv(0x0c, b"CA 1")])),
    }
}

fn numbers(input: &mut Input<'_>) -> Vec<u8> {
    let mut choice = || match input.below(4) {
        0 => tlv(5, &[]),
        1 => seq(&[integer(&[input.octet() & 0x7f])]),
        2 => seq(&[seq(&[integer(&[1]), integer(&[input.octet() & 0x7f])])]),
        _ => seq(&[
            integer(&[1]),
            seq(&[integer(&[3]), integer(&[input.octet() & 0x7f])]),
        ]),
    };
    seq(&[tlv(0xa0, &choice()), tlv(0xa1, &choice())])
}

fn blocks(input: &mut Input<'_>) -> Vec<u8> {
    let mut family = |number: u8| {
        let choice = match input.below(4) {
            0 => tlv(5, &[]),
            1 => seq(&[bits(&[10])]),
            2 => seq(&[bits(&[10, input.octet()])]),
            _ => seq(&[seq(&[bits(&[10, 1]), bits(&[10, input.octet()])])]),
        };
        seq(&[octets(&[0, number]), choice])
    };
    seq(&[family(1), family(2)])
}

const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const RESOURCES: [[u8; 8]; 2] = [[0x2b, 6, 1, 5, 5, 7, 1, 8], [0x2b, 6, 1, 5, 5, 7, 1, 7]];
