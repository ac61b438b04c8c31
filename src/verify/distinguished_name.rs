use std::fmt::Write;

use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::der::{self, Reader};

/// Returns the form in which OpenSSL compares names: two names are the same when these bytes are.
///
/// String types do not matter, nor do letter case (of ASCII), white space at the ends and the length
/// of white space within (`X509_NAME_cmp(3)`; RFC 5280, section 7.1). `None` if a string is not valid
/// in its own type, or something else is malformed: OpenSSL refuses to read such a name.
pub(crate) fn canonical(name: &X509Name<'_>) -> Option<Vec<u8>> {
    check_name(name.as_raw())?;
    let mut out = Vec::with_capacity(name.as_raw().len());
    for rdn in name.iter_rdn() {
        let entries: Option<Vec<_>> = rdn.iter().map(entry).collect();
        let mut set = entries?;
        // A SET OF: the order in which the certificate writes it means nothing.
        set.sort_unstable();
        push_field(&mut out, &set.concat());
    }
    Some(out)
}

/// Returns what a nameRelativeToCRLIssuer adds to the canonical name that it is relative to.
///
/// OpenSSL appends each attribute as a RelativeDistinguishedName of its own.
pub(crate) fn canonical_fragment(mut attributes: &[u8]) -> Option<Vec<u8>> {
    check_attributes(attributes)?;
    let mut out = Vec::new();
    while !attributes.is_empty() {
        let (rest, attribute) = AttributeTypeAndValue::from_der(attributes).ok()?;
        push_field(&mut out, &entry(&attribute)?);
        attributes = rest;
    }
    Some(out)
}

/// Returns the text of a directory string in UTF-8, or `None` if it is no string or not valid.
pub(crate) fn text(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String => String::from_utf8(value.data.to_vec()).ok(),
        // OpenSSL reads all three byte by byte, as Latin-1.
        Tag::PrintableString
        | Tag::Ia5String
        | Tag::VisibleString
        | Tag::T61String
        | Tag::NumericString => Some(value.data.iter().copied().map(char::from).collect()),
        Tag::BmpString => wide(value.data.chunks_exact(2), value.data.len() % 2, |c| {
            u32::from(u16::from_be_bytes([c[0], c[1]]))
        }),
        Tag::UniversalString => wide(value.data.chunks_exact(4), value.data.len() % 4, |c| {
            u32::from_be_bytes([c[0], c[1], c[2], c[3]])
        }),
        _ => None,
    }
}

/// Prints a name as `openssl x509 -subject` does, such as `C = DE, CN = sip.example.com`.
pub(crate) fn one_line(name: &X509Name<'_>) -> String {
    let mut out = String::new();
    for rdn in name.iter_rdn() {
        for (i, attribute) in rdn.iter().enumerate() {
            if i > 0 {
                out.push_str(" + ");
            } else if !out.is_empty() {
                out.push_str(", ");
            }
            let oid = attribute.attr_type();
            match x509_parser::objects::oid2abbrev(oid, x509_parser::objects::oid_registry()) {
                Ok(short) => out.push_str(short),
                Err(_) => out.push_str(&oid.to_id_string()),
            }
            out.push_str(" = ");
            push_printable(&mut out, attribute.attr_value());
        }
    }
    out
}

fn wide<'a>(
    chunks: impl Iterator<Item = &'a [u8]>,
    rest: usize,
    decode: impl Fn(&[u8]) -> u32,
) -> Option<String> {
    if rest != 0 {
        return None;
    }
    chunks.map(|chunk| char::from_u32(decode(chunk))).collect()
}

/// Foreign text ends up in terminals and logs: control characters are escaped.
fn push_printable(out: &mut String, value: &Any<'_>) {
    match text(value) {
        Some(text) => {
            for c in text.chars() {
                match c.is_control() {
                    true => out.extend(c.escape_unicode()),
                    false => out.push(c),
                }
            }
        }
        None => {
            for byte in value.data {
                let _ = write!(out, "\\{byte:02X}");
            }
        }
    }
}

/// Checks the whole name: x509-parser leaves out what it cannot read, and all that follows.
fn check_name(der: &[u8]) -> Option<()> {
    let mut outer = Reader::new(der);
    let mut sets = Reader::new(outer.expect(der::SEQUENCE)?);
    outer.end()?;
    while !sets.is_empty() {
        check_attributes(sets.expect(der::SET)?)?;
    }
    Some(())
}

fn check_attributes(content: &[u8]) -> Option<()> {
    let mut attributes = Reader::new(content);
    while !attributes.is_empty() {
        let mut attribute = Reader::new(attributes.expect(der::SEQUENCE)?);
        der::object_identifier(attribute.expect(der::OBJECT_IDENTIFIER)?)?;
        let value = attribute.next()?;
        attribute.end()?;
        if !READABLE.contains(&value.tag) {
            return None;
        }
        if value.tag == der::BIT_STRING {
            der::bits(value.content)?;
        }
    }
    Some(())
}

fn entry(attribute: &AttributeTypeAndValue<'_>) -> Option<Vec<u8>> {
    let mut entry = Vec::new();
    push_field(&mut entry, attribute.attr_type().as_bytes());
    push_value(&mut entry, attribute.attr_value())?;
    Some(entry)
}

fn push_value(entry: &mut Vec<u8>, value: &Any<'_>) -> Option<()> {
    // Types that OpenSSL does not read in a name (`ASN1_PRINTABLE` in its `x_name.c`).
    let is_unreadable = matches!(
        value.tag(),
        Tag::OctetString
            | Tag::VisibleString
            | Tag::GeneralString
            | Tag::GraphicString
            | Tag::VideotexString
    );
    if is_unreadable {
        return None;
    }
    // OpenSSL leaves every other type, NumericString among them, as it stands.
    let folds = matches!(
        value.tag(),
        Tag::Utf8String
            | Tag::BmpString
            | Tag::UniversalString
            | Tag::PrintableString
            | Tag::T61String
            | Tag::Ia5String
    );
    if !folds {
        push_field(entry, &value.tag().0.to_be_bytes());
        push_field(entry, value.data);
        return Some(());
    }
    let text = text(value)?;
    let is_space = |c: char| matches!(c, ' ' | '\t'..='\r');
    let mut folded = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&word.to_ascii_lowercase());
    }
    push_field(entry, &u32::MAX.to_be_bytes());
    push_field(entry, folded.as_bytes());
    Some(())
}

/// Writes the length first, so that two different names never share their bytes.
fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(&(field.len() as u64).to_be_bytes());
    out.extend_from_slice(field);
}

/// What OpenSSL reads in a name (`ASN1_PRINTABLE` in its x_name.c): strings for which X.520 has a use, BIT STRING,
/// SEQUENCE, and whatever it knows nothing about.
const READABLE: &[u8] = &[
    der::BIT_STRING,
    0x07,
    0x08,
    0x28,
    0x09,
    0x0b,
    0x2b,
    0x0c,
    0x0d,
    0x0e,
    0x0f,
    0x12,
    0x13,
    0x14,
    0x16,
    0x1c,
    0x1d,
    0x1e,
    der::SEQUENCE,
];

#[cfg(test)]
mod tests {
    use x509_parser::prelude::FromDer;

    use super::*;
    use crate::verify::test_pki::{COMMON_NAME, UTF8, attribute, integer, oid, seq, tlv};

    fn read(der: &[u8]) -> Option<Vec<u8>> {
        let (_, name) = X509Name::from_der(der).ok()?;
        canonical(&name)
    }

    #[test]
    fn a_name_that_is_damaged_anywhere_is_not_read() {
        let part = |tag, value| tlv(0x31, &attribute(COMMON_NAME, tag, value));
        let good = part(UTF8, b"Root");
        assert!(read(&seq(&[good.clone(), part(0x13, b"M\xfcller")])).is_some());
        let damaged = [
            part(0x1a, b"VisibleString"),
            part(0x04, b"OCTET STRING"),
            part(0x02, b"\x01"),
            part(0x2c, b"constructed"),
            part(0x03, b"\x08\x00"),
            tlv(0x30, &attribute(COMMON_NAME, UTF8, b"no set")),
            tlv(0x31, &integer(&[1])),
            tlv(0x31, &seq(&[oid(COMMON_NAME)])),
            tlv(
                0x31,
                &seq(&[oid(&[0x55, 0x80]), tlv(UTF8, b"bad identifier")]),
            ),
            tlv(
                0x31,
                &seq(&[oid(COMMON_NAME), tlv(UTF8, b"A"), tlv(UTF8, b"B")]),
            ),
            vec![0x31, 0x7f, 0x30],
        ];
        for part in damaged {
            assert_eq!(read(&seq(&[good.clone(), part.clone()])), None, "{part:x?}");
            assert_eq!(read(&seq(&[part.clone(), good.clone()])), None, "{part:x?}");
        }
    }
}
