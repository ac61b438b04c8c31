//! What all our requests have in common.

use std::net::SocketAddr;

use ezk_sip_types::header::typed::{CSeq, FromTo, MaxForwards, Via};
use ezk_sip_types::host::{Host, HostPort};
use ezk_sip_types::msg::{RequestLine, StatusLine};
use ezk_sip_types::print::{AppendCtx, PrintCtx, UriContext};
use ezk_sip_types::uri::params::Param;
use ezk_sip_types::uri::{NameAddr, SipUri};
use ezk_sip_types::{Headers, Method, Name};
use sip_tls::profile::Server;

use super::head::Head;

/// A request that we send, and the values that identify its answer.
pub(crate) struct Request {
    text: String,
    method: Method,
    call_id: String,
    cseq: u32,
}

impl Request {
    /// The message, ready to be sent.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(crate) fn method(&self) -> String {
        self.method.to_string()
    }

    /// Returns the first line of `head`, if it is the final answer.
    pub(crate) fn answered_by(&self, head: &Head) -> Option<StatusLine> {
        let line = head.status_line()?;
        let cseq: CSeq = head.headers().get_named().ok()?;
        let is_ours = head.value(&Name::CALL_ID) == Some(&self.call_id)
            && (cseq.cseq, cseq.method) == (self.cseq, self.method.clone());
        (is_ours && line.code.into_u16() >= 200).then_some(line)
    }
}

/// Who sends a request, to which server, and from where.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) server: &'a Server,
    /// May be empty.
    pub(crate) user: &'a str,
    pub(crate) local: SocketAddr,
}

impl Party<'_> {
    /// The URI of the server itself.
    pub(super) fn server_uri(&self) -> SipUri {
        SipUri::new(HostPort {
            port: Some(self.server.port()),
            ..self.domain()
        })
    }

    /// The URI of the domain that the server serves. It has no port.
    pub(super) fn domain_uri(&self) -> SipUri {
        SipUri::new(self.domain())
    }

    /// The URI by which others reach the user.
    pub(super) fn address_of_record(&self) -> SipUri {
        self.of_user(self.server_uri())
    }

    /// The URI under which we are reached: our end of the connection.
    pub(super) fn contact(&self) -> SipUri {
        let contact = SipUri::new(HostPort::from(self.local));
        self.of_user(contact.uri_param_value("transport", "tls"))
    }

    /// Adds the user to a URI, if there is one.
    fn of_user(&self, uri: SipUri) -> SipUri {
        match self.user.is_empty() {
            true => uri,
            false => uri.user(self.user.into()),
        }
    }

    /// The host of the server, without a port.
    fn domain(&self) -> HostPort {
        let host = match self.server.address() {
            Some(address) => Host::from(address),
            None => Host::Name(self.server.host().into()),
        };
        HostPort { host, port: None }
    }
}

/// A request in the making: the parts that all requests have.
pub(super) struct Draft {
    pub(super) method: Method,
    pub(super) uri: SipUri,
    pub(super) from: SipUri,
    pub(super) to: SipUri,
    pub(super) local: SocketAddr,
    pub(super) branch: String,
    pub(super) via_parameters: &'static [&'static str],
    pub(super) tag: String,
    pub(super) call_id: String,
    pub(super) cseq: u32,
}

impl Draft {
    /// Makes the request, with the headers that `add` adds to those that all requests have.
    pub(super) fn finish(self, add: impl FnOnce(&mut Headers)) -> Request {
        let mut headers = self.headers();
        add(&mut headers);
        headers.insert(
            Name::USER_AGENT,
            concat!("sip-tls/", env!("CARGO_PKG_VERSION")),
        );
        headers.insert(Name::CONTENT_LENGTH, "0");
        let line = RequestLine {
            method: self.method.clone(),
            uri: self.uri,
        };
        Request {
            text: format!("{}\r\n{headers}\r\n", line.print_ctx(REQUEST_LINE)),
            method: self.method,
            call_id: self.call_id,
            cseq: self.cseq,
        }
    }

    /// The mandatory headers of RFC 3261, section 8.1.1.
    fn headers(&self) -> Headers {
        let branch = format!("z9hG4bK{}", self.branch);
        let mut via = Via::new("TLS", self.local, branch);
        for name in self.via_parameters {
            via.params.push(Param::name(*name));
        }
        let mut headers = Headers::new();
        headers.insert_named(&via);
        headers.insert_named(&MaxForwards(70));
        let from = NameAddr::uri(self.from.clone());
        headers.insert_type(
            Name::FROM,
            &FromTo::new(from, Some(self.tag.as_str().into())),
        );
        let to = NameAddr::uri(self.to.clone());
        headers.insert_type(Name::TO, &FromTo::new(to, None));
        headers.insert(Name::CALL_ID, self.call_id.as_str());
        headers.insert_named(&CSeq::new(self.cseq, self.method.clone()));
        headers
    }
}

/// A URI as it stands in a request line.
pub(super) fn printed(uri: &SipUri) -> String {
    uri.print_ctx(REQUEST_LINE).to_string()
}

const REQUEST_LINE: PrintCtx<'static> = PrintCtx {
    method: None,
    uri: Some(UriContext::ReqUri),
};

#[cfg(test)]
mod tests {
    use super::super::options::options;
    use super::*;

    #[test]
    fn only_the_final_answer_to_it_counts() {
        let server = "sip.example.com".parse().unwrap();
        let party = Party {
            server: &server,
            user: "",
            local: "192.0.2.7:40000".parse().unwrap(),
        };
        let request = options(party, "aaaabbbbcccc");
        let answer = |status: &str, id: &str, cseq: &str| {
            let text = format!("SIP/2.0 {status}\r\nCall-ID: {id}\r\nCSeq: {cseq}\r\n\r\n");
            let line = request.answered_by(&Head::parse(text.as_bytes()));
            line.map(|line| line.code.into_u16())
        };
        let (ours, cseq) = ("cccc@192.0.2.7", "1 OPTIONS");
        assert_eq!(answer("200 OK", ours, cseq), Some(200));
        assert_eq!(answer("503 Busy", ours, cseq), Some(503));
        assert_eq!(answer("100 Trying", ours, cseq), None);
        assert_eq!(answer("200 OK", "dddd@192.0.2.7", cseq), None);
        assert_eq!(answer("200 OK", ours, "2 OPTIONS"), None);
        assert_eq!(answer("200 OK", ours, "1 REGISTER"), None);
    }
}
