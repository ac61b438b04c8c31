//! The records of one direction, by their headers, which are in plaintext in every version.
//!
//! A record is a type, a version, a length and its content (RFC 8446, section 5.1). The lengths are followed without
//! looking at the content.

/// The content types of RFC 5246, section 6.2.1.
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

/// Splits a stream of bytes into records, however TCP has split it. It stores no more than a header.
///
/// It follows a stream from its first byte on.
#[derive(Default)]
pub(super) struct Records {
    header: [u8; HEADER],
    /// How many octets of the header are there.
    known: usize,
    /// How many octets of the record's content are still to come.
    left: usize,
}

/// Content of a record, as far as it has come.
pub(super) struct Piece<'a> {
    pub(super) content_type: u8,
    /// Whether the record begins here.
    pub(super) is_first: bool,
    pub(super) bytes: &'a [u8],
}

impl Records {
    /// Takes the next piece off the bytes. Returns `None` if they hold no more than part of a header.
    pub(super) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Piece<'a>> {
        if bytes.is_empty() {
            return None;
        }
        let is_first = self.left == 0;
        if is_first {
            self.read_header(bytes)?;
        }
        let (content, rest) = bytes.split_at(self.left.min(bytes.len()));
        *bytes = rest;
        self.left -= content.len();
        Some(Piece {
            content_type: self.header[0],
            is_first,
            bytes: content,
        })
    }

    fn read_header(&mut self, bytes: &mut &[u8]) -> Option<()> {
        let missing = &mut self.header[self.known..];
        let (start, rest) = bytes.split_at(missing.len().min(bytes.len()));
        missing[..start.len()].copy_from_slice(start);
        *bytes = rest;
        self.known += start.len();
        if self.known < HEADER {
            return None;
        }
        self.known = 0;
        self.left = usize::from(u16::from_be_bytes([self.header[3], self.header[4]]));
        Some(())
    }
}

const HEADER: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_wherever_the_stream_is_cut() {
        let stream = [
            &[22, 3, 1, 0, 3, 1, 2, 3][..],
            &[20, 3, 3, 0, 1, 1],
            &[21, 3, 3, 0, 0],
            &[22, 3, 3, 1, 0],
            &[7; 256],
        ]
        .concat();
        for size in 1..stream.len() {
            let mut records = Records::default();
            let mut found: Vec<(u8, Vec<u8>)> = Vec::new();
            for mut chunk in stream.chunks(size) {
                while let Some(piece) = records.next(&mut chunk) {
                    match piece.is_first {
                        true => found.push((piece.content_type, piece.bytes.to_vec())),
                        false => found.last_mut().unwrap().1.extend(piece.bytes),
                    }
                }
            }
            let expected = [
                (22, vec![1, 2, 3]),
                (20, vec![1]),
                (21, vec![]),
                (22, vec![7; 256]),
            ];
            assert_eq!(found, expected, "chunks of {size}");
        }
    }
}
