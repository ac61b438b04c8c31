//! The head of a message. Values are kept as they stand, because answers repeat them.

use std::fmt;

use bytes::Bytes;
use ezk_sip_types::msg::{Line, MessageLine, PullParser, StatusLine};
use ezk_sip_types::{Headers, Name};

/// A SIP message without its body: the first line and the headers.
pub(crate) struct Head {
    first_line: String,
    headers: Headers,
    has_junk: bool,
}

impl Head {
    /// Parses the head of a message, up to and including the empty line. Unreadable lines are noted and are no error:
    /// a malformed request has to be answered too.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let source = Bytes::from(text);
        let mut lines = PullParser::new(&source, 0);
        let first_line = lines.next().and_then(Result::ok).unwrap_or_default();
        let mut head = Self {
            first_line: String::from_utf8_lossy(first_line).into_owned(),
            headers: Headers::new(),
            has_junk: false,
        };
        for line in lines.by_ref() {
            let line = line.ok().and_then(|line| std::str::from_utf8(line).ok());
            match line.map(|line| Line::parse(&source, line)) {
                Some(Ok((_, line))) if !line.name.as_print_str().is_empty() => {
                    head.headers.extend([(line.name, line.value)]);
                }
                Some(_) => head.has_junk = true,
                None => {
                    head.has_junk |= !source[lines.progress()..].trim_ascii().is_empty();
                    break;
                }
            }
        }
        head
    }

    /// The first line, if it is that of a SIP message.
    pub(crate) fn message_line(&self) -> Option<MessageLine> {
        self.first_line.parse().ok()
    }

    /// The first line, if it is that of a response.
    pub(crate) fn status_line(&self) -> Option<StatusLine> {
        match self.message_line() {
            Some(MessageLine::Response(line)) => Some(line),
            _ => None,
        }
    }

    /// The method as it stands in the request line: methods are case-sensitive, but the parser's are not.
    pub(crate) fn method(&self) -> &str {
        self.first_line.split(' ').next().unwrap_or_default()
    }

    /// The headers, for the parsers of ezk-sip-types.
    pub(crate) fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The values of a header, as they stand in the message.
    pub(crate) fn values(&self, name: &Name) -> impl Iterator<Item = &str> {
        self.headers.get_raw(name).map(|value| value.trim())
    }

    /// The only value of a header.
    pub(crate) fn value(&self, name: &Name) -> Option<&str> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether there are lines that are no headers.
    pub(crate) fn has_junk(&self) -> bool {
        self.has_junk
    }

    /// The length of the body, 0 without the header. [RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-18.3)
    /// demands the header on a stream, but not all peers send it.
    ///
    /// `None` if there is a header that cannot be parsed, or several that contradict each other.
    pub(crate) fn content_length(&self) -> Option<usize> {
        let mut length = None;
        for value in self.values(&Name::CONTENT_LENGTH) {
            let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
            let found = value.parse().ok().filter(|_| is_number)?;
            if *length.get_or_insert(found) != found {
                return None;
            }
        }
        Some(length.unwrap_or(0))
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("first_line", &self.first_line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(headers: &str) -> Option<usize> {
        Head::parse(format!("OPTIONS sip:a@b SIP/2.0\r\n{headers}\r\n").as_bytes()).content_length()
    }

    #[test]
    fn the_length_is_read_in_both_spellings_and_any_case() {
        assert_eq!(length("Content-Length: 12\r\n"), Some(12));
        assert_eq!(length("CONTENT-LENGTH : 12\r\n"), Some(12));
        assert_eq!(length("l:12\r\n"), Some(12));
        assert_eq!(length("To: x\r\n l: 99\r\nl: 12\r\n"), Some(12));
        assert_eq!(length("Content-Length:\r\n 12\r\n"), Some(12));
        assert_eq!(length(""), Some(0));
    }

    #[test]
    fn a_length_that_says_nothing_or_two_things_is_none() {
        for header in [
            "l: x\r\n",
            "l: -1\r\n",
            "l: +1\r\n",
            "l:\r\n",
            "l: 1, 2\r\n",
            "l: 1\r\nContent-Length: 2\r\n",
            "l: 99999999999999999999999999\r\n",
        ] {
            assert_eq!(length(header), None, "{header:?}");
        }
        assert_eq!(length("l: 1\r\nl: 1\r\n"), Some(1));
    }

    #[test]
    fn lines_that_are_no_headers_are_noted() {
        let junk = |text: &str| Head::parse(text.as_bytes()).has_junk();
        assert!(!junk("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n"));
        assert!(junk("OPTIONS sip:a@b SIP/2.0\r\nTo x\r\n\r\n"));
        assert!(junk("OPTIONS sip:a@b SIP/2.0\r\nTo: \rx\r\n\r\n"));
        assert!(junk("OPTIONS sip:a@b SIP/2.0\r\n: x\r\n\r\n"));
    }
}
