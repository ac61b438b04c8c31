//! Internet number resources: address blocks and AS numbers (RFC 3779).
//!
//! The extensions IPAddrBlocks and ASIdentifiers, as OpenSSL's `v3_addr.c` and `v3_asid.c` read and compare them.
//! `verify::resources` walks a path with them.
//!
//! A canonical value is sorted, has no ranges that overlap or adjoin, and writes a range as a prefix where it is one.
//! Only canonical values can be compared, and a certificate with another one is refused (41). The functions here
//! follow OpenSSL to the letter, also where it looks at less than the RFC asks.

use std::cmp::Ordering;

use super::der::{self, BitString, Element, Reader, context};
use super::extension;

/// The value of an IPAddrBlocks extension: which addresses the subject holds.
#[derive(Clone, Debug)]
pub(crate) struct AddressBlocks {
    /// In the order of the extension.
    pub(crate) families: Vec<AddressFamily>,
}

/// The addresses of one family, such as IPv4, or IPv6 for multicast.
#[derive(Clone, Debug)]
pub(crate) struct AddressFamily {
    /// The AFI in two octets, and perhaps the SAFI in a third one.
    pub(crate) family: Box<[u8]>,
    /// `None` stands for the ranges of the issuer.
    pub(crate) ranges: Option<Vec<AddressRange>>,
}

/// A range, or a prefix, which is a range with one BIT STRING for both ends.
#[derive(Clone, Debug)]
pub(crate) struct AddressRange {
    min: BitString<'static>,
    max: BitString<'static>,
    is_prefix: bool,
}

/// The value of an ASIdentifiers extension: which autonomous systems and routing domains the subject holds.
#[derive(Clone, Debug)]
pub(crate) struct AsIdentifiers {
    pub(crate) numbers: Option<AsChoice>,
    pub(crate) routing_domains: Option<AsChoice>,
}

/// The numbers of one kind.
#[derive(Clone, Debug)]
pub(crate) enum AsChoice {
    /// Those of the issuer.
    Inherit,
    /// These.
    Ranges(Vec<AsRange>),
}

/// A range of numbers; a single number has the same for both ends.
#[derive(Clone, Debug)]
pub(crate) struct AsRange {
    min: Number,
    max: Number,
}

impl AddressBlocks {
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let mut reader = extension::value(value, der::SEQUENCE)?.items();
        let mut families = Vec::new();
        while !reader.is_empty() {
            families.push(AddressFamily::read(reader.sequence()?)?);
        }
        Some(Self { families })
    }

    /// Returns the first family with this identifier.
    pub(crate) fn family(&self, family: &[u8]) -> Option<&AddressFamily> {
        self.families.iter().find(|found| *found.family == *family)
    }

    /// Whether the value is in the form that RFC 3779, section 2.2.3, demands (`X509v3_addr_is_canonical(3)`).
    pub(crate) fn is_canonical(&self) -> bool {
        let is_before = |pair: &[AddressFamily]| {
            pair.iter().all(AddressFamily::has_good_length) && pair[0].family < pair[1].family
        };
        self.families.windows(2).all(is_before)
            && self.families.iter().all(AddressFamily::is_canonical)
    }
}

impl AddressFamily {
    /// Reads one IPAddressFamily.
    fn read(mut fields: Reader<'_>) -> Option<Self> {
        let family = fields.expect(der::OCTET_STRING)?.string()?;
        let choice = fields.next()?;
        fields.end()?;
        let ranges = match choice.tag {
            der::NULL => choice.null().map(|()| None)?,
            der::SEQUENCE => {
                let mut reader = choice.items();
                let mut ranges = Vec::new();
                while !reader.is_empty() {
                    ranges.push(AddressRange::read(reader.next()?)?);
                }
                Some(ranges)
            }
            _ => return None,
        };
        Some(Self {
            family: (*family).into(),
            ranges,
        })
    }

    /// Whether the identifier has two octets or three. OpenSSL stops at any other without giving an error number.
    pub(crate) fn has_good_length(&self) -> bool {
        matches!(self.family.len(), 2 | 3)
    }

    /// Whether the ranges of the family are canonical. No range at all is not canonical.
    fn is_canonical(&self) -> bool {
        let Some(ranges) = &self.ranges else {
            return true;
        };
        let len = self.address_len();
        let Some(last) = ranges.last().filter(|_| self.has_good_length()) else {
            return false;
        };
        ranges
            .windows(2)
            .all(|pair| is_apart(&pair[0], &pair[1], len).unwrap_or(false))
            && last.is_canonical(len)
    }

    /// Whether the ranges of `other` lie within those of this one; both are canonical.
    ///
    /// This also holds if one of the two inherits; the walk asks the next issuer then (`addr_contains` in OpenSSL).
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (&self.ranges, &other.ranges) else {
            return true;
        };
        let len = other.address_len();
        let mut own = own.iter().peekable();
        others.iter().all(|range| {
            let Some((min, max)) = range.ends(len) else {
                return false;
            };
            loop {
                let ends = own.peek().and_then(|candidate| candidate.ends(len));
                match ends {
                    None => return false,
                    Some((_, own_max)) if own_max < max => drop(own.next()),
                    Some((own_min, _)) => return own_min <= min,
                }
            }
        })
    }

    /// Returns the length of the addresses in octets; 0 for families that OpenSSL does not know.
    fn address_len(&self) -> usize {
        match self.family.first_chunk() {
            Some([0, 1]) => 4,
            Some([0, 2]) => 16,
            _ => 0,
        }
    }
}

/// Whether `a` ends before `b` begins, with at least one address between them.
///
/// `None` if an address is longer than those of its family.
fn is_apart(a: &AddressRange, b: &AddressRange, len: usize) -> Option<bool> {
    let ((a_min, a_max), (b_min, b_max)) = (a.ends(len)?, b.ends(len)?);
    if a_min >= b_min || a_min > a_max || b_min > b_max {
        return Some(false);
    }
    Some(a_max < predecessor(b_min) && (a.is_prefix || !is_prefix_range(&a_min, &a_max)))
}

/// Returns the address before this one; before the first address comes the last.
fn predecessor(mut address: Vec<u8>) -> Vec<u8> {
    for octet in address.iter_mut().rev() {
        let borrows = *octet == 0;
        *octet = octet.wrapping_sub(1);
        if !borrows {
            break;
        }
    }
    address
}

impl AddressRange {
    fn read(element: Element<'_>) -> Option<Self> {
        let owned = |bits: BitString<'_>| BitString {
            octets: bits.octets.into_owned().into(),
            unused: bits.unused,
        };
        if element.tag == der::BIT_STRING {
            let prefix = owned(element.bit_string()?);
            return Some(Self {
                min: prefix.clone(),
                max: prefix,
                is_prefix: true,
            });
        }
        let mut fields = (element.tag == der::SEQUENCE).then(|| element.fields())??;
        let (min, max) = (owned(fields.bit_string()?), owned(fields.bit_string()?));
        fields.end()?;
        Some(Self {
            min,
            max,
            is_prefix: false,
        })
    }

    /// Returns the first and the last address, each of `len` octets.
    fn ends(&self, len: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        Some((
            expanded(&self.min, len, 0)?,
            expanded(&self.max, len, 0xff)?,
        ))
    }

    /// Whether the range is canonical as the last of its family. OpenSSL does not check a prefix there.
    fn is_canonical(&self, len: usize) -> bool {
        let is_good = |(min, max): (Vec<u8>, Vec<u8>)| min <= max && !is_prefix_range(&min, &max);
        self.is_prefix || self.ends(len).is_some_and(is_good)
    }
}

/// Extends an address to `len` octets, with bits from `fill`.
fn expanded(bits: &BitString<'_>, len: usize, fill: u8) -> Option<Vec<u8>> {
    let mut address = bits.octets.to_vec();
    if address.len() > len {
        return None;
    }
    if let Some(last) = address.last_mut() {
        let free = !(0xff << bits.unused);
        *last |= fill & free;
    }
    address.resize(len, fill);
    Some(address)
}

/// Whether a range holds exactly the addresses of a prefix, and so should be written as a prefix.
fn is_prefix_range(min: &[u8], max: &[u8]) -> bool {
    let same = min.iter().zip(max).take_while(|(a, b)| a == b).count();
    let (Some(first), Some(last)) = (min.get(same), max.get(same)) else {
        return true;
    };
    let mask = first ^ last;
    let is_low_bits = mask & mask.wrapping_add(1) == 0;
    is_low_bits
        && first & mask == 0
        && min[same + 1..].iter().all(|octet| *octet == 0)
        && max[same + 1..].iter().all(|octet| *octet == 0xff)
}

impl AsIdentifiers {
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let mut fields = extension::value(value, der::SEQUENCE)?.fields()?;
        let mut choice = |number| match fields.optional(context(number))? {
            Some(explicit) => AsChoice::read(explicit.explicit()?.next()?).map(Some),
            None => Some(None),
        };
        let this = Self {
            numbers: choice(0)?,
            routing_domains: choice(1)?,
        };
        fields.end()?;
        Some(this)
    }

    /// Whether the value is in the form that RFC 3779, section 3.2.3, demands (`X509v3_asid_is_canonical(3)`).
    pub(crate) fn is_canonical(&self) -> bool {
        let mut choices = [&self.numbers, &self.routing_domains].into_iter().flatten();
        choices.all(AsChoice::is_canonical)
    }
}

impl AsChoice {
    fn read(element: Element<'_>) -> Option<Self> {
        match element.tag {
            der::NULL => element.null().map(|()| Self::Inherit),
            der::SEQUENCE => {
                let mut reader = element.items();
                let mut ranges = Vec::new();
                while !reader.is_empty() {
                    ranges.push(AsRange::read(reader.next()?)?);
                }
                Some(Self::Ranges(ranges))
            }
            _ => None,
        }
    }

    fn is_canonical(&self) -> bool {
        let Self::Ranges(ranges) = self else {
            return true;
        };
        let is_apart = |pair: &[AsRange]| {
            pair.iter().all(|range| range.min <= range.max) && pair[0].max.successor() < pair[1].min
        };
        ranges.last().is_some_and(|last| last.min <= last.max) && ranges.windows(2).all(is_apart)
    }
}

/// Whether the ranges of `child` lie within those of `parent`.
pub(crate) fn covers(parent: &[AsRange], child: &[AsRange]) -> bool {
    let mut parents = parent.iter().peekable();
    child.iter().all(|range| {
        while parents.next_if(|parent| parent.max < range.max).is_some() {}
        let found = parents.peek();
        found.is_some_and(|parent| parent.min <= range.min)
    })
}

impl AsRange {
    fn read(element: Element<'_>) -> Option<Self> {
        if element.tag == der::INTEGER {
            let number = Number::new(element.integer()?);
            return Some(Self {
                min: number.clone(),
                max: number,
            });
        }
        let mut fields = (element.tag == der::SEQUENCE).then(|| element.fields())??;
        let min = Number::new(fields.integer()?);
        let max = Number::new(fields.integer()?);
        fields.end()?;
        Some(Self { min, max })
    }
}

/// A number in two's complement, of any length, without padding.
///
/// RFC 3779 sets no limit, and OpenSSL compares INTEGERs of any length.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Number(Box<[u8]>);

impl Number {
    fn new(octets: &[u8]) -> Self {
        Self(octets.into())
    }

    /// Whether the sign bit is set.
    fn is_negative(&self) -> bool {
        self.0.first().is_some_and(|octet| octet & 0x80 != 0)
    }

    /// Returns the number after this one.
    fn successor(&self) -> Self {
        let sign = if self.is_negative() { 0xff } else { 0 };
        let mut octets = [&[sign], &*self.0].concat();
        for octet in octets.iter_mut().rev() {
            *octet = octet.wrapping_add(1);
            if *octet != 0 {
                break;
            }
        }
        // Remove the padding again.
        while let [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] = octets[..] {
            octets.remove(0);
        }
        Self(octets.into())
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_len = self.0.len().cmp(&other.0.len());
        match (self.is_negative(), other.is_negative()) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => by_len.then_with(|| self.0.cmp(&other.0)),
            (true, true) => by_len.reverse().then_with(|| self.0.cmp(&other.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{integer, octets, seq, tlv};

    const V4: &[u8] = &[0, 1];
    const V6: &[u8] = &[0, 2];

    #[test]
    fn families_are_read_and_found_by_their_identifiers() {
        let blocks = blocks(&[inherited(V4), ranges(V6, &[prefix(&[0x20], 0)])]);
        assert!(blocks.family(V4).unwrap().ranges.is_none());
        assert_eq!(blocks.family(V6).unwrap().ranges.as_ref().unwrap().len(), 1);
        for other in [&[][..], &[0], &[0, 3], &[0, 1, 1]] {
            assert!(blocks.family(other).is_none(), "{other:?}");
        }
        let malformed = [
            seq(&[octets(V4)]),
            seq(&[octets(V4), tlv(5, &[]), tlv(5, &[])]),
            seq(&[octets(V4), tlv(5, &[0])]),
            seq(&[octets(V4), octets(&[])]),
            ranges(V4, &[octets(&[10])]),
            ranges(V4, &[seq(&[prefix(&[10], 0)])]),
            ranges(
                V4,
                &[seq(&[prefix(&[10], 0), prefix(&[11], 0), tlv(5, &[])])],
            ),
        ];
        for family in malformed {
            let value = seq(&[inherited(V4), family]);
            assert!(AddressBlocks::read(&value).is_none(), "{value:02x?}");
        }
    }

    #[test]
    fn families_are_canonical_in_order_and_with_two_or_three_octets() {
        let cases: [(&[&[u8]], bool); 9] = [
            (&[], true),
            (&[V4, V6], true),
            (&[V6, V4], false),
            (&[V4, V4], false),
            (&[V4, &[0, 1, 1], V6], true),
            (&[&[0, 1, 1], V4], false),
            (&[&[0], V4], false),
            (&[V4, &[0, 1, 1, 1]], false),
            // OpenSSL does not look at the length of one that inherits alone.
            (&[&[0, 1, 1, 1]], true),
        ];
        for (ids, is_canonical) in cases {
            let families: Vec<_> = ids.iter().map(|id| inherited(id)).collect();
            assert_eq!(blocks(&families).is_canonical(), is_canonical, "{ids:?}");
        }
        let lengths: [(&[u8], bool); 4] = [
            (&[0], false),
            (V4, true),
            (&[0, 1, 1], true),
            (&[0, 1, 1, 1], false),
        ];
        for (id, is_good) in lengths {
            let blocks = blocks(&[ranges(id, &[prefix(&[10], 0)])]);
            assert_eq!(blocks.families[0].has_good_length(), is_good, "{id:?}");
            assert_eq!(blocks.is_canonical(), is_good, "{id:?}");
        }
        // Every family has to be canonical by itself.
        let none = || ranges(V4, &[]);
        assert!(!blocks(&[none(), inherited(V6)]).is_canonical());
        assert!(!blocks(&[inherited(V4), ranges(V6, &[])]).is_canonical());
    }

    #[test]
    fn ranges_are_canonical_in_order_apart_and_as_prefixes_where_they_are_some() {
        let single = |last| prefix(&[10, 0, 0, last], 0);
        let between = |min, max| range(&[10, 0, 0, min], &[10, 0, 0, max]);
        let cases = [
            (vec![], false),
            (vec![prefix(&[], 0)], true),
            (vec![prefix(&[10], 0)], true),
            (vec![single(1), single(3)], true),
            (vec![single(1), single(2)], false),
            (vec![single(1), single(1)], false),
            (vec![single(3), single(1)], false),
            (vec![single(1), single(3), single(5)], true),
            (vec![single(1), single(3), single(4)], false),
            (vec![prefix(&[10, 16], 4), prefix(&[10, 48], 4)], true),
            (vec![prefix(&[10, 16], 4), prefix(&[10, 32], 4)], false),
            (vec![prefix(&[10, 16], 4), prefix(&[10, 31], 0)], false),
            (vec![prefix(&[10], 0), prefix(&[10, 5], 0)], false),
            (vec![prefix(&[10, 5], 0), prefix(&[10], 0)], false),
            // Before the first address there is none.
            (vec![prefix(&[10], 0), prefix(&[0], 0)], false),
            (vec![between(1, 2)], true),
            (vec![between(1, 2), single(4)], true),
            (vec![between(1, 2), single(3)], false),
            (vec![between(1, 4), single(3)], false),
            (vec![single(1), between(3, 5)], true),
            (vec![single(1), between(2, 5)], false),
            (vec![between(2, 3)], false),
            (vec![between(2, 3), single(9)], false),
            (vec![between(2, 2)], false),
            (vec![between(2, 2), single(9)], false),
            (vec![between(5, 2)], false),
            (vec![between(5, 2), single(9)], false),
            (vec![single(0), between(5, 2)], false),
            (vec![single(0), between(5, 2), single(9)], false),
            (vec![prefix(&[10, 0, 0, 1, 0], 0), single(9)], false),
            (vec![single(9), prefix(&[11, 0, 0, 1, 0], 0)], false),
            (vec![range(&[10, 0, 0, 1, 0], &[11])], false),
            // OpenSSL does not check the last one if it is a prefix.
            (vec![prefix(&[10, 0, 0, 1, 0], 0)], true),
        ];
        for (list, is_canonical) in cases {
            let blocks = blocks(&[ranges(V4, &list)]);
            assert_eq!(blocks.is_canonical(), is_canonical, "{list:02x?}");
        }
        let doc = |third| prefix(&[0x20, 1, 0x0d, third], 0);
        let full = prefix(&[0xff; 16], 0);
        for (list, is_canonical) in [
            ([doc(0xb8), doc(0xba)], true),
            ([doc(0xb8), doc(0xb9)], false),
            ([doc(0xb8), full], true),
        ] {
            let family = |id| blocks(&[ranges(id, &list)]).is_canonical();
            assert_eq!(family(V6), is_canonical, "{list:02x?}");
            // Nobody knows how long the addresses of another family are.
            assert!(!family(&[0, 3]), "{list:02x?}");
        }
    }

    #[test]
    fn addresses_are_extended_to_their_length() {
        let ends = |octets: &[u8], unused| {
            let bits = BitString {
                octets: octets.into(),
                unused,
            };
            [0, 0xff].map(|fill| expanded(&bits, 4, fill))
        };
        let cases: [(&[u8], u8, [u32; 2]); 6] = [
            (&[], 0, [0, 0xffff_ffff]),
            (&[10], 0, [0x0a00_0000, 0x0aff_ffff]),
            (&[10, 16], 4, [0x0a10_0000, 0x0a1f_ffff]),
            (&[0x80], 7, [0x8000_0000, 0xffff_ffff]),
            (&[1, 2, 3, 4], 0, [0x0102_0304; 2]),
            (&[1, 2, 3, 4], 2, [0x0102_0304, 0x0102_0307]),
        ];
        for (octets, unused, expected) in cases {
            let expected = expected.map(|end| Some(end.to_be_bytes().to_vec()));
            assert_eq!(ends(octets, unused), expected, "{octets:?} {unused}");
        }
        assert_eq!(ends(&[1, 2, 3, 4, 5], 0), [None, None]);
    }

    #[test]
    fn the_address_before_another_borrows_from_the_octets_above() {
        let cases: [(&[u8], &[u8]); 5] = [
            (&[1, 5], &[1, 4]),
            (&[1, 1], &[1, 0]),
            (&[10, 3, 0, 0], &[10, 2, 0xff, 0xff]),
            (&[0, 0], &[0xff, 0xff]),
            (&[], &[]),
        ];
        for (address, before) in cases {
            assert_eq!(predecessor(address.to_vec()), before, "{address:?}");
        }
    }

    #[test]
    fn addresses_are_covered_by_the_same_or_wider_ranges() {
        let family = |id, list: &[Vec<u8>]| blocks(&[ranges(id, list)]).families.remove(0);
        let net = |second| prefix(&[10, second], 0);
        let own = [net(1), net(3)];
        let cases = [
            (vec![net(1)], true),
            (vec![net(3)], true),
            (vec![net(1), net(3)], true),
            (vec![prefix(&[10, 1, 5], 0), prefix(&[10, 3, 9], 0)], true),
            (vec![prefix(&[10, 1, 5], 0), prefix(&[10, 1, 9], 0)], true),
            (vec![prefix(&[10, 1, 0, 0], 0)], true),
            (vec![prefix(&[10, 3, 0xff, 0xff], 0)], true),
            (vec![net(0)], false),
            (vec![net(2)], false),
            (vec![net(4)], false),
            (vec![net(1), net(4)], false),
            (vec![net(0), net(3)], false),
            (vec![prefix(&[10], 0)], false),
            (vec![range(&[10, 1], &[10, 3])], false),
            (vec![range(&[10, 0, 0xff, 0xff], &[10, 1])], false),
            (vec![range(&[10, 3], &[10, 4, 0, 0])], false),
            // Too long for the family.
            (vec![prefix(&[10, 1, 0, 0, 0], 0)], false),
        ];
        for (list, is_covered) in cases {
            let found = family(V4, &own).covers(&family(V4, &list));
            assert_eq!(found, is_covered, "{list:02x?}");
        }
        let doc = |rest: &[u8]| [prefix(&[&[0x20, 1, 0x0d, 0xb8], rest].concat(), 0)];
        let v6 = family(V6, &doc(&[1]));
        assert!(v6.covers(&family(V6, &doc(&[1, 2]))));
        assert!(!v6.covers(&family(V6, &doc(&[2]))));
        let inherits = blocks(&[inherited(V6)]).families.remove(0);
        assert!(v6.covers(&inherits) && inherits.covers(&v6));
    }

    #[test]
    fn a_range_that_is_a_prefix_is_found_out() {
        // It is one if its length is a power of two, and its first address a multiple of the length.
        let is_prefix = |min: u32, max: u32| {
            let len = max - min + 1;
            len.is_power_of_two() && min.is_multiple_of(len)
        };
        for min in 0..=0xff_u8 {
            for max in min..=0xff {
                let expected = is_prefix(min.into(), max.into());
                assert_eq!(is_prefix_range(&[min], &[max]), expected, "{min} {max}");
            }
        }
        let octets = [0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff];
        let addresses = || octets.into_iter().flat_map(move |a| octets.map(|b| [a, b]));
        for min in addresses() {
            for max in addresses().filter(|max| *max >= min) {
                let number = |address| u16::from_be_bytes(address).into();
                let expected = is_prefix(number(min), number(max));
                assert_eq!(is_prefix_range(&min, &max), expected, "{min:?} {max:?}");
            }
        }
    }

    #[test]
    fn numbers_are_canonical_in_order_and_apart() {
        let one = |number: u8| integer(&[number]);
        let between = |min: u8, max: u8| seq(&[one(min), one(max)]);
        let cases = [
            (vec![], false),
            (vec![one(0)], true),
            (vec![one(1), one(3)], true),
            (vec![one(1), one(3), one(5)], true),
            (vec![one(1), one(2)], false),
            (vec![one(1), one(1)], false),
            (vec![one(3), one(1)], false),
            (vec![one(1), one(3), one(4)], false),
            (vec![one(1), one(4), one(3)], false),
            (vec![between(1, 1)], true),
            (vec![between(1, 9)], true),
            (vec![between(9, 1)], false),
            (vec![between(1, 3), between(5, 9)], true),
            (vec![between(1, 3), between(4, 9)], false),
            (vec![between(1, 3), between(2, 9)], false),
            (vec![between(1, 9), between(2, 3)], false),
            (vec![between(3, 1), one(9)], false),
            (vec![one(0), between(9, 5)], false),
            (vec![one(0), between(5, 3), one(9)], false),
            (vec![one(0xff), one(1)], true),
            (vec![one(0xff), one(0)], false),
            (vec![one(1), one(0xff)], false),
            (vec![one(0x7f), integer(&[0, 0x81])], true),
            (vec![one(0x7f), integer(&[0, 0x80])], false),
            (vec![integer(&[0, 0xff]), integer(&[1, 1])], true),
            (vec![integer(&[0, 0xff]), integer(&[1, 0])], false),
        ];
        for (list, is_canonical) in cases {
            let choice = seq(&list);
            for fields in [
                vec![tlv(0xa0, &choice)],
                vec![tlv(0xa1, &choice)],
                vec![tlv(0xa0, &tlv(5, &[])), tlv(0xa1, &choice)],
                vec![tlv(0xa0, &choice), tlv(0xa1, &seq(&[one(7)]))],
            ] {
                let found = AsIdentifiers::read(&seq(&fields)).unwrap();
                assert_eq!(found.is_canonical(), is_canonical, "{fields:02x?}");
            }
        }
        assert!(AsIdentifiers::read(&seq(&[])).unwrap().is_canonical());
    }

    #[test]
    fn numbers_are_covered_by_the_same_or_wider_ranges() {
        let list = |ranges: &[(u8, u8)]| -> Vec<AsRange> {
            let number = |octet: &u8| Number::new(&[*octet]);
            let range = |(min, max): &(u8, u8)| AsRange {
                min: number(min),
                max: number(max),
            };
            ranges.iter().map(range).collect()
        };
        let parent = list(&[(3, 5), (9, 12)]);
        let cases: [(&[(u8, u8)], bool); 14] = [
            (&[], true),
            (&[(3, 5)], true),
            (&[(9, 12)], true),
            (&[(3, 3), (5, 5), (12, 12)], true),
            (&[(4, 4), (9, 9)], true),
            (&[(2, 2)], false),
            (&[(2, 3)], false),
            (&[(5, 6)], false),
            (&[(7, 7)], false),
            (&[(8, 9)], false),
            (&[(12, 13)], false),
            (&[(13, 13)], false),
            (&[(4, 10)], false),
            (&[(3, 5), (8, 8)], false),
        ];
        for (child, is_covered) in cases {
            assert_eq!(covers(&parent, &list(child)), is_covered, "{child:?}");
        }
        assert!(!covers(&[], &list(&[(1, 1)])));
    }

    #[test]
    fn malformed_numbers_are_not_read() {
        let choices = [
            octets(&[1]),
            tlv(5, &[0]),
            seq(&[octets(&[1])]),
            seq(&[integer(&[0, 1])]),
            seq(&[seq(&[integer(&[1])])]),
            seq(&[seq(&[integer(&[1]), integer(&[2]), integer(&[3])])]),
        ];
        for choice in choices {
            for tag in [0xa0, 0xa1] {
                let value = seq(&[tlv(tag, &choice)]);
                assert!(AsIdentifiers::read(&value).is_none(), "{value:02x?}");
            }
        }
        let third = seq(&[tlv(0xa2, &tlv(5, &[]))]);
        assert!(AsIdentifiers::read(&third).is_none());
    }

    #[test]
    fn numbers_are_ordered_and_counted_across_octets_and_signs() {
        let numbers: Vec<Number> = [
            &[0xff, 0x00][..],
            &[0x80],
            &[0xff],
            &[0],
            &[1],
            &[0x7f],
            &[0, 0x80],
            &[0, 0xff],
            &[1, 0],
        ]
        .map(Number::new)
        .into();
        assert!(numbers.is_sorted());
        let successor = |octets: &[u8]| Number::new(octets).successor().0;
        assert_eq!(*successor(&[0xff]), [0]);
        assert_eq!(*successor(&[0x7f]), [0, 0x80]);
        assert_eq!(*successor(&[0, 0xff]), [1, 0]);
        assert_eq!(*successor(&[0xff, 0x7f]), [0x80]);
    }

    #[track_caller]
    fn blocks(families: &[Vec<u8>]) -> AddressBlocks {
        AddressBlocks::read(&seq(families)).unwrap()
    }

    fn inherited(id: &[u8]) -> Vec<u8> {
        seq(&[octets(id), tlv(5, &[])])
    }

    fn ranges(id: &[u8], ranges: &[Vec<u8>]) -> Vec<u8> {
        seq(&[octets(id), seq(ranges)])
    }

    /// A prefix, with the number of unused bits in its last octet.
    fn prefix(address: &[u8], unused: u8) -> Vec<u8> {
        tlv(3, &[&[unused], address].concat())
    }

    fn range(min: &[u8], max: &[u8]) -> Vec<u8> {
        seq(&[prefix(min, 0), prefix(max, 0)])
    }
}
