//! The content of hello messages that rustls does not pass on.
//!
//! The readers take what is there: a message may be cut off, and a malformed one is rustls' business. They decide
//! nothing that rustls decides, and no length in a message is trusted.

use super::records::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Records};

/// The kind of renegotiation that a ServerHello states (RFC 5746).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Renegotiation {
    /// TLS 1.3 has no renegotiation.
    Gone,
    /// The server does not know secure renegotiation: an on-path attacker may have begun the connection.
    Legacy,
    Secure,
}

impl Renegotiation {
    /// Reads the body of a ServerHello (RFC 5246, section 7.4.1.3). Returns `None` if it is of another version, or
    /// malformed.
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
                // In a first handshake, the extension has an empty vector.
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

/// Returns whether a ClientHello says that the client tried a newer version before (RFC 7507), and does not offer TLS
/// 1.3.
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

/// Returns whether a number is in a list of numbers.
fn holds(list: &[u8], number: u16) -> bool {
    list.chunks(2).any(|octets| octets == number.to_be_bytes())
}

/// What a ClientHello offers, as far as it was recorded.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::endpoint) struct Offered {
    /// The newest version.
    pub(in crate::endpoint) version: u16,
    pub(in crate::endpoint) suites: Vec<u16>,
    pub(in crate::endpoint) groups: Vec<u16>,
    pub(in crate::endpoint) schemes: Vec<u16>,
    /// The first host name of the server name extension (RFC 6066, section 3).
    pub(in crate::endpoint) server_name: Option<Vec<u8>>,
}

impl Offered {
    /// Reads the first records of a client. Their end may be missing. Returns `None` if not even the suites are
    /// there.
    pub(in crate::endpoint) fn read(records: &[u8]) -> Option<Self> {
        let hello = handshake_bytes(records);
        let mut reader = Reader(&hello);
        // Type and length of the message.
        if reader.take(4)?[0] != CLIENT_HELLO {
            return None;
        }
        let mut offered = Self {
            version: reader.number()?,
            ..Self::default()
        };
        reader.take(RANDOM)?;
        reader.short_vector()?;
        offered.suites = numbers(reader.vector()?);
        // There need not be any extensions.
        if reader.short_vector().is_some() && reader.number().is_some() {
            while let Some((number, body)) = reader.extension() {
                offered.add(number, body);
            }
        }
        Some(offered)
    }

    fn add(&mut self, number: u16, body: &[u8]) {
        let mut body = Reader(body);
        match number {
            SERVER_NAME => {
                let mut names = Reader(body.vector().unwrap_or_default());
                let is_host_name = names.take(1) == Some(&[0]);
                let name = names.vector().filter(|_| is_host_name);
                self.server_name = name.map(<[u8]>::to_vec);
            }
            SUPPORTED_GROUPS => self.groups = numbers(body.vector().unwrap_or_default()),
            SIGNATURE_ALGORITHMS => self.schemes = numbers(body.vector().unwrap_or_default()),
            SUPPORTED_VERSIONS => {
                let versions = numbers(body.short_vector().unwrap_or_default());
                // The list may have GREASE values (RFC 8701), which mean nothing.
                let known = versions.into_iter().filter(|version| *version <= TLS13);
                self.version = known.max().unwrap_or(self.version);
            }
            _ => {}
        }
    }
}

/// Returns the version that a ServerHello chooses.
pub(in crate::endpoint) fn chosen_version(records: &[u8]) -> Option<u16> {
    let hello = handshake_bytes(records);
    let mut reader = Reader(&hello);
    if reader.take(4)?[0] != SERVER_HELLO {
        return None;
    }
    let mut version = reader.number()?;
    reader.take(RANDOM)?;
    reader.short_vector()?;
    reader.take(3)?;
    let mut extensions = Reader(reader.vector().unwrap_or_default());
    while let Some((number, body)) = extensions.extension() {
        if number == SUPPORTED_VERSIONS {
            version = Reader(body).number()?;
        }
    }
    Some(version)
}

/// Returns the name of the last message in plaintext, and whether anything encrypted followed it.
pub(in crate::endpoint) fn last_message(records: &[u8]) -> Option<(&'static str, bool)> {
    let (mut rest, mut cut) = (records, Records::default());
    let mut is_encrypted = false;
    while let Some(piece) = cut.next(&mut rest) {
        is_encrypted |= piece.content_type == APPLICATION_DATA;
    }
    let hello = handshake_bytes(records);
    let mut reader = Reader(&hello);
    let mut last = None;
    while let Some(head) = reader.take(4) {
        last = MESSAGES.iter().find(|(kind, _)| *kind == head[0]).or(last);
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        if reader.take(length as usize).is_none() {
            break;
        }
    }
    last.map(|(_, name)| (*name, is_encrypted))
}

/// Returns the handshake messages in plaintext, joined.
fn handshake_bytes(mut records: &[u8]) -> Vec<u8> {
    let (mut cut, mut hello) = (Records::default(), Vec::new());
    while let Some(piece) = cut.next(&mut records) {
        match piece.content_type {
            HANDSHAKE => hello.extend(piece.bytes),
            // What follows is encrypted.
            CHANGE_CIPHER_SPEC => break,
            _ => {}
        }
    }
    hello
}

fn numbers(list: &[u8]) -> Vec<u16> {
    let pairs = list.chunks_exact(2);
    pairs
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

/// The messages of a handshake (RFC 5246, section 7.4).
const MESSAGES: [(u8, &str); 8] = [
    (1, "ClientHello"),
    (2, "ServerHello"),
    (4, "NewSessionTicket"),
    (11, "Certificate"),
    (12, "ServerKeyExchange"),
    (13, "CertificateRequest"),
    (14, "ServerHelloDone"),
    (16, "ClientKeyExchange"),
];

/// Reads a hello message from its start.
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

    /// Reads a vector whose length has one octet.
    fn short_vector(&mut self) -> Option<&'a [u8]> {
        let length = self.take(1)?[0];
        self.take(length.into())
    }

    /// Reads a vector whose length has two octets.
    fn vector(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length.into())
    }

    fn extension(&mut self) -> Option<(u16, &'a [u8])> {
        Some((self.number()?, self.vector()?))
    }
}

const RANDOM: usize = 32;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
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
            let offered = Offered::read(&records[..length]);
            let found = offered.and_then(|offered| offered.server_name);
            assert_eq!(found, expected, "{length}");
        }
    }
}
