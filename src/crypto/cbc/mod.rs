//! AES in CBC mode with an HMAC, as TLS 1.2 has it ([RFC 5246, section
//! 6.2.3.2](https://www.rfc-editor.org/rfc/rfc5246#section-6.2.3.2)).
//!
//! The MAC is made first and encrypted with the padding. A receiver that takes longer for one
//! padding than for another reveals the content to an attacker (Lucky 13). This implementation
//! takes the same time for all records of one length.
//!
//! rustls knows AEAD only: it cuts the key block into two keys and two IVs. One of the two is the
//! key of the MAC here, and the other is the key of the cipher; [`Cbc::keys`] says which.

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
    fn mac_len(&self) -> usize {
        match self.hash {
            Hash::Sha1 => Sha1::OUTPUT,
            Hash::Sha256 => Sha256::OUTPUT,
            Hash::Sha384 => Sha384::OUTPUT,
        }
    }

    /// Returns the keys of MAC and cipher, from the two parts that rustls cut out of the key block.
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

fn decrypter<D: Digest>(mac: &[u8], cipher: &[u8]) -> Box<dyn MessageDecrypter> {
    Box::new(Decrypter::<D> {
        cipher: Decryption::new(cipher),
        mac: Mac::new(mac),
    })
}

#[cfg(test)]
mod tests;
