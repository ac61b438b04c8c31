//! Derivation of keys from passphrases, at a bounded cost.
//!
//! A file says itself how much work its passphrase costs. Without a bound, a file could keep a program busy for hours
//! before anybody has authenticated it. The bound is in rounds of a digest, for the whole file; OpenSSL has none.
//! scrypt is bounded by memory, as in OpenSSL.

use digest::block_api::BlockSizeUser;
use digest::{FixedOutputReset, Output};
use md5::Md5;
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{DecryptionError, names, scheme};
use crate::x509::algorithm::{Algorithm, Digest};
use crate::x509::der::{INTEGER, OCTET_STRING, Reader};

/// The work that may still be done for a file, in rounds of a digest.
#[derive(Debug)]
pub(in crate::pki) struct Budget(u64);

impl Budget {
    /// Takes the work of one derivation.
    pub(in crate::pki) fn take(&mut self, rounds: u64) -> Result<(), DecryptionError> {
        let rest = self.0.checked_sub(rounds);
        self.0 = rest.ok_or(DecryptionError::TooCostly)?;
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(MOST_ROUNDS)
    }
}

/// How PBES2 derives a key from a passphrase.
pub(super) enum Derivation {
    Pbkdf2 {
        digest: Digest,
        salt: Vec<u8>,
        iterations: u64,
    },
    Scrypt {
        salt: Vec<u8>,
        parameters: scrypt::Params,
    },
}

impl Derivation {
    /// Reads the AlgorithmIdentifier of a keyDerivationFunc (RFC 8018, appendix A.4).
    pub(super) fn read(algorithm: Algorithm<'_>, key_len: usize) -> Result<Self, DecryptionError> {
        let read = match algorithm.oid {
            PBKDF2 => pbkdf2,
            SCRYPT => scrypt,
            other => {
                let name = names::of(other);
                return Err(DecryptionError::Derivation { name });
            }
        };
        let fields = scheme::parameters(&algorithm);
        read(fields.ok_or(DecryptionError::Damaged)?, key_len)
    }

    /// PBKDF2 makes one series of rounds for each output of the digest that the key needs.
    pub(super) fn charge(
        &self,
        key_len: usize,
        budget: &mut Budget,
    ) -> Result<(), DecryptionError> {
        match self {
            Self::Pbkdf2 {
                digest, iterations, ..
            } => {
                let outputs = key_len.div_ceil(digest.len()) as u64;
                budget.take(iterations.saturating_mul(outputs))
            }
            // scrypt has limits of its own, on memory.
            Self::Scrypt { .. } => budget.take(MOST_ROUNDS / 10),
        }
    }

    pub(super) fn key(
        &self,
        passphrase: &[u8],
        key_len: usize,
    ) -> Result<Zeroizing<Vec<u8>>, DecryptionError> {
        let mut key = Zeroizing::new(vec![0; key_len]);
        match self {
            Self::Pbkdf2 {
                digest,
                salt,
                iterations,
            } => pbkdf2_with(*digest, passphrase, salt, *iterations as u32, &mut key),
            Self::Scrypt { salt, parameters } => {
                scrypt::scrypt(passphrase, salt, parameters, &mut key)
                    .map_err(|_| DecryptionError::Damaged)?;
            }
        }
        Ok(key)
    }
}

/// Reads PBKDF2-params. SHA-1 is the default digest, as in OpenSSL.
fn pbkdf2(mut fields: Reader<'_>, key_len: usize) -> Result<Derivation, DecryptionError> {
    let damaged = || DecryptionError::Damaged;
    let salt = octets(&mut fields).ok_or_else(damaged)?;
    let iterations = number(&mut fields).ok_or_else(damaged)?;
    let stated = match fields.peek() {
        Some(INTEGER) => number(&mut fields),
        _ => Some(key_len as u64),
    };
    let digest = match fields.is_empty() {
        true => Digest::Sha1,
        false => hmac_digest(Algorithm::read(&mut fields).ok_or_else(damaged)?.oid)?,
    };
    if stated != Some(key_len as u64) || iterations == 0 {
        return Err(DecryptionError::Damaged);
    }
    let derivation = Derivation::Pbkdf2 {
        digest,
        salt,
        iterations,
    };
    derivation.charge(key_len, &mut Budget::default())?;
    Ok(derivation)
}

/// Reads scrypt-params (RFC 7914, section 7.1).
fn scrypt(mut fields: Reader<'_>, key_len: usize) -> Result<Derivation, DecryptionError> {
    let damaged = || DecryptionError::Damaged;
    let salt = octets(&mut fields).ok_or_else(damaged)?;
    let [n, r, p] = [(); 3].map(|()| number(&mut fields));
    let (n, r, p) = (
        n.ok_or_else(damaged)?,
        r.ok_or_else(damaged)?,
        p.ok_or_else(damaged)?,
    );
    let stated = match fields.is_empty() {
        true => Some(key_len as u64),
        false => number(&mut fields),
    };
    if stated != Some(key_len as u64) || n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
        return Err(DecryptionError::Damaged);
    }
    // OpenSSL's own limit is for the memory. Here it is for the product of memory and `p`, which bounds the time, too.
    let block = r.saturating_mul(128);
    let memory = block.saturating_mul(p.saturating_add(n).saturating_add(2));
    if memory.saturating_mul(p) > MOST_MEMORY {
        return Err(DecryptionError::TooCostly);
    }
    let parameters = scrypt::Params::new(n.ilog2() as u8, r as u32, p as u32)
        .map_err(|_| DecryptionError::Damaged)?;
    Ok(Derivation::Scrypt { salt, parameters })
}

/// The key derivation of PKCS#12 (RFC 7292, appendix B).
pub(in crate::pki) struct Pkcs12Derivation {
    pub(in crate::pki) salt: Vec<u8>,
    pub(in crate::pki) iterations: u64,
}

impl Pkcs12Derivation {
    /// Reads pkcs-12PbeParams.
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecryptionError> {
        let salt = octets(&mut fields).ok_or(DecryptionError::Damaged)?;
        let iterations = number(&mut fields).ok_or(DecryptionError::Damaged)?;
        Self::new(salt, iterations)
    }

    pub(in crate::pki) fn new(salt: Vec<u8>, iterations: u64) -> Result<Self, DecryptionError> {
        match iterations {
            0 => Err(DecryptionError::Damaged),
            1..=MOST_ROUNDS => Ok(Self { salt, iterations }),
            _ => Err(DecryptionError::TooCostly),
        }
    }

    pub(super) fn charge(&self, budget: &mut Budget) -> Result<(), DecryptionError> {
        // The key takes two digests at most, the initialization vector one.
        budget.take(3 * self.iterations)
    }

    /// The schemes of PKCS#12 use SHA-1 for keys and initialization vectors.
    pub(super) fn encryption_key(
        &self,
        passphrase: Option<&[u8]>,
        len: usize,
    ) -> Zeroizing<Vec<u8>> {
        self.key::<Sha1>(passphrase, Pkcs12KeyType::EncryptionKey, len)
    }

    pub(super) fn iv(&self, passphrase: Option<&[u8]>, len: usize) -> Zeroizing<Vec<u8>> {
        self.key::<Sha1>(passphrase, Pkcs12KeyType::Iv, len)
    }

    /// The key of the MAC has the length of the digest.
    pub(in crate::pki) fn mac_key<D>(&self, passphrase: Option<&[u8]>) -> Zeroizing<Vec<u8>>
    where
        D: digest::Digest + FixedOutputReset + BlockSizeUser,
    {
        let len = Output::<D>::default().len();
        self.key::<D>(passphrase, Pkcs12KeyType::Mac, len)
    }

    fn key<D>(
        &self,
        passphrase: Option<&[u8]>,
        kind: Pkcs12KeyType,
        len: usize,
    ) -> Zeroizing<Vec<u8>>
    where
        D: digest::Digest + FixedOutputReset + BlockSizeUser,
    {
        let passphrase = bmp_string(passphrase);
        let iterations = self.iterations as i32;
        Zeroizing::new(derive_key::<D>(
            &passphrase,
            &self.salt,
            kind,
            iterations,
            len,
        ))
    }
}

/// Returns a passphrase in UTF-16, with two zero octets at its end; without a passphrase, nothing. OpenSSL reads the
/// octets as Latin-1 if they are not UTF-8.
fn bmp_string(passphrase: Option<&[u8]>) -> Zeroizing<Vec<u8>> {
    let Some(passphrase) = passphrase else {
        return Zeroizing::default();
    };
    let mut units = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    match std::str::from_utf8(passphrase) {
        Ok(text) => units.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        Err(_) => units.extend(passphrase.iter().flat_map(|octet| [0, *octet])),
    }
    units.extend([0, 0]);
    units
}

/// Reads the algorithm identifier of a pseudo-random function (RFC 8018, appendix B.1).
fn hmac_digest(oid: &[u8]) -> Result<Digest, DecryptionError> {
    match oid.strip_prefix(RSADSI_DIGESTS) {
        Some([7]) => Ok(Digest::Sha1),
        Some([8]) => Ok(Digest::Sha224),
        Some([9]) => Ok(Digest::Sha256),
        Some([10]) => Ok(Digest::Sha384),
        Some([11]) => Ok(Digest::Sha512),
        _ => {
            let name = names::of(oid);
            Err(DecryptionError::Derivation { name })
        }
    }
}

fn pbkdf2_with(digest: Digest, passphrase: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
    let pbkdf2 = match digest {
        Digest::Md5 => pbkdf2::pbkdf2_hmac::<Md5>,
        Digest::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>,
        Digest::Sha224 => pbkdf2::pbkdf2_hmac::<Sha224>,
        Digest::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>,
        Digest::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>,
        Digest::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>,
    };
    pbkdf2(passphrase, salt, iterations, key);
}

/// Reads a salt of a sensible length.
fn octets(fields: &mut Reader<'_>) -> Option<Vec<u8>> {
    let salt = fields.expect(OCTET_STRING)?.string()?.into_owned();
    (salt.len() <= MOST_SALT).then_some(salt)
}

/// Reads an INTEGER that is not negative. A number of more than 64 bits counts as the largest.
pub(in crate::pki) fn number(fields: &mut Reader<'_>) -> Option<u64> {
    let octets = fields.integer()?;
    let is_negative = octets.first().is_some_and(|first| *first >= 0x80);
    let octets = octets.strip_prefix(&[0]).unwrap_or(octets);
    let number = match octets.len() {
        0..=8 => octets
            .iter()
            .fold(0, |sum, octet| sum << 8 | u64::from(*octet)),
        _ => u64::MAX,
    };
    (!is_negative).then_some(number)
}

/// The most rounds of a digest for a file. They take a slow machine a second or two.
const MOST_ROUNDS: u64 = if cfg!(fuzzing) { 10_000 } else { 10_000_000 };
/// `SCRYPT_MAX_MEM` in OpenSSL.
const MOST_MEMORY: u64 = if cfg!(fuzzing) { 1 << 20 } else { 32 << 20 };
const MOST_SALT: usize = 1 << 16;

const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
/// id-scrypt (RFC 7914, section 7).
const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
/// 1.2.840.113549.2, the arc of the HMACs in RFC 8018, appendix B.1.2.
const RSADSI_DIGESTS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];
