//! Address blocks and AS numbers of RFC 3779.

use super::{any, few};
use crate::{
    der,
    ext::{self, Extension},
    plan::{INTER, LEAF, Plan, ROOT},
    rng::Rng,
};

/// Resources of some certificates: more often than not covered by those of the issuer.
pub(super) fn resources(p: &mut Plan, rng: &mut Rng) {
    let addresses = rng.one_in(2);
    let own = |wide: bool, rng: &mut Rng| match addresses {
        true => Extension::new(ext::IP_BLOCKS, blocks(wide, rng)),
        false => Extension::new(ext::AS_NUMBERS, numbers(wide, rng)),
    };
    let last = rng.below(4);
    for (n, cert) in [ROOT, INTER, LEAF].into_iter().enumerate() {
        if n >= last && !rng.one_in(4) {
            continue;
        }
        let mut value = own(n < 2, rng);
        value.critical = rng.one_in(2);
        p.certs[cert].put(value);
    }
    if last == 0 {
        let cert = any(p, rng);
        let mut value = own(true, rng);
        value.critical = rng.one_in(2);
        p.certs[cert].put(value);
    }
}

/// A prefix of `bits` bits.
fn prefix(bits: u8, bytes: &[u8]) -> Vec<u8> {
    der::tlv(3, &[&[(8 - bits % 8) % 8], bytes].concat())
}

fn range(from: Vec<u8>, to: Vec<u8>) -> Vec<u8> {
    der::sequence(&[from, to])
}

fn family(id: &[u8], choice: Vec<u8>) -> Vec<u8> {
    der::sequence(&[der::octets(id), choice])
}

const INHERIT: [u8; 2] = [5, 0];

/// IPAddrBlocks: all of 10.0.0.0/8 or a part of it, or something odd.
fn blocks(wide: bool, rng: &mut Rng) -> Vec<u8> {
    let v4 = |choice: Vec<Vec<u8>>| family(&[0, 1], der::sequence(&choice));
    let v6 = |choice: Vec<Vec<u8>>| family(&[0, 2], der::sequence(&choice));
    let eight = prefix(8, &[10]);
    match rng.below(8) {
        0 => der::sequence(&[family(&[0, 1], INHERIT.to_vec())]),
        1 => odd_blocks(rng),
        2 => der::sequence(&[v4(vec![eight]), v6(vec![prefix(32, &[0x20, 1, 0xd, 0xb8])])]),
        _ if wide => der::sequence(&[v4(vec![eight])]),
        3 => der::sequence(&[v4(vec![prefix(24, &[10, 1, 2])])]),
        4 => der::sequence(&[v4(vec![range(
            prefix(32, &[10, 0, 0, 1]),
            prefix(32, &[10, 0, 0, 6]),
        )])]),
        5 => der::sequence(&[v4(vec![prefix(16, &[192, 0])])]),
        _ => der::sequence(&[v4(vec![prefix(16, &[10, 1]), prefix(16, &[10, 3])])]),
    }
}

/// Malformed, not canonical, or of an unusual family.
fn odd_blocks(rng: &mut Rng) -> Vec<u8> {
    let seq = |choice: &[Vec<u8>]| der::sequence(choice);
    let ten = || prefix(8, &[10]);
    let all = [
        seq(&[]),
        seq(&[family(&[0, 1], seq(&[]))]),
        seq(&[family(&[0, 1], seq(&[prefix(16, &[10, 1]), ten()]))]),
        seq(&[family(
            &[0, 1],
            seq(&[prefix(9, &[10, 0]), prefix(9, &[10, 0x80])]),
        )]),
        seq(&[family(&[0, 1], seq(&[range(ten(), ten())]))]),
        seq(&[family(&[0, 1], seq(&[range(prefix(8, &[11]), ten())]))]),
        seq(&[family(&[0, 1], seq(&[prefix(40, &[10, 0, 0, 0, 0])]))]),
        seq(&[family(&[0, 1], seq(&[der::tlv(3, &[1, 0xff])]))]),
        seq(&[family(&[0, 1], seq(&[der::tlv(3, &[9, 10])]))]),
        seq(&[family(&[0, 1, 1], seq(&[ten()]))]),
        seq(&[family(&[0, 1, 1, 1], seq(&[ten()]))]),
        seq(&[family(&[1], seq(&[ten()]))]),
        seq(&[family(&[], seq(&[ten()]))]),
        seq(&[family(&[0, 9], seq(&[ten()]))]),
        seq(&[
            family(&[0, 2], seq(&[ten()])),
            family(&[0, 1], seq(&[ten()])),
        ]),
        seq(&[
            family(&[0, 1], seq(&[ten()])),
            family(&[0, 1], seq(&[ten()])),
        ]),
        seq(&[family(&[0, 1], vec![5, 1, 0])]),
        vec![0x30, 9, 1],
        [seq(&[family(&[0, 1], seq(&[ten()]))]), vec![5, 0]].concat(),
        vec![5, 0],
    ];
    rng.pick(&all)
}

/// ASIdentifiers: 64496 to 64511 or a part of them, or something odd.
fn numbers(wide: bool, rng: &mut Rng) -> Vec<u8> {
    let id = |n: u16| der::integer(&[&[0], n.to_be_bytes().as_slice()].concat());
    let list = |tag, parts: &[Vec<u8>]| der::context(tag, &der::sequence(parts));
    let all = || range(id(64496), id(64511));
    match rng.below(8) {
        0 => der::sequence(&[der::context(0, &INHERIT)]),
        1 => odd_numbers(rng),
        2 => der::sequence(&[list(0, &[all()]), list(1, &[all()])]),
        _ if wide => der::sequence(&[list(0, &[all()])]),
        3 => der::sequence(&[list(0, &[id(64500)])]),
        4 => der::sequence(&[list(0, &[id(64496), range(id(64500), id(64502))])]),
        5 => der::sequence(&[list(0, &[id(65000)])]),
        _ => der::sequence(&[list(1, &[id(64500)])]),
    }
}

fn odd_numbers(rng: &mut Rng) -> Vec<u8> {
    let id = |bytes: &[u8]| der::integer(bytes);
    let list = |parts: &[Vec<u8>]| der::sequence(&[der::context(0, &der::sequence(parts))]);
    let all = [
        der::sequence(&[]),
        list(&[]),
        list(&[id(&[5]), id(&[4])]),
        list(&[id(&[4]), id(&[5])]),
        list(&[id(&[4]), id(&[4])]),
        list(&[range(id(&[5]), id(&[4]))]),
        list(&[range(id(&[4]), id(&[4]))]),
        list(&[id(&[0xff])]),
        list(&[id(&[0, 4])]),
        list(&[id(&[0, 0xff, 0xff, 0xff, 0xff])]),
        list(&[id(&[1, 0, 0, 0, 0])]),
        list(&[range(id(&[0]), id(&[0, 0xff, 0xff, 0xff, 0xff]))]),
        der::sequence(&[der::context(0, &[5, 1, 0])]),
        der::sequence(&[der::context(1, &INHERIT), der::context(0, &INHERIT)]),
        der::sequence(&few(
            &[der::context(0, &INHERIT), der::context(2, &INHERIT)],
            2,
            rng,
        )),
        vec![0x30, 9, 1],
        vec![5, 0],
    ];
    rng.pick(&all)
}
