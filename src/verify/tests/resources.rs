//! Internet number resources (RFC 3779).

use super::case::{Answer, Case, GOOD};
use crate::verify::test_pki::*;

fn invalid(depth: usize) -> Answer {
    (41, depth)
}

fn unnested(depth: usize) -> Answer {
    (46, depth)
}

/// What one certificate of a path holds: `None` for nothing.
type Held = Option<Vec<u8>>;

/// An end entity, an intermediate and the root.
fn path(id: &[u8], held: [Held; 3]) -> Vec<CertificateSpec> {
    let inter = CertificateSpec::intermediate();
    let leaf = CertificateSpec::default().below(&inter);
    let specs = [leaf, inter, CertificateSpec::root()].into_iter().zip(held);
    specs
        .map(|(spec, held)| match held {
            Some(value) => spec.with(extension(id, false, &value)),
            None => spec,
        })
        .collect()
}

pub(super) fn cases() -> Vec<Case> {
    [addresses(), numbers()].concat()
}

/// Blocks of one family, given by its number and the choice.
fn blocks(family: u8, choice: Vec<u8>) -> Held {
    Some(seq(&[seq(&[octets(&[0, family]), choice])]))
}

/// A prefix, with the number of unused bits in its last octet.
fn prefix(unused: u8, address: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[unused], address].concat())
}

fn addresses() -> Vec<Case> {
    let case = |rule, held, answer| Case::new(rule, path(ADDRESS_BLOCKS, held), answer);
    let one = |address: &[u8]| blocks(1, seq(&[prefix(0, address)]));
    let two = |a: &[u8], b: &[u8]| blocks(1, seq(&[prefix(0, a), prefix(0, b)]));
    // A range before a prefix.
    let before = |min: &[u8], max: &[u8], other: &[u8]| {
        let range = seq(&[prefix(0, min), prefix(0, max)]);
        blocks(1, seq(&[range, prefix(0, other)]))
    };
    let inherit = || blocks(1, tlv(0x05, &[]));
    let range = |min: &[u8], max: &[u8]| blocks(1, seq(&[seq(&[prefix(0, min), prefix(0, max)])]));
    let family = |id: &[u8], choice| seq(&[octets(id), choice]);
    let v4 = |address: &[u8]| family(&[0, 1], seq(&[prefix(0, address)]));
    let v6_prefix = || family(&[0, 2], seq(&[prefix(0, &[0x20, 1])]));
    let null = || tlv(0x05, &[]);
    let v6 = || Some(seq(&[v6_prefix()]));
    let both = |address: &[u8]| Some(seq(&[v4(address), v6_prefix()]));
    let one_and_inherited_v4 = || Some(seq(&[family(&[0, 1], null()), v6_prefix()]));
    let odd_family = || Some(seq(&[family(&[0], null())]));
    let one_and_odd = |address: &[u8]| Some(seq(&[v4(address), family(&[0, 1, 4, 0], null())]));
    vec![
        case(
            "addresses within the issuer's are good",
            [one(&[10, 1]), one(&[10]), one(&[10])],
            GOOD,
        ),
        case(
            "the issuer's addresses themselves are good",
            [one(&[10]), one(&[10]), one(&[10])],
            GOOD,
        ),
        case(
            "addresses that the issuer lacks are not",
            [one(&[11, 1]), one(&[10]), one(&[10])],
            unnested(1),
        ),
        case(
            "addresses below an issuer without any are not",
            [one(&[10, 1]), None, one(&[10])],
            unnested(1),
        ),
        case(
            "addresses that the trust anchor lacks are not",
            [one(&[10, 1]), one(&[10]), one(&[10, 1])],
            unnested(2),
        ),
        case(
            "an end entity without addresses is not looked at",
            [None, one(&[10]), one(&[11])],
            GOOD,
        ),
        case(
            "inherited addresses are good",
            [inherit(), one(&[10]), one(&[10])],
            GOOD,
        ),
        case(
            "a trust anchor inherits addresses from nobody",
            [inherit(), inherit(), inherit()],
            unnested(3),
        ),
        case(
            "addresses may have others between them",
            [two(&[10, 1], &[10, 3]), one(&[10]), one(&[10])],
            GOOD,
        ),
        case(
            "addresses may be among the last of the issuer's",
            [one(&[10, 3, 1]), two(&[10, 1], &[10, 3]), one(&[10])],
            GOOD,
        ),
        case(
            "addresses between the issuer's are not its own",
            [one(&[10, 2]), two(&[10, 1], &[10, 3]), one(&[10])],
            unnested(1),
        ),
        case(
            "addresses in a row are a range",
            [two(&[10, 2], &[10, 3]), one(&[10]), one(&[10])],
            invalid(0),
        ),
        case(
            "addresses are in order",
            [two(&[10, 3], &[10, 1]), one(&[10]), one(&[10])],
            invalid(0),
        ),
        case(
            "the first of all addresses comes first",
            [one(&[10, 1]), two(&[10], &[0]), one(&[10])],
            invalid(1),
        ),
        case(
            "addresses come once",
            [two(&[10, 1], &[10, 1, 5]), one(&[10]), one(&[10])],
            invalid(0),
        ),
        case(
            "a range that is a prefix must be one, whatever follows",
            [
                before(&[10, 1, 0], &[10, 1], &[10, 3]),
                one(&[10]),
                one(&[10]),
            ],
            invalid(0),
        ),
        case(
            "a range may come first",
            [before(&[10, 1], &[10, 2], &[10, 4]), one(&[10]), one(&[10])],
            GOOD,
        ),
        case(
            "a range that is a prefix must be one",
            [range(&[10, 0, 0, 0], &[10]), one(&[10]), one(&[10])],
            invalid(0),
        ),
        case(
            "a range may not be upside down",
            [one(&[10]), range(&[10, 9], &[10, 3]), one(&[10])],
            invalid(1),
        ),
        case(
            "inherited addresses below an issuer without any are good",
            [inherit(), None, one(&[10])],
            GOOD,
        ),
        case(
            "inherited addresses of a family that the issuer lacks are good",
            [inherit(), v6(), one(&[10])],
            GOOD,
        ),
        case(
            "addresses of a family that the issuer lacks are not",
            [one(&[10, 1]), v6(), one(&[10])],
            unnested(1),
        ),
        case(
            "each family is compared on its own",
            [both(&[10, 1]), both(&[10]), both(&[10])],
            GOOD,
        ),
        case(
            "each family has to be held",
            [both(&[10, 1]), both(&[10]), one(&[10])],
            unnested(2),
        ),
        case(
            "a trust anchor may inherit a family that the end entity lacks",
            [v6(), v6(), one_and_inherited_v4()],
            GOOD,
        ),
        case(
            "addresses that an issuer inherits, the next one has to hold",
            [one(&[10, 1]), inherit(), one(&[11])],
            unnested(2),
        ),
        case(
            "a family of another length may not be compared",
            [odd_family(), odd_family(), odd_family()],
            (1, 0),
        ),
        case(
            "a trust anchor with a family of another length alone ends the check",
            [inherit(), None, odd_family()],
            (1, 0),
        ),
        case(
            "a family of another length is in no order",
            [one(&[10]), one(&[10]), one_and_odd(&[10])],
            invalid(2),
        ),
        case(
            "blocks that cannot be read make a certificate invalid",
            [Some(b"?".to_vec()), one(&[10]), one(&[10])],
            (20, 0),
        ),
        case(
            "a family of another length ends the check",
            [
                Some(seq(&[seq(&[octets(&[0]), tlv(0x05, &[])])])),
                None,
                None,
            ],
            (1, 0),
        ),
    ]
}

fn numbers() -> Vec<Case> {
    let case = |rule, held, answer| Case::new(rule, path(AS_NUMBERS, held), answer);
    let choice = |choice: Vec<u8>| Some(seq(&[tlv(0xa0, &choice)]));
    let one = |number: u8| choice(seq(&[integer(&[number])]));
    let range = |min: u8, max: u8| choice(seq(&[seq(&[integer(&[min]), integer(&[max])])]));
    let inherit = || choice(tlv(0x05, &[]));
    let two = |a: u8, b: u8| choice(seq(&[integer(&[a]), integer(&[b])]));
    let domain = |number: u8| Some(seq(&[tlv(0xa1, &seq(&[integer(&[number])]))]));
    let inherited_domain = || Some(seq(&[tlv(0xa1, &tlv(0x05, &[]))]));
    vec![
        case(
            "numbers within the issuer's are good",
            [one(5), range(3, 7), range(1, 9)],
            GOOD,
        ),
        case(
            "numbers up to the issuer's first and last are good",
            [range(3, 7), range(3, 7), range(3, 7)],
            GOOD,
        ),
        case(
            "numbers below the issuer's first are not",
            [one(2), range(3, 7), range(1, 9)],
            unnested(1),
        ),
        case(
            "numbers that the issuer lacks are not",
            [one(8), range(3, 7), range(1, 9)],
            unnested(1),
        ),
        case(
            "numbers below an issuer without any are not",
            [one(5), None, range(1, 9)],
            unnested(1),
        ),
        case(
            "inherited numbers are good",
            [inherit(), inherit(), one(5)],
            GOOD,
        ),
        case(
            "a trust anchor inherits numbers from nobody",
            [inherit(), inherit(), inherit()],
            unnested(3),
        ),
        case(
            "inherited numbers below an issuer without any are good",
            [inherit(), None, range(1, 9)],
            GOOD,
        ),
        case(
            "numbers that an issuer inherits, the next one has to hold",
            [one(5), inherit(), range(6, 9)],
            unnested(2),
        ),
        case(
            "numbers that one issuer inherits and the next holds are good",
            [one(5), inherit(), range(1, 9)],
            GOOD,
        ),
        case(
            "a routing domain is not a number",
            [one(5), domain(5), range(1, 9)],
            unnested(1),
        ),
        case(
            "routing domains within the issuer's are good",
            [domain(5), domain(5), domain(5)],
            GOOD,
        ),
        case(
            "routing domains that the issuer lacks are not",
            [domain(5), domain(6), domain(5)],
            unnested(1),
        ),
        case(
            "routing domains below an issuer without any are not",
            [domain(5), None, domain(5)],
            unnested(1),
        ),
        case(
            "a trust anchor inherits routing domains from nobody",
            [inherited_domain(), inherited_domain(), inherited_domain()],
            unnested(3),
        ),
        case(
            "numbers in a row are a range",
            [two(5, 6), range(1, 9), range(1, 9)],
            invalid(0),
        ),
        case(
            "numbers are in order",
            [one(5), two(9, 5), range(1, 9)],
            invalid(1),
        ),
        case(
            "numbers that cannot be read make a certificate invalid",
            [Some(b"?".to_vec()), one(5), one(5)],
            (20, 0),
        ),
    ]
}
