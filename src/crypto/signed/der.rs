//! A reader for the DER of algorithms and RSA keys.

/// Reads element by element. As in OpenSSL, lengths may have superfluous octets.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// Returns the tag and the contents of the next element, or `None` if it is malformed.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.rest.split_first_chunk()?;
        let (len, rest) = match first {
            0..0x80 => (usize::from(first), rest),
            0x80 => return None,
            _ => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (number(octets)?, rest)
            }
        };
        let (content, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some((tag, content))
    }

    /// Returns the contents of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    /// Returns the next element if it has this tag, and passes over nothing else.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        match self.rest.first() {
            Some(found) if *found == tag => self.expect(tag).map(Some),
            _ => Some(None),
        }
    }

    /// Returns `None` if anything is left.
    pub(super) fn end(self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

/// Reads the contents of an INTEGER that is not negative, and is no larger than a length can be.
pub(super) fn unsigned(content: &[u8]) -> Option<usize> {
    match content {
        [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] => None,
        _ => number(content),
    }
}

fn number(octets: &[u8]) -> Option<usize> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let octets = &octets[zeros..];
    // Nothing here is as long as four gigabytes.
    (octets.len() <= 4)
        .then(|| (octets.iter()).fold(0, |number, octet| (number << 8) | usize::from(*octet)))
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
