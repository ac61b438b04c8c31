//! The request that asks whether anybody is there.
//!
//! OPTIONS needs no registration and changes nothing at the server. Any answer, also 404 or 401, shows that SIP is
//! spoken.

use ezk_sip_types::uri::NameAddr;
use ezk_sip_types::{Method, Name};

use super::request::{Draft, Party, Request};

/// Makes an OPTIONS request to a server, which every SIP server must answer
/// ([RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-11)). `random` is made of unpredictable letters and digits.
pub(crate) fn options(party: Party<'_>, random: &str) -> Request {
    let (branch, rest) = random.split_at(random.len() / 3);
    let (tag, id) = rest.split_at(rest.len() / 2);
    let draft = Draft {
        method: Method::OPTIONS,
        uri: party.server_uri(),
        from: party.address_of_record(),
        to: party.server_uri(),
        local: party.local,
        branch: branch.to_owned(),
        via_parameters: &["rport"],
        tag: tag.to_owned(),
        call_id: format!("{id}@{}", party.local.ip().to_canonical()),
        cseq: 1,
    };
    draft.finish(|headers| {
        headers.insert(Name::CONTACT, NameAddr::uri(party.contact()));
        headers.insert(Name::ACCEPT, "application/sdp");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(server: &str, user: &str, local: &str) -> String {
        let party = Party {
            server: &server.parse().unwrap(),
            user,
            local: local.parse().unwrap(),
        };
        let request = options(party, "aaaabbbbcccc");
        String::from_utf8(request.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn the_request_has_everything_a_request_must_have() {
        let request = request("sip.example.com:5061", "4021", "192.0.2.7:40000");
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
        assert_eq!(request, expected.join("\r\n"));
    }

    #[test]
    fn addresses_and_odd_users_are_written_as_uris_have_them() {
        let request = request("[2001:db8::1]:5061", "a b@c", "[2001:db8::2]:40000");
        assert!(
            request.starts_with("OPTIONS sip:[2001:db8::1]:5061 SIP/2.0\r\n"),
            "{request}"
        );
        assert!(
            request.contains("From: <sip:a%20b%40c@[2001:db8::1]>;"),
            "{request}"
        );
    }
}
