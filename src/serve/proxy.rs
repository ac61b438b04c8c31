//! The header of the PROXY protocol, in front of the ClientHello.
//!
//! A load balancer connects in place of the client, and says in this header who the client is. Version 1 is a line of
//! text, version 2 is binary; both are read, as the specification demands. Whether a connection has the header is
//! decided by its address alone (`Serve::proxies`), never by its content: any client could send one.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use proxy_header::{Error, ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The two ends of a connection as the proxy sees it.
///
/// Both are TCP addresses: a header that names another protocol is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Proxied {
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
}

/// Reads the header, and nothing after it. Returns `None` if the connection is a health check by the proxy itself.
///
/// What follows is the ClientHello, so not one byte more may be taken from the stream. Version 1 does not state its
/// length and is therefore read byte by byte after the shortest possible header.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Proxied>> {
    let mut header = vec![0; SHORTEST];
    stream.read_exact(&mut header).await?;
    loop {
        match parse(&header) {
            Ok(proxied) => return Ok(proxied),
            Err(Error::BufferTooShort) => {}
            Err(error) => return Err(unusable(error)),
        }
        // If nothing is missing, the addresses do not fit into the length that the header states.
        let missing = missing(&header).ok_or_else(|| unusable(Error::Invalid))?;
        let end = header.len() + missing;
        header.resize(end, 0);
        stream.read_exact(&mut header[end - missing..]).await?;
    }
}

fn unusable(error: Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

/// Parses what has arrived so far. `BufferTooShort` means that more is needed.
fn parse(header: &[u8]) -> Result<Option<Proxied>, Error> {
    let config = ParseConfig {
        include_tlvs: false,
        ..ParseConfig::default()
    };
    let (header, _) = ProxyHeader::parse(header, config)?;
    match header.proxied_address() {
        None => Ok(None),
        Some(address) if address.protocol == Protocol::Stream => Ok(Some(Proxied {
            client: address.source,
            server: address.destination,
        })),
        Some(_) => Err(Error::Invalid),
    }
}

/// Returns how many more bytes the header has at least. Version 1 does not state its length. Returns `None` if
/// version 2 has no more bytes.
fn missing(header: &[u8]) -> Option<usize> {
    match header.get(LENGTH..LENGTH + 2) {
        Some(length) if header.starts_with(b"\r") => {
            let rest = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let missing = (LENGTH + 2 + rest).checked_sub(header.len())?;
            (missing > 0).then_some(missing)
        }
        _ => Some(1),
    }
}

/// The length of the shortest header: `PROXY UNKNOWN` and its line ending.
const SHORTEST: usize = 15;
/// The offset of the length field in version 2.
const LENGTH: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a header with something after it.
    async fn read_before(header: &[u8], rest: &[u8]) -> io::Result<Option<Proxied>> {
        let bytes = [header, rest].concat();
        let mut stream = &bytes[..];
        let proxied = read(&mut stream).await;
        if proxied.is_ok() {
            assert_eq!(stream, rest);
        }
        proxied
    }

    fn proxied(client: &str, server: &str) -> Option<Proxied> {
        let (client, server) = (client.parse().unwrap(), server.parse().unwrap());
        Some(Proxied { client, server })
    }

    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    fn version_2(rest: &[u8]) -> Vec<u8> {
        [SIGNATURE, rest].concat()
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn headers_are_read_to_their_end_and_no_further() {
        let v4 = [
            &b"\x21\x11\0\x0c"[..],
            &[192, 0, 2, 7, 192, 0, 2, 1, 0x30, 0x39, 0x13, 0xc5],
        ]
        .concat();
        let with_extension = [
            &b"\x21\x11\0\x10"[..],
            &[192, 0, 2, 7, 192, 0, 2, 1, 0x30, 0x39, 0x13, 0xc5],
            b"\x04\0\x01x",
        ]
        .concat();
        let of_2 = proxied("192.0.2.7:12345", "192.0.2.1:5061");
        for (header, expected) in [
            (
                b"PROXY TCP4 192.0.2.7 192.0.2.1 12345 5061\r\n".to_vec(),
                of_2,
            ),
            (
                b"PROXY TCP6 2001:db8::7 ::1 12345 5061\r\n".to_vec(),
                proxied("[2001:db8::7]:12345", "[::1]:5061"),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ff ff 1 2\r\n".to_vec(), None),
            (version_2(&v4), of_2),
            (version_2(&with_extension), of_2),
            (version_2(b"\x20\0\0\0"), None),
        ] {
            for rest in [&b""[..], b"\x16\x03\x01\x02\0\x01"] {
                let found = read_before(&header, rest).await;
                assert_eq!(found.unwrap(), expected, "{}", header.escape_ascii());
            }
        }
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn what_is_no_header_is_an_error_and_never_read_for_long() {
        let endless = [&b"PROXY TCP4 "[..], &[b'1'; 200]].concat();
        let datagram = version_2(&[&b"\x21\x12\0\x0c"[..], &[0; 12]].concat());
        for header in [
            b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\x01\x02\x03\x04\x05".to_vec(),
            b"OPTIONS sip:a@b SIP/2.0\r\n".to_vec(),
            b"PROXY TCP5 192.0.2.7 192.0.2.1 12345 5061\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.7 192.0.2.1 123456 5061\r\n".to_vec(),
            b"PROXY TCP4 ::1 ::1 1 2\r\n".to_vec(),
            version_2(b"\x31\x11\0\0"),
            version_2(b"\x21\x11\0\x04abcd"),
            datagram,
            endless,
        ] {
            let error = read_before(&header, b"").await.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidData,
                "{}",
                header.escape_ascii()
            );
        }
        for cut in [&b""[..], b"PROXY TCP4 192.0.2.7", SIGNATURE] {
            let error = read_before(cut, b"").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        }
    }
}
