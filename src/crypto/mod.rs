//! The [`CryptoProvider`]s that connections run on: a base provider, completed and put in OpenSSL's
//! order.
//!
//! A base provider comes in: the one of a cargo feature, or the caller's own. A provider with more
//! suites, groups, keys and signature algorithms comes out, which rustls takes like any other. The
//! base does the work wherever it can; the RustCrypto crates do what it lacks. Nothing is ever
//! installed as the default provider of the process.
//!
//! An [`Endpoint`](crate::Endpoint) makes its providers itself, from `cipher-list`, `ciphersuites`
//! and the security level. These functions are for programs that configure rustls on their own.
//!
//! Some suites of OpenSSL cannot be added. rustls knows two key exchanges, DHE and ECDHE, and
//! always authenticates with a certificate: suites with static RSA, PSK or SRP, and anonymous ones,
//! are impossible. So are protocols before TLS 1.2.
//! [`CipherList::select`](crate::options::CipherList::select) gives the reason for each suite that
//! is left out.
//!
//! ```
//! use sip_tls::crypto;
//!
//! let base = crypto::default_base()?;
//! let client = crypto::client_provider(&base);
//! // TLS_AES_256_GCM_SHA384 and ECDHE-RSA-AES256-GCM-SHA384, and nothing else.
//! let chosen = crypto::with_suites(&client, [0x1302, 0xc030]);
//! assert_eq!(chosen.cipher_suites.len(), 2);
//! # Ok::<(), crypto::ProviderError>(())
//! ```

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
#[cfg(test)]
#[cfg(target_os = "linux")]
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
///
/// The suites that OpenSSL's `DEFAULT` list holds come first, in its order. Those that are not in
/// it, such as the ones with AES-CCM, come after them. The additions are made once for each base,
/// and stay in memory for the life of the process, because rustls borrows suites for `'static`.
///
/// # Examples
///
/// ```
/// use rustls::NamedGroup;
/// use sip_tls::crypto::{client_provider, default_base};
///
/// let provider = client_provider(&*default_base()?);
/// let suites: Vec<u16> = (provider.cipher_suites.iter())
///     .map(|suite| suite.suite().into())
///     .collect();
/// assert_eq!(suites[0], 0x1302, "TLS_AES_256_GCM_SHA384");
/// assert!(suites.contains(&0xc0ac), "ECDHE-ECDSA-AES128-CCM");
/// assert!(suites.contains(&0x009e), "DHE-RSA-AES128-GCM-SHA256");
/// assert_eq!(provider.kx_groups[0].name(), NamedGroup::X25519);
/// # Ok::<(), sip_tls::crypto::ProviderError>(())
/// ```
pub fn client_provider(base: &CryptoProvider) -> CryptoProvider {
    extension::of(base)
}

/// Returns `base` completed for a server: the same as [`client_provider`], without DHE.
///
/// An OpenSSL server uses DHE only after it was given parameters, and none of our options gives
/// any.
///
/// # Examples
///
/// ```
/// use sip_tls::crypto::{default_base, server_provider};
///
/// let provider = server_provider(&*default_base()?);
/// let suites: Vec<u16> = (provider.cipher_suites.iter())
///     .map(|suite| suite.suite().into())
///     .collect();
/// assert!(suites.contains(&0xc0ac), "ECDHE-ECDSA-AES128-CCM");
/// assert!(!suites.contains(&0x009e), "DHE-RSA-AES128-GCM-SHA256");
/// # Ok::<(), sip_tls::crypto::ProviderError>(())
/// ```
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
///
/// Suites are found by their number in the IANA registry. Their `Debug` text is no name for many of
/// them: rustls prints the suites with AES-CCM and DHE as numbers.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use sip_tls::crypto::{client_provider, default_base, with_suites};
///
/// let client = client_provider(&*default_base()?);
/// let provider = with_suites(&client, [0x1301, 0xdead, 0xc02c]);
/// let suites: Vec<u16> = (provider.cipher_suites.iter())
///     .map(|suite| suite.suite().into())
///     .collect();
/// assert_eq!(suites, [0x1301, 0xc02c]);
///
/// let config = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
///     .with_safe_default_protocol_versions()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
