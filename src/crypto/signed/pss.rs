//! The parameters and the encoding of RSASSA-PSS ([RFC
//! 8017](https://www.rfc-editor.org/rfc/rfc8017#section-9.1.2)).

use super::SignatureProblem::{self, Bad, Unsupported};
use super::algorithm::split;
use super::der::{INTEGER, Reader, SEQUENCE, unsigned};
use super::hash::Hash;

/// RSASSA-PSS-params: what a signature was made with, or what a key is restricted to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    pub(super) hash: Hash,
    /// The hash of the mask generation function.
    mask_hash: Hash,
    /// In a key, the shortest salt that its signatures may have.
    salt_len: usize,
}

impl Parameters {
    /// Reads the contents of a signature's parameters.
    pub(super) fn read(content: &[u8]) -> Result<Self, SignatureProblem> {
        let (parameters, trailer) = read(content)?;
        // Nothing else is defined.
        (trailer == 1).then_some(parameters).ok_or(Bad)
    }

    /// Reads the contents of a key's parameters. OpenSSL ignores the trailer field here.
    pub(super) fn read_limits(content: &[u8]) -> Result<Self, SignatureProblem> {
        let (parameters, _) = read(content)?;
        Ok(parameters)
    }

    /// Whether a key that is restricted to `limits` may make such signatures.
    pub(super) fn is_within(&self, limits: &Self) -> bool {
        self.hash == limits.hash
            && self.mask_hash == limits.mask_hash
            && self.salt_len >= limits.salt_len
    }

    /// Whether the octets that an RSA key recovered from a signature encode this message
    /// (EMSA-PSS-VERIFY). The first `zero_bits` of them must be zero.
    pub(super) fn is_encoded(&self, message: &[u8], encoded: &[u8], zero_bits: u32) -> bool {
        let message_hash = self.hash.digest(&[message]);
        let Some((masked, hash)) = split_encoded(encoded, message_hash.len()) else {
            return false;
        };
        let Some(block) = self.unmask(masked, hash, zero_bits) else {
            return false;
        };
        let expected = |salt| self.hash.digest(&[&[0; 8], &message_hash, salt]);
        self.salt(&block).is_some_and(|salt| hash == expected(salt))
    }

    fn unmask(&self, masked: &[u8], seed: &[u8], zero_bits: u32) -> Option<Vec<u8>> {
        let permitted = 0xff_u8.checked_shr(zero_bits)?;
        if masked.first()? & !permitted != 0 {
            return None;
        }
        let mask =
            (0_u32..).flat_map(|counter| self.mask_hash.digest(&[seed, &counter.to_be_bytes()]));
        let mut block: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        *block.first_mut()? &= permitted;
        Some(block)
    }

    /// Returns what follows zeros and a one, if it is as long as declared.
    fn salt<'a>(&self, block: &'a [u8]) -> Option<&'a [u8]> {
        let (padding, salt) = block.split_at(block.len().checked_sub(self.salt_len)?);
        let (&1, zeros) = padding.split_last()? else {
            return None;
        };
        zeros.iter().all(|octet| *octet == 0).then_some(salt)
    }
}

/// Splits off the last octet, which is always the same, and the hash before it.
fn split_encoded(encoded: &[u8], hash_len: usize) -> Option<(&[u8], &[u8])> {
    let (&0xbc, encoded) = encoded.split_last()? else {
        return None;
    };
    Some(encoded.split_at(encoded.len().checked_sub(hash_len)?))
}

/// Reads parameters and, beside them, the trailer field.
fn read(content: &[u8]) -> Result<(Parameters, usize), SignatureProblem> {
    let mut reader = Reader::new(content);
    let hash = field(&mut reader, 0, SEQUENCE)?;
    let mask = field(&mut reader, 1, SEQUENCE)?;
    let salt_len = field(&mut reader, 2, INTEGER)?;
    let trailer = field(&mut reader, 3, INTEGER)?;
    reader.end().ok_or(Bad)?;
    let number = |field: Option<&[u8]>, default| match field {
        Some(content) => unsigned(content).ok_or(Bad),
        None => Ok(default),
    };
    let parameters = Parameters {
        hash: hash.map_or(Ok(Hash::Sha1), hash_of)?,
        mask_hash: mask.map_or(Ok(Hash::Sha1), mask_hash_of)?,
        salt_len: number(salt_len, 20)?,
    };
    Ok((parameters, number(trailer, 1)?))
}

/// Returns the contents of the one element in the field of this number, if it is there.
fn field<'a>(
    reader: &mut Reader<'a>,
    number: u8,
    tag: u8,
) -> Result<Option<&'a [u8]>, SignatureProblem> {
    let Some(content) = reader.optional(EXPLICIT | number).ok_or(Bad)? else {
        return Ok(None);
    };
    let mut reader = Reader::new(content);
    let content = reader.expect(tag).ok_or(Bad)?;
    reader.end().ok_or(Bad)?;
    Ok(Some(content))
}

/// Returns the hash that an AlgorithmIdentifier names. OpenSSL ignores its parameters.
fn hash_of(algorithm: &[u8]) -> Result<Hash, SignatureProblem> {
    let (oid, _) = split(algorithm).ok_or(Bad)?;
    Hash::of_oid(oid).ok_or(Unsupported)
}

/// Returns the hash of a mask generation function. There is one function.
fn mask_hash_of(algorithm: &[u8]) -> Result<Hash, SignatureProblem> {
    match split(algorithm) {
        Some((MGF1, Some((SEQUENCE, hash)))) => hash_of(hash),
        _ => Err(Bad),
    }
}

/// The tag of a field, but for its number.
const EXPLICIT: u8 = 0xa0;

const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
