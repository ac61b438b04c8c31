//! Private keys that are encrypted with a passphrase.
//!
//! There are three kinds of encryption: PBES2 of PKCS#8, which OpenSSL writes today; the schemes of PKCS#12; and that
//! of PEM itself, which is older than both. All of them are read in two steps: [`EncryptedKey::pkcs8`] and its like
//! read how a key is encrypted, and refuse what is not supported or costs too much; [`EncryptedKey::decrypt`] needs the
//! passphrase. A wrong passphrase shows in the padding or in what comes out, which has to be a key.

mod cipher;
mod derivation;
mod error;
mod names;
mod scheme;
mod traditional;

use rustls::pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

pub(super) use derivation::{Budget, Pkcs12Derivation, number};
pub use error::DecryptionError;
pub(super) use names::of as algorithm_name;
pub(super) use scheme::Scheme;

use self::traditional::Traditional;
use super::format::{Format, KeyFormat};
use crate::x509::algorithm::Algorithm;
use crate::x509::der::{OCTET_STRING, Reader};

/// A private key that is encrypted with a passphrase.
pub(super) struct EncryptedKey(Encrypted);

enum Encrypted {
    Pkcs8(EncryptedPrivateKeyInfo),
    Traditional(Traditional),
}

/// EncryptedPrivateKeyInfo (RFC 5958, section 3).
pub(super) struct EncryptedPrivateKeyInfo {
    scheme: Scheme,
    ciphertext: Vec<u8>,
}

impl EncryptedKey {
    /// Reads the encryption of a key in PKCS#8.
    pub(super) fn pkcs8(der: &[u8]) -> Result<Self, DecryptionError> {
        let mut info = EncryptedPrivateKeyInfo::read(der)?;
        info.scheme = info.scheme.without_rc2()?;
        Ok(Self(Encrypted::Pkcs8(info)))
    }

    /// Reads the encryption of a key in a PEM block with a header (RFC 1421, section 4.6.1).
    pub(super) fn traditional(dek_info: &str, text: &[u8]) -> Result<Self, DecryptionError> {
        let traditional = Traditional::read(dek_info, text)?;
        Ok(Self(Encrypted::Traditional(traditional)))
    }

    /// A key that comes out is wiped from memory when it is dropped.
    pub(super) fn decrypt(
        &self,
        passphrase: &[u8],
    ) -> Result<Zeroizing<PrivateKeyDer<'static>>, DecryptionError> {
        match &self.0 {
            Encrypted::Pkcs8(info) => info.decrypt(Some(passphrase)),
            Encrypted::Traditional(traditional) => {
                key_of(&traditional.decrypt(passphrase)?, |_| true)
            }
        }
    }
}

impl EncryptedPrivateKeyInfo {
    pub(super) fn read(der: &[u8]) -> Result<Self, DecryptionError> {
        let parts = || {
            let mut fields = Reader::new(der).sequence()?;
            let algorithm = Algorithm::read(&mut fields)?;
            let ciphertext = fields.expect(OCTET_STRING)?.string()?;
            fields.end()?;
            Some((algorithm, ciphertext.into_owned()))
        };
        let (algorithm, ciphertext) = parts().ok_or(DecryptionError::Damaged)?;
        let scheme = Scheme::read(algorithm)?;
        Ok(Self { scheme, ciphertext })
    }

    /// Takes the work of a decryption from the budget of the file.
    pub(super) fn charge(&self, budget: &mut Budget) -> Result<(), DecryptionError> {
        self.scheme.charge(budget)
    }

    pub(super) fn decrypt(
        &self,
        passphrase: Option<&[u8]>,
    ) -> Result<Zeroizing<PrivateKeyDer<'static>>, DecryptionError> {
        let key = self.scheme.decrypt(passphrase, &self.ciphertext)?;
        key_of(&key, |format| format == KeyFormat::Pkcs8)
    }
}

/// Returns the key, or an error if the octets are no key, as after decryption with a wrong passphrase.
fn key_of(
    der: &[u8],
    is_possible: impl Fn(KeyFormat) -> bool,
) -> Result<Zeroizing<PrivateKeyDer<'static>>, DecryptionError> {
    match Format::of(der) {
        Some(Format::PrivateKey(format)) if is_possible(format) => Ok(format.key(der)),
        _ => Err(DecryptionError::WrongPassphrase),
    }
}

#[cfg(test)]
mod tests;
