//! REGISTER requests, and what a registrar grants.

use ezk_sip_types::header::typed::{Contact, Expires, MinExpires, RetryAfter};
use ezk_sip_types::print::AppendCtx;
use ezk_sip_types::uri::{NameAddr, SipUri};
use ezk_sip_types::{Headers, Method, Name};

use super::head::Head;
use super::request::{Draft, Party, Request, printed};

/// The REGISTER requests of one registration ([RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-10.2)), over one
/// connection after another.
pub(crate) struct Registration {
    call_id: String,
    tag: String,
    cseq: u32,
    binding: Binding,
}

/// What identifies one of our connections to a registrar, whatever its address is
/// ([RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4)).
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// The UUID of this run of the program.
    pub(crate) instance: String,
    /// Tells connections of one user apart.
    pub(crate) number: u32,
}

impl Registration {
    /// Makes a registration. `random` is made of unpredictable letters and digits.
    pub(crate) fn new(random: &str, binding: Binding) -> Self {
        let (call_id, tag) = random.split_at(random.len() / 2);
        Self {
            call_id: call_id.to_owned(),
            tag: tag.to_owned(),
            cseq: 0,
            binding,
        }
    }

    /// Makes the next request. `authorization` are the headers that answer challenges.
    pub(crate) fn request(
        &mut self,
        party: Party<'_>,
        expires: u32,
        authorization: Vec<(Name, String)>,
        branch: String,
    ) -> Request {
        self.cseq = self.cseq.wrapping_add(1) & MOST_CSEQ;
        let draft = Draft {
            method: Method::REGISTER,
            uri: party.domain_uri(),
            from: party.address_of_record(),
            to: party.address_of_record(),
            local: party.local,
            branch,
            // Requests to us come over this connection (RFC 5923).
            via_parameters: &["rport", "alias"],
            tag: self.tag.clone(),
            call_id: self.call_id.clone(),
            cseq: self.cseq,
        };
        let contact = self.contact(party);
        draft.finish(|headers| {
            headers.insert(Name::CONTACT, contact.as_str());
            headers.insert_named(&Expires(expires));
            headers.insert(Name::SUPPORTED, "path, outbound");
            headers.insert(Name::ALLOW, "OPTIONS, NOTIFY");
            for (name, value) in authorization {
                headers.insert(name, value.as_str());
            }
        })
    }

    /// Our contact with `reg-id` and `+sip.instance`, by which the registrar replaces the binding of an earlier
    /// connection.
    fn contact(&self, party: Party<'_>) -> String {
        let Binding { instance, number } = &self.binding;
        let contact = NameAddr::uri(party.contact());
        let contact = contact.default_print_ctx();
        format!("{contact};reg-id={number};+sip.instance=\"<urn:uuid:{instance}>\"")
    }
}

/// The URI that the digest of a REGISTER request covers.
pub(crate) fn register_uri(party: Party<'_>) -> String {
    printed(&party.domain_uri())
}

/// What a registrar grants in a 2xx answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Granted {
    /// The seconds for which we are registered.
    pub(crate) expires: u32,
    /// The most seconds between two signs of life.
    pub(crate) flow_timer: Option<u32>,
    /// Whether the registrar supports RFC 5626, so that it answers pings.
    pub(crate) is_outbound: bool,
}

impl Granted {
    /// Reads the answer to a request for `asked` seconds. The parameter of our contact counts first, then the
    /// `Expires` header, then `asked`.
    pub(crate) fn read(head: &Head, party: Party<'_>, asked: u32) -> Self {
        let of_message = || head.headers().get_named::<Expires>().ok();
        let expires = contact_expires(head.headers(), &party.contact())
            .or_else(|| of_message().map(|Expires(seconds)| seconds));
        let flow_timer = head.value(&FLOW_TIMER).and_then(|value| value.parse().ok());
        Self {
            expires: expires.unwrap_or(asked),
            flow_timer: flow_timer.filter(|seconds| *seconds > 0),
            is_outbound: [Name::REQUIRE, Name::SUPPORTED]
                .iter()
                .any(|name| has_option(head, name, "outbound")),
        }
    }
}

/// Returns the shortest time, in seconds, that a registrar accepts, from its answer 423.
pub(crate) fn min_expires(head: &Head) -> Option<u32> {
    let MinExpires(seconds) = head.headers().get_named().ok()?;
    Some(seconds)
}

/// Returns the seconds after which a registrar asks for another attempt.
pub(crate) fn retry_after(head: &Head) -> Option<u32> {
    let retry: RetryAfter = head.headers().get_named().ok()?;
    Some(retry.value)
}

/// Returns the `expires` parameter of our contact, or of the only contact: some servers write other addresses than
/// ours.
fn contact_expires(headers: &Headers, ours: &SipUri) -> Option<u32> {
    let contacts: Vec<Contact> = headers.get_named().ok()?;
    let of_us = contacts
        .iter()
        .find(|contact| contact.uri.uri.compare(ours));
    let only = || contacts.first().filter(|_| contacts.len() == 1);
    let contact = of_us.or_else(only)?;
    contact.params.get_val("expires")?.parse().ok()
}

/// Whether an option tag stands in a header such as Supported.
fn has_option(head: &Head, name: &Name, option: &str) -> bool {
    let values = head.values(name).flat_map(|value| value.split(','));
    values
        .map(str::trim)
        .any(|found| found.eq_ignore_ascii_case(option))
}

/// RFC 5626, section 10.
const FLOW_TIMER: Name = Name::custom("Flow-Timer", &["flow-timer"]);
/// RFC 3261, section 8.1.1.5: a sequence number is less than 2^31.
const MOST_CSEQ: u32 = i32::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;

    fn with_party<T>(test: impl FnOnce(Party<'_>) -> T) -> T {
        test(Party {
            server: &"sip.example.com:5071".parse().unwrap(),
            user: "4021",
            local: "192.0.2.7:40000".parse().unwrap(),
        })
    }

    fn registration() -> Registration {
        let binding = Binding {
            instance: "01234567-89ab-4def-8123-456789abcdef".to_owned(),
            number: 1,
        };
        Registration::new("iiiitttt", binding)
    }

    #[test]
    fn the_request_binds_the_connection_to_the_user() {
        let mut registration = registration();
        let authorization = || vec![(Name::AUTHORIZATION, "Digest x=\"y\"".to_owned())];
        with_party(|party| registration.request(party, 600, Vec::new(), "bbbb".to_owned()));
        let request =
            with_party(|party| registration.request(party, 60, authorization(), "cccc".to_owned()));
        let expected = [
            "REGISTER sip:sip.example.com SIP/2.0",
            "Via: SIP/2.0/TLS 192.0.2.7:40000;branch=z9hG4bKcccc;rport;alias",
            "Max-Forwards: 70",
            "From: <sip:4021@sip.example.com>;tag=tttt",
            "To: <sip:4021@sip.example.com>",
            "Call-ID: iiii",
            "CSeq: 2 REGISTER",
            "Contact: <sip:4021@192.0.2.7:40000;transport=tls>;reg-id=1;\
             +sip.instance=\"<urn:uuid:01234567-89ab-4def-8123-456789abcdef>\"",
            "Expires: 60",
            "Supported: path, outbound",
            "Allow: OPTIONS, NOTIFY",
            "Authorization: Digest x=\"y\"",
            concat!("User-Agent: sip-tls/", env!("CARGO_PKG_VERSION")),
            "Content-Length: 0",
            "\r\n",
        ];
        let text = String::from_utf8(request.as_bytes().to_vec()).unwrap();
        assert_eq!(text, expected.join("\r\n"));
        assert_eq!(with_party(register_uri), "sip:sip.example.com");
    }

    fn granted(headers: &str) -> Granted {
        let head = Head::parse(format!("SIP/2.0 200 OK\r\n{headers}\r\n").as_bytes());
        with_party(|party| Granted::read(&head, party, 600))
    }

    #[test]
    fn what_stands_with_our_contact_counts_first() {
        let other = "<sip:4021@192.0.2.9:50000;transport=tls>;expires=3600";
        let ours = "<sip:4021@192.0.2.7:40000;transport=tls>;expires=120;reg-id=1";
        for (headers, expires) in [
            ("", 600),
            ("Expires: 300\r\n", 300),
            (&format!("Contact: {ours}\r\nExpires: 300\r\n"), 120),
            (&format!("Contact: {other}, {ours}\r\n"), 120),
            (&format!("Contact: {other}\r\nContact: {ours}\r\n"), 120),
            (&format!("m: {other}\r\n"), 3600),
            (
                &format!("Contact: {other}, {other}\r\nExpires: 300\r\n"),
                300,
            ),
            ("Contact: nonsense\r\nExpires: 300\r\n", 300),
            ("Expires: never\r\n", 600),
            ("Expires: 99999999999\r\n", 600),
        ] {
            assert_eq!(granted(headers).expires, expires, "{headers}");
        }
    }

    #[test]
    fn a_registrar_says_whether_it_answers_pings() {
        let plain = granted("Supported: path\r\n");
        assert_eq!((plain.flow_timer, plain.is_outbound), (None, false));
        let outbound = granted("Require: Outbound\r\nFlow-Timer: 45\r\n");
        assert_eq!(
            (outbound.flow_timer, outbound.is_outbound),
            (Some(45), true)
        );
        assert!(granted("k: path, outbound\r\n").is_outbound);
        assert_eq!(granted("Flow-Timer: 0\r\n").flow_timer, None);
    }

    #[test]
    fn other_times_are_read_as_numbers_only() {
        let head = |text: &str| Head::parse(format!("SIP/2.0 423 x\r\n{text}\r\n").as_bytes());
        assert_eq!(min_expires(&head("Min-Expires: 3600\r\n")), Some(3600));
        assert_eq!(min_expires(&head("Min-Expires: soon\r\n")), None);
        assert_eq!(min_expires(&head("")), None);
        assert_eq!(retry_after(&head("Retry-After: 18 (busy)\r\n")), Some(18));
        assert_eq!(retry_after(&head("Retry-After: x\r\n")), None);
    }
}
