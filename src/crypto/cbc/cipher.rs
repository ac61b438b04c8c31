//! AES in CBC mode.
//!
//! A record begins with its IV, and is one chain of blocks. Encryption goes block by block.
//! Decryption handles many blocks at once, because each needs only the ciphertext before it.

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt,
    BlockSizeUser, KeyInit as _,
};
use aes::{Aes128Dec, Aes128Enc, Aes256Dec, Aes256Enc};

/// A key that encrypts. Its schedule is zeroized on drop.
pub(super) enum Encryption {
    Aes128(Aes128Enc),
    Aes256(Aes256Enc),
}

impl Encryption {
    /// Takes a key of 16 or 32 bytes: our suites ask rustls for no others.
    pub(super) fn new(key: &[u8]) -> Self {
        match <&[u8; 32]>::try_from(key) {
            Ok(key) => Self::Aes256(Aes256Enc::new(key.into())),
            Err(_) => Self::Aes128(Aes128Enc::new_from_slice(key).expect("a key of AES-128")),
        }
    }

    /// Encrypts whole blocks in place. The first 16 bytes are the IV, and stay unchanged.
    pub(super) fn encrypt(&self, blocks: &mut [u8]) {
        let chain = Chain(Array::slice_as_chunks_mut(blocks).0);
        match self {
            Self::Aes128(cipher) => cipher.encrypt_with_backend(chain),
            Self::Aes256(cipher) => cipher.encrypt_with_backend(chain),
        }
    }

    /// Encrypts one block in place.
    ///
    /// It makes IVs.
    pub(super) fn encrypt_block(&self, block: &mut [u8; 16]) {
        let block = block.into();
        match self {
            Self::Aes128(cipher) => cipher.encrypt_block(block),
            Self::Aes256(cipher) => cipher.encrypt_block(block),
        }
    }
}

/// The blocks of a record, processed in one call of the cipher, so that its round keys stay in
/// registers.
struct Chain<'a>(&'a mut [Block]);

impl BlockSizeUser for Chain<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Some((first, rest)) = self.0.split_first_mut() else {
            return;
        };
        let mut last = *first;
        for block in rest {
            for i in 0..16 {
                last.0[i] ^= block.0[i];
            }
            backend.encrypt_block_inplace(&mut last);
            *block = last;
        }
    }
}

/// A key that decrypts. Its schedule is zeroized on drop.
pub(super) enum Decryption {
    Aes128(Aes128Dec),
    Aes256(Aes256Dec),
}

impl Decryption {
    /// Takes a key of 16 or 32 bytes: our suites ask rustls for no others.
    pub(super) fn new(key: &[u8]) -> Self {
        match <&[u8; 32]>::try_from(key) {
            Ok(key) => Self::Aes256(Aes256Dec::new(key.into())),
            Err(_) => Self::Aes128(Aes128Dec::new_from_slice(key).expect("a key of AES-128")),
        }
    }

    /// Decrypts whole blocks in place. The first 16 bytes are the IV, and stay unchanged.
    pub(super) fn decrypt(&self, blocks: &mut [u8]) {
        let (iv, mut rest) = match Array::slice_as_chunks_mut(blocks).0 {
            [] => return,
            [iv, rest @ ..] => (*iv, rest),
        };
        let mut before = iv;
        let mut masks = [Block::default(); AT_ONCE];
        while !rest.is_empty() {
            let (part, next) = rest.split_at_mut(rest.len().min(AT_ONCE));
            masks[0] = before;
            masks[1..part.len()].copy_from_slice(&part[..part.len() - 1]);
            before = part[part.len() - 1];
            match self {
                Self::Aes128(cipher) => cipher.decrypt_blocks(part),
                Self::Aes256(cipher) => cipher.decrypt_blocks(part),
            }
            for (block, mask) in part.iter_mut().zip(&masks) {
                for i in 0..16 {
                    block.0[i] ^= mask.0[i];
                }
            }
            rest = next;
        }
    }
}

type Block = Array<u8, U16>;

/// As many blocks as the widest implementation of the cipher decrypts side by side.
const AT_ONCE: usize = 64;
