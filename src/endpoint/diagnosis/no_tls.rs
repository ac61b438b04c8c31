//! Explains what a peer speaks that does not speak TLS, or only versions that are too old.
//!
//! Most of these errors are configurations: a port without TLS, a client that sends SIP over TCP to
//! the port of TLS, a load balancer that sends the PROXY protocol. The first bytes tell. They are
//! shown, escaped and cut.

use super::circumstances::Circumstances;

/// Names what the peer sent first, if that is not a record of TLS 1.2 or 1.3.
pub(super) fn named(circumstances: &Circumstances) -> Option<String> {
    let start = &*circumstances.start.received;
    let peer = match circumstances.is_incoming() {
        true => "the client",
        false => "the server",
    };
    match start {
        [20..=23, 3, ..] | [20..=23] | [] => None,
        [length, _, 1, 0 | 2 | 3, ..] if length & 0x80 != 0 && circumstances.is_incoming() => {
            Some(format!(
                "{peer} begins with an SSL 2.0 hello, which only clients with TLS 1.1 at most send"
            ))
        }
        [length, _, 4, ..] if length & 0x80 != 0 => Some(format!(
            "{peer} speaks SSL 2.0, which is older than TLS 1.2"
        )),
        _ => {
            let line = first_line(start);
            let what = protocol(start, circumstances.is_incoming());
            let what = what.map_or_else(String::new, |what| format!(" ({what})"));
            Some(format!("what the peer sends is not TLS{what}: `{line}`"))
        }
    }
}

/// Names the version of a peer that has nothing newer than TLS 1.1.
pub(super) fn old_version(circumstances: &Circumstances) -> Option<String> {
    let peer = match circumstances.is_incoming() {
        true => "the client",
        false => "the server",
    };
    let version = circumstances
        .peer_version()
        .or_else(|| alert_version(circumstances))?;
    let name = match version {
        0x0002 => "SSL 2.0",
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        _ => return None,
    };
    Some(format!(
        "{peer} speaks {name} at most, and rustls supports nothing older than TLS 1.2"
    ))
}

/// Returns the version in the header of an alert that is the first record of a server.
fn alert_version(circumstances: &Circumstances) -> Option<u16> {
    match *circumstances.start.received {
        // TLS 1.2 servers, too, answer in the version of the ClientHello's record, which is TLS 1.0.
        [21, 3, 0, ..] if !circumstances.is_incoming() => Some(0x0300),
        _ => None,
    }
}

/// Names the protocol, if its first bytes are known.
fn protocol(start: &[u8], is_incoming: bool) -> Option<&'static str> {
    let proxy = match is_incoming {
        true => PROXY_FROM_CLIENT,
        false => PROXY,
    };
    let known: [(&[u8], &str); 8] = [
        (b"PROXY ", proxy),
        (b"\r\n\r\n\0\r\nQUIT\n", proxy),
        (b"SIP/2.0", "it speaks SIP without TLS on this port"),
        (b"HTTP/", "it is an HTTP server"),
        (b"SSH-", "it speaks SSH"),
        (b"220", "it is a mail or FTP server"),
        (b"\r\n", "it is a SIP ping without TLS, or an empty line"),
        (b"RFB ", "it is a remote desktop server"),
    ];
    let found = known.iter().find(|(text, _)| start.starts_with(text));
    if let Some((_, what)) = found {
        return Some(what);
    }
    let line = start.split(|byte| *byte == b'\n').next()?;
    let has = |text: &[u8]| line.windows(text.len()).any(|part| part == text);
    match is_incoming {
        true if has(b" sip:") || has(b" SIP/2.0") => {
            Some("it is a SIP request without TLS on the port for TLS")
        }
        true if has(b" HTTP/1.") => Some("it is an HTTP request without TLS"),
        _ => None,
    }
}

/// Returns enough of the first bytes to recognise them.
fn first_line(start: &[u8]) -> String {
    start[..start.len().min(SHOWN)].escape_ascii().to_string()
}

const SHOWN: usize = 40;
const PROXY: &str = "it is a header of the PROXY protocol";
const PROXY_FROM_CLIENT: &str = "it is a header of the PROXY protocol; if this is your load balancer, name its address with `Serve::proxies` (`--proxies`)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::tap::Start;
    use crate::verify::Direction;

    fn circumstances(direction: Direction, received: &[u8]) -> Circumstances {
        Circumstances {
            direction,
            dhe_is_withheld: false,
            start: Start {
                received: received.to_vec(),
                sent: Vec::new(),
            },
            asked: None,
            own: None,
            in_force: None,
            now: None,
        }
    }

    #[test]
    fn what_is_no_tls_is_named() {
        use Direction::{Incoming, Outgoing};
        for (direction, received, part) in [
            (
                Outgoing,
                &b"SIP/2.0 400 Bad\r\n"[..],
                "(it speaks SIP without TLS on this port): `SIP/2.0 400 Bad\\r\\n`",
            ),
            (
                Outgoing,
                b"HTTP/1.1 400 Bad Request",
                "(it is an HTTP server)",
            ),
            (Outgoing, b"SSH-2.0-OpenSSH_9.2", "(it speaks SSH)"),
            (Outgoing, b"\x80\x20\x04\x00\x01", "speaks SSL 2.0"),
            (Outgoing, b"\0\0\0", "is not TLS: `\\x00\\x00\\x00`"),
            (
                Incoming,
                b"OPTIONS sip:a@b SIP/2.0\r\n",
                "(it is a SIP request without TLS on the port for TLS)",
            ),
            (
                Incoming,
                b"GET / HTTP/1.1\r\n",
                "(it is an HTTP request without TLS)",
            ),
            (
                Incoming,
                b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n",
                "(it is a header of the PROXY protocol; if this is your load balancer, name its address with ",
            ),
            (
                Incoming,
                b"\r\n\r\n\0\r\nQUIT\n\x21\x11",
                "(it is a header of the PROXY protocol; if this is your load balancer, name its address with ",
            ),
            (
                Outgoing,
                b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n",
                "(it is a header of the PROXY protocol): `PROXY ",
            ),
            (Incoming, b"\x80\x2e\x01\x03\x01\x00", "an SSL 2.0 hello"),
        ] {
            let text = named(&circumstances(direction, received)).unwrap();
            assert!(text.contains(part), "{text}");
        }
        for received in [&b"\x16\x03\x01\x00"[..], b"\x15\x03", b"\x15", b""] {
            assert_eq!(named(&circumstances(Outgoing, received)), None);
        }
    }
}
