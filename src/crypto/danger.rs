//! Suites that weaken security, for peers that leave no choice.
//!
//! The program has to be built with the cargo feature `cbc`. A feature adds up over all crates of a
//! program, so the feature alone changes no offer: an endpoint offers a suite with AES-CBC only if
//! `cipher-list` names it by its own name, or if the program asks for all of them with
//! [`Danger::offer_cbc`](crate::Danger::offer_cbc).

use rustls::SupportedCipherSuite;
use rustls::crypto::CryptoProvider;

use super::{cbc, extension};

/// Returns the AES-CBC suites of TLS 1.2, made of the parts of `base`.
///
/// Their MAC is inside the encryption, a bad idea of the nineties: every few years somebody finds
/// another way to read such records. For a peer that supports nothing else, append the suites to what
/// [`client_provider`](super::client_provider) or [`server_provider`](super::server_provider)
/// returns, and select from the result with [`with_suites`](super::with_suites).
///
/// They are the suites with DHE-RSA and ECDHE, AES-128 or AES-256, and a MAC of SHA-1, SHA-256 or
/// SHA-384, in OpenSSL's order. The receiver takes the same time for every padding, so that the
/// Lucky 13 attack has nothing to measure. Encrypt-then-MAC (RFC 7366) would be the better one;
/// rustls does not have it.
///
/// # Examples
///
/// ```
/// use sip_tls::crypto::danger::cbc_suites;
/// use sip_tls::crypto::{client_provider, default_base, with_suites};
///
/// let base = default_base()?;
/// let mut provider = client_provider(&base);
/// provider.cipher_suites.extend(cbc_suites(&base));
/// // TLS_AES_256_GCM_SHA384, and ECDHE-RSA-AES256-SHA384 for the peer that has nothing else.
/// let provider = with_suites(&provider, [0x1302, 0xc028]);
/// assert_eq!(provider.cipher_suites.len(), 2);
/// # Ok::<(), sip_tls::crypto::ProviderError>(())
/// ```
pub fn cbc_suites(base: &CryptoProvider) -> Vec<SupportedCipherSuite> {
    cbc::all(&extension::of(base).cipher_suites)
}
