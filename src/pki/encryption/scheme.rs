//! Encryption with a key that is derived from a passphrase: PBES2 (RFC 8018, section 6.2) and the schemes of PKCS#12
//! (RFC 7292, appendix C).
//!
//! A scheme has three parts: how the key is derived, the cipher, and where the initialization vector comes from. PBES1
//! of PKCS#5 is not read: OpenSSL 3.0 needs its legacy provider for it.

use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::derivation::{Budget, Derivation, Pkcs12Derivation};
use super::{DecryptionError, names};
use crate::x509::algorithm::Algorithm;
use crate::x509::der::{OCTET_STRING, Reader, SEQUENCE};

/// The way in which something is encrypted.
pub(in crate::pki) struct Scheme {
    cipher: Cipher,
    kind: SchemeKind,
}

enum SchemeKind {
    Pbes2 {
        derivation: Derivation,
        iv: Vec<u8>,
    },
    /// The initialization vector is derived from the passphrase, too.
    Pkcs12(Pkcs12Derivation),
}

impl Scheme {
    /// Reads an AlgorithmIdentifier.
    pub(in crate::pki) fn read(algorithm: Algorithm<'_>) -> Result<Self, DecryptionError> {
        let fields = parameters(&algorithm);
        if algorithm.oid == PBES2 {
            return Self::pbes2(fields.ok_or(DecryptionError::Damaged)?);
        }
        let Some((_, cipher)) = PKCS12.iter().find(|(oid, _)| *oid == algorithm.oid) else {
            let name = names::of(algorithm.oid);
            return Err(DecryptionError::UnsupportedCipher { name });
        };
        let derivation = Pkcs12Derivation::read(fields.ok_or(DecryptionError::Damaged)?)?;
        Ok(Self {
            cipher: *cipher,
            kind: SchemeKind::Pkcs12(derivation),
        })
    }

    /// Reads PBES2-params (RFC 8018, appendix A.4).
    fn pbes2(mut fields: Reader<'_>) -> Result<Self, DecryptionError> {
        let derivation = Algorithm::read(&mut fields).ok_or(DecryptionError::Damaged)?;
        let encryption = Algorithm::read(&mut fields).ok_or(DecryptionError::Damaged)?;
        let Some((_, cipher)) = PBES2_CIPHERS.iter().find(|(oid, _)| *oid == encryption.oid) else {
            let name = names::of(encryption.oid);
            return Err(DecryptionError::UnsupportedCipher { name });
        };
        let iv = encryption
            .parameters
            .filter(|parameters| parameters.tag == OCTET_STRING)
            .and_then(|parameters| parameters.string())
            .filter(|iv| iv.len() == cipher.block_len())
            .ok_or(DecryptionError::Damaged)?;
        Ok(Self {
            cipher: *cipher,
            kind: SchemeKind::Pbes2 {
                derivation: Derivation::read(derivation, cipher.key_len())?,
                iv: iv.into_owned(),
            },
        })
    }

    /// Refuses RC2, which is read only in PKCS#12, where it was once usual for certificates.
    pub(super) fn without_rc2(self) -> Result<Self, DecryptionError> {
        match self.cipher {
            Cipher::Rc2Of128Bits => Err(unsupported("RC2-128")),
            Cipher::Rc2Of40Bits => Err(unsupported("RC2-40")),
            _ => Ok(self),
        }
    }

    /// Takes the work of a decryption from the budget.
    pub(in crate::pki) fn charge(&self, budget: &mut Budget) -> Result<(), DecryptionError> {
        match &self.kind {
            SchemeKind::Pbes2 { derivation, .. } => {
                derivation.charge(self.cipher.key_len(), budget)
            }
            SchemeKind::Pkcs12(derivation) => derivation.charge(budget),
        }
    }

    /// Decrypts with a passphrase. In PKCS#12 it may be absent, which differs from an empty one.
    pub(in crate::pki) fn decrypt(
        &self,
        passphrase: Option<&[u8]>,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DecryptionError> {
        let (cipher, key_len) = (self.cipher, self.cipher.key_len());
        match &self.kind {
            SchemeKind::Pbes2 { derivation, iv } => {
                let key = derivation.key(passphrase.unwrap_or_default(), key_len)?;
                cipher.decrypt(&key, iv, ciphertext)
            }
            SchemeKind::Pkcs12(derivation) => {
                let key = derivation.encryption_key(passphrase, key_len);
                let iv = derivation.iv(passphrase, cipher.block_len());
                cipher.decrypt(&key, &iv, ciphertext)
            }
        }
    }
}

/// Returns the fields of parameters that are a SEQUENCE.
pub(super) fn parameters<'a>(algorithm: &Algorithm<'a>) -> Option<Reader<'a>> {
    let parameters = algorithm.parameters?;
    (parameters.tag == SEQUENCE).then(|| parameters.fields())?
}

fn unsupported(name: &str) -> DecryptionError {
    DecryptionError::UnsupportedCipher {
        name: name.to_owned(),
    }
}

/// id-PBES2 (RFC 8018, appendix A.4).
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];

const PBES2_CIPHERS: &[(&[u8], Cipher)] = &[
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2], Cipher::Aes128),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 22], Cipher::Aes192),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42], Cipher::Aes256),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 7],
        Cipher::TripleDes,
    ),
];

/// The schemes of RFC 7292, appendix C, except RC4.
const PKCS12: &[(&[u8], Cipher)] = &[
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3],
        Cipher::TripleDes,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 4],
        Cipher::TripleDesOfTwoKeys,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 5],
        Cipher::Rc2Of128Bits,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 6],
        Cipher::Rc2Of40Bits,
    ),
];
