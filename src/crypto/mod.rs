//! The [`CryptoProvider`]s that connections run on: a base provider, completed and put in OpenSSL's
//! order.

mod base;
mod order;

use rustls::crypto::CryptoProvider;

pub use base::{ProviderError, default_base};

/// Returns `base` as a client offers it: its suites and groups in OpenSSL's order.
///
/// The result holds every suite that can be had. What a configuration names is cut out of it
/// with [`with_suites`].
pub fn client_provider(base: &CryptoProvider) -> CryptoProvider {
    CryptoProvider {
        cipher_suites: order::suites(&base.cipher_suites),
        kx_groups: order::groups(&base.kx_groups),
        ..base.clone()
    }
}

/// Returns `base` as a server takes it: its suites and groups in OpenSSL's order, without DHE.
///
/// An OpenSSL server takes DHE only once it was given parameters, and no option of ours gives any.
pub fn server_provider(base: &CryptoProvider) -> CryptoProvider {
    client_provider(base)
}

/// Returns `provider` with the suites that have these numbers, in this order.
///
/// Numbers that the provider does not know are passed over.
pub fn with_suites(
    provider: &CryptoProvider,
    numbers: impl IntoIterator<Item = u16>,
) -> CryptoProvider {
    let cipher_suites = numbers
        .into_iter()
        .filter_map(|number| order::find(&provider.cipher_suites, number))
        .collect();
    CryptoProvider {
        cipher_suites,
        ..provider.clone()
    }
}
