//! Splits the bytes of a connection into SIP messages and keep-alives.

use bytes::{Buf, Bytes, BytesMut};
use rvoip_sip_core::framing::{SipFrameStatus, SipFramingPolicy, inspect_sip_frame_with_policy};
use rvoip_sip_core::{Message, parse_message};

use crate::failure::Cause;

/// A SIP message or a keep-alive from a peer.
pub(crate) enum Frame {
    Message(Box<Message>, Bytes),
    /// A double CRLF, which is answered with a single one ([RFC
    /// 5626](https://www.rfc-editor.org/rfc/rfc5626#section-3.5.1)).
    Ping,
    /// A single CRLF.
    Pong,
}

impl Frame {
    /// Takes the next frame, if it is complete.
    pub(crate) fn take(received: &mut BytesMut, most: usize) -> Result<Option<Self>, Cause> {
        if received.starts_with(b"\r\n\r\n") {
            received.advance(4);
            return Ok(Some(Self::Ping));
        }
        if received.starts_with(b"\r\n") {
            // If it was the first half of a ping, the second half counts as another pong, which does no harm.
            received.advance(2);
            return Ok(Some(Self::Pong));
        }
        if received.is_empty() || received.as_ref() == b"\r" {
            return Ok(None);
        }
        match inspect_sip_frame_with_policy(received, SipFramingPolicy::Stream) {
            Err(error) => Err(Cause::not_sip(error)),
            Ok(SipFrameStatus::Incomplete { required_total }) => {
                match required_total.unwrap_or(received.len()) > most {
                    true => Err(Cause::NotSip("message-too-large")),
                    false => Ok(None),
                }
            }
            Ok(SipFrameStatus::Complete(frame)) => {
                let bytes = received.split_to(frame.total_bytes).freeze();
                let message = parse_message(&bytes).map_err(|_| Cause::NotSip("sip-syntax"))?;
                Ok(Some(Self::Message(Box::new(message), bytes)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &str = "OPTIONS sip:localhost SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
                           To: <sip:localhost>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    #[test]
    fn messages_and_keep_alives_are_taken_one_after_the_other() {
        let mut received = BytesMut::from(format!("\r\n\r\n{OPTIONS}\r\n{OPTIONS}").as_bytes());
        let mut taken = String::new();
        while let Some(frame) = Frame::take(&mut received, 4_096).unwrap() {
            taken.push(match frame {
                Frame::Message(_, bytes) => {
                    assert_eq!(bytes, OPTIONS.as_bytes());
                    'm'
                }
                Frame::Ping => 'i',
                Frame::Pong => 'o',
            });
        }
        assert_eq!(taken, "imom");
        assert!(received.is_empty());
    }

    #[test]
    fn a_message_that_is_not_whole_is_waited_for() {
        let mut received = BytesMut::from(&OPTIONS.as_bytes()[..OPTIONS.len() - 3]);
        assert!(Frame::take(&mut received, 4_096).unwrap().is_none());
        received.extend_from_slice(&OPTIONS.as_bytes()[OPTIONS.len() - 3..]);
        assert!(Frame::take(&mut received, 4_096).unwrap().is_some());
    }

    #[test]
    fn a_message_that_is_too_large_is_not_waited_for() {
        let text = OPTIONS.replace("Content-Length: 0", "Content-Length: 5000");
        let mut received = BytesMut::from(text.as_bytes());
        let taken = Frame::take(&mut received, 4_096);
        assert!(matches!(taken, Err(Cause::NotSip("message-too-large"))));
        let mut received = BytesMut::from(text.as_bytes());
        assert!(Frame::take(&mut received, 6_000).unwrap().is_none());
    }

    #[test]
    fn what_is_no_sip_ends_the_connection() {
        let mut received = BytesMut::from("GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_bytes());
        assert!(matches!(
            Frame::take(&mut received, 4_096),
            Err(Cause::NotSip(_))
        ));
    }
}
