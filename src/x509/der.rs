//! DER as OpenSSL 3.0 reads it, which is BER in places.
//!
//! OpenSSL reads every structure from a template. The template says which tag is expected. OpenSSL checks the encoding
//! of the value no more closely than this module does. The places where that is laxer than DER (X.690, section 10):
//!
//! - lengths in the long form where the short one would do, with superfluous octets;
//! - indefinite lengths;
//! - strings in pieces ([`Element::string`]);
//! - a SEQUENCE OF or SET OF without the bit that says "constructed" ([`Reader::list`]);
//! - any BOOLEAN but 0 is true;
//! - tags in the long form where the short one would do.
//!
//! Everything else is as strict as DER: an INTEGER must not be padded, an OBJECT IDENTIFIER must be whole, and no
//! octet may be left over in a structure. A value that is compared byte by byte elsewhere is compared as OpenSSL
//! compares it.
//!
//! A [`Reader`] goes through elements and yields [`Element`]s. A structure is read by expecting one field after the
//! other and calling [`Reader::end`]. Elements are not read ahead: what is inside of one is looked at when it is
//! asked for. Only an [indefinite length](indefinite_len) has to be searched for its end.

use std::borrow::Cow;

/// A reader of elements, one by one. It looks no further than needed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Whether the end-of-contents octets of an indefinite length follow.
    ///
    /// OpenSSL's rule about octets after a length depends on it, see [`content_len`].
    has_end: bool,
}

/// One element: a tag and its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    /// Class and number, without the bit that says "constructed"; [`OTHER_TAG`] for numbers above 30.
    pub(crate) tag: u8,
    pub(crate) is_constructed: bool,
    /// Without the end-of-contents octets of an indefinite length.
    pub(crate) content: &'a [u8],
    /// Header and content.
    pub(crate) raw: &'a [u8],
}

/// A BIT STRING.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BitString<'a> {
    /// The unused bits of the last octet are 0, whatever the encoding says.
    pub(crate) octets: Cow<'a, [u8]>,
    /// How many bits of the last octet do not belong to the value: 0 to 7.
    pub(crate) unused: u8,
}

impl BitString<'_> {
    /// Returns the first two octets as a number, the first octet in the low bits. OpenSSL stores key usages and reasons
    /// in this way.
    pub(crate) fn flags(&self) -> u16 {
        let octet = |i: usize| self.octets.get(i).copied().unwrap_or(0);
        u16::from_le_bytes([octet(0), octet(1)])
    }
}

impl<'a> Reader<'a> {
    /// Makes a reader of bytes that come from outside.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            has_end: false,
        }
    }

    /// Makes a reader for content that was read before, whatever form its length has.
    pub(crate) fn of_checked(content: &'a [u8]) -> Self {
        Self {
            rest: content,
            has_end: true,
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns what has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Returns the next element, or `None` if there is none or it is malformed.
    ///
    /// The content is not looked at.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        let header = Header::read(self.rest, self.has_end)?;
        self.take(header)
    }

    /// Returns the element that begins with this header, which was read at the reader's position.
    #[inline(always)]
    fn take(&mut self, header: Header) -> Option<Element<'a>> {
        let body = &self.rest[header.len..];
        let (content, total) = match header.content {
            Some(len) => (&body[..len], header.len + len),
            None => {
                let len = indefinite_len(body)?;
                (&body[..len], header.len + len + END_OF_CONTENTS.len())
            }
        };
        let (raw, rest) = self.rest.split_at(total);
        self.rest = rest;
        Some(Element {
            tag: header.tag,
            is_constructed: header.is_constructed,
            content,
            raw,
        })
    }

    /// Returns the tag of the next element, if there is one that can be read.
    ///
    /// Nothing is consumed.
    pub(crate) fn peek(&self) -> Option<u8> {
        Header::read(self.rest, self.has_end).map(|header| header.tag)
    }

    /// Returns the next element, which must have this tag.
    #[inline(always)]
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// Takes the next element if it has this tag. `None` if it has this tag, but is malformed.
    ///
    /// The inner `None` is an element with another tag, or the end: that is how DER leaves out an OPTIONAL or DEFAULT
    /// field.
    #[inline]
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<Element<'a>>> {
        let is_other = |identifier: &u8| identifier & NUMBER != NUMBER && identifier & TAG != tag;
        if self.rest.first().is_none_or(is_other) {
            return Some(None);
        }
        match Header::read(self.rest, self.has_end) {
            Some(header) if header.tag == tag => self.take(header).map(Some),
            _ => Some(None),
        }
    }

    /// Returns `None` if anything is left.
    ///
    /// A structure with unknown fields at its end is malformed, as in OpenSSL's templates.
    #[inline]
    pub(crate) fn end(self) -> Option<()> {
        self.is_empty().then_some(())
    }

    /// Returns the fields of the next element, which must be a SEQUENCE.
    #[inline(always)]
    pub(crate) fn sequence(&mut self) -> Option<Self> {
        self.expect(SEQUENCE)?.fields()
    }

    /// Returns the items of the next element, which must be a SEQUENCE OF, or with `SET` a SET OF.
    #[inline(always)]
    pub(crate) fn list(&mut self, tag: u8) -> Option<Self> {
        Some(self.expect(tag)?.items())
    }

    /// Returns the content octets of an INTEGER.
    #[inline]
    pub(crate) fn integer(&mut self) -> Option<&'a [u8]> {
        self.expect(INTEGER)?.integer()
    }

    /// Returns the content octets of an OBJECT IDENTIFIER.
    #[inline]
    pub(crate) fn object_identifier(&mut self) -> Option<&'a [u8]> {
        self.expect(OBJECT_IDENTIFIER)?.object_identifier()
    }

    /// Returns a BIT STRING.
    pub(crate) fn bit_string(&mut self) -> Option<BitString<'a>> {
        self.expect(BIT_STRING)?.bit_string()
    }
}

impl<'a> Element<'a> {
    /// Returns a reader of the fields of a SEQUENCE; it must be constructed.
    ///
    /// OpenSSL reads a SEQUENCE by `ASN1_SEQUENCE` templates, which want the bit that says "constructed".
    #[inline]
    pub(crate) fn fields(&self) -> Option<Reader<'a>> {
        self.is_constructed.then(|| self.items())
    }

    /// Returns a reader of the items of a SEQUENCE OF or SET OF.
    ///
    /// OpenSSL does not look at the bit that says "constructed" here (`asn1_template_noexp_d2i`).
    #[inline]
    pub(crate) fn items(&self) -> Reader<'a> {
        Reader {
            rest: self.content,
            has_end: self.is_indefinite(),
        }
    }

    /// Returns the length of tag and length octets.
    #[inline]
    pub(crate) fn header_len(&self) -> usize {
        self.content.as_ptr() as usize - self.raw.as_ptr() as usize
    }

    /// Whether the content ends with end-of-contents octets, which belong to `raw` and not to `content`.
    #[inline]
    pub(crate) fn is_indefinite(&self) -> bool {
        self.header_len() + self.content.len() < self.raw.len()
    }

    /// Whether the header has more than `most` octets. Within an indefinite length, OpenSSL reads the headers one by
    /// one, so they count too; what stands within a definite length does not.
    ///
    /// The work is in proportion to the length, however deep elements are nested.
    pub(crate) fn has_header_over(&self, most: usize) -> bool {
        let mut rest = self.raw;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(END_OF_CONTENTS) {
                rest = after;
                continue;
            }
            match Header::read(rest, true) {
                Some(header) if header.len <= most => {
                    rest = &rest[header.len + header.content.unwrap_or(0)..];
                }
                header => return header.is_some(),
            }
        }
        false
    }

    /// Returns the only element in an explicit tag.
    pub(crate) fn explicit(&self) -> Option<Reader<'a>> {
        let inner = self.fields()?;
        let mut after = inner;
        after.next()?;
        after.end()?;
        Some(inner)
    }

    /// Returns the content octets of an INTEGER or ENUMERATED, which may be neither empty nor padded.
    ///
    /// The sign is that of two's complement. `c2i_ibuf` in OpenSSL refuses the same forms.
    #[inline]
    pub(crate) fn integer(&self) -> Option<&'a [u8]> {
        match self.content {
            _ if self.is_constructed => None,
            [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => None,
            content => Some(content),
        }
    }

    /// Returns a BOOLEAN.
    ///
    /// DER allows 0xff only for true (X.690, section 11.1); OpenSSL takes any octet but 0.
    #[inline]
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.content {
            [value] if !self.is_constructed => Some(*value != 0),
            _ => None,
        }
    }

    /// Returns the content octets of an OBJECT IDENTIFIER, which may be neither truncated nor padded.
    #[inline]
    pub(crate) fn object_identifier(&self) -> Option<&'a [u8]> {
        let mut starts = true;
        for octet in self.content {
            if starts && *octet == 0x80 {
                return None;
            }
            starts = octet & 0x80 == 0;
        }
        let is_whole = starts && !self.content.is_empty() && !self.is_constructed;
        is_whole.then_some(self.content)
    }

    /// Returns the octets of a string of any type, put together if it comes in pieces.
    #[inline]
    pub(crate) fn string(&self) -> Option<Cow<'a, [u8]>> {
        if !self.is_constructed {
            return Some(Cow::Borrowed(self.content));
        }
        let mut octets = Vec::new();
        collect(self.items(), &mut octets, 0)?;
        Some(Cow::Owned(octets))
    }

    /// Reads the octets of a BIT STRING, of which the first says how many bits are unused. Unused bits are cleared,
    /// as `ossl_c2i_ASN1_BIT_STRING` does: two values that differ in them are equal.
    pub(crate) fn bit_string(&self) -> Option<BitString<'a>> {
        let (unused, mut octets) = match self.string()? {
            Cow::Borrowed(content) => {
                let (unused, octets) = content.split_first()?;
                (*unused, Cow::Borrowed(octets))
            }
            Cow::Owned(mut content) => {
                let unused = *content.first()?;
                content.remove(0);
                (unused, Cow::Owned(content))
            }
        };
        if unused > 7 {
            return None;
        }
        let mask = 0xff << unused;
        if octets.last().is_some_and(|last| last & !mask != 0)
            && let Some(last) = octets.to_mut().last_mut()
        {
            *last &= mask;
        }
        Some(BitString { octets, unused })
    }

    /// Checks a value of a type that the template leaves open, as OpenSSL does when it reads one.
    ///
    /// Without this check, a value would be accepted in an AlgorithmIdentifier or an otherName that OpenSSL refuses.
    pub(crate) fn any(&self) -> Option<()> {
        match self.tag {
            // The same octets as an end of contents, which OpenSSL looks for first.
            0 if self.raw.starts_with(END_OF_CONTENTS) => return None,
            BOOLEAN => drop(self.boolean()?),
            INTEGER | ENUMERATED => drop(self.integer()?),
            OBJECT_IDENTIFIER => drop(self.object_identifier()?),
            NULL => self.null()?,
            BIT_STRING => drop(self.bit_string()?),
            SEQUENCE | SET => self.is_constructed.then_some(())?,
            // Other classes are kept as they stand.
            tag if tag & CLASS != 0 => {}
            BMP_STRING => (self.string()?.len() % 2 == 0).then_some(())?,
            UNIVERSAL_STRING => (self.string()?.len() % 4 == 0).then_some(())?,
            _ => drop(self.string()?),
        }
        Some(())
    }

    /// Checks that a NULL is empty.
    #[inline]
    pub(crate) fn null(&self) -> Option<()> {
        (self.content.is_empty() && !self.is_constructed).then_some(())
    }
}

/// Splits off the element at the start of `der`, whatever follows it.
pub(crate) fn first(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = Reader::new(der);
    let element = reader.next()?;
    Some((element.raw, reader.rest()))
}

/// Writes an element with a tag of one octet.
///
/// The length is in the shortest form, as DER demands (X.690, section 10.1).
pub(crate) fn encode(identifier: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let octets = &length[length.iter().take_while(|octet| **octet == 0).count()..];
    let mut out = vec![identifier];
    match content.len() {
        0..0x80 => out.push(content.len() as u8),
        _ => {
            out.push(0x80 | octets.len() as u8);
            out.extend_from_slice(octets);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A tag and a length.
struct Header {
    tag: u8,
    is_constructed: bool,
    /// The length of the header.
    len: usize,
    /// The length of the content; `None` if it ends with end-of-contents octets.
    content: Option<usize>,
}

impl Header {
    /// Reads the header at the start of `der`, which must hold the content too.
    #[inline(always)]
    fn read(der: &[u8], has_end: bool) -> Option<Self> {
        match der {
            // Nearly all headers have two octets.
            [identifier, len @ ..0x80, body @ ..] if identifier & NUMBER != NUMBER => {
                let len = usize::from(*len);
                (len <= body.len()).then_some(Self {
                    tag: identifier & TAG,
                    is_constructed: identifier & CONSTRUCTED != 0,
                    len: 2,
                    content: Some(len),
                })
            }
            _ => Self::read_long(der, has_end),
        }
    }

    /// Reads a header with a long tag or a long length.
    fn read_long(der: &[u8], has_end: bool) -> Option<Self> {
        let (&identifier, mut rest) = der.split_first()?;
        let mut number = u32::from(identifier & NUMBER);
        if identifier & NUMBER == NUMBER {
            (number, rest) = long_number(rest)?;
        }
        let tag = match number {
            0..=30 => identifier & CLASS | number as u8,
            _ => identifier & CLASS | OTHER_TAG,
        };
        let is_constructed = identifier & CONSTRUCTED != 0;
        let (content, rest) = content_len(rest, has_end)?;
        if content.is_none() && !is_constructed || content > Some(rest.len()) {
            return None;
        }
        Some(Self {
            tag,
            is_constructed,
            len: der.len() - rest.len(),
            content,
        })
    }
}

/// Reads a tag number in the long form.
///
/// Numbers above `i32::MAX` are refused, as in `ASN1_get_object`. Superfluous zeros are accepted.
fn long_number(mut rest: &[u8]) -> Option<(u32, &[u8])> {
    let mut number: u32 = 0;
    loop {
        let (&octet, after) = rest.split_first()?;
        rest = after;
        number = number << 7 | u32::from(octet & 0x7f);
        match octet & 0x80 {
            0 => return Some((number, rest)),
            _ if number > i32::MAX as u32 >> 7 => return None,
            _ => {}
        }
    }
}

/// Reads a length. An inner `None` is an indefinite length.
///
/// After a length in the long form OpenSSL 3.0 requires at least one more octet, even if the length is 0.
///
/// A length of more than 8 significant octets is refused.
fn content_len(rest: &[u8], has_end: bool) -> Option<(Option<usize>, &[u8])> {
    let (&first, rest) = rest.split_first()?;
    match first {
        0..0x80 => return Some((Some(usize::from(first)), rest)),
        0x80 => return Some((None, rest)),
        _ => {}
    }
    let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if rest.is_empty() && !has_end {
        return None;
    }
    Some((Some(usize::try_from(unsigned(octets)?).ok()?), rest))
}

/// Returns the value of octets in big-endian order. `None` if more than 8 of them are significant.
pub(crate) fn unsigned(octets: &[u8]) -> Option<u64> {
    let start = octets.iter().position(|octet| *octet != 0);
    let significant = &octets[start.unwrap_or(octets.len())..];
    let mut wide = [0; 8];
    let start = wide.len().checked_sub(significant.len())?;
    wide[start..].copy_from_slice(significant);
    Some(u64::from_be_bytes(wide))
}

/// Returns the length of content that ends with end-of-contents octets.
///
/// Elements of indefinite length may be nested. They are counted and not entered, so that nesting costs no stack
/// (`asn1_find_end` in OpenSSL).
fn indefinite_len(body: &[u8]) -> Option<usize> {
    let mut open = 1usize;
    let mut at = 0;
    loop {
        let rest = &body[at..];
        if rest.starts_with(END_OF_CONTENTS) {
            open -= 1;
            if open == 0 {
                return Some(at);
            }
            at += END_OF_CONTENTS.len();
            continue;
        }
        let header = Header::read(rest, false)?;
        at += header.len;
        match header.content {
            Some(len) => at += len,
            None => open += 1,
        }
    }
}

/// Joins the pieces of a string, whatever their tags.
///
/// OpenSSL's `asn1_collect` does not look at the tags of the pieces either.
fn collect(mut pieces: Reader<'_>, octets: &mut Vec<u8>, depth: usize) -> Option<()> {
    while !pieces.is_empty() {
        if pieces.rest().starts_with(END_OF_CONTENTS) {
            return None;
        }
        let piece = pieces.next()?;
        match piece.is_constructed {
            true if depth == MOST_NESTED => return None,
            true => collect(piece.items(), octets, depth + 1)?,
            false => octets.extend_from_slice(piece.content),
        }
    }
    Some(())
}

/// How deep strings may be nested in OpenSSL.
const MOST_NESTED: usize = 5;

/// A tag and a length of zero.
const END_OF_CONTENTS: &[u8] = &[0, 0];
/// The bits of an identifier octet (X.690, section 8.1.2): the class, whether the element is constructed, and the
/// number.
const CLASS: u8 = 0xc0;
const CONSTRUCTED: u8 = 0x20;
const NUMBER: u8 = 0x1f;
/// Class and number together.
const TAG: u8 = CLASS | NUMBER;

/// The identifier octets of a SEQUENCE and a SET.
pub(crate) const CONSTRUCTED_SEQUENCE: u8 = 0x30;
pub(crate) const CONSTRUCTED_SET: u8 = 0x31;

/// Stands for all tag numbers above 30, which no structure here uses.
pub(crate) const OTHER_TAG: u8 = 0x1f;

/// The tag `[number]`.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The universal tags (X.680, table 1) that certificates and lists use.
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const SEQUENCE: u8 = 0x10;
pub(crate) const SET: u8 = 0x11;
pub(crate) const NUMERIC_STRING: u8 = 0x12;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const T61_STRING: u8 = 0x14;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const VISIBLE_STRING: u8 = 0x1a;
pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
pub(crate) const BMP_STRING: u8 = 0x1e;

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: &[u8]) -> Option<Vec<u8>> {
        Reader::new(bytes).next().map(|e| e.content.to_vec())
    }

    #[test]
    fn lengths_are_read_as_openssl_reads_them() {
        let good: [(&[u8], &[u8]); 6] = [
            (&[4, 1, 7], &[7]),
            (&[4, 0x81, 1, 7], &[7]),
            (&[4, 0x85, 0, 0, 0, 0, 1, 7], &[7]),
            (&[4, 0x81, 0, 0x55], &[]),
            (&[0x30, 0x80, 5, 0, 0, 0], &[5, 0]),
            (&[0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0], &[0x30, 0x80, 0, 0]),
        ];
        for (bytes, expected) in good {
            assert_eq!(content(bytes).as_deref(), Some(expected), "{bytes:?}");
        }
        // The last two: a primitive of indefinite length, and no octet after a long zero.
        let malformed: [&[u8]; 8] = [
            &[],
            &[4],
            &[4, 2, 7],
            &[0x30, 0x80, 5, 0],
            &[4, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff, 7],
            &[4, 0x80, 0, 0],
            &[0x30, 0x81, 0],
        ];
        for bytes in malformed {
            assert_eq!(content(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_tag_may_be_written_in_the_long_form() {
        let tag = |bytes: &[u8]| Reader::new(bytes).next().map(|e| e.tag);
        assert_eq!(tag(&[0x3f, 0x10, 0]), Some(SEQUENCE));
        assert_eq!(tag(&[0x9f, 0x80, 0x02, 0]), Some(context(2)));
        assert_eq!(tag(&[0x1f, 0x1e, 0]), Some(BMP_STRING));
        assert_eq!(tag(&[0x1f, 0x1f, 0]), Some(OTHER_TAG));
        assert_eq!(tag(&[0x1f, 0x81, 0x00, 0]), Some(OTHER_TAG));
        assert_eq!(tag(&[0x9f, 0x1f, 0]), Some(context(OTHER_TAG)));
        assert_eq!(tag(&[0x1f, 0x81]), None);
        assert_eq!(tag(&[0x1f]), None);
        // The largest number is that of an `int` in C.
        assert_eq!(
            tag(&[0x1f, 0x87, 0xff, 0xff, 0xff, 0x7f, 0]),
            Some(OTHER_TAG)
        );
        assert_eq!(tag(&[0x1f, 0x88, 0x80, 0x80, 0x80, 0x00, 0]), None);
        assert_eq!(tag(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]), None);
    }

    #[test]
    fn an_optional_field_is_taken_if_it_has_the_tag() {
        let taken = |bytes: &[u8], tag| {
            let mut reader = Reader::new(bytes);
            let found = reader.optional(tag)?;
            Some((
                found.map(|element| element.content.to_vec()),
                reader.rest().len(),
            ))
        };
        let cases: [(&[u8], u8, _); 10] = [
            (&[], INTEGER, Some((None, 0))),
            (&[2, 1, 7, 5, 0], INTEGER, Some((Some(vec![7]), 2))),
            (&[2, 1, 7], BOOLEAN, Some((None, 3))),
            (&[0x82, 1, 7], INTEGER, Some((None, 3))),
            (&[0xa2, 1, 7], context(2), Some((Some(vec![7]), 0))),
            (&[0x9f, 2, 1, 7], context(2), Some((Some(vec![7]), 0))),
            (&[0x9f, 2, 1, 7], context(1), Some((None, 4))),
            (&[0x1f, 2, 1, 7], BOOLEAN, Some((None, 4))),
            // What cannot be read is a field of another tag.
            (&[2, 2, 7], INTEGER, Some((None, 3))),
            (&[0xa2, 0x80, 5, 0], context(2), None),
        ];
        for (bytes, tag, expected) in cases {
            assert_eq!(taken(bytes, tag), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn headers_are_counted_where_openssl_reads_them_one_by_one() {
        let long =
            |len: usize| [&[4, 0x80 | len as u8], &vec![0; len - 1][..], &[3, 7, 7, 7]].concat();
        let indefinite = |content: &[u8]| [&[0x30, 0x80], content, &[0, 0]].concat();
        let cases = [
            (vec![4, 1, 7], false),
            (long(5), false),
            (long(6), true),
            (long(7), true),
            (indefinite(&[]), false),
            (indefinite(&[4, 1, 7]), false),
            (indefinite(&long(5)), false),
            (indefinite(&long(6)), true),
            (indefinite(&[&[4, 1, 7], &long(6)[..]].concat()), true),
            (
                indefinite(&[indefinite(&[4, 1, 7]), long(6)].concat()),
                true,
            ),
            (indefinite(&indefinite(&long(6))), true),
            (encode(0x30, &long(6)), false),
            (indefinite(&encode(0x30, &long(6))), false),
        ];
        for (bytes, is_over) in cases {
            let element = Reader::new(&bytes).next().unwrap();
            assert_eq!(element.has_header_over(7), is_over, "{bytes:02x?}");
        }
    }

    #[test]
    fn the_first_element_is_split_off() {
        assert_eq!(first(&[2, 1, 7, 5, 0]), Some((&[2, 1, 7][..], &[5, 0][..])));
        assert_eq!(
            first(&[0x30, 0x80, 0, 0, 9]),
            Some((&[0x30, 0x80, 0, 0][..], &[9][..]))
        );
        assert_eq!(first(&[5, 0]), Some((&[5, 0][..], &[][..])));
        assert_eq!(first(&[2, 2, 7]), None);
        assert_eq!(first(&[]), None);
    }

    #[test]
    fn lengths_are_written_in_the_shortest_form() {
        let cases: [(usize, &[u8]); 8] = [
            (0, &[4, 0]),
            (1, &[4, 1]),
            (0x7f, &[4, 0x7f]),
            (0x80, &[4, 0x81, 0x80]),
            (0xff, &[4, 0x81, 0xff]),
            (0x100, &[4, 0x82, 1, 0]),
            (0xffff, &[4, 0x82, 0xff, 0xff]),
            (0x1_0000, &[4, 0x83, 1, 0, 0]),
        ];
        for (len, header) in cases {
            let content = vec![7; len];
            assert_eq!(encode(4, &content), [header, &content].concat(), "{len}");
        }
    }

    #[test]
    fn numbers_have_eight_significant_octets_at_most() {
        let cases: [(&[u8], _); 8] = [
            (&[], Some(0)),
            (&[0], Some(0)),
            (&[7], Some(7)),
            (&[1, 2, 3], Some(0x01_0203)),
            (&[0xff; 8], Some(u64::MAX)),
            (&[0, 0, 1, 0, 0, 0, 0, 0, 0, 2], Some(0x0100_0000_0000_0002)),
            (&[0; 20], Some(0)),
            (&[1, 0, 0, 0, 0, 0, 0, 0, 0], None),
        ];
        for (octets, expected) in cases {
            assert_eq!(unsigned(octets), expected, "{octets:02x?}");
        }
    }

    #[test]
    fn flags_are_the_first_two_octets_of_a_bit_string() {
        let cases: [(&[u8], u16); 5] = [
            (&[0], 0),
            (&[0, 0x81], 0x81),
            (&[0, 0, 0x80], 0x8000),
            (&[0, 1, 2, 3], 0x0201),
            (&[4, 1, 0x2f], 0x2001),
        ];
        for (content, expected) in cases {
            let der = encode(BIT_STRING, content);
            let bits = Reader::new(&der).bit_string().unwrap();
            assert_eq!(bits.flags(), expected, "{content:02x?}");
        }
    }

    #[test]
    fn booleans_and_nulls_are_primitive() {
        let boolean = |bytes: &[u8]| Reader::new(bytes).next()?.boolean();
        assert_eq!(boolean(&[1, 1, 0]), Some(false));
        for value in [1, 0x7f, 0x80, 0xff] {
            assert_eq!(boolean(&[1, 1, value]), Some(true));
        }
        for malformed in [&[1, 0][..], &[1, 2, 0, 0], &[0x21, 1, 0xff], &[0x21, 0]] {
            assert_eq!(boolean(malformed), None, "{malformed:02x?}");
        }
        let null = |bytes: &[u8]| Reader::new(bytes).next()?.null();
        assert_eq!(null(&[5, 0]), Some(()));
        for malformed in [&[5, 1, 0][..], &[0x25, 0], &[0x25, 1, 0]] {
            assert_eq!(null(malformed), None, "{malformed:02x?}");
        }
    }

    #[test]
    fn strings_in_pieces_are_put_together() {
        let string = |bytes: &[u8]| {
            let element = Reader::new(bytes).next()?;
            element.string().map(Cow::into_owned)
        };
        assert_eq!(string(&[0x24, 6, 4, 1, 7, 4, 1, 8]), Some(vec![7, 8]));
        assert_eq!(string(&[0x24, 0x80, 0x24, 3, 4, 1, 7, 0, 0]), Some(vec![7]));
        assert_eq!(string(&[0x24, 2, 0, 0]), None);
        let mut deep = vec![4, 1, 7];
        for _ in 0..6 {
            deep = encode(0x24, &deep);
        }
        assert_eq!(string(&deep), Some(vec![7]));
        assert_eq!(string(&encode(0x24, &deep)), None);
    }

    #[test]
    fn unused_bits_are_cleared() {
        let bits = |bytes: &[u8]| {
            let found = Reader::new(bytes).bit_string()?;
            Some((found.octets.into_owned(), found.unused))
        };
        assert_eq!(bits(&[3, 3, 4, 0xaa, 0xff]), Some((vec![0xaa, 0xf0], 4)));
        assert_eq!(bits(&[3, 2, 4, 0x0f]), Some((vec![0], 4)));
        assert_eq!(bits(&[3, 2, 0, 0xff]), Some((vec![0xff], 0)));
        assert_eq!(bits(&[3, 2, 7, 0xff]), Some((vec![0x80], 7)));
        assert_eq!(bits(&[3, 1, 7]), Some((vec![], 7)));
        assert_eq!(bits(&[3, 2, 8, 0]), None);
        assert_eq!(bits(&[3, 0]), None);
        let pieces = bits(&[0x23, 6, 3, 1, 1, 3, 1, 0xff]);
        assert_eq!(pieces, Some((vec![0xfe], 1)));
    }

    #[test]
    fn padded_and_empty_integers_are_malformed() {
        let integer = |content: &[u8]| {
            let der = encode(INTEGER, content);
            Reader::new(&der).integer().is_some()
        };
        for good in [&[0][..], &[0x7f], &[0xff], &[0, 0x80], &[0xff, 0x7f]] {
            assert!(integer(good), "{good:?}");
        }
        for malformed in [&[][..], &[0, 0], &[0, 0x7f], &[0xff, 0x80], &[0xff, 0xff]] {
            assert!(!integer(malformed), "{malformed:?}");
        }
    }

    #[test]
    fn truncated_and_padded_object_identifiers_are_malformed() {
        let identifier = |content: &[u8]| {
            let der = encode(OBJECT_IDENTIFIER, content);
            Reader::new(&der).object_identifier().is_some()
        };
        assert!(identifier(&[0x55, 0x1d, 21]) && identifier(&[0x2a, 0x86, 0x48]));
        for malformed in [&[][..], &[0x80, 1], &[0x55, 0x80, 1], &[0x2a, 0x86]] {
            assert!(!identifier(malformed), "{malformed:?}");
        }
    }
}
