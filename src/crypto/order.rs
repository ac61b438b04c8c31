//! OpenSSL's order of preference for suites and groups.
//!
//! Many servers choose by the client's order. A client that sends the order of OpenSSL gets the
//! suite and the group that OpenSSL would get. Suites that an option names come in the order of the
//! option instead; see [`with_suites`](super::with_suites).

use rustls::SupportedCipherSuite;
use rustls::crypto::SupportedKxGroup;

/// Sorts suites as an OpenSSL 3.0 without options prefers them. Suites that it does not know or
/// does not offer by default come last, in the order given.
pub(super) fn suites(given: &[SupportedCipherSuite]) -> Vec<SupportedCipherSuite> {
    let mut sorted = given.to_vec();
    sorted.sort_by_key(|suite| rank(&SUITES, suite.suite().into()));
    sorted
}

/// Sorts key exchange groups as an OpenSSL 3.0 without options prefers them. Groups that are not in
/// [`GROUPS`] come last.
pub(super) fn groups(
    given: &[&'static dyn SupportedKxGroup],
) -> Vec<&'static dyn SupportedKxGroup> {
    let mut sorted = given.to_vec();
    sorted.sort_by_key(|group| rank(&GROUPS, group.name().into()));
    sorted
}

/// Finds a suite by its number.
pub(super) fn find(suites: &[SupportedCipherSuite], number: u16) -> Option<SupportedCipherSuite> {
    suites
        .iter()
        .copied()
        .find(|suite| u16::from(suite.suite()) == number)
}

/// The place of a number in a list. Numbers that are not in it come last, all with the same rank,
/// so that a stable sort keeps their order.
fn rank(order: &[u16], number: u16) -> usize {
    order
        .iter()
        .position(|known| *known == number)
        .unwrap_or(order.len())
}

/// The suites that `openssl ciphers -V DEFAULT` prints, as far as rustls supports them.
const SUITES: [u16; 12] = [
    0x1302, // TLS_AES_256_GCM_SHA384
    0x1303, // TLS_CHACHA20_POLY1305_SHA256
    0x1301, // TLS_AES_128_GCM_SHA256
    0xc02c, // ECDHE-ECDSA-AES256-GCM-SHA384
    0xc030, // ECDHE-RSA-AES256-GCM-SHA384
    0x009f, // DHE-RSA-AES256-GCM-SHA384
    0xcca9, // ECDHE-ECDSA-CHACHA20-POLY1305
    0xcca8, // ECDHE-RSA-CHACHA20-POLY1305
    0xccaa, // DHE-RSA-CHACHA20-POLY1305
    0xc02b, // ECDHE-ECDSA-AES128-GCM-SHA256
    0xc02f, // ECDHE-RSA-AES128-GCM-SHA256
    0x009e, // DHE-RSA-AES128-GCM-SHA256
];

/// The groups in an OpenSSL 3.0 ClientHello. X25519MLKEM768, which it does not know, follows the
/// elliptic curves, ahead of the slow finite-field groups.
const GROUPS: [u16; 11] = [
    0x001d, // X25519
    0x0017, // secp256r1
    0x001e, // X448
    0x0019, // secp521r1
    0x0018, // secp384r1
    0x11ec, // X25519MLKEM768
    0x0100, // ffdhe2048
    0x0101, // ffdhe3072
    0x0102, // ffdhe4096
    0x0103, // ffdhe6144
    0x0104, // ffdhe8192
];

#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use rustls::crypto::{CryptoProvider, KeyExchangeAlgorithm, SupportedKxGroup};

    use crate::crypto::{client_provider, default_base, dhe, server_provider, with_suites};

    #[test]
    fn x25519_is_offered_first_and_its_hybrid_after_the_curves() {
        let base = default_base().unwrap();
        let groups: Vec<u16> = client_provider(&base)
            .kx_groups
            .iter()
            .map(|group| group.name().into())
            .collect();
        assert_eq!(groups[0], 0x001d);
        assert_eq!(groups[1], 0x0017);
        if let Some(hybrid) = groups.iter().position(|group| *group == 0x11ec) {
            let p384 = groups.iter().position(|group| *group == 0x0018);
            assert!(Some(hybrid) > p384);
        }
    }

    #[test]
    fn suites_come_in_the_order_of_openssl() {
        let base = default_base().unwrap();
        let numbers: Vec<u16> = client_provider(&base)
            .cipher_suites
            .iter()
            .map(|suite| suite.suite().into())
            .filter(|number| super::SUITES.contains(number))
            .collect();
        let expected: Vec<u16> = super::SUITES
            .into_iter()
            .filter(|number| numbers.contains(number))
            .collect();
        assert_eq!(numbers, expected);
        assert!(numbers.len() >= 9);
    }

    #[test]
    fn chosen_suites_keep_the_order_they_were_named_in() {
        let base = default_base().unwrap();
        let chosen = with_suites(&client_provider(&base), [0x1301, 0xdead, 0xc02c, 0x1302]);
        let numbers: Vec<u16> = chosen
            .cipher_suites
            .iter()
            .map(|suite| suite.suite().into())
            .collect();
        assert_eq!(numbers, [0x1301, 0xc02c, 0x1302]);
    }

    /// rustls refuses a suite without a group for its key exchange.
    #[test]
    fn chosen_suites_of_dhe_need_a_group_and_groups_without_a_number_need_dhe() {
        let whole = client_provider(&default_base().unwrap());
        let is_dhe = |group: &&'static dyn SupportedKxGroup| {
            group.name().key_exchange_algorithm() == KeyExchangeAlgorithm::DHE
        };
        let without_dhe = CryptoProvider {
            kx_groups: whole
                .kx_groups
                .iter()
                .copied()
                .filter(|group| !is_dhe(group))
                .collect(),
            ..whole.clone()
        };
        let numbered = (whole.kx_groups.iter())
            .filter(|group| !dhe::is_private(**group))
            .count();
        assert_eq!(whole.kx_groups.len(), numbered + 4);
        for (provider, named, suites, groups) in [
            (
                &whole,
                &[0x009e, 0xc02f][..],
                &[0x009e, 0xc02f][..],
                numbered + 4,
            ),
            (&whole, &[0x009e], &[0x009e], numbered + 4),
            (&whole, &[0xc02f], &[0xc02f], numbered),
            (&whole, &[0x1301], &[0x1301], numbered),
            (&whole, &[], &[], numbered),
            (
                &without_dhe,
                &[0x009e, 0xc02f],
                &[0xc02f],
                without_dhe.kx_groups.len(),
            ),
            (&without_dhe, &[0x009e], &[], without_dhe.kx_groups.len()),
        ] {
            let chosen = with_suites(provider, named.iter().copied());
            let found: Vec<u16> = chosen
                .cipher_suites
                .iter()
                .map(|suite| suite.suite().into())
                .collect();
            assert_eq!(found, suites, "{named:x?}");
            assert_eq!(chosen.kx_groups.len(), groups, "{named:x?}");
        }
    }

    #[test]
    fn a_server_has_all_but_dhe() {
        let base = default_base().unwrap();
        let numbers = |provider: CryptoProvider| -> (Vec<u16>, Vec<u16>) {
            let suites = provider
                .cipher_suites
                .iter()
                .map(|suite| suite.suite().into());
            let groups = provider.kx_groups.iter().map(|group| group.name().into());
            (suites.collect(), groups.collect())
        };
        let (mut suites, mut groups) = numbers(client_provider(&base));
        let dhe = [0x009f, 0xccaa, 0x009e, 0xc0a3, 0xc09f, 0xc0a2, 0xc09e];
        suites.retain(|suite| !dhe.contains(suite));
        groups.retain(|group| !(0x0100..0x0200).contains(group));
        assert_eq!(numbers(server_provider(&base)), (suites, groups));
    }
}
