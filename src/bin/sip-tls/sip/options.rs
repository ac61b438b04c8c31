use std::net::SocketAddr;

use ezk_sip_types::header::typed::{CSeq, FromTo, MaxForwards, Via};
use ezk_sip_types::host::{Host, HostPort};
use ezk_sip_types::msg::{RequestLine, StatusLine};
use ezk_sip_types::print::{AppendCtx, PrintCtx, UriContext};
use ezk_sip_types::uri::{NameAddr, SipUri};
use ezk_sip_types::{Headers, Method, Name};
use sip_tls::profile::Server;

use super::head::Head;

/// An OPTIONS request to a server, which every SIP server must answer
/// ([RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-11)).
pub(crate) struct OptionsRequest {
    text: String,
    call_id: String,
}

impl OptionsRequest {
    /// Makes the request of `user`, who may be empty, over a connection from `local`. `random` is made of unpredictable
    /// letters and digits.
    pub(crate) fn new(server: &Server, user: &str, local: SocketAddr, random: &str) -> Self {
        let (branch, rest) = random.split_at(random.len() / 3);
        let (tag, id) = rest.split_at(rest.len() / 2);
        let call_id = format!("{id}@{}", local.ip().to_canonical());
        let target = SipUri::new(host_port(server));
        let mut from = SipUri::new(host_port(server));
        let mut contact = SipUri::new(HostPort::from(local)).uri_param_value("transport", "tls");
        if !user.is_empty() {
            from = from.user(user.into());
            contact = contact.user(user.into());
        }
        let mut via = Via::new("TLS", local, format!("z9hG4bK{branch}"));
        via.params
            .push(ezk_sip_types::uri::params::Param::name("rport"));

        let mut headers = Headers::new();
        headers.insert_named(&via);
        headers.insert_named(&MaxForwards(70));
        headers.insert_type(
            Name::FROM,
            &FromTo::new(NameAddr::uri(from), Some(tag.into())),
        );
        headers.insert_type(Name::TO, &FromTo::new(NameAddr::uri(target.clone()), None));
        headers.insert(Name::CALL_ID, &call_id);
        headers.insert_named(&CSeq::new(1, Method::OPTIONS));
        headers.insert(Name::CONTACT, NameAddr::uri(contact));
        headers.insert(Name::ACCEPT, "application/sdp");
        headers.insert(
            Name::USER_AGENT,
            concat!("sip-tls/", env!("CARGO_PKG_VERSION")),
        );
        headers.insert(Name::CONTENT_LENGTH, "0");
        let line = RequestLine {
            method: Method::OPTIONS,
            uri: target,
        };
        let line = line.print_ctx(PrintCtx {
            method: None,
            uri: Some(UriContext::ReqUri),
        });
        Self {
            text: format!("{line}\r\n{headers}\r\n"),
            call_id,
        }
    }

    /// The message, ready to be sent.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The first line of the final answer, if `head` is it.
    pub(crate) fn answered_by(&self, head: &Head) -> Option<StatusLine> {
        let line = head.status_line()?;
        let is_ours = head.value(&Name::CALL_ID) == Some(&self.call_id);
        (is_ours && line.code.into_u16() >= 200).then_some(line)
    }
}

fn host_port(server: &Server) -> HostPort {
    HostPort {
        host: match server.address() {
            Some(address) => Host::from(address),
            None => Host::Name(server.host().into()),
        },
        port: Some(server.port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_has_everything_a_request_must_have() {
        let server = "sip.example.com:5061".parse().unwrap();
        let local = "192.0.2.7:40000".parse().unwrap();
        let request = OptionsRequest::new(&server, "4021", local, "aaaabbbbcccc");
        let expected = [
            "OPTIONS sip:sip.example.com:5061 SIP/2.0",
            "Via: SIP/2.0/TLS 192.0.2.7:40000;branch=z9hG4bKaaaa;rport",
            "Max-Forwards: 70",
            "From: <sip:4021@sip.example.com>;tag=bbbb",
            "To: <sip:sip.example.com>",
            "Call-ID: cccc@192.0.2.7",
            "CSeq: 1 OPTIONS",
            "Contact: <sip:4021@192.0.2.7:40000;transport=tls>",
            "Accept: application/sdp",
            concat!("User-Agent: sip-tls/", env!("CARGO_PKG_VERSION")),
            "Content-Length: 0",
            "\r\n",
        ];
        assert_eq!(request.text, expected.join("\r\n"));
    }

    #[test]
    fn addresses_and_odd_users_are_written_as_uris_have_them() {
        let server = "[2001:db8::1]:5061".parse().unwrap();
        let local = "[2001:db8::2]:40000".parse().unwrap();
        let request = OptionsRequest::new(&server, "a b@c", local, "aaaabbbbcccc").text;
        assert!(
            request.starts_with("OPTIONS sip:[2001:db8::1]:5061 SIP/2.0\r\n"),
            "{request}"
        );
        assert!(
            request.contains("From: <sip:a%20b%40c@[2001:db8::1]>;"),
            "{request}"
        );
    }

    #[test]
    fn only_the_final_answer_to_it_counts() {
        let server = "sip.example.com".parse().unwrap();
        let local = "192.0.2.7:40000".parse().unwrap();
        let request = OptionsRequest::new(&server, "", local, "aaaabbbbcccc");
        let answer = |status: &str, id: &str| {
            let text = format!("SIP/2.0 {status}\r\nCall-ID: {id}\r\nCSeq: 1 OPTIONS\r\n\r\n");
            let line = request.answered_by(&Head::parse(text.as_bytes()));
            line.map(|line| line.code.into_u16())
        };
        assert_eq!(answer("200 OK", "cccc@192.0.2.7"), Some(200));
        assert_eq!(answer("503 Busy", "cccc@192.0.2.7"), Some(503));
        assert_eq!(answer("100 Trying", "cccc@192.0.2.7"), None);
        assert_eq!(answer("200 OK", "dddd@192.0.2.7"), None);
    }
}
