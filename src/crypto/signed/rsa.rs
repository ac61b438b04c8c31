//! RSA keys of every size that OpenSSL supports, and RSASSA-PKCS1-v1_5.
//!
//! All numbers here are public, so nothing has to take constant time.

use std::cmp::Ordering;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use p521::pkcs8::der::asn1::{AnyRef, UintRef};
use p521::pkcs8::der::{Decode as _, Reader as _, SliceReader};

use super::der::{INTEGER, Reader, SEQUENCE};
use super::hash::Hash;
use super::pss::Parameters;

/// An RSA key that OpenSSL verifies signatures with.
pub(super) struct PublicKey {
    modulus: Odd<BoxedUint>,
    exponent: BoxedUint,
}

impl PublicKey {
    /// Reads an RSAPublicKey. Like OpenSSL, it ignores the sign of the numbers and octets after the
    /// key.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let mut key = Reader::new(Reader::new(octets).expect(SEQUENCE)?);
        let modulus = number(key.expect(INTEGER)?)?;
        let exponent = number(key.expect(INTEGER)?)?;
        key.end()?;
        let exponent_limit = match modulus.bits_vartime() {
            ..=3072 => modulus.bits_vartime(),
            _ => 64,
        };
        // OpenSSL takes the exponent 1 too, with which everybody can sign.
        let is_good = exponent.bit_vartime(0)
            && exponent.bits_vartime() > 1
            && exponent.bits_vartime() <= exponent_limit
            && exponent.cmp_vartime(&modulus) == Ordering::Less;
        let modulus = Odd::new(modulus).into_option()?;
        is_good.then_some(Self { modulus, exponent })
    }

    /// Whether every provider takes a key like this, which was read from `octets`.
    pub(super) fn is_for_providers(&self, octets: &[u8]) -> bool {
        is_der(octets)
            && (2048..=8192).contains(&self.bits())
            && self.bits().is_multiple_of(1024)
            && self.exponent.bits_vartime() <= 32
    }

    /// Whether this key made an RSASSA-PKCS1-v1_5 signature.
    pub(super) fn verify_pkcs1(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.len() {
            return false;
        }
        let expected = encode_pkcs1(hash, message, self.len());
        expected.is_some() && self.recover(signature) == expected
    }

    /// Whether this key made an RSASSA-PSS signature.
    pub(super) fn verify_pss(
        &self,
        parameters: &Parameters,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let Some(recovered) = self.recover(signature) else {
            return false;
        };
        // There is one bit less to encode in than the modulus has.
        match (self.bits() - 1) % 8 {
            0 => match recovered.split_first() {
                Some((0, encoded)) => parameters.is_encoded(message, encoded, 0),
                _ => false,
            },
            bits => parameters.is_encoded(message, &recovered, 8 - bits),
        }
    }

    /// Raises a signature to the power of the exponent. Like OpenSSL, it takes one that lacks
    /// leading zeros.
    fn recover(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let precision = self.modulus.as_ref().bits_precision();
        let signature = (signature.len() <= self.len())
            .then(|| BoxedUint::from_be_slice(signature, precision).ok())??;
        if signature.cmp_vartime(self.modulus.as_ref()) != Ordering::Less {
            return None;
        }
        let montgomery = BoxedMontyParams::new_vartime(self.modulus.clone());
        let base = BoxedMontyForm::new(signature, &montgomery);
        let mut power = base.clone();
        for bit in (0..self.exponent.bits_vartime() - 1).rev() {
            power = power.square();
            if self.exponent.bit_vartime(bit) {
                power *= &base;
            }
        }
        let octets = power.retrieve().to_be_bytes();
        let start = octets.len().checked_sub(self.len())?;
        Some(octets[start..].to_vec())
    }

    fn bits(&self) -> u32 {
        self.modulus.as_ref().bits_vartime()
    }

    /// The length of the modulus, and of every signature.
    pub(super) fn len(&self) -> usize {
        self.bits().div_ceil(8) as usize
    }
}

/// Whether a key is DER, as it should be.
fn is_der(octets: &[u8]) -> bool {
    let key = AnyRef::from_der(octets).and_then(|key| {
        let mut numbers = SliceReader::new(key.value())?;
        UintRef::decode(&mut numbers)?;
        UintRef::decode(&mut numbers)?;
        numbers.finish()
    });
    key.is_ok()
}

/// Encodes a message as it is signed (EMSA-PKCS1-v1_5-ENCODE).
fn encode_pkcs1(hash: Hash, message: &[u8], len: usize) -> Option<Vec<u8>> {
    let info = [&hash.digest_info()?[..], &hash.digest(&[message])].concat();
    let padding = vec![0xff; len.checked_sub(3 + info.len())?];
    (padding.len() >= 8).then(|| [&[0, 1], &padding[..], &[0], &info].concat())
}

/// Reads a number that is no longer than OpenSSL's longest modulus.
fn number(content: &[u8]) -> Option<BoxedUint> {
    let zeros = content.iter().take_while(|octet| **octet == 0).count();
    let octets = &content[zeros..];
    (octets.len() <= MAX_MODULUS_BITS / 8).then(|| BoxedUint::from_be_slice_vartime(octets))
}

/// `OPENSSL_RSA_MAX_MODULUS_BITS`.
const MAX_MODULUS_BITS: usize = 16384;
