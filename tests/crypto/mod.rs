//! Tests of every suite, group and kind of key, with every provider that is built in.

mod handshake;
mod keys;
mod openssl;
mod oversized;
mod signed;
mod testdata;

use rustls::crypto::CryptoProvider;

/// The base providers that are built in.
fn bases() -> Vec<(&'static str, CryptoProvider)> {
    let mut bases = Vec::new();
    if cfg!(feature = "graviola") {
        let base = sip_tls::crypto::default_base().expect("this CPU can run graviola");
        bases.push(("graviola", CryptoProvider::clone(&base)));
    }
    #[cfg(feature = "ring")]
    bases.push(("ring", rustls::crypto::ring::default_provider()));
    #[cfg(feature = "aws-lc-rs")]
    bases.push(("aws-lc-rs", rustls::crypto::aws_lc_rs::default_provider()));
    bases
}

/// A provider with all that a client can offer on this base, including the opt-in suites.
fn every_suite(base: &CryptoProvider) -> CryptoProvider {
    #[cfg_attr(not(feature = "cbc"), expect(unused_mut))]
    let mut provider = sip_tls::crypto::client_provider(base);
    #[cfg(feature = "cbc")]
    provider
        .cipher_suites
        .extend(sip_tls::crypto::danger::cbc_suites(base));
    provider
}
