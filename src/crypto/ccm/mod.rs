//! AES in CCM mode ([RFC 3610](https://www.rfc-editor.org/rfc/rfc3610)), for TLS records.
//!
//! The `ccm` crate calls the cipher block by block, at a fifth of the speed.
//!
//! OpenSSL offers these suites only if the cipher list asks for them. Some small devices have
//! nothing else. The mode encrypts (CTR) and authenticates (CBC-MAC) with one key. This
//! implementation is checked against the vectors of the RFC, of NIST and of Wycheproof, and against
//! the crate `ccm`.
//!
//! A record comes in as nonce, additional data and content, and is encrypted or decrypted in place.
//! [`Tls12Ccm`] and [`Tls13Ccm`] make nonce and additional data as the versions of TLS require.

mod tls12;
mod tls13;

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt as _};
use aes::cipher::{BlockSizeUser, KeyInit as _};
use aes::{Aes128Enc, Aes256Enc};
use subtle::ConstantTimeEq as _;

pub(super) use tls12::Tls12Ccm;
pub(super) use tls13::Tls13Ccm;

/// An AES key and the length of the tags it makes. The key schedule is zeroized on drop.
pub(super) struct Ccm {
    cipher: Cipher,
    tag_len: usize,
}

/// The two key lengths that TLS has suites for. Decryption uses the encrypting direction of AES as
/// well.
enum Cipher {
    Aes128(Aes128Enc),
    Aes256(Aes256Enc),
}

type Block = Array<u8, U16>;

/// The cipher as one call of it sees it: with its key schedule loaded.
trait Backend: BlockCipherEncBackend<BlockSize = U16> {}

impl<B: BlockCipherEncBackend<BlockSize = U16>> Backend for B {}

/// A tag did not match. The decrypted data has been wiped.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Forged;

/// There is more data than a record may have.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct TooLong;

impl Ccm {
    /// Takes a key of 16 or 32 bytes: callers say how long their keys are.
    fn new(key: &[u8], tag_len: usize) -> Self {
        let cipher = match <&[u8; 32]>::try_from(key) {
            Ok(key) => Cipher::Aes256(Aes256Enc::new(key.into())),
            // Sixteen bytes: our suites ask rustls for keys of these two lengths only.
            Err(_) => Cipher::Aes128(Aes128Enc::new_from_slice(key).expect("a key of AES-128")),
        };
        Self { cipher, tag_len }
    }

    /// In octets: 16, or 8 in the suites with the name CCM_8.
    pub(super) fn tag_len(&self) -> usize {
        self.tag_len
    }

    /// Encrypts `data` in place. The tag is the first `tag_len` bytes of the result.
    ///
    /// # Errors
    ///
    /// Fails if there is more data than a record may have.
    pub(super) fn seal(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; 16], TooLong> {
        self.run::<true>(nonce, aad, data)
    }

    /// Decrypts `data` in place.
    ///
    /// The tag is compared in constant time.
    ///
    /// # Errors
    ///
    /// Fails if the tag is not that of the data. The data is wiped then.
    pub(super) fn open(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Forged> {
        // No sender seals so much data.
        let expected = self.run::<false>(nonce, aad, data).map_err(|_| Forged)?;
        if bool::from(expected[..self.tag_len].ct_eq(tag)) {
            Ok(())
        } else {
            data.fill(0);
            Err(Forged)
        }
    }

    /// Encrypts or decrypts, and returns the whole tag. `SEAL` is known when compiling, so that
    /// both directions have a loop of their own without a branch.
    fn run<const SEAL: bool>(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; 16], TooLong> {
        // The limit is far above any record, and keeps the counter within two bytes.
        if data.len() > MAX_DATA {
            return Err(TooLong);
        }
        debug_assert!((7..=13).contains(&nonce.len()) && aad.len() <= MAX_DATA);
        let mut tag = Block::default();
        let pass = Pass::<SEAL> {
            tag_len: self.tag_len,
            nonce,
            aad,
            data,
            tag: &mut tag,
        };
        match &self.cipher {
            Cipher::Aes128(cipher) => cipher.encrypt_with_backend(pass),
            Cipher::Aes256(cipher) => cipher.encrypt_with_backend(pass),
        }
        Ok(tag.into())
    }
}

/// One record, processed in one call of the cipher: its round keys stay in registers, and the two
/// chains (CBC-MAC and CTR) run side by side in the pipeline of the CPU.
struct Pass<'a, const SEAL: bool> {
    tag_len: usize,
    nonce: &'a [u8],
    aad: &'a [u8],
    data: &'a mut [u8],
    tag: &'a mut Block,
}

impl<const SEAL: bool> BlockSizeUser for Pass<'_, SEAL> {
    type BlockSize = U16;
}

impl<const SEAL: bool> BlockCipherEncClosure for Pass<'_, SEAL> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let counter = counter_block(self.nonce);
        let mask = stream(backend, counter, 0);
        let first = first_block(self.tag_len, self.nonce, self.aad, self.data.len());
        let mut mac = chain(backend, Block::default(), first);
        mac = absorb_aad(backend, mac, self.aad);

        let mut count = 0u16;
        let mut step = |input: Block| {
            count += 1;
            let output = xor(input, stream(backend, counter, count));
            (output, if SEAL { input } else { output })
        };

        let (blocks, tail) = self.data.as_chunks_mut::<16>();
        for block in blocks {
            let (output, plain) = step(Block::from(*block));
            mac = chain(backend, mac, plain);
            *block = output.into();
        }
        if !tail.is_empty() {
            let (output, plain) = step(padded(tail));
            mac = chain(backend, mac, padded(&plain[..tail.len()]));
            tail.copy_from_slice(&output[..tail.len()]);
        }
        *self.tag = xor(mac, mask);
    }
}

/// The block B_0 of RFC 3610, section 2.2.
#[inline(always)]
fn first_block(tag_len: usize, nonce: &[u8], aad: &[u8], data_len: usize) -> Block {
    let mut block = counter_block(nonce);
    let has_aad = if aad.is_empty() { 0 } else { 0x40 };
    block[0] |= has_aad | ((tag_len as u8 - 2) / 2) << 3;
    let len = (data_len as u32).to_be_bytes();
    let width = (15 - nonce.len()).min(4);
    block[16 - width..].copy_from_slice(&len[4 - width..]);
    block
}

/// The block A_0 of RFC 3610, section 2.3.
#[inline(always)]
fn counter_block(nonce: &[u8]) -> Block {
    let mut block = Block::default();
    block[0] = 14 - nonce.len() as u8;
    block[1..=nonce.len()].copy_from_slice(nonce);
    block
}

/// Feeds the additional data into the MAC, with its length in front (RFC 3610, section 2.2).
#[inline(always)]
fn absorb_aad<B: Backend>(backend: &B, mac: Block, aad: &[u8]) -> Block {
    if aad.is_empty() {
        return mac;
    }
    let (first, rest) = aad.split_at(aad.len().min(14));
    let mut block = Block::default();
    block[..2].copy_from_slice(&(aad.len() as u16).to_be_bytes());
    block[2..2 + first.len()].copy_from_slice(first);
    rest.chunks(16)
        .fold(chain(backend, mac, block), |mac, chunk| {
            chain(backend, mac, padded(chunk))
        })
}

/// One step of the CBC-MAC.
#[inline(always)]
fn chain<B: Backend>(backend: &B, mac: Block, block: Block) -> Block {
    let mut next = xor(mac, block);
    backend.encrypt_block_inplace(&mut next);
    next
}

/// One block of the key stream.
#[inline(always)]
fn stream<B: Backend>(backend: &B, counter: Block, count: u16) -> Block {
    let mut block = counter;
    block[14..].copy_from_slice(&count.to_be_bytes());
    backend.encrypt_block_inplace(&mut block);
    block
}

/// Pads up to 16 bytes with zeros.
#[inline(always)]
fn padded(bytes: &[u8]) -> Block {
    let mut block = Block::default();
    block[..bytes.len()].copy_from_slice(bytes);
    block
}

// Written in this way, the loop stays in a vector register, which is a fifth faster.
#[inline(always)]
fn xor(mut a: Block, b: Block) -> Block {
    for i in 0..16 {
        a.0[i] ^= b.0[i];
    }
    a
}

/// RFC 3610 writes longer additional data in another form, and needs a wider counter for more
/// data with its longest nonces.
const MAX_DATA: usize = 0xfeff;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod record_tests;
