//! The addresses that lists are fetched from.
//!
//! A URL that a stranger has put into a certificate must not make this host talk to itself or to its neighbours on the
//! link, where services trust whoever reaches them (server-side request forgery). The rule looks at the address of a
//! connection, after names were looked up, so that a name which changes its address between two look-ups gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The rule which addresses are allowed: all outside of special networks, and those in the networks that were named.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    allowed: Vec<IpNet>,
}

impl Policy {
    pub(super) fn allow(&mut self, net: IpNet) {
        self.allowed.push(net);
    }

    /// A network of IPv4 that was named also allows the IPv6 addresses that carry its addresses.
    pub(super) fn is_allowed(&self, address: IpAddr) -> bool {
        let is_named = |address: &IpAddr| self.allowed.iter().any(|net| net.contains(address));
        kind(address).is_none()
            || is_named(&address)
            || carried(address).is_some_and(|carried| is_named(&IpAddr::V4(carried)))
    }
}

/// Returns the kind of a special address, to which no connection is made. If an IPv6 address carries an IPv4 address,
/// the IPv4 address is checked too.
pub(super) fn kind(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(six) => kind_v6(six).or_else(|| carried(address).and_then(kind_v4)),
    }
}

/// The special-purpose addresses of RFC 6890 that only this host or its link can reach, and those that no server has.
fn kind_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        // Linux treats these addresses as the host itself.
        [0, ..] => Some("an unspecified address"),
        [127, ..] => Some("a loopback address"),
        [169, 254, ..] => Some("a link-local address"),
        [224..=239, ..] => Some("a multicast address"),
        [255, 255, 255, 255] => Some("a broadcast address"),
        [240..=255, ..] => Some("a reserved address"),
        _ => None,
    }
}

/// The same for IPv6: RFC 4291, section 2.4.
fn kind_v6(address: Ipv6Addr) -> Option<&'static str> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        [0, 0, 0, 0, 0, 0, 0, _] => Some("an unspecified address"),
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0xff00..=0xffff, ..] => Some("a multicast address"),
        _ => None,
    }
}

/// Returns the IPv4 address where connections to an IPv6 address may end.
fn carried(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else {
        return None;
    };
    let (high, low) = match address.segments() {
        // The loopback address carries no IPv4 address.
        [0, 0, 0, 0, 0, 0, 0, _] => return None,
        // IPv4-mapped, IPv4-compatible, and IPv4-translated: RFC 4291, section 2.5.5, and RFC 7915.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => (high, low),
        // NAT64: RFC 6052, section 2.1.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        // 6to4: RFC 3056, section 2.
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_of_special_networks_are_forbidden() {
        for (text, expected) in [
            ("0.0.0.0", "an unspecified address"),
            ("0.1.2.3", "an unspecified address"),
            ("127.0.0.1", "a loopback address"),
            ("127.255.255.255", "a loopback address"),
            ("169.254.0.0", "a link-local address"),
            ("169.254.169.254", "a link-local address"),
            ("224.0.0.1", "a multicast address"),
            ("239.255.255.255", "a multicast address"),
            ("240.0.0.1", "a reserved address"),
            ("255.255.255.254", "a reserved address"),
            ("255.255.255.255", "a broadcast address"),
            ("::", "an unspecified address"),
            ("::1", "a loopback address"),
            ("fe80::1", "a link-local address"),
            ("febf:ffff::1", "a link-local address"),
            ("ff02::1", "a multicast address"),
            ("::ffff:127.0.0.1", "a loopback address"),
            ("::ffff:0.0.0.0", "an unspecified address"),
            ("::ffff:169.254.169.254", "a link-local address"),
            ("::127.0.0.1", "a loopback address"),
            ("::ffff:0:127.0.0.1", "a loopback address"),
            ("64:ff9b::127.0.0.1", "a loopback address"),
            ("64:ff9b::169.254.169.254", "a link-local address"),
            ("2002:7f00:1::1", "a loopback address"),
            ("2002:a9fe:a9fe::", "a link-local address"),
        ] {
            assert_eq!(kind(address(text)), Some(expected), "{text}");
            assert!(!Policy::default().is_allowed(address(text)), "{text}");
        }
    }

    #[test]
    fn private_and_public_addresses_are_allowed() {
        for text in [
            "1.0.0.1",
            "10.0.0.1",
            "100.64.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.16.0.1",
            "192.168.0.1",
            "198.51.100.7",
            "223.255.255.255",
            "2001:db8::1",
            "64:ff9b::10.0.0.1",
            "::ffff:192.168.0.1",
            "2002:c0a8:1::1",
            "fc00::1",
            "fdff::1",
            "fe7f::1",
            "fec0::1",
        ] {
            assert_eq!(kind(address(text)), None, "{text}");
            assert!(Policy::default().is_allowed(address(text)), "{text}");
        }
    }

    #[test]
    fn a_network_that_is_named_is_allowed_in_every_form_and_no_other_is() {
        let mut policy = Policy::default();
        policy.allow("127.0.0.1/32".parse().unwrap());
        policy.allow("fe80::/64".parse().unwrap());
        for (text, is_allowed) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("64:ff9b::127.0.0.1", true),
            ("127.0.0.2", false),
            ("::ffff:127.0.0.2", false),
            ("::1", false),
            ("fe80::1", true),
            ("fe80:0:0:1::1", false),
            ("10.0.0.1", true),
        ] {
            assert_eq!(policy.is_allowed(address(text)), is_allowed, "{text}");
        }
    }
}
