//! Names of issuers and subjects, and the form in which OpenSSL compares them.
//!
//! Two names are the same for OpenSSL if their canonical encodings are the same octets (`x509_name_canon` in its
//! `x_name.c`). webpki compares the DER, and so does not find an issuer whose name is a PrintableString here and a
//! UTF8String there. The canonical form also serves as the key of indexes, and as the input of the hash in the file
//! names that `openssl rehash` makes.

use std::borrow::Cow;

use super::der::{self, Element, Reader};

/// A Name (RFC 5280, section 4.1.2.4). All its parts are checked, unless [`Name::next`] took it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    der: &'a [u8],
    /// The RelativeDistinguishedNames.
    sets: Reader<'a>,
}

/// One attribute of a [`Name`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'a> {
    /// The content octets of the object identifier.
    pub(crate) kind: &'a [u8],
    pub(crate) value: Element<'a>,
    /// Whether it stands in one RelativeDistinguishedName with the attribute before it.
    pub(crate) joins: bool,
}

impl<'a> Name<'a> {
    /// Reads a Name; `None` where OpenSSL does not read it.
    ///
    /// Every attribute is checked. Use [`read_canonical`](Self::read_canonical) where the canonical form is needed
    /// anyway: it checks as much.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let this = Self::next(reader)?;
        let mut sets = this.sets;
        while !sets.is_empty() {
            let mut attributes = sets.list(der::SET)?;
            while !attributes.is_empty() {
                Attribute::read(&mut attributes, false)?;
            }
        }
        Some(this)
    }

    /// Reads a Name and appends its canonical form, see [`canonical`](Self::canonical).
    ///
    /// What was appended before an error stays in `out`.
    pub(crate) fn read_canonical(reader: &mut Reader<'a>, out: &mut Vec<u8>) -> Option<Self> {
        let this = Self::next(reader)?;
        this.push_canonical(out)?;
        Some(this)
    }

    /// Reads a Name without checking its parts.
    ///
    /// The caller has to make the name canonical, or to know that the same octets were read before.
    pub(crate) fn next(reader: &mut Reader<'a>) -> Option<Self> {
        let element = reader.expect(der::SEQUENCE)?;
        let is_readable = element.raw.len() <= LONGEST;
        is_readable.then_some(Self {
            der: element.raw,
            sets: element.items(),
        })
    }

    /// Takes the DER of a Name that was read before.
    ///
    /// Other bytes give a name without attributes.
    pub(crate) fn of_checked(der: &'a [u8]) -> Self {
        let sets = Reader::of_checked(der).list(der::SEQUENCE);
        Self {
            der,
            sets: sets.unwrap_or_default(),
        }
    }

    /// Returns the name as it stands, with its header.
    pub(crate) fn der(&self) -> &'a [u8] {
        self.der
    }

    /// Returns the attributes, in order.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut sets = self.sets;
        let mut set = Reader::default();
        let mut joins = false;
        std::iter::from_fn(move || {
            while set.is_empty() {
                set = sets.list(der::SET)?;
                joins = false;
            }
            Attribute::read(&mut set, std::mem::replace(&mut joins, true))
        })
    }

    /// Returns the canonical form in which OpenSSL compares names, with the same octets as in OpenSSL
    /// (`x509_name_canon`). Two names are the same if these octets are the same, and `X509_NAME_hash(3)` is a hash of
    /// them.
    ///
    /// String types do not matter, nor do letter case (of ASCII), white space at the ends and the length of white
    /// space within (`X509_NAME_cmp(3)`; RFC 5280, section 7.1), nor RelativeDistinguishedNames without an attribute.
    /// The canonical form of the first RelativeDistinguishedNames is the start of that of the whole name.
    ///
    /// `None` if a string is not valid in its own type: OpenSSL does not read such a name.
    pub(crate) fn canonical(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(canonical_capacity(self.der.len()));
        self.push_canonical(&mut out)?;
        Some(out)
    }

    /// Appends the canonical form, see [`canonical`](Self::canonical).
    pub(crate) fn push_canonical(&self, out: &mut Vec<u8>) -> Option<()> {
        let mut sets = self.sets;
        while !sets.is_empty() {
            push_set(out, sets.list(der::SET)?)?;
        }
        Some(())
    }
}

/// Returns a length that the canonical form of most names does not exceed. Text in other encodings than UTF-8 may.
pub(crate) fn canonical_capacity(der: usize) -> usize {
    der + 32
}

impl<'a> Attribute<'a> {
    /// Reads one AttributeTypeAndValue.
    fn read(attributes: &mut Reader<'a>, joins: bool) -> Option<Self> {
        let mut fields = attributes.sequence()?;
        let kind = fields.object_identifier()?;
        let value = fields.next()?;
        fields.end()?;
        let this = Self { kind, value, joins };
        this.check()?;
        Some(this)
    }

    /// Returns the text in UTF-8, or `None` if it is no string or not valid in its own type.
    ///
    /// See `ASN1_STRING_to_UTF8(3)`; which types are strings stands in [`text`].
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        text(self.value)
    }

    /// Checks that OpenSSL accepts the type in a name (`ASN1_PRINTABLE` in its x_name.c).
    fn check(&self) -> Option<()> {
        let tag = self.value.tag;
        READABLE.contains(tag).then_some(())?;
        match tag {
            der::BIT_STRING => self.value.bit_string().map(drop),
            der::SEQUENCE => self.value.is_constructed.then_some(()),
            der::BMP_STRING | der::UNIVERSAL_STRING => self.value.any(),
            _ => self.value.string().map(drop),
        }
    }
}

/// Returns what a nameRelativeToCRLIssuer adds to the canonical name that it is relative to.
///
/// OpenSSL appends each attribute as a RelativeDistinguishedName of its own.
pub(crate) fn canonical_fragment(mut attributes: Reader<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while !attributes.is_empty() {
        let attribute = Attribute::read(&mut attributes, false)?;
        push(&mut out, der::CONSTRUCTED_SET, |out| {
            push_attribute(out, attribute)
        })?;
    }
    Some(out)
}

/// Returns the text of a string in UTF-8 (`ASN1_STRING_to_UTF8(3)`).
///
/// TeletexString (T61String) should be T.61, but is Latin-1 in practice, and OpenSSL reads it so. UTF-16
/// surrogates in a BMPString are refused.
fn text<'a>(value: Element<'a>) -> Option<Cow<'a, str>> {
    let octets = value.string()?;
    match value.tag {
        der::UTF8_STRING => match octets {
            Cow::Borrowed(octets) => std::str::from_utf8(octets).ok().map(Cow::Borrowed),
            Cow::Owned(octets) => String::from_utf8(octets).ok().map(Cow::Owned),
        },
        // OpenSSL reads all of these octet by octet, as Latin-1.
        der::NUMERIC_STRING
        | der::PRINTABLE_STRING
        | der::T61_STRING
        | der::IA5_STRING
        | der::UTC_TIME
        | der::GENERALIZED_TIME
        | der::VISIBLE_STRING => match octets {
            Cow::Borrowed(octets) if octets.is_ascii() => {
                std::str::from_utf8(octets).ok().map(Cow::Borrowed)
            }
            octets => Some(octets.iter().copied().map(char::from).collect()),
        },
        der::BMP_STRING => wide(&octets, 2),
        der::UNIVERSAL_STRING => wide(&octets, 4),
        _ => None,
    }
}

/// Reads characters of two or four octets each, in big-endian order.
fn wide<'a>(octets: &[u8], width: usize) -> Option<Cow<'a, str>> {
    let decoded = |octets: &[u8]| char::from_u32(der::unsigned(octets)?.try_into().ok()?);
    let chars = octets.chunks_exact(width);
    let text: Option<String> = chars.clone().map(decoded).collect();
    text.filter(|_| chars.remainder().is_empty())
        .map(Cow::Owned)
}

/// Writes a RelativeDistinguishedName. It is a SET OF, so the order of its attributes in the certificate has no
/// meaning.
fn push_set(out: &mut Vec<u8>, mut set: Reader<'_>) -> Option<()> {
    if set.is_empty() {
        return Some(());
    }
    let first = Attribute::read(&mut set, false)?;
    if set.is_empty() {
        return push(out, der::CONSTRUCTED_SET, |out| push_attribute(out, first));
    }
    let mut attributes = Vec::new();
    let mut next = Some(first);
    while let Some(attribute) = next {
        let mut encoded = Vec::new();
        push_attribute(&mut encoded, attribute)?;
        attributes.push(encoded);
        next = match set.is_empty() {
            true => None,
            false => Some(Attribute::read(&mut set, true)?),
        };
    }
    attributes.sort_unstable();
    push(out, der::CONSTRUCTED_SET, |out| {
        out.extend(attributes.concat());
        Some(())
    })
}

/// Writes an AttributeTypeAndValue.
fn push_attribute(out: &mut Vec<u8>, attribute: Attribute<'_>) -> Option<()> {
    push(out, der::CONSTRUCTED_SEQUENCE, |out| {
        push_octets(out, der::OBJECT_IDENTIFIER, attribute.kind)?;
        push_value(out, attribute.value)
    })
}

/// Writes a value: strings of the folded types as UTF8String, all others as they are.
fn push_value(out: &mut Vec<u8>, value: Element<'_>) -> Option<()> {
    match value.tag {
        tag if FOLDED.contains(tag) => {
            let text = text(value)?;
            push(out, der::UTF8_STRING, |out| {
                push_folded(out, &text);
                Some(())
            })
        }
        der::BIT_STRING => {
            let bits = value.bit_string()?;
            push(out, der::BIT_STRING, |out| {
                out.push(bits.unused);
                out.extend_from_slice(&bits.octets);
                Some(())
            })
        }
        // OpenSSL keeps the SEQUENCE as it is.
        der::SEQUENCE => {
            out.extend_from_slice(value.raw);
            Some(())
        }
        tag => push_octets(out, tag, &value.string()?),
    }
}

/// Writes a text in lower case, with single spaces.
///
/// Only ASCII letters and white space change. Everything else stays, as OpenSSL knows no Unicode here.
fn push_folded(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t'..=b'\r');
    for word in text.as_bytes().split(is_space) {
        if !word.is_empty() {
            if out.len() > start {
                out.push(b' ');
            }
            out.extend_from_slice(word);
        }
    }
    out[start..].make_ascii_lowercase();
}

/// Writes an element of these octets.
fn push_octets(out: &mut Vec<u8>, identifier: u8, octets: &[u8]) -> Option<()> {
    push(out, identifier, |out| {
        out.extend_from_slice(octets);
        Some(())
    })
}

/// Writes an element in DER.
///
/// The length is filled in afterwards, in the shortest form.
fn push(
    out: &mut Vec<u8>,
    identifier: u8,
    write: impl FnOnce(&mut Vec<u8>) -> Option<()>,
) -> Option<()> {
    out.extend_from_slice(&[identifier, 0]);
    let start = out.len();
    write(out)?;
    let len = out.len() - start;
    match u8::try_from(len) {
        Ok(short @ ..0x80) => out[start - 1] = short,
        _ => {
            let octets = len.to_be_bytes();
            let unused = (len.leading_zeros() / 8) as usize;
            out[start - 1] = 0x80 | (octets.len() - unused) as u8;
            out.splice(start..start, octets[unused..].iter().copied());
        }
    }
    Some(())
}

/// Universal tags, as bits.
struct Tags(u32);

impl Tags {
    /// Collects tags when compiling.
    const fn of(tags: &[u8]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < tags.len() {
            bits |= 1 << tags[i];
            i += 1;
        }
        Self(bits)
    }

    /// Tags of other classes are not in the set.
    fn contains(&self, tag: u8) -> bool {
        tag < 32 && self.0 & 1 << tag != 0
    }
}

/// id-at-commonName and emailAddress (RFC 5280, appendix A.1).
pub(crate) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(crate) const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

/// The length above which OpenSSL does not read a name (`X509_NAME_MAX`).
const LONGEST: usize = 1 << 20;

/// The string types whose case and spaces do not matter. OpenSSL compares all others, including NumericString, as
/// they are.
const FOLDED: Tags = Tags::of(&[
    der::UTF8_STRING,
    der::PRINTABLE_STRING,
    der::T61_STRING,
    der::IA5_STRING,
    der::UNIVERSAL_STRING,
    der::BMP_STRING,
]);

/// The types that OpenSSL reads in a name: strings that X.520 uses, BIT STRING, SEQUENCE, and types that OpenSSL
/// does not know.
const READABLE: Tags = Tags::of(&[
    der::BIT_STRING,
    0x07,
    0x08,
    0x09,
    0x0b,
    der::UTF8_STRING,
    0x0d,
    0x0e,
    0x0f,
    der::SEQUENCE,
    der::NUMERIC_STRING,
    der::PRINTABLE_STRING,
    der::T61_STRING,
    der::IA5_STRING,
    der::UNIVERSAL_STRING,
    0x1d,
    der::BMP_STRING,
]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der::encode;
    use crate::x509::test_pki::{
        BMP, IA5, NUMERIC, ORGANIZATION, PRINTABLE, T61, UNIVERSAL, UTF8, attribute, cn, oid, seq,
        tlv,
    };

    /// The canonical forms have the hashes that `openssl x509 -subject_hash` prints.
    #[test]
    fn canonical_forms_are_those_of_openssl() {
        let folded: [(u8, &[u8], &str); 14] = [
            (UTF8, b"Sip  Example ", "sip example"),
            (UTF8, b"", ""),
            (UTF8, b"  ", ""),
            (UTF8, b"a\0b", "a\0b"),
            (UTF8, b"a\x08b\x0ec", "a\x08b\x0ec"),
            (UTF8, b"a\x0b\x0cb", "a b"),
            (UTF8, "\u{a0}\u{c4}".as_bytes(), "\u{a0}\u{c4}"),
            (PRINTABLE, b"\tSIP\n Example\r", "sip example"),
            (T61, b"\xc4B", "\u{c4}b"),
            (IA5, b"\xe4", "\u{e4}"),
            (BMP, b"\0\xc4\x20\xac\0X", "\u{c4}\u{20ac}x"),
            (BMP, b"", ""),
            (
                UNIVERSAL,
                b"\0\0\x20\xac\0\x01\xf6\0\0\0\0X",
                "\u{20ac}\u{1f600}x",
            ),
            (0x20 | UTF8, b"\x04\x02A \x04\x02 B", "a b"),
        ];
        for (tag, value, text) in folded {
            let found = canonical(&[&[attribute(COMMON_NAME, tag, value)]]);
            let expected = set(&[attribute(COMMON_NAME, UTF8, text.as_bytes())]);
            assert_eq!(found, Some(expected), "{tag:02x} {value:02x?}");
        }
        let others: [(u8, &[u8], u8, &[u8]); 7] = [
            (NUMERIC, b" 1  2 ", NUMERIC, b" 1  2 "),
            (0x20 | NUMERIC, b"\x04\x011\x04\x012", NUMERIC, b"12"),
            (3, &[4, 0xaf], 3, &[4, 0xa0]),
            (0x23, &[3, 2, 4, 0xaf], 3, &[4, 0xa0]),
            (0x30, b"\xff A", 0x30, b"\xff A"),
            (9, b" A", 9, b" A"),
            (0x1d, b" A", 0x1d, b" A"),
        ];
        for (tag, value, other, expected) in others {
            let found = canonical(&[&[attribute(COMMON_NAME, tag, value)]]);
            let expected = set(&[attribute(COMMON_NAME, other, expected)]);
            assert_eq!(found, Some(expected), "{tag:02x} {value:02x?}");
        }
        // The lengths of text, attribute and set pass each border at another length of the text.
        for len in (100..140).chain(220..270).chain([0xffff, 0x1_0000]) {
            let name = |letter| {
                let value = encode(UTF8, &vec![letter; len]);
                let attribute = encode(0x30, &[oid(COMMON_NAME), value].concat());
                encode(0x31, &attribute)
            };
            let der = encode(0x30, &name(b'X'));
            let found = Name::read(&mut Reader::new(&der)).unwrap().canonical();
            assert_eq!(found, Some(name(b'x')), "{len}");
        }
    }

    #[test]
    fn the_order_matters_between_sets_and_not_within_one() {
        let a = || attribute(COMMON_NAME, UTF8, b"a");
        let b = || attribute(ORGANIZATION, UTF8, b"b");
        let both = set(&[a(), b()]);
        assert_eq!(canonical(&[&[a(), b()]]).as_ref(), Some(&both));
        assert_eq!(canonical(&[&[b(), a()]]).as_ref(), Some(&both));
        for attributes in [[a(), b()], [b(), a()]] {
            let [first, second] = attributes.each_ref().map(std::slice::from_ref);
            let expected = [set(first), set(second)].concat();
            assert_eq!(canonical(&[first, &[], second]), Some(expected));
        }
        let joins = |sets: &[&[Vec<u8>]]| {
            let der = name_of(sets);
            let attributes = Name::read(&mut Reader::new(&der)).unwrap().attributes();
            attributes.map(|found| found.joins).collect::<Vec<_>>()
        };
        let (one, two) = ([a()], [b(), a()]);
        assert!(joins(&[]).is_empty());
        let mixed = joins(&[&[], &one, &[], &two, &one]);
        assert_eq!(mixed, [false, false, true, false]);
        assert_eq!(joins(&[&two, &two]), [false, true, false, true]);
        // Of a set with many attributes as well.
        let long = a().repeat(20);
        let der = seq(&[tlv(0x31, &long)]);
        let found = Name::read(&mut Reader::new(&der)).unwrap().canonical();
        assert_eq!(found, Some(tlv(0x31, &long)));
    }

    #[test]
    fn what_is_added_to_a_name_is_the_end_of_its_canonical_form() {
        let a = || attribute(COMMON_NAME, PRINTABLE, b" A");
        let b = || attribute(ORGANIZATION, PRINTABLE, b"B ");
        let fragment = |attributes: &[&[u8]]| canonical_fragment(Reader::new(&attributes.concat()));
        assert_eq!(fragment(&[]), Some(Vec::new()));
        assert_eq!(fragment(&[&a()]), canonical(&[&[a()]]));
        assert_eq!(fragment(&[&b(), &a()]), canonical(&[&[b()], &[a()]]));
        assert_eq!(fragment(&[&a(), &[5, 0]]), None);
        assert_eq!(fragment(&[&attribute(COMMON_NAME, UTF8, &[0xff])]), None);
    }

    #[test]
    fn a_name_is_checked_whether_or_not_it_is_made_canonical() {
        let is_read = |attribute: Vec<u8>| {
            let der = name_of(&[&[], &[attribute]]);
            Name::read(&mut Reader::new(&der)).is_some()
        };
        let value = |tag, value: &[u8]| is_read(attribute(COMMON_NAME, tag, value));
        let good: [(u8, &[u8]); 6] = [
            (UTF8, b"x"),
            (3, &[0]),
            (0x30, &[0xff]),
            (BMP, &[0, 0]),
            (UNIVERSAL, &[0; 4]),
            (0x2c, b"\x04\x01x"),
        ];
        for (tag, octets) in good {
            assert!(value(tag, octets), "{tag:02x}");
        }
        let malformed: [(u8, &[u8]); 9] = [
            (3, &[]),
            (3, &[8, 0]),
            (0x10, &[]),
            (BMP, &[0]),
            (UNIVERSAL, &[0, 0]),
            (0x2c, b"\x04\x02x"),
            (0x1a, b"x"),
            (0x80, b"x"),
            (5, &[]),
        ];
        for (tag, octets) in malformed {
            assert!(!value(tag, octets), "{tag:02x}");
        }
        assert!(!is_read(seq(&[oid(COMMON_NAME)])));
        assert!(!is_read(tlv(0x31, &[])));
        // The text itself is looked at when it is needed.
        let der = cn("x");
        let broken = [&der[..der.len() - 1], &[0xff]].concat();
        let name = Name::read(&mut Reader::new(&broken)).unwrap();
        assert_eq!(name.canonical(), None);
        assert_eq!(name.attributes().next().unwrap().text(), None);
    }

    #[test]
    fn text_is_converted_to_utf8() {
        let text = |tag, value: &[u8]| {
            let der = tlv(tag, value);
            let value = Reader::new(&der).next().unwrap();
            text(value).map(Cow::into_owned)
        };
        for tag in [NUMERIC, PRINTABLE, T61, IA5, 0x17, 0x18, 0x1a] {
            assert_eq!(text(tag, b"A b").as_deref(), Some("A b"), "{tag:02x}");
            assert_eq!(text(tag, b"\xe4").as_deref(), Some("\u{e4}"), "{tag:02x}");
        }
        let cases: [(u8, &[u8], Option<&str>); 11] = [
            (UTF8, b"\xc3\xa4", Some("\u{e4}")),
            (UTF8, b"\xe4", None),
            (0x2c, b"\x04\x01\xc3\x04\x01\xa4", Some("\u{e4}")),
            (0x2c, b"\x04\x01\xc3", None),
            (BMP, b"\x20\xac", Some("\u{20ac}")),
            (BMP, b"\x20\xac\0", None),
            (BMP, b"\xd8\x3d\xde\0", None),
            (UNIVERSAL, b"\0\x01\xf6\0", Some("\u{1f600}")),
            (UNIVERSAL, b"\0\x01\xf6", None),
            (UNIVERSAL, b"\0\x11\0\0", None),
            (3, b"\0A", None),
        ];
        for (tag, value, expected) in cases {
            assert_eq!(
                text(tag, value).as_deref(),
                expected,
                "{tag:02x} {value:02x?}"
            );
        }
    }

    /// Returns the canonical form of a name with these sets, as long as it can be read.
    fn canonical(sets: &[&[Vec<u8>]]) -> Option<Vec<u8>> {
        let der = name_of(sets);
        let mut whole = vec![7];
        let name = Name::read_canonical(&mut Reader::new(&der), &mut whole)?;
        assert_eq!((name.der(), whole.remove(0)), (&*der, 7));
        assert_eq!(name.canonical().as_ref(), Some(&whole));
        Some(whole)
    }

    fn name_of(sets: &[&[Vec<u8>]]) -> Vec<u8> {
        let sets: Vec<_> = sets.iter().map(|attributes| set(attributes)).collect();
        seq(&sets)
    }

    fn set(attributes: &[Vec<u8>]) -> Vec<u8> {
        tlv(0x31, &attributes.concat())
    }
}
