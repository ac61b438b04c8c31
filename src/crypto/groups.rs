//! OpenSSL's names and security ratings of the groups of a key exchange.
//!
//! rustls has numbers for groups, and OpenSSL's users know names. The ratings decide which groups a security level
//! leaves (`@SECLEVEL=n`): a group needs as many bits as the level does. The ratings of finite-field groups are those
//! that OpenSSL gives to RSA keys of the same size. OpenSSL's own table of groups has 128 bits for ffdhe4096 and
//! ffdhe6144, and 192 for ffdhe8192. No security level lies in between, so the same groups are left.

use rustls::NamedGroup;

/// Returns OpenSSL's name of a group.
///
/// `unknown` for a number that is not in the table. `openssl s_client -groups` takes most of these names.
pub(crate) fn group_name(group: NamedGroup) -> &'static str {
    row(group).map_or("unknown", |row| row.1)
}

/// Returns the security bits of a group, as OpenSSL rates them; the hybrid counts by its stronger half.
///
/// A group that is not known has 0 bits, so no level permits it.
pub(crate) fn group_security_bits(group: NamedGroup) -> u16 {
    row(group).map_or(0, |row| row.2)
}

fn row(group: NamedGroup) -> Option<&'static (u16, &'static str, u16)> {
    GROUPS.iter().find(|row| row.0 == u16::from(group))
}

/// The number in TLS, OpenSSL's name, and the bits of security.
const GROUPS: &[(u16, &str, u16)] = &[
    (0x0017, "P-256", 128),
    (0x0018, "P-384", 192),
    (0x0019, "P-521", 256),
    (0x001d, "X25519", 128),
    (0x001e, "X448", 224),
    (0x0100, "ffdhe2048", 112),
    (0x0101, "ffdhe3072", 128),
    (0x0102, "ffdhe4096", 152),
    (0x0103, "ffdhe6144", 176),
    (0x0104, "ffdhe8192", 200),
    // The private numbers of `dhe::groups`.
    (0x01fc, "modp_2048", 112),
    (0x01fd, "modp_3072", 128),
    (0x01fe, "modp_4096", 152),
    (0x01ff, "modp_8192", 200),
    (0x11ec, "X25519MLKEM768", 192),
];

#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use super::*;
    use crate::crypto::{client_provider, default_base};

    #[test]
    fn every_group_that_is_offered_is_known() {
        let provider = client_provider(&default_base().unwrap());
        for group in provider.kx_groups {
            assert!(row(group.name()).is_some(), "{:?}", group.name());
        }
    }

    #[test]
    fn names_and_ratings_are_those_of_openssl() {
        for (number, name, bits) in [
            (0x0017, "P-256", 128),
            (0x0019, "P-521", 256),
            (0x0100, "ffdhe2048", 112),
            (0x11ec, "X25519MLKEM768", 192),
            (0x0016, "unknown", 0),
        ] {
            let group = NamedGroup::from(number);
            assert_eq!(group_name(group), name, "{number:#x}");
            assert_eq!(group_security_bits(group), bits, "{number:#x}");
        }
    }
}
