//! The [`CryptoProvider`]s that connections run on: a base provider, completed and put in OpenSSL's
//! order.

#[cfg(feature = "cbc")]
mod cbc;
mod ccm;
#[cfg(feature = "cbc")]
pub mod danger;
mod dhe;
mod ecdsa;
mod extension;
mod groups;
mod kept;
mod keys;
mod limit;
#[cfg(all(test, target_os = "linux"))]
mod memory;
mod order;
mod p521;
mod provider;
mod rsa_pss;
mod signed;
mod suites;
mod supported;
mod verification;

use rustls::crypto::CryptoProvider;
use rustls::crypto::KeyExchangeAlgorithm::DHE;

#[cfg(feature = "tokio")]
pub(crate) use dhe::explain_unknown_group;
pub(crate) use groups::group_name;
pub use provider::{ProviderError, default_base, default_base_name};
pub(crate) use signed::{IssuerKey, SignatureProblem, Signed, verify_signed};
pub use supported::supported_suites;
pub(crate) use supported::{Cbc, provider_for, suite_numbers};

/// Returns `base` completed for a client, with suites and groups in OpenSSL's order.
///
/// Added are
///
/// - the suites with AES-CCM, in TLS 1.2 and 1.3,
/// - the suites with DHE-RSA in TLS 1.2, and the groups of RFC 7919 and RFC 3526,
/// - keys, certificates and the group of the curve P-521,
/// - keys and certificates of the type RSA-PSS, in TLS 1.3.
///
/// The result holds every available suite. [`with_suites`] selects those that a configuration
/// names. X25519 comes first among the groups. X25519MLKEM768, if the base has it, comes after the
/// other curves.
///
/// The groups of RFC 3526 have no numbers in TLS. A client accepts them from a server that sends
/// their primes. No message names them: no client offers the numbers that stand for them in the
/// provider, and no server accepts these numbers.
pub fn client_provider(base: &CryptoProvider) -> CryptoProvider {
    extension::of(base)
}

/// Returns `base` completed for a server: the same as [`client_provider`], without DHE.
///
/// An OpenSSL server uses DHE only after it was given parameters, and none of our options gives
/// any.
pub fn server_provider(base: &CryptoProvider) -> CryptoProvider {
    let mut provider = extension::of(base);
    provider
        .cipher_suites
        .retain(|suite| !suites::is_dhe(suite));
    (provider.kx_groups).retain(|group| group.name().key_exchange_algorithm() != DHE);
    provider
}

/// Returns `provider` with the suites that have these numbers, in this order.
///
/// Numbers that the provider does not know are skipped. So are suites that go with none of its
/// groups: rustls refuses these. The groups of RFC 3526 are left out if no DHE suite is left.
pub fn with_suites(
    provider: &CryptoProvider,
    numbers: impl IntoIterator<Item = u16>,
) -> CryptoProvider {
    let groups = &provider.kx_groups;
    let has_dhe = (groups.iter()).any(|group| group.name().key_exchange_algorithm() == DHE);
    let cipher_suites: Vec<_> = numbers
        .into_iter()
        .filter_map(|number| order::find(&provider.cipher_suites, number))
        .filter(|suite| has_dhe || !suites::is_dhe(suite))
        .collect();
    let mut kx_groups = provider.kx_groups.clone();
    if !cipher_suites.iter().any(suites::is_dhe) {
        kx_groups.retain(|group| !dhe::is_private(*group));
    }
    CryptoProvider {
        cipher_suites,
        kx_groups,
        ..provider.clone()
    }
}
