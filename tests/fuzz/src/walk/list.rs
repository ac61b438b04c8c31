use super::certificate::{self, ALGORITHMS};
use super::input::Input;
use super::names;
use crate::asn1::{EXTENSIONS, bits, boolean, extension, integer, oid, seq, tlv};

/// A revocation list.
pub(super) struct MadeList {
    pub(super) der: Vec<u8>,
    /// Whether the list has the serial number of the first certificate, whoever issued it.
    pub(super) revokes_first: bool,
}

/// Reads a list. By default it is a good list of `CA 1` without entries.
pub(super) fn read(input: &mut Input<'_>) -> MadeList {
    let shape = input.octet();
    let is = |bit: u8| shape & bit != 0;
    let issuer = match is(1) {
        true => names::distinguished(input),
        false => names::of_holder(1),
    };
    let dates = match is(2) {
        true => [date(input), date(input)],
        false => [tlv(0x17, b"260101000000Z"), tlv(0x17, b"270101000000Z")],
    };
    let revoked = match is(4) {
        true => input.octet(),
        false => 0,
    };
    let entry = |i: u8| seq(&[integer(&[i + 1]), tlv(0x17, b"260101000000Z")]);
    let entries: Vec<_> = (0..8)
        .filter(|i| revoked >> i & 1 != 0)
        .map(entry)
        .collect();
    let extensions: Vec<_> = match is(8) {
        true => (0..input.below(4)).map(|_| any_extension(input)).collect(),
        false => Vec::new(),
    };
    let algorithm = seq(&[oid(ALGORITHMS[0])]);
    let tbs = seq(&[
        integer(&[1]),
        algorithm.clone(),
        issuer,
        dates.concat(),
        seq(&entries),
        tlv(0xa0, &seq(&extensions)),
    ]);
    let signature = certificate::signature(ALGORITHMS[0], u8::from(is(0x10)));
    MadeList {
        der: seq(&[tbs, algorithm, bits(&signature)]),
        revokes_first: revoked & 1 != 0,
    }
}

fn date(input: &mut Input<'_>) -> Vec<u8> {
    let texts: [&[u8]; 5] = [
        b"260101000000Z",
        b"270101000000Z",
        b"250101000000Z",
        b"260601000000Z",
        b"never",
    ];
    tlv(0x17, input.pick(&texts))
}

fn any_extension(input: &mut Input<'_>) -> Vec<u8> {
    let kind = input.octet();
    let is_critical = kind & 0x80 != 0;
    match kind & 7 {
        0..4 => extension(&[0x55, 0x1d, 28], is_critical, &scope(input)),
        4 => extension(
            &[0x55, 0x1d, 35],
            is_critical,
            &seq(&[tlv(0x80, &[input.octet() & 3])]),
        ),
        5 => extension(
            &[0x55, 0x1d, 20],
            is_critical,
            &integer(&[input.octet() & 0x7f]),
        ),
        6 => extension(&[0x55, 0x1d, 27], is_critical, &integer(&[1])),
        _ => extension(input.pick(&EXTENSIONS), is_critical, input.octets()),
    }
}

/// Reads an issuingDistributionPoint.
fn scope(input: &mut Input<'_>) -> Vec<u8> {
    let flags = input.octet();
    let mut fields = Vec::new();
    if flags & 1 != 0 {
        fields.push(tlv(0xa0, &certificate::point_name(input)));
    }
    for (bit, number) in [(2, 1), (4, 2), (8, 4), (0x10, 5)] {
        if number == 4 && flags & 0x20 != 0 {
            fields.push(tlv(0x83, &[0, input.octet(), 0]));
        }
        if flags & bit != 0 {
            fields.push(tlv(0x80 | number, &boolean(true)[2..]));
        }
    }
    seq(&fields)
}
