//! AES in CBC mode with an HMAC, as TLS 1.2 has it ([RFC 5246, section
//! 6.2.3.2](https://www.rfc-editor.org/rfc/rfc5246#section-6.2.3.2)).
//!
//! The MAC is made first and encrypted with the padding. A receiver that takes longer for one
//! padding than for another reveals the content to an attacker (Lucky 13). This implementation
//! takes the same time for all records of one length.
//!
//! rustls knows AEAD only: it cuts the key block into two keys and two IVs. One of the two is the
//! key of the MAC here, and the other is the key of the cipher; [`Cbc::keys`] says which.
//!
//! Everything here is behind the cargo feature `cbc`, and is reached through
//! [`danger`](crate::crypto::danger). The suites exist in TLS 1.2 only. OpenSSL also has them for
//! earlier versions, which rustls does not speak, and with encrypt-then-MAC (RFC 7366), an
//! extension that rustls does not have.
//!
//! The RustCrypto crates do AES and the hashing. `record` writes and reads records, `mac` computes
//! a MAC in a time that depends on the length of the record alone, `constant_time` makes choices
//! without branches, and `prf` puts the keys where rustls looks for them.

mod cipher;
mod constant_time;
mod mac;
mod prf;
mod record;
mod suites;

use rustls::ConnectionTrafficSecrets;
use rustls::crypto::cipher::{
    AeadKey, KeyBlockShape, MessageDecrypter, MessageEncrypter, Tls12AeadAlgorithm,
    UnsupportedOperationError,
};

pub(super) use suites::all;

use cipher::Decryption;
use mac::{Digest, Mac, Sha1, Sha256, Sha384};
use prf::KeysFirst;
use record::{Decrypter, Encrypter};

/// The record protection of a suite.
struct Cbc {
    hash: Hash,
    /// The length of the AES key in octets: 16 or 32.
    key_len: usize,
}

/// The hash of the MAC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
}

impl Cbc {
    /// The length of the MAC, and of its key, in octets.
    fn mac_len(&self) -> usize {
        match self.hash {
            Hash::Sha1 => Sha1::OUTPUT,
            Hash::Sha256 => Sha256::OUTPUT,
            Hash::Sha384 => Sha384::OUTPUT,
        }
    }

    /// Returns the keys of MAC and cipher, from the two parts that rustls cut out of the key block.
    ///
    /// The keys of SHA-384 are longer than 32 octets, which is the most that rustls takes as a key:
    /// so the AES key takes that place, and the MAC key the place of the IV.
    fn keys<'a>(&self, key: &'a AeadKey, iv: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        match self.hash {
            Hash::Sha1 | Hash::Sha256 => (key.as_ref(), iv),
            Hash::Sha384 => (iv, key.as_ref()),
        }
    }
}

impl Tls12AeadAlgorithm for Cbc {
    fn encrypter(&self, key: AeadKey, iv: &[u8], _: &[u8]) -> Box<dyn MessageEncrypter> {
        let (mac, cipher) = self.keys(&key, iv);
        match self.hash {
            Hash::Sha1 => Box::new(Encrypter::<Sha1>::new(mac, cipher)),
            Hash::Sha256 => Box::new(Encrypter::<Sha256>::new(mac, cipher)),
            Hash::Sha384 => Box::new(Encrypter::<Sha384>::new(mac, cipher)),
        }
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        let (mac, cipher) = self.keys(&key, iv);
        match self.hash {
            Hash::Sha1 => decrypter::<Sha1>(mac, cipher),
            Hash::Sha256 => decrypter::<Sha256>(mac, cipher),
            Hash::Sha384 => decrypter::<Sha384>(mac, cipher),
        }
    }

    /// rustls cuts the key block by it: two keys, two IVs. Both together are as long as MAC keys
    /// and AES keys (RFC 5246, section 6.3). There are no IVs in the key block of TLS 1.2 with CBC.
    fn key_block_shape(&self) -> KeyBlockShape {
        let (enc_key_len, fixed_iv_len) = match self.hash {
            Hash::Sha1 | Hash::Sha256 => (self.mac_len(), self.key_len),
            Hash::Sha384 => (self.key_len, self.mac_len()),
        };
        KeyBlockShape {
            enc_key_len,
            fixed_iv_len,
            explicit_nonce_len: 0,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// Makes a decrypter from both keys.
fn decrypter<D: Digest>(mac: &[u8], cipher: &[u8]) -> Box<dyn MessageDecrypter> {
    Box::new(Decrypter::<D> {
        cipher: Decryption::new(cipher),
        mac: Mac::new(mac),
    })
}

#[cfg(test)]
mod tests;
