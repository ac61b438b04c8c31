//! Hellos: what they say and rustls does not pass on.

use super::records::{HANDSHAKE, Records};

/// What a ServerHello says of renegotiation (RFC 5746).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Renegotiation {
    /// TLS 1.3 has none.
    Gone,
    /// The server does not know the secure kind: somebody between the two may have begun the connection.
    Legacy,
    Secure,
}

impl Renegotiation {
    /// Reads the body of a ServerHello (RFC 5246, section 7.4.1.3). `None` if it is another version's, or malformed.
    pub(super) fn of(server_hello: &[u8]) -> Option<Self> {
        let mut reader = Reader(server_hello);
        let version = reader.number()?;
        reader.take(RANDOM)?;
        reader.short_vector()?;
        // The suite, and the compression method.
        reader.take(3)?;
        // There need not be any extensions.
        let mut extensions = Reader(reader.vector().unwrap_or_default());
        let (mut selected, mut secure) = (version, false);
        while let Some((number, body)) = extensions.extension() {
            match number {
                SUPPORTED_VERSIONS => selected = Reader(body).number()?,
                // That of a first handshake is an empty vector.
                RENEGOTIATION_INFO => secure = body == [0],
                _ => {}
            }
        }
        match (selected, secure) {
            (TLS13, _) => Some(Self::Gone),
            (TLS12, true) => Some(Self::Secure),
            (TLS12, false) => Some(Self::Legacy),
            _ => None,
        }
    }
}

/// Whether a client says in its ClientHello that it tried a newer version before (RFC 7507), and does not offer TLS 1.3.
pub(super) fn falls_back(client_hello: &[u8]) -> bool {
    let read = || {
        let mut reader = Reader(client_hello);
        reader.take(2 + RANDOM)?;
        reader.short_vector()?;
        let suites = reader.vector()?;
        reader.short_vector()?;
        // There need not be any extensions.
        let mut extensions = Reader(reader.vector().unwrap_or_default());
        let mut offers_tls13 = false;
        while let Some((number, body)) = extensions.extension() {
            if number == SUPPORTED_VERSIONS {
                let versions = Reader(body).short_vector()?;
                offers_tls13 = holds(versions, TLS13);
            }
        }
        Some(holds(suites, FALLBACK_SCSV) && !offers_tls13)
    };
    read() == Some(true)
}

/// Whether a number stands in a list of numbers.
fn holds(list: &[u8], number: u16) -> bool {
    list.chunks(2).any(|octets| octets == number.to_be_bytes())
}

/// Finds the first host name of the server name extension (RFC 6066, section 3) in the records that a client begins
/// with, of which the end may be missing.
pub(super) fn server_name(mut records: &[u8]) -> Option<Vec<u8>> {
    let (mut cut, mut hello) = (Records::default(), Vec::new());
    while let Some(piece) = cut.next(&mut records) {
        if piece.content_type == HANDSHAKE {
            hello.extend(piece.bytes);
        }
    }
    let mut reader = Reader(&hello);
    // Type and length of the message, and the version.
    reader.take(4 + 2 + RANDOM)?;
    reader.short_vector()?;
    reader.vector()?;
    reader.short_vector()?;
    reader.number()?;
    while let Some((number, body)) = reader.extension() {
        if number == SERVER_NAME {
            let mut names = Reader(Reader(body).vector()?);
            let is_host_name = names.take(1)? == [0];
            return names.vector().filter(|_| is_host_name).map(<[u8]>::to_vec);
        }
    }
    None
}

/// Takes a hello apart from its start.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        let octets = self.take(2)?;
        Some(u16::from_be_bytes([octets[0], octets[1]]))
    }

    /// A vector whose length has one octet.
    fn short_vector(&mut self) -> Option<&'a [u8]> {
        let length = self.take(1)?[0];
        self.take(length.into())
    }

    /// A vector whose length has two octets.
    fn vector(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length.into())
    }

    fn extension(&mut self) -> Option<(u16, &'a [u8])> {
        Some((self.number()?, self.vector()?))
    }
}

const RANDOM: usize = 32;
const SERVER_NAME: u16 = 0;
const SUPPORTED_VERSIONS: u16 = 43;
const RENEGOTIATION_INFO: u16 = 0xff01;
const FALLBACK_SCSV: u16 = 0x5600;
const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;

#[cfg(test)]
mod tests {
    use super::*;

    fn server_hello(version: u16, extensions: Option<&[u8]>) -> Vec<u8> {
        let mut hello = version.to_be_bytes().to_vec();
        hello.extend([7; RANDOM]);
        hello.extend([1, 9, 0xc0, 0x2f, 0]);
        if let Some(extensions) = extensions {
            hello.extend((extensions.len() as u16).to_be_bytes());
            hello.extend(extensions);
        }
        hello
    }

    #[test]
    fn a_server_of_tls_1_2_without_an_empty_renegotiation_info_is_a_legacy_one() {
        use Renegotiation::{Gone, Legacy, Secure};
        let secure: &[u8] = &[0xff, 1, 0, 1, 0];
        let mismatched: &[u8] = &[0xff, 1, 0, 2, 1, 5];
        let tls13: &[u8] = &[0, 43, 0, 2, 3, 4];
        let behind_another = [&[0, 23, 0, 0], secure].concat();
        for (version, extensions, expected) in [
            (TLS12, Some(secure), Some(Secure)),
            (TLS12, Some(&behind_another[..]), Some(Secure)),
            (TLS12, Some(mismatched), Some(Legacy)),
            (TLS12, Some(&[]), Some(Legacy)),
            (TLS12, None, Some(Legacy)),
            (TLS12, Some(tls13), Some(Gone)),
            (0x0302, None, None),
        ] {
            let hello = server_hello(version, extensions);
            assert_eq!(Renegotiation::of(&hello), expected, "{extensions:?}");
        }
        for length in 0..server_hello(TLS12, None).len() {
            let cut = &server_hello(TLS12, None)[..length];
            assert_eq!(Renegotiation::of(cut), None);
        }
    }

    #[test]
    fn a_client_falls_back_if_it_says_so_and_offers_no_tls_1_3() {
        let hello = |suites: &[u8], extensions: &[u8]| {
            let mut hello = [
                &[3, 3][..],
                &[7; RANDOM],
                &[0, 0, suites.len() as u8],
                suites,
            ]
            .concat();
            hello.extend([1, 0, 0, extensions.len() as u8]);
            hello.extend(extensions);
            hello
        };
        let (scsv, plain) = ([0xc0, 0x2f, 0x56, 0], [0x2f, 0x56, 0, 0x2f]);
        let tls13 = [0, 43, 0, 5, 4, 3, 4, 3, 3];
        let tls12 = [0, 43, 0, 3, 2, 3, 3];
        assert!(falls_back(&hello(&scsv, &[])));
        assert!(falls_back(&hello(&scsv, &tls12)));
        assert!(!falls_back(&hello(&scsv, &tls13)));
        assert!(!falls_back(&hello(&plain, &[])));
        for length in 0..hello(&scsv, &[]).len() - 2 {
            assert!(!falls_back(&hello(&scsv, &[])[..length]), "{length}");
        }
    }

    #[test]
    fn the_name_that_a_client_sends_is_found_whole_or_not_at_all() {
        let extensions = [
            &[0, 23, 0, 0][..],
            &[0, 0, 0, 11, 0, 9, 0, 0, 6],
            b"sip:me",
            &[0, 10, 0, 4, 0, 2, 0, 29],
        ]
        .concat();
        let body = [
            &[3, 3][..],
            &[7; RANDOM],
            &[0, 0, 2, 0xc0, 0x2f, 1, 0],
            &(extensions.len() as u16).to_be_bytes(),
            &extensions,
        ]
        .concat();
        let message = [&[1, 0, 0, body.len() as u8][..], &body].concat();
        let (first, second) = message.split_at(50);
        let record = |content: &[u8]| [&[22, 3, 1, 0, content.len() as u8], content].concat();
        let records = [record(first), record(second)].concat();
        let end = records.len() - 8;
        for length in 0..=records.len() {
            let expected = (length >= end).then(|| b"sip:me".to_vec());
            assert_eq!(server_name(&records[..length]), expected, "{length}");
        }
    }
}
