//! The domain to connect to, as in SIP URIs.
//!
//! A text from a user or a SIP stack becomes one form, which DNS, SNI and the comparison with the certificate share.
//! Texts with other parts are refused, because it would not be clear which of them is meant to be verified.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::profile::{Server, ServerError, without_zone};

/// A domain in the form that is looked up, sent as SNI and checked: in lower case, in ASCII, without a dot at its end; or
/// an IP address without brackets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Domain {
    /// The name of the domain in messages.
    host: String,
    is_address: bool,
}

impl Domain {
    /// Parses a domain, or returns why the text is not a domain.
    pub(super) fn read(given: &str) -> Result<Self, &'static str> {
        let given = given.trim();
        if is_uri(given) {
            return Err("it is a URI; give only the domain");
        }
        let ascii = to_ascii(given)?;
        let in_brackets = ascii
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let server: Server = ascii.parse().map_err(|error| match error {
            ServerError::NoHost => "it is empty",
            ServerError::Port(_) => HAS_PORT,
            _ => "it is neither a host name nor an IP address",
        })?;
        if server.host() != in_brackets.unwrap_or(&ascii) {
            return Err(HAS_PORT);
        }
        let is_address = server.address().is_some();
        let host = server.host();
        let host = host.strip_suffix('.').unwrap_or(host);
        Ok(Self {
            host: match is_address {
                // The zone of an address may be in upper case.
                true => host.to_owned(),
                false => host.to_ascii_lowercase(),
            },
            is_address,
        })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether the domain is an address, so that nothing is looked up.
    pub(super) fn is_address(&self) -> bool {
        self.is_address
    }
}

/// Returns the address of a host that is an address and needs no look-up. An address with a zone needs one, because
/// only the system knows the number of the zone.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Returns whether a host is an address with a zone.
pub(super) fn has_zone(host: &str) -> bool {
    without_zone(host) != host
}

/// Whether a text begins with a scheme of SIP. A host with a port has a colon, too.
fn is_uri(given: &str) -> bool {
    let Some((scheme, _)) = given.split_once(':') else {
        return false;
    };
    ["sip", "sips", "tel"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Converts a name to A-labels (RFC 5890).
#[cfg(feature = "srv")]
fn to_ascii(given: &str) -> Result<Cow<'_, str>, &'static str> {
    match given.is_ascii() {
        true => Ok(Cow::Borrowed(given)),
        false => idna::domain_to_ascii_strict(given)
            .map(Cow::Owned)
            .map_err(|_| "it is not a valid internationalised domain name (RFC 5890)"),
    }
}

#[cfg(not(feature = "srv"))]
fn to_ascii(given: &str) -> Result<Cow<'_, str>, &'static str> {
    match given.is_ascii() {
        true => Ok(Cow::Borrowed(given)),
        false => Err(
            "it is not in ASCII; write its labels as `xn--...`, or build with the feature `srv`",
        ),
    }
}

const HAS_PORT: &str = "a domain has no port; a next hop may have one";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn host(given: &str) -> (String, bool) {
        let domain = Domain::read(given).unwrap();
        (domain.host().to_owned(), domain.is_address())
    }

    #[test]
    fn case_brackets_spaces_and_the_dot_at_the_end_do_not_matter() {
        for given in [
            "example.com",
            "EXAMPLE.com",
            "Example.Com.",
            " example.com\n",
        ] {
            assert_eq!(host(given), ("example.com".into(), false), "{given}");
        }
        assert_eq!(host("pbx_2"), ("pbx_2".into(), false));
        assert_eq!(host("192.0.2.7"), ("192.0.2.7".into(), true));
        for given in ["[2001:db8::1]", "2001:db8::1"] {
            assert_eq!(host(given), ("2001:db8::1".into(), true), "{given}");
        }
        assert_eq!(host("[fe80::1%Eth0]"), ("fe80::1%Eth0".into(), true));
        assert!(has_zone("fe80::1%Eth0") && literal("fe80::1%Eth0").is_none());
        assert!(!has_zone("example.com") && !has_zone("fe80::1"));
    }

    #[test]
    fn whatever_is_more_than_a_domain_is_refused_with_the_reason() {
        for (given, reason) in [
            ("", "it is empty"),
            ("[]", "it is empty"),
            ("sip:example.com", "it is a URI; give only the domain"),
            ("SIPS:a@b", "it is a URI; give only the domain"),
            ("example.com:5061", HAS_PORT),
            ("example.com:", HAS_PORT),
            ("192.0.2.7:5061", HAS_PORT),
            ("[2001:db8::1]:5061", HAS_PORT),
            (
                "alice@example.com",
                "it is neither a host name nor an IP address",
            ),
            ("a b", "it is neither a host name nor an IP address"),
            (
                "example.com;transport=tls",
                "it is neither a host name nor an IP address",
            ),
            (
                "[example.com]",
                "it is neither a host name nor an IP address",
            ),
        ] {
            assert_eq!(Domain::read(given), Err(reason), "{given}");
        }
    }

    #[cfg(feature = "srv")]
    #[test]
    fn names_in_unicode_become_a_labels() {
        assert_eq!(
            host("Bücher.example"),
            ("xn--bcher-kva.example".into(), false)
        );
        assert_eq!(host("例え。テスト").0, "xn--r8jz45g.xn--zckzah");
        for given in ["b\u{fc} cher.example", "\u{200b}", "ä_b.example\u{2028}"] {
            assert!(Domain::read(given).is_err(), "{given:?}");
        }
    }

    #[cfg(not(feature = "srv"))]
    #[test]
    fn names_in_unicode_are_refused_with_the_way_out() {
        let reason = Domain::read("bücher.example").unwrap_err();
        assert!(reason.contains("`xn--...`"), "{reason}");
    }
}
