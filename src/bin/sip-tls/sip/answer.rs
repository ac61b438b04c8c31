//! Answers to requests (RFC 3261, section 8.2).
//!
//! An answer repeats what the client needs to find its request: Via, From, To, Call-ID and CSeq. They are copied as
//! they stand, and not printed anew: a client may compare them byte for byte.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use ezk_sip_types::header::HeaderParse;
use ezk_sip_types::header::typed::{CSeq, FromTo, Via};
use ezk_sip_types::msg::{MessageLine, StatusLine};
use ezk_sip_types::{Headers, Name, StatusCode};

use super::framing::FramingError;
use super::head::Head;

/// The answer to a request.
pub(crate) struct Answer {
    /// The method of the request, `?` if it cannot be read.
    pub(crate) method: String,
    pub(crate) status: u16,
    text: String,
}

impl Answer {
    /// The message, ready to be sent.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// The data from which answers to requests are made.
#[derive(Clone, Copy)]
pub(crate) struct Answering<'a> {
    /// Where the requests come from.
    pub(crate) peer: SocketAddr,
    /// The tag that is added to `To`.
    pub(crate) tag: &'a str,
    pub(crate) methods: Methods,
}

/// Which requests are answered with 200.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Methods {
    Options,
    OptionsAndNotify,
}

impl Methods {
    /// The value of `Allow`.
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::Options => "OPTIONS",
            Self::OptionsAndNotify => "OPTIONS, NOTIFY",
        }
    }

    /// Whether requests with this method get a 200.
    fn contain(self, method: &str) -> bool {
        self.allow().split(", ").any(|known| known == method)
    }
}

/// Answers a message: requests of `us.methods` with 200, unreadable messages with 400, other requests with 405. A
/// response or an ACK has no answer.
pub(crate) fn answer(head: &Head, us: Answering<'_>) -> Option<Answer> {
    let status = match head.message_line() {
        Some(MessageLine::Response(_)) => return None,
        Some(MessageLine::Request(_)) if head.method() == "ACK" => return None,
        Some(MessageLine::Request(_)) if !is_complete(head) => StatusCode::BAD_REQUEST,
        Some(MessageLine::Request(_)) if us.methods.contain(head.method()) => StatusCode::OK,
        Some(MessageLine::Request(_)) => StatusCode::METHOD_NOT_ALLOWED,
        None => StatusCode::BAD_REQUEST,
    };
    Some(respond(head, status, us))
}

/// Answers a request after which the next message cannot be found, unless it is a request without an answer.
pub(crate) fn refuse(error: &FramingError, us: Answering<'_>) -> Option<Answer> {
    let (head, status) = match error {
        FramingError::BodyTooLarge(head) => (head, StatusCode::REQUEST_ENTITY_TOO_LARGE),
        FramingError::HeadTooLarge(head) => (head, StatusCode::MESSAGE_TOO_LARGE),
        FramingError::Length(head) => (head, StatusCode::BAD_REQUEST),
        FramingError::CutShort | FramingError::Read(_) => return None,
    };
    answer(head, us).map(|_| respond(head, status, us))
}

/// Whether a request has what every request must have ([RFC
/// 3261](https://www.rfc-editor.org/rfc/rfc3261#section-8.1.1)) and an answer needs.
///
/// A request that lacks something gets a 400, which repeats what there is.
fn is_complete(head: &Head) -> bool {
    let headers = head.headers();
    let agrees = |cseq: CSeq| {
        let value = head.value(&Name::CSEQ).unwrap_or_default();
        cseq.cseq <= i32::MAX as u32 && value.ends_with(head.method())
    };
    !head.has_junk()
        && headers.get_named::<Via>().is_ok()
        && head.value(&Name::FROM).is_some()
        && headers.get::<FromTo>(Name::FROM).is_ok()
        && head.value(&Name::TO).is_some()
        && headers.get::<FromTo>(Name::TO).is_ok()
        && head.value(&Name::CALL_ID).is_some_and(|id| !id.is_empty())
        && head.value(&Name::CSEQ).is_some()
        && headers.get_named::<CSeq>().is_ok_and(agrees)
}

/// Makes the answer. Headers that the request does not have, or has twice, are left out.
fn respond(head: &Head, code: StatusCode, us: Answering<'_>) -> Answer {
    let mut headers = Headers::new();
    for (number, via) in head.values(&Name::VIA).enumerate() {
        match number {
            0 => headers.insert(Name::VIA, received_from(via, us.peer)),
            _ => headers.insert(Name::VIA, via),
        }
    }
    for name in [Name::FROM, Name::CALL_ID, Name::CSEQ] {
        if let Some(value) = head.value(&name) {
            headers.insert(name, value);
        }
    }
    if let Some(to) = head.value(&Name::TO) {
        headers.insert(Name::TO, tagged(to, head, us.tag));
    }
    if code == StatusCode::OK || code == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(Name::ALLOW, us.methods.allow());
    }
    if code == StatusCode::OK && head.method() == "OPTIONS" {
        headers.insert(Name::ACCEPT, "application/sdp");
    }
    headers.insert(Name::CONTENT_LENGTH, "0");
    let reason = code.text().map(Into::into);
    let line = StatusLine { code, reason };
    Answer {
        method: match head.message_line() {
            Some(_) => head.method().to_owned(),
            None => "?".to_owned(),
        },
        status: code.into_u16(),
        text: format!("{line}\r\n{headers}\r\n"),
    }
}

/// Adds the real source of a request to the first Via of a header line
/// ([RFC 3581](https://www.rfc-editor.org/rfc/rfc3581#section-4)). Everything else in the line stays the same, byte
/// for byte: the peer uses it to find its transaction.
fn received_from(line: &str, peer: SocketAddr) -> String {
    let source = Bytes::copy_from_slice(line.as_bytes());
    let text = std::str::from_utf8(&source).unwrap_or_default();
    // The parser does not know every spelling, such as blanks around the colon before a port.
    let is_whole = |rest: &str| rest.is_empty() || rest.starts_with(',');
    let Some((rest, via)) = Via::parse(&source, text)
        .ok()
        .filter(|(rest, _)| is_whole(rest))
    else {
        return line.to_owned();
    };
    let address = peer.ip().to_canonical();
    let (first, others) = line.split_at(line.len() - rest.len());
    let mut asks_for_port = false;
    let parts: Vec<_> = first
        .trim_end()
        .split(';')
        .map(|part| match part.trim().eq_ignore_ascii_case("rport") {
            true => {
                asks_for_port = true;
                format!("rport={}", peer.port())
            }
            false => part.to_owned(),
        })
        .collect();
    let via_names_it = via.sent_by.ip().map(|ip: IpAddr| ip.to_canonical()) == Some(address);
    let received = match asks_for_port || !via_names_it {
        true => format!(";received={address}"),
        false => String::new(),
    };
    format!("{}{received}{others}", parts.join(";"))
}

/// Adds our tag to `To`, unless it has one (RFC 3261, section 8.2.6.2).
fn tagged(to: &str, head: &Head, tag: &str) -> String {
    match head.headers().get::<FromTo>(Name::TO) {
        Ok(parsed) if parsed.tag.is_none() => format!("{to};tag={tag}"),
        _ => to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(request: &str) -> Option<String> {
        reply_as(Methods::Options, request)
    }

    fn reply_as(methods: Methods, request: &str) -> Option<String> {
        let head = Head::parse(request.replace('\n', "\r\n").as_bytes());
        let us = Answering {
            peer: "192.0.2.7:40000".parse().unwrap(),
            tag: "ours",
            methods,
        };
        answer(&head, us).map(|answer| answer.text.replace("\r\n", "\n"))
    }

    const OPTIONS: &str = "OPTIONS sip:b@example.com SIP/2.0
Via: SIP/2.0/TLS 192.0.2.7:5061;branch=z9hG4bK1;rport, SIP/2.0/UDP first.example;branch=z9hG4bK0
v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK00
Max-Forwards: 70
From: \"A, B\" <sip:a@example.com>;tag=theirs
To: <sip:b@example.com>
Call-ID: abc@192.0.2.7
CSeq: 7 OPTIONS
Contact: <sip:a@192.0.2.7>
Content-Length: 0

";

    #[test]
    fn options_is_answered_with_what_identifies_the_transaction() {
        let expected = "SIP/2.0 200 OK
Via: SIP/2.0/TLS 192.0.2.7:5061;branch=z9hG4bK1;rport=40000;received=192.0.2.7, SIP/2.0/UDP first.example;branch=z9hG4bK0
Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK00
From: \"A, B\" <sip:a@example.com>;tag=theirs
Call-ID: abc@192.0.2.7
CSeq: 7 OPTIONS
To: <sip:b@example.com>;tag=ours
Allow: OPTIONS
Accept: application/sdp
Content-Length: 0

";
        assert_eq!(reply(OPTIONS).unwrap(), expected);
    }

    #[test]
    fn received_is_added_where_the_via_names_another_host_only() {
        let via = |line| received_from(line, "192.0.2.7:40000".parse().unwrap());
        let same = "SIP/2.0/TLS 192.0.2.7:5061;branch=z9hG4bK1";
        assert_eq!(via(same), same);
        let name = "SIP/2.0/TLS phone.example;branch=z9hG4bK1";
        assert_eq!(via(name), format!("{name};received=192.0.2.7"));
        let other = "SIP / 2.0 / TLS 10.0.0.1 : 5061; branch=x";
        assert_eq!(via(other), other);
        let two = "SIP/2.0/TLS a.example;branch=\"a,b;rport\" ,SIP/2.0/UDP b.example";
        assert!(
            via(two).ends_with(";received=192.0.2.7,SIP/2.0/UDP b.example"),
            "{}",
            via(two)
        );
    }

    #[test]
    fn a_tag_that_is_there_is_kept() {
        let request = OPTIONS.replace("To: <sip:b@example.com>", "t: sip:b@example.com;tag=old");
        let reply = reply(&request).unwrap();
        assert!(
            reply.contains("\nTo: sip:b@example.com;tag=old\n"),
            "{reply}"
        );
    }

    #[test]
    fn other_requests_are_not_allowed_and_acknowledgements_and_responses_not_answered() {
        let invite = OPTIONS.replace("OPTIONS", "INVITE");
        let reply_to_invite = reply(&invite).unwrap();
        assert!(reply_to_invite.starts_with("SIP/2.0 405 Method Not Allowed\n"));
        assert!(reply_to_invite.contains("\nAllow: OPTIONS\n"));
        assert_eq!(reply(&OPTIONS.replace("OPTIONS", "ACK")), None);
        assert_eq!(reply("SIP/2.0 200 OK\nCSeq: 7 OPTIONS\n\n"), None);
        // Methods are compared exactly.
        assert!(
            reply(&OPTIONS.replace("OPTIONS", "options"))
                .unwrap()
                .contains(" 405 ")
        );
        assert!(
            reply(&OPTIONS.replace("OPTIONS", "OPTIONSX"))
                .unwrap()
                .contains(" 405 ")
        );
    }

    #[test]
    fn a_notification_is_taken_by_who_is_registered_alone() {
        let notify = OPTIONS.replace("OPTIONS", "NOTIFY");
        assert!(reply(&notify).unwrap().contains(" 405 "));
        let taken = reply_as(Methods::OptionsAndNotify, &notify).unwrap();
        assert!(taken.starts_with("SIP/2.0 200 OK\n"), "{taken}");
        assert!(taken.contains("\nAllow: OPTIONS, NOTIFY\n"), "{taken}");
        assert!(!taken.contains("\nAccept:"), "{taken}");
        let invite = reply_as(
            Methods::OptionsAndNotify,
            &OPTIONS.replace("OPTIONS", "INVITE"),
        );
        assert!(invite.unwrap().contains("\nAllow: OPTIONS, NOTIFY\n"));
    }

    #[test]
    fn what_is_malformed_is_a_bad_request() {
        let without = |name: &str| {
            let lines = OPTIONS.lines().filter(|line| !line.starts_with(name));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let mut bad: Vec<String> = ["From", "To", "Call-ID", "CSeq"].map(without).into();
        bad.push(without("Via").replace("v: ", "X: "));
        bad.push(OPTIONS.replace("CSeq: 7 OPTIONS", "CSeq: 7 INVITE"));
        bad.push(OPTIONS.replace("CSeq: 7 OPTIONS", "CSeq: seven OPTIONS"));
        bad.push(OPTIONS.replace("SIP/2.0\n", "HTTP/1.1\n"));
        bad.push(OPTIONS.replace("Max-Forwards: 70", "Max-Forwards"));
        bad.push(OPTIONS.replace(
            "To: <sip:b@example.com>",
            "To: <sip:b@example.com>\nTo: <sip:c@d>",
        ));
        bad.push("hello\n\n".to_owned());
        for request in bad {
            let reply = reply(&request).unwrap();
            assert!(
                reply.starts_with("SIP/2.0 400 Bad Request\n"),
                "{request}{reply}"
            );
        }
    }
}
