//! The encryption of PEM itself, as `openssl rsa -aes256 -traditional` writes it.
//!
//! The key is derived with MD5 and one round, so that the passphrase is nearly all the protection there is. Files of
//! this kind are still common, and so they are read.

use digest::Digest as _;
use md5::Md5;
use zeroize::Zeroizing;

use super::DecryptionError;
use super::cipher::Cipher;

/// A text that is encrypted as the DEK-Info in its header says.
pub(super) struct Traditional {
    cipher: Cipher,
    iv: Vec<u8>,
    text: Vec<u8>,
}

impl Traditional {
    /// Reads the value of DEK-Info: OpenSSL's name of a cipher, and an initialization vector in hexadecimal digits
    /// (`PEM_get_EVP_CIPHER_INFO` in OpenSSL).
    pub(super) fn read(dek_info: &str, text: &[u8]) -> Result<Self, DecryptionError> {
        let end = dek_info.find([' ', '\t', ',']).unwrap_or(dek_info.len());
        let (name, rest) = dek_info.split_at(end);
        let known = CIPHERS
            .iter()
            .find(|known| known.0.eq_ignore_ascii_case(name));
        let Some((_, cipher)) = known else {
            let name = name.chars().take(MOST_NAME).collect();
            return Err(DecryptionError::UnsupportedCipher { name });
        };
        let rest = rest.trim_start_matches([' ', '\t']);
        let digits = rest.strip_prefix(',').ok_or(DecryptionError::Damaged)?;
        // OpenSSL allows spaces around the name, but not after the comma.
        let iv = hexadecimal(digits, cipher.block_len());
        Ok(Self {
            cipher: *cipher,
            iv: iv.ok_or(DecryptionError::Damaged)?,
            text: text.to_vec(),
        })
    }

    pub(super) fn decrypt(&self, passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptionError> {
        let key = self.key(passphrase);
        self.cipher.decrypt(&key, &self.iv, &self.text)
    }

    /// Derives the key (`EVP_BytesToKey(3)` with MD5 and one iteration).
    fn key(&self, passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
        let len = self.cipher.key_len();
        let mut key = Zeroizing::new(Vec::with_capacity(len + DIGEST));
        while key.len() < len {
            let start = key.len().saturating_sub(DIGEST);
            let digest = Md5::new()
                .chain_update(&key[start..])
                .chain_update(passphrase)
                .chain_update(&self.iv[..SALT]);
            key.extend_from_slice(&Zeroizing::new(<[u8; DIGEST]>::from(digest.finalize()))[..]);
        }
        key.truncate(len);
        key
    }
}

/// Reads `len` octets. More digits may follow, as with OpenSSL.
fn hexadecimal(digits: &str, len: usize) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks_exact(2).take(len);
    let octet = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).ok()?;
        let is_number = pair.iter().all(u8::is_ascii_hexdigit);
        is_number.then(|| u8::from_str_radix(digits, 16).ok())?
    };
    let octets: Option<Vec<u8>> = pairs.map(octet).collect();
    octets.filter(|octets| octets.len() == len)
}

const CIPHERS: &[(&str, Cipher)] = &[
    ("AES-128-CBC", Cipher::Aes128),
    ("AES-192-CBC", Cipher::Aes192),
    ("AES-256-CBC", Cipher::Aes256),
    ("DES-EDE3-CBC", Cipher::TripleDes),
];

const DIGEST: usize = 16;
const SALT: usize = 8;
const MOST_NAME: usize = 40;
