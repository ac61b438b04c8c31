//! As much of DER as it takes to tell what a file holds.

use rustls::pki_types::PrivateKeyDer;

/// What an object without a label looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    Certificate,
    EncryptedKey,
    Pkcs12,
    Pkcs7,
    PrivateKey,
    RevocationList,
    Unknown,
}

impl Shape {
    pub(super) fn of(der: &[u8]) -> Self {
        let Some(outer) = sequence(der) else {
            return Self::Unknown;
        };
        let children = children(outer);
        match (tags(&children).as_slice(), children.as_slice()) {
            // PFX ::= SEQUENCE { version INTEGER (v3), ..}
            ([INTEGER, SEQUENCE, ..], [version, ..]) if version.content == [3] => Self::Pkcs12,
            ([INTEGER, ..], _) if PrivateKeyDer::try_from(der).is_ok() => Self::PrivateKey,
            ([SEQUENCE, OCTET_STRING], _) => Self::EncryptedKey,
            ([OBJECT_IDENTIFIER, EXPLICIT_0], _) => Self::Pkcs7,
            ([SEQUENCE, SEQUENCE, BIT_STRING], [signed, ..]) => Self::of_signed(signed.content),
            _ => Self::Unknown,
        }
    }

    fn of_signed(content: &[u8]) -> Self {
        match tags(&children(content)).as_slice() {
            [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..]
            | [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] => {
                Self::RevocationList
            }
            [EXPLICIT_0, INTEGER, ..] | [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ..] => {
                Self::Certificate
            }
            _ => Self::Unknown,
        }
    }
}

/// An element of definite length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// What follows the element.
    pub(super) rest: &'a [u8],
}

/// Reads the element at the start of `der`.
pub(super) fn element(der: &[u8]) -> Option<Element<'_>> {
    let (&[tag, length], rest) = der.split_first_chunk()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = octets
                .iter()
                .fold(0u32, |sum, octet| sum << 8 | u32::from(*octet));
            (usize::try_from(length).ok()?, rest)
        }
        _ => return None,
    };
    // Tags of more than one octet stand in nothing that is read here.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some(Element { tag, content, rest })
}

/// Returns the content of the SEQUENCE at the start of `der`.
pub(super) fn sequence(der: &[u8]) -> Option<&[u8]> {
    element(der)
        .filter(|e| e.tag == SEQUENCE)
        .map(|e| e.content)
}

/// Returns the elements in `content`, up to the first that cannot be read.
pub(super) fn children(content: &[u8]) -> Vec<Element<'_>> {
    let first = element(content);
    // Shapes are told from the first few: a revocation list may hold a million.
    std::iter::successors(first, |e| element(e.rest))
        .take(MOST_CHILDREN)
        .collect()
}

fn tags(elements: &[Element<'_>]) -> Vec<u8> {
    elements.iter().map(|e| e.tag).collect()
}

const MOST_CHILDREN: usize = 10_000;

pub(super) const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const EXPLICIT_0: u8 = 0xa0;
