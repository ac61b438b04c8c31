//! Whether a certificate or a revocation list is put together as it has to be.
//!
//! OpenSSL decodes all of it when it loads a file, and refuses a file with damage anywhere in it.
//! x509-parser passes over damage in names and extensions until somebody asks for them.

use super::der::{self, EXPLICIT_0, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};

/// Returns the length of the certificate at the start of `der`.
pub(super) fn certificate_len(der: &[u8]) -> Option<usize> {
    signed_len(der, |tbs| {
        if let Some(version) = tbs.optional(EXPLICIT_0) {
            only(version, |version| version.value(INTEGER))?;
        }
        tbs.value(INTEGER)?;
        tbs.within(SEQUENCE, algorithm)?;
        tbs.within(SEQUENCE, name)?;
        tbs.within(SEQUENCE, |validity| {
            validity.time()?;
            validity.time()
        })?;
        tbs.within(SEQUENCE, name)?;
        tbs.within(SEQUENCE, |spki| {
            spki.within(SEQUENCE, algorithm)?;
            spki.value(BIT_STRING)
        })?;
        for unique_id in [IMPLICIT_1, IMPLICIT_2] {
            if let Some(id) = tbs.optional(unique_id) {
                is_value(BIT_STRING, id).then_some(())?;
            }
        }
        extensions_in(tbs, EXPLICIT_3)
    })
}

/// Returns the length of the revocation list at the start of `der`.
pub(super) fn revocation_list_len(der: &[u8]) -> Option<usize> {
    signed_len(der, |tbs| {
        if tbs.peek() == Some(INTEGER) {
            tbs.value(INTEGER)?;
        }
        tbs.within(SEQUENCE, algorithm)?;
        tbs.within(SEQUENCE, name)?;
        tbs.time()?;
        if matches!(tbs.peek(), Some(UTC_TIME | GENERALIZED_TIME)) {
            tbs.time()?;
        }
        if let Some(entries) = tbs.optional(SEQUENCE) {
            Reader(entries).each(SEQUENCE, |entry| {
                entry.value(INTEGER)?;
                entry.time()?;
                match entry.optional(SEQUENCE) {
                    Some(extensions) => Reader(extensions).each(SEQUENCE, extension),
                    None => Some(()),
                }
            })?;
        }
        extensions_in(tbs, EXPLICIT_0)
    })
}

/// Reads what was signed, the algorithm and the signature.
fn signed_len(der: &[u8], tbs: impl Fn(&mut Reader<'_>) -> Option<()>) -> Option<usize> {
    let mut reader = Reader(der);
    reader.within(SEQUENCE, |outer| {
        outer.within(SEQUENCE, tbs)?;
        outer.within(SEQUENCE, algorithm)?;
        outer.value(BIT_STRING)
    })?;
    Some(der.len() - reader.0.len())
}

fn algorithm(reader: &mut Reader<'_>) -> Option<()> {
    reader.value(OBJECT_IDENTIFIER)?;
    match reader.peek() {
        Some(_) => reader.any(),
        None => Some(()),
    }
}

fn name(reader: &mut Reader<'_>) -> Option<()> {
    let attribute = |reader: &mut Reader<'_>| {
        reader.value(OBJECT_IDENTIFIER)?;
        reader.peek().filter(|tag| TEXT.contains(tag))?;
        reader.any()
    };
    reader.each(SET, |set| set.each(SEQUENCE, attribute))
}

fn extensions_in(reader: &mut Reader<'_>, tag: u8) -> Option<()> {
    match reader.optional(tag) {
        Some(content) => only(content, |reader| {
            reader.within(SEQUENCE, |list| list.each(SEQUENCE, extension))
        }),
        None => Some(()),
    }
}

fn extension(reader: &mut Reader<'_>) -> Option<()> {
    reader.value(OBJECT_IDENTIFIER)?;
    if reader.peek() == Some(BOOLEAN) {
        reader.value(BOOLEAN)?;
    }
    reader.value(OCTET_STRING)
}

/// Reads `content`, of which `read` has to leave nothing.
fn only(content: &[u8], read: impl FnOnce(&mut Reader<'_>) -> Option<()>) -> Option<()> {
    let mut reader = Reader(content);
    read(&mut reader)?;
    reader.0.is_empty().then_some(())
}

/// What is yet to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = der::element(self.0).filter(|element| element.tag == tag)?;
        self.0 = element.rest;
        Some(element.content)
    }

    fn within(&mut self, tag: u8, read: impl FnOnce(&mut Reader<'_>) -> Option<()>) -> Option<()> {
        only(self.optional(tag)?, read)
    }

    fn each(&mut self, tag: u8, read: impl Fn(&mut Reader<'_>) -> Option<()>) -> Option<()> {
        while !self.0.is_empty() {
            self.within(tag, &read)?;
        }
        Some(())
    }

    fn value(&mut self, tag: u8) -> Option<()> {
        is_value(tag, self.optional(tag)?).then_some(())
    }

    fn any(&mut self) -> Option<()> {
        self.value(self.peek()?)
    }

    fn time(&mut self) -> Option<()> {
        let tag = self.peek()?;
        matches!(tag, UTC_TIME | GENERALIZED_TIME).then_some(())?;
        self.value(tag)
    }
}

/// Whether `content` can be that of a primitive value with this tag; others are not looked into.
fn is_value(tag: u8, content: &[u8]) -> bool {
    match (tag, content) {
        (BOOLEAN, _) => content.len() == 1,
        (INTEGER, [0, second, ..]) => second & 0x80 != 0,
        (INTEGER, [0xff, second, ..]) => second & 0x80 == 0,
        (INTEGER, _) => !content.is_empty(),
        (BIT_STRING, _) => content.first().is_some_and(|unused| *unused < 8),
        (NULL, _) => content.is_empty(),
        (OBJECT_IDENTIFIER, _) => is_identifier(content),
        (UTF8_STRING, _) => std::str::from_utf8(content).is_ok(),
        (BMP_STRING, _) => is_text(content, 2),
        (UNIVERSAL_STRING, _) => is_text(content, 4),
        (SEQUENCE | SET, _) => true,
        _ => tag & UNIVERSAL_CONSTRUCTED != CONSTRUCTED,
    }
}

fn is_text(content: &[u8], octets: usize) -> bool {
    let number = |char: &[u8]| {
        char.iter()
            .fold(0, |sum, octet| sum << 8 | u32::from(*octet))
    };
    let mut chars = content.chunks_exact(octets);
    chars.all(|char| char::from_u32(number(char)).is_some()) && chars.remainder().is_empty()
}

/// Whether `content` is that of an OBJECT IDENTIFIER.
pub(super) fn is_identifier(content: &[u8]) -> bool {
    let is_complete = content.last().is_some_and(|last| last & 0x80 == 0);
    let is_minimal = |pair: &[u8]| pair[0] & 0x80 != 0 || pair[1] != 0x80;
    is_complete && content[0] != 0x80 && content.windows(2).all(is_minimal)
}

const BOOLEAN: u8 = 0x01;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const UNIVERSAL_STRING: u8 = 0x1c;
const BMP_STRING: u8 = 0x1e;
const SET: u8 = 0x31;
/// What may stand in a name: NumericString, PrintableString, TeletexString and IA5String, too.
const TEXT: [u8; 8] = [
    BIT_STRING,
    UTF8_STRING,
    0x12,
    0x13,
    0x14,
    0x16,
    UNIVERSAL_STRING,
    BMP_STRING,
];
const CONSTRUCTED: u8 = 0x20;
/// The bits for the class and for "constructed"; class 0 is universal.
const UNIVERSAL_CONSTRUCTED: u8 = 0xe0;
const IMPLICIT_1: u8 = 0x81;
const IMPLICIT_2: u8 = 0x82;
const EXPLICIT_3: u8 = 0xa3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::pem::{Blocks, Content};

    #[test]
    fn only_a_whole_certificate_is_one() {
        let der = certificate();
        for length in 0..der.len() {
            assert_eq!(certificate_len(&der[..length]), None, "{length} octets");
        }
        assert_eq!(certificate_len(&der), Some(der.len()));
        let followed = [&der[..], b"tail"].concat();
        assert_eq!(certificate_len(&followed), Some(der.len()));
        assert_eq!(revocation_list_len(&der), None);
    }

    #[test]
    fn damage_in_a_name_is_found() {
        let mut der = certificate();
        let name = b"v1.example";
        let at = der.windows(name.len()).position(|found| found == name);
        der[at.unwrap()] = 0xff;
        assert_eq!(certificate_len(&der), None);
    }

    #[test]
    fn primitive_values_are_checked_as_openssl_does() {
        let is_number = |content| is_value(INTEGER, content);
        assert!(is_number(&[0]) && is_number(&[0, 0x80]) && is_number(&[0xff, 0x7f]));
        assert!(!is_number(&[]) && !is_number(&[0, 0x7f]) && !is_number(&[0xff, 0x80]));
        assert!(is_identifier(&[0x2a, 0x86, 0x48]) && is_identifier(&[0]));
        assert!(!is_identifier(&[]) && !is_identifier(&[0x2a, 0x86]));
        assert!(!is_identifier(&[0x80, 1]) && !is_identifier(&[0x2a, 0x80, 1]));
        assert!(is_value(BIT_STRING, &[0]) && !is_value(BIT_STRING, &[8, 0]));
        assert!(is_value(BMP_STRING, b"\0a\0b") && !is_value(BMP_STRING, b"\0a\0"));
        // Half of a surrogate pair.
        assert!(!is_value(BMP_STRING, &[0xd8, 0]));
        // A constructed string.
        assert!(!is_value(0x2c, b""));
    }

    fn certificate() -> Vec<u8> {
        let text = include_bytes!("../../tests/testdata/pki/rsa.pem");
        match Blocks::new(text).next() {
            Some(Ok(block)) => match block.content {
                Content::Certificate(der) => der.to_vec(),
                _ => panic!("{}", block.label),
            },
            _ => panic!("no block"),
        }
    }
}
