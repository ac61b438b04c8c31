//! The ciphers of encrypted keys and containers. DES, RC2 and 3DES are here for old files only:
//! nothing is encrypted with them.

use aes::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit, block_padding};
use aes::{Aes128, Aes192, Aes256};
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use zeroize::Zeroizing;

use super::DecryptionError;

/// A block cipher in CBC mode with the padding of PKCS#7.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Rc2Of128Bits,
    Rc2Of40Bits,
    TripleDes,
    TripleDesOfTwoKeys,
}

impl Cipher {
    /// Returns the length of the key in octets. 3DES has eight octets for each of its keys.
    pub(super) fn key_len(self) -> usize {
        match self {
            Self::Rc2Of40Bits => 5,
            Self::Aes128 | Self::Rc2Of128Bits | Self::TripleDesOfTwoKeys => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    /// Returns the length of a block, and so of the initialization vector.
    pub(super) fn block_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            _ => 8,
        }
    }

    /// Decrypts and removes the padding. Padding that is wrong is the sign of a wrong passphrase.
    pub(super) fn decrypt(
        self,
        key: &[u8],
        iv: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DecryptionError> {
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(self.block_len()) {
            return Err(DecryptionError::Damaged);
        }
        match self {
            Self::Aes128 => cbc::<Aes128>(key, iv, ciphertext),
            Self::Aes192 => cbc::<Aes192>(key, iv, ciphertext),
            Self::Aes256 => cbc::<Aes256>(key, iv, ciphertext),
            Self::Rc2Of128Bits | Self::Rc2Of40Bits => cbc::<Rc2>(key, iv, ciphertext),
            Self::TripleDes => cbc::<TdesEde3>(key, iv, ciphertext),
            Self::TripleDesOfTwoKeys => cbc::<TdesEde2>(key, iv, ciphertext),
        }
    }
}

/// Decrypts in place, in a copy that is wiped.
fn cbc<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DecryptionError> {
    let cipher =
        ::cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| DecryptionError::Damaged)?;
    let mut text = Zeroizing::new(ciphertext.to_vec());
    let len = cipher
        .decrypt_padded::<block_padding::Pkcs7>(&mut text)
        .map_err(|_| DecryptionError::WrongPassphrase)?
        .len();
    text.truncate(len);
    Ok(text)
}
