//! What the peer's messages say before they are encrypted, and by their headers afterwards.
//!
//! In TLS 1.2 a handshake record after Finished can only ask for another handshake. rustls refuses it, with a warning
//! alert, and a peer that insists closes the connection. The watch is kept for that one explanation.

use super::hello::{Renegotiation, falls_back};
use super::records::{CHANGE_CIPHER_SPEC, HANDSHAKE, Records};

/// What we have to know of the peer, and rustls does not tell.
#[derive(Default)]
pub(super) struct Watch {
    records: Records,
    hello: Hello,
    /// Whether the messages of TLS 1.2 are encrypted from here on.
    is_encrypted: bool,
    has_finished: bool,
    asked_to_renegotiate: bool,
}

enum Hello {
    /// The plaintext messages so far.
    Incomplete(Vec<u8>),
    /// A ClientHello, and whether the client falls back to an older version.
    Client {
        falls_back: bool,
    },
    Server(Renegotiation),
    /// Anything else: rustls reports what it is.
    Other,
}

impl Default for Hello {
    fn default() -> Self {
        Self::Incomplete(Vec::new())
    }
}

impl Watch {
    /// Inspects what the peer sent next.
    pub(super) fn see(&mut self, mut bytes: &[u8]) {
        while let Some(piece) = self.records.next(&mut bytes) {
            match piece.content_type {
                CHANGE_CIPHER_SPEC => self.is_encrypted = true,
                HANDSHAKE if !self.is_encrypted => self.hello.push(piece.bytes),
                HANDSHAKE if piece.is_first => {
                    // In TLS 1.2 the first one is Finished; what follows can only be a HelloRequest or ClientHello.
                    self.asked_to_renegotiate |= self.has_finished;
                    self.has_finished = true;
                }
                _ => {}
            }
        }
    }

    /// Returns what the ServerHello says of renegotiation. Returns `None` if there is no ServerHello that can be
    /// read.
    pub(super) fn renegotiation(&self) -> Option<Renegotiation> {
        match self.hello {
            Hello::Server(renegotiation) => Some(renegotiation),
            _ => None,
        }
    }

    /// Returns whether there is a ClientHello that falls back to an older version than TLS 1.3.
    pub(super) fn falls_back(&self) -> bool {
        matches!(self.hello, Hello::Client { falls_back: true })
    }

    /// Returns whether a TLS 1.2 peer asked to renegotiate.
    pub(super) fn asked_to_renegotiate(&self) -> bool {
        self.asked_to_renegotiate
    }
}

impl Hello {
    /// Collects plaintext until the first message is complete. A HelloRequest means nothing before a handshake, and is
    /// passed over.
    fn push(&mut self, bytes: &[u8]) {
        let Self::Incomplete(messages) = self else {
            return;
        };
        messages.extend(bytes);
        while messages.starts_with(&HELLO_REQUEST) {
            messages.drain(..HELLO_REQUEST.len());
        }
        let (kind, body) = match messages[..] {
            [] | [_] | [_, _] | [_, _, _] => return,
            [kind, 0, high, low, ref rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                match rest.get(..length) {
                    Some(body) => (kind, body),
                    None => return,
                }
            }
            _ => return *self = Self::Other,
        };
        *self = match kind {
            CLIENT_HELLO => Self::Client {
                falls_back: falls_back(body),
            },
            SERVER_HELLO => Renegotiation::of(body).map_or(Self::Other, Self::Server),
            _ => Self::Other,
        };
    }
}

const HELLO_REQUEST: [u8; 4] = [0; 4];
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len() as u8;
        [&[content_type, 3, 3, 0, length], content].concat()
    }

    fn server_hello(extensions: &[u8]) -> Vec<u8> {
        let length = extensions.len() as u8;
        let body = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0, 0, length]].concat();
        let body = [&body[..], extensions].concat();
        [&[2, 0, 0, body.len() as u8][..], &body].concat()
    }

    const SECURE: [u8; 5] = [0xff, 1, 0, 1, 0];

    fn seen(bytes: &[u8], chunk: usize) -> Watch {
        let mut watch = Watch::default();
        bytes.chunks(chunk).for_each(|chunk| watch.see(chunk));
        watch
    }

    #[test]
    fn a_server_hello_is_judged_however_it_is_cut() {
        for (extensions, expected) in [
            (&SECURE[..], Renegotiation::Secure),
            (&[], Renegotiation::Legacy),
        ] {
            let messages = [
                &HELLO_REQUEST[..],
                &server_hello(extensions),
                &[14, 0, 0, 0],
            ]
            .concat();
            for size in 1..messages.len() {
                let fragments = messages.chunks(size).map(|part| record(HANDSHAKE, part));
                let bytes = fragments.collect::<Vec<_>>().concat();
                let watch = seen(&bytes, 3);
                assert_eq!(watch.renegotiation(), Some(expected), "{size}");
            }
        }
    }

    #[test]
    fn what_is_no_server_hello_is_not_judged() {
        for message in [
            &[11, 0, 0, 0][..],
            &[2, 1, 0, 0],
            &[2, 0, 0, 2, 3, 3],
            &[2, 0, 0],
        ] {
            let watch = seen(&record(HANDSHAKE, message), 100);
            assert_eq!(watch.renegotiation(), None, "{message:?}");
        }
    }

    #[test]
    fn a_handshake_record_behind_finished_asks_to_renegotiate() {
        let start = [
            record(HANDSHAKE, &server_hello(&SECURE)),
            record(CHANGE_CIPHER_SPEC, &[1]),
            record(HANDSHAKE, &[5; 40]),
            record(23, &[5; 40]),
        ]
        .concat();
        assert!(!seen(&start, 1).asked_to_renegotiate());
        let more = [&start[..], &record(HANDSHAKE, &[5; 30])].concat();
        assert!(seen(&more, 1).asked_to_renegotiate());
        let still = [&more[..], &record(23, &[5; 40])].concat();
        assert!(seen(&still, 100).asked_to_renegotiate());
    }
}
