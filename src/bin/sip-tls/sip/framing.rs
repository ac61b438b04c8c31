//! Where a message ends. On a stream only Content-Length tells it, so an unreadable one ends the connection.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use tokio::io::{AsyncRead, ReadBuf};

use super::head::Head;

/// Splits a stream of bytes into SIP messages ([RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-18.3)),
/// however TCP and TLS have split it.
#[derive(Default)]
pub(crate) struct Framer {
    buffer: Vec<u8>,
    /// How many bytes of the buffer were searched without finding the end of a head.
    searched: usize,
    /// A head whose body has not arrived yet, and the length of the body.
    waiting: Option<(Head, usize)>,
    /// Whether the next line end answers our ping.
    awaits_pong: bool,
}

/// One unit of the stream.
#[derive(Debug)]
pub(crate) enum Frame {
    /// A message; its body is dropped.
    Message(Head),
    /// Two line ends between messages, which ask for one line end as answer
    /// ([RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4.4.1)).
    Ping,
    /// The answer to our ping.
    Pong,
}

impl Framer {
    /// Takes the next line end between messages as the answer to a ping. At other times, two line ends are a ping.
    pub(crate) fn expect_pong(&mut self) {
        if self.waiting.is_none() && PING.starts_with(&self.buffer) {
            self.buffer.clear();
        }
        self.awaits_pong = true;
    }

    /// Reads until there is a frame. `None` is the end of the stream.
    pub(crate) async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Result<Option<Frame>, FramingError> {
        loop {
            if let Some(frame) = self.next()? {
                return Ok(Some(frame));
            }
            if self.buffer.is_empty() {
                // An idle connection holds no buffer.
                self.buffer = Vec::new();
            }
            let count = match poll_fn(|cx| self.poll_fill(stream, cx)).await {
                // Nearly all peers close without a close_notify.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
                count => count.map_err(FramingError::Read)?,
            };
            match count {
                0 if self.is_between_messages() => return Ok(None),
                0 => return Err(FramingError::CutShort),
                _ => {}
            }
        }
    }

    /// Reads what is available, and returns the number of bytes.
    fn poll_fill(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut chunk = [0; CHUNK];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(Pin::new(stream).poll_read(cx, &mut chunk))?;
        self.buffer.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(chunk.filled().len()))
    }

    /// Whether nothing of the next message has come yet.
    pub(crate) fn is_between_messages(&self) -> bool {
        self.waiting.is_none() && self.buffer.trim_ascii_start().is_empty()
    }

    /// Takes a frame out of the buffer, if there is a whole one.
    fn next(&mut self) -> Result<Option<Frame>, FramingError> {
        if self.waiting.is_none() {
            if self.awaits_pong && self.buffer.starts_with(PONG) {
                self.buffer.drain(..PONG.len());
                self.awaits_pong = false;
                return Ok(Some(Frame::Pong));
            }
            if self.skip_line_ends() {
                return Ok(Some(Frame::Ping));
            }
            self.waiting = self.next_head()?;
        }
        let Some((head, length)) = self.waiting.take() else {
            return Ok(None);
        };
        if self.buffer.len() < length {
            self.waiting = Some((head, length));
            return Ok(None);
        }
        self.buffer.drain(..length);
        Ok(Some(Frame::Message(head)))
    }

    /// Drops line ends before a message, and returns whether there was a ping. Bytes that may be half a ping stay.
    fn skip_line_ends(&mut self) -> bool {
        if self.buffer.starts_with(PING) {
            self.buffer.drain(..PING.len());
            return true;
        }
        if !PING.starts_with(&self.buffer) {
            let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            let count = self.buffer.iter().take_while(is_line_end).count();
            self.buffer.drain(..count);
        }
        false
    }

    /// Takes a head out of the buffer, with the length of its body. Both together are bounded.
    fn next_head(&mut self) -> Result<Option<(Head, usize)>, FramingError> {
        if PING.starts_with(&self.buffer) {
            return Ok(None);
        }
        let Some(end) = self.head_end() else {
            return match self.buffer.len() > MOST_BYTES {
                true => Err(FramingError::HeadTooLarge(Box::new(self.whole_lines()))),
                false => Ok(None),
            };
        };
        let head = Head::parse(&self.buffer[..end]);
        self.buffer.drain(..end);
        match head.content_length() {
            Some(length) if end.saturating_add(length) > MOST_BYTES => {
                Err(FramingError::BodyTooLarge(Box::new(head)))
            }
            Some(length) => Ok(Some((head, length))),
            None => Err(FramingError::Length(Box::new(head))),
        }
    }

    /// Parses the complete lines of a head that has no end.
    fn whole_lines(&self) -> Head {
        let end = self.buffer.iter().rposition(|byte| *byte == b'\n');
        Head::parse(&self.buffer[..end.map_or(0, |end| end + 1)])
    }

    /// Finds the end of the head, after an empty line. Lines may end in LF alone, as in hand-made messages.
    fn head_end(&mut self) -> Option<usize> {
        let from = self.searched;
        let line_ends = (from..self.buffer.len()).filter(|&i| self.buffer[i] == b'\n');
        for i in line_ends {
            let line = match &self.buffer[i + 1..] {
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                _ => continue,
            };
            self.searched = 0;
            return Some(i + 1 + line);
        }
        // Part of the empty line may have arrived already.
        self.searched = self.buffer.len().saturating_sub(2);
        None
    }
}

/// Why no more messages can be cut out of a stream.
#[derive(Debug)]
pub(crate) enum FramingError {
    /// The body of a message is larger than any that we need.
    BodyTooLarge(Box<Head>),
    /// The stream ended within a message.
    CutShort,
    /// The head of a message has no end within the largest size.
    HeadTooLarge(Box<Head>),
    /// A `Content-Length` that cannot be parsed, or several that differ: nobody knows where the next message begins.
    Length(Box<Head>),
    /// The stream broke.
    Read(io::Error),
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => f.write_str("the connection ended within a SIP message"),
            Self::Length(_) => f.write_str("a SIP message has an unusable Content-Length"),
            Self::Read(_) => f.write_str("the connection broke"),
            Self::BodyTooLarge(_) | Self::HeadTooLarge(_) => {
                write!(f, "a SIP message is larger than {MOST_BYTES} bytes")
            }
        }
    }
}

impl Error for FramingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read(source) => Some(source),
            _ => None,
        }
    }
}

/// The most bytes that are read at once.
const CHUNK: usize = 2048;
/// A ping: the double CRLF of RFC 5626, section 3.5.1.
pub(crate) const PING: &[u8] = b"\r\n\r\n";
/// The answer to a ping.
pub(crate) const PONG: &[u8] = b"\r\n";
/// The most bytes of a message: four times what fits into a UDP datagram.
const MOST_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    impl Framer {
        fn push(&mut self, bytes: &[u8]) {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Prints frames in short, as `4021` for a message to that user.
    fn frames(framer: &mut Framer) -> Result<Vec<String>, FramingError> {
        let mut found = Vec::new();
        while let Some(frame) = framer.next()? {
            found.push(match frame {
                Frame::Message(head) => head.value(&ezk_sip_types::Name::TO).unwrap().to_owned(),
                Frame::Ping => "ping".to_owned(),
                Frame::Pong => "pong".to_owned(),
            });
        }
        Ok(found)
    }

    fn message(to: &str, body: &str) -> String {
        let length = body.len();
        format!("OPTIONS sip:a@b SIP/2.0\r\nTo: {to}\r\nl: {length}\r\n\r\n{body}")
    }

    #[test]
    fn messages_are_found_wherever_the_stream_is_cut() {
        let stream = [
            &message("1", ""),
            "\r\n\r\n",
            &message("2", "\r\n\r\nOPTIONS"),
            "\r\n",
            &message("3", "x").replace("\r\n", "\n"),
            &message("4", ""),
        ]
        .concat();
        let expected = ["1", "ping", "2", "3", "4"];
        for size in 1..stream.len() {
            let mut framer = Framer::default();
            let mut found = Vec::new();
            for chunk in stream.as_bytes().chunks(size) {
                framer.push(chunk);
                found.extend(frames(&mut framer).unwrap());
            }
            assert_eq!(found, expected, "chunks of {size}");
            assert!(framer.is_between_messages());
        }
    }

    #[test]
    fn a_line_end_is_a_pong_only_if_one_is_awaited() {
        let mut framer = Framer::default();
        framer.push(b"\r\n");
        assert_eq!(frames(&mut framer).unwrap(), [""; 0]);
        framer.expect_pong();
        assert_eq!(frames(&mut framer).unwrap(), [""; 0]);
        framer.push(b"\r\n");
        assert_eq!(frames(&mut framer).unwrap(), ["pong"]);
        framer.push(b"\r\n\r\n");
        assert_eq!(frames(&mut framer).unwrap(), ["ping"]);
        // A ping of the peer that crosses ours.
        framer.expect_pong();
        framer.push(b"\r\n\r\n");
        assert_eq!(frames(&mut framer).unwrap(), ["pong"]);
        framer.push(b"\r\n");
        assert_eq!(frames(&mut framer).unwrap(), ["ping"]);
        framer.expect_pong();
        framer.push(message("1", "\r\n").as_bytes());
        framer.push(b"\r\n");
        assert_eq!(frames(&mut framer).unwrap(), ["1", "pong"]);
    }

    #[test]
    fn a_message_too_large_is_refused_before_it_is_read() {
        let mut framer = Framer::default();
        framer.push(b"OPTIONS sip:a@b SIP/2.0\r\nl: 262144\r\n\r\n");
        assert!(matches!(
            frames(&mut framer),
            Err(FramingError::BodyTooLarge(_))
        ));
    }

    #[test]
    fn a_head_without_end_is_refused() {
        let mut framer = Framer::default();
        framer.push(&vec![b'x'; MOST_BYTES]);
        assert_eq!(frames(&mut framer).unwrap(), [""; 0]);
        framer.push(b"x");
        assert!(matches!(
            frames(&mut framer),
            Err(FramingError::HeadTooLarge(_))
        ));
    }

    #[test]
    fn line_ends_without_end_are_dropped_or_answered() {
        let mut framer = Framer::default();
        framer.push("\r\n".repeat(1000).as_bytes());
        assert_eq!(frames(&mut framer).unwrap().len(), 500);
        framer.push(&vec![b'\n'; 2 * MOST_BYTES]);
        assert_eq!(frames(&mut framer).unwrap(), [""; 0]);
        assert!(framer.buffer.is_empty());
    }

    #[test]
    fn a_contradictory_length_is_an_error_with_the_head() {
        let mut framer = Framer::default();
        framer.push(b"OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\n");
        assert!(matches!(frames(&mut framer), Err(FramingError::Length(_))));
    }
}
