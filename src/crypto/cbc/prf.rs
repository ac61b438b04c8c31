//! The key block of suites with a long MAC key.
//!
//! The key block of TLS 1.2 begins with the two MAC keys (RFC 5246, section 6.3). Those of SHA-384 have 48 octets,
//! and rustls takes no key longer than 32 from the front of the block. So the block is turned round, for the suites
//! with SHA-384 alone. Everything else is the PRF of the base.

use rustls::Error;
use rustls::crypto::ActiveKeyExchange;
use rustls::crypto::tls12::Prf;

/// Moves the cipher keys to the front of the key block. rustls takes a key of at most 32 bytes from there, and the MAC
/// keys, which stand there, are longer.
pub(super) struct KeysFirst {
    pub(super) inner: &'static dyn Prf,
    /// The length of both MAC keys.
    pub(super) mac_keys: usize,
}

impl Prf for KeysFirst {
    fn for_key_exchange(
        &self,
        output: &mut [u8; 48],
        kx: Box<dyn ActiveKeyExchange>,
        peer_pub_key: &[u8],
        label: &[u8],
        seed: &[u8],
    ) -> Result<(), Error> {
        self.inner
            .for_key_exchange(output, kx, peer_pub_key, label, seed)
    }

    fn for_secret(&self, output: &mut [u8], secret: &[u8], label: &[u8], seed: &[u8]) {
        self.inner.for_secret(output, secret, label, seed);
        if label == b"key expansion" && output.len() > self.mac_keys {
            output.rotate_left(self.mac_keys);
        }
    }
}
