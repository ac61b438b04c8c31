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
        *last = (*last & !free) | (fill & free);
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
        && last & mask == mask
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
            pair[0].min < pair[1].min
                && pair.iter().all(|range| range.min <= range.max)
                && pair[0].max.successor() < pair[1].min
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

    #[test]
    fn a_range_that_is_a_prefix_is_found_out() {
        assert!(is_prefix_range(&[10, 0, 0, 0], &[10, 255, 255, 255]));
        assert!(is_prefix_range(&[10, 16, 0, 0], &[10, 31, 255, 255]));
        assert!(is_prefix_range(&[10, 0, 0, 1], &[10, 0, 0, 1]));
        assert!(!is_prefix_range(&[10, 0, 0, 1], &[10, 0, 0, 2]));
        assert!(!is_prefix_range(&[10, 16, 0, 0], &[10, 47, 255, 255]));
        assert!(!is_prefix_range(&[10, 16, 0, 1], &[10, 31, 255, 255]));
    }
}
