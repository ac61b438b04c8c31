//! RSA keys and signatures that no base provider takes.
//!
//! They are keys of unusual sizes or with large exponents, keys in BER, signatures with SHA-224, and PSS signatures
//! with other salts than TLS has. Only public keys come here: the timing attack of RUSTSEC-2023-0071 is about
//! operations with private ones.

use std::ops::RangeInclusive;

use digest::FixedOutputReset;
use digest::const_oid::AssociatedOid;
use rsa::pss::Pss;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::SignatureProblem;
use crate::x509::algorithm::{Digest, PssParameters};
use crate::x509::der::{self, Reader};

/// An RSA key that signatures are verified with.
pub(super) struct PublicKey(rsa::PublicKey);

impl PublicKey {
    /// Reads an RSAPublicKey. Like OpenSSL, it ignores the sign of the numbers and octets after the key.
    ///
    /// # Errors
    ///
    /// Fails if there is no key, or if its exponent is longer than the crate rsa accepts.
    pub(super) fn read(octets: &[u8]) -> Result<Self, SignatureProblem> {
        let (modulus, exponent) = numbers(octets).ok_or(SignatureProblem::Bad)?;
        if exponent > BoxedUint::from(rsa::PublicKey::MAX_PUB_EXPONENT) {
            return Err(SignatureProblem::Unsupported);
        }
        rsa::PublicKey::new_with_size_limits(modulus, exponent, SIZES)
            .map(Self)
            .map_err(|_| SignatureProblem::Bad)
    }

    /// Whether every provider accepts a key like this, which was read from `octets`.
    ///
    /// This is what the base providers have in common: 2048 to 8192 bits in steps of 1024, an exponent of at most 32
    /// bits, and DER.
    pub(super) fn is_for_providers(&self, octets: &[u8]) -> bool {
        let bits = self.0.n().bit_width_vartime();
        (2048..=8192).contains(&bits)
            && bits.is_multiple_of(1024)
            && self.0.e().bit_width_vartime() <= 32
            && self.der() == octets
    }

    /// The length of the modulus, and of every signature.
    pub(super) fn len(&self) -> usize {
        self.0.size()
    }

    /// Whether this key made an RSASSA-PKCS1-v1_5 signature.
    ///
    /// MD5 and SHA-1 verify nothing.
    pub(super) fn verify_pkcs1(&self, digest: Digest, message: &[u8], signature: &[u8]) -> bool {
        match digest {
            Digest::Md5 | Digest::Sha1 => false,
            Digest::Sha224 => self.pkcs1::<Sha224>(message, signature),
            Digest::Sha256 => self.pkcs1::<Sha256>(message, signature),
            Digest::Sha384 => self.pkcs1::<Sha384>(message, signature),
            Digest::Sha512 => self.pkcs1::<Sha512>(message, signature),
        }
    }

    /// Whether this key made an RSASSA-PSS signature, whose mask has the digest of the message.
    ///
    /// The salt has the length that the parameters state.
    pub(super) fn verify_pss(
        &self,
        parameters: &PssParameters,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let salt_len = parameters.salt_len;
        match parameters.digest {
            Digest::Md5 | Digest::Sha1 => false,
            Digest::Sha224 => self.pss::<Sha224>(salt_len, message, signature),
            Digest::Sha256 => self.pss::<Sha256>(salt_len, message, signature),
            Digest::Sha384 => self.pss::<Sha384>(salt_len, message, signature),
            Digest::Sha512 => self.pss::<Sha512>(salt_len, message, signature),
        }
    }

    fn pkcs1<D: digest::Digest + AssociatedOid>(&self, message: &[u8], signature: &[u8]) -> bool {
        let hash = D::digest(message);
        let scheme = Pkcs1v15Sign::new::<D>();
        self.0.verify(scheme, &hash, signature).is_ok()
    }

    fn pss<D: digest::Digest + FixedOutputReset>(
        &self,
        salt_len: usize,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let hash = D::digest(message);
        let scheme = Pss::<D>::new_with_salt(salt_len);
        // OpenSSL accepts a signature without its leading zeros.
        let missing = self.len().saturating_sub(signature.len());
        let signature = [&vec![0; missing], signature].concat();
        self.0.verify(scheme, &hash, &signature).is_ok()
    }

    /// The RSAPublicKey in its correct form.
    fn der(&self) -> Vec<u8> {
        let integer = |number: &BoxedUint| {
            let octets = number.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            let mut content = octets[zeros..].to_vec();
            if content.first().is_none_or(|first| first & 0x80 != 0) {
                content.insert(0, 0);
            }
            der::encode(der::INTEGER, &content)
        };
        let numbers = [integer(self.0.n().as_ref()), integer(self.0.e())].concat();
        der::encode(0x30, &numbers)
    }
}

/// Reads modulus and exponent, without their leading zeros. A number that is longer than the longest modulus is
/// refused before any arithmetic.
fn numbers(octets: &[u8]) -> Option<(BoxedUint, BoxedUint)> {
    let mut key = Reader::new(octets).sequence()?;
    let mut number = || {
        let content = key.expect(der::INTEGER)?.content;
        let zeros = content.iter().take_while(|octet| **octet == 0).count();
        let octets = &content[zeros..];
        let is_short = octets.len() <= *SIZES.end() / 8;
        is_short.then(|| BoxedUint::from_be_slice_vartime(octets))
    };
    let numbers = (number()?, number()?);
    key.end()?;
    Some(numbers)
}

/// The sizes in bits: shorter keys are too short for every security level, and the longest is
/// `OPENSSL_RSA_MAX_MODULUS_BITS`.
const SIZES: RangeInclusive<usize> = 1024..=16384;
