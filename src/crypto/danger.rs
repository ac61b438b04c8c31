//! Suites that weaken security, for peers that leave no choice.

use rustls::SupportedCipherSuite;
use rustls::crypto::CryptoProvider;

use super::{cbc, extension};

/// Returns the AES-CBC suites of TLS 1.2, made of the parts of `base`.
///
/// Their MAC is inside the encryption, a bad idea of the nineties: every few years somebody finds
/// another way to read such records. For a peer that supports nothing else, append the suites to what
/// [`client_provider`](super::client_provider) or [`server_provider`](super::server_provider)
/// returns, and select from the result with [`with_suites`](super::with_suites).
pub fn cbc_suites(base: &CryptoProvider) -> Vec<SupportedCipherSuite> {
    cbc::all(&extension::of(base).cipher_suites)
}
