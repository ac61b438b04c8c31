//! HMAC ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)) of a record, also of one whose length
//! is a secret.
//!
//! The idea is that of OpenSSL's `ssl3_cbc_digest_record`. The number of blocks that a hash
//! function processes depends on the length of the message, and so would the time. So the blocks
//! for the longest content that the record could hold are all processed, and the state after the
//! right one is picked by a mask.
//!
//! The length of the padding can move the end of the message by 255 octets. All blocks before that
//! are hashed as usual.

use zeroize::Zeroize;

use super::constant_time::{equal, hide, less};

/// A hash function whose block function can be called directly.
pub(super) trait Digest: Send + Sync + 'static {
    /// The words of the hash function.
    type State: Clone + Send + Sync + Zeroize;
    /// The state before the first block.
    const INITIAL: Self::State;
    /// The length of a block in octets.
    const BLOCK: usize;
    /// The bytes of the length at the end of the last block.
    const LENGTH: usize;
    /// The length of the digest in octets.
    const OUTPUT: usize;

    /// Hashes whole blocks into the state.
    fn compress(state: &mut Self::State, blocks: &[u8]);

    /// Writes out the state. The digest is in its first `OUTPUT` bytes.
    fn write(state: &Self::State, out: &mut [u8; 64]);

    /// Replaces `state` where the mask says so.
    fn select(state: &mut Self::State, other: &Self::State, mask: u32);
}

/// A key of an HMAC, as the states after its two first blocks. They are zeroized on drop.
pub(super) struct Mac<D: Digest> {
    inner: D::State,
    outer: D::State,
}

impl<D: Digest> Mac<D> {
    /// Takes a key that is no longer than a block, as those of TLS are.
    pub(super) fn new(key: &[u8]) -> Self {
        let start = |pad: u8| {
            let mut block = [pad; MAX_BLOCK];
            for (to, from) in block.iter_mut().zip(key) {
                *to ^= from;
            }
            let mut state = D::INITIAL;
            D::compress(&mut state, &block[..D::BLOCK]);
            block.zeroize();
            state
        };
        Self {
            inner: start(0x36),
            outer: start(0x5c),
        }
    }

    /// The MAC of a record.
    ///
    /// `header` is what TLS authenticates before the content, see [`HEADER`].
    pub(super) fn of(&self, header: &[u8; HEADER], content: &[u8]) -> [u8; 64] {
        let mut state = self.inner.clone();
        let mut block = [0; MAX_BLOCK];
        block[..HEADER].copy_from_slice(header);
        let (first, rest) = content.split_at(content.len().min(D::BLOCK - HEADER));
        block[HEADER..HEADER + first.len()].copy_from_slice(first);
        let mut used = HEADER + first.len();
        if used == D::BLOCK {
            D::compress(&mut state, &block[..D::BLOCK]);
            let whole = rest.len() - rest.len() % D::BLOCK;
            D::compress(&mut state, &rest[..whole]);
            used = rest.len() - whole;
            block[..used].copy_from_slice(&rest[whole..]);
        }
        finish::<D>(&mut state, &mut block, used, HEADER + content.len());
        self.outer(&state)
    }

    /// The MAC of a record whose content is the first `len` bytes of `data`, in a time that
    /// depends on the length of `data` only: content, MAC, 1 to 256 bytes of padding.
    pub(super) fn of_secret_length(
        &self,
        header: &[u8; HEADER],
        data: &[u8],
        len: u32,
    ) -> [u8; 64] {
        let longest = data.len() - D::OUTPUT - 1;
        let shortest = longest.saturating_sub(255);
        // These blocks hold nothing but header and content, whatever the padding.
        let certain = (HEADER + shortest) / D::BLOCK;
        let message = hide(HEADER as u32 + len);
        let last = (message + D::LENGTH as u32) / D::BLOCK as u32;
        let bits = (u64::from(message) + D::BLOCK as u64) * 8;

        let mut state = self.inner.clone();
        let mut block = [0; MAX_BLOCK];
        let block = &mut block[..D::BLOCK];
        if certain > 0 {
            fill(block, header, data, 0);
            D::compress(&mut state, block);
            D::compress(
                &mut state,
                &data[D::BLOCK - HEADER..certain * D::BLOCK - HEADER],
            );
        }
        let mut result = D::INITIAL;
        for index in certain..=(HEADER + longest + D::LENGTH) / D::BLOCK {
            let is_last = hide(equal(index as u32, last));
            fill(block, header, data, index * D::BLOCK);
            end(block, index * D::BLOCK, message);
            for (to, from) in block[D::BLOCK - 8..].iter_mut().zip(bits.to_be_bytes()) {
                *to |= from & is_last as u8;
            }
            D::compress(&mut state, block);
            D::select(&mut result, &state, is_last);
        }
        self.outer(&result)
    }

    /// The second half of an HMAC: the hash of the inner digest with the outer key.
    fn outer(&self, inner: &D::State) -> [u8; 64] {
        let mut block = [0; MAX_BLOCK];
        let mut digest = [0; 64];
        D::write(inner, &mut digest);
        block[..D::OUTPUT].copy_from_slice(&digest[..D::OUTPUT]);
        let mut state = self.outer.clone();
        finish::<D>(&mut state, &mut block, D::OUTPUT, D::OUTPUT);
        D::write(&state, &mut digest);
        digest
    }
}

impl<D: Digest> Drop for Mac<D> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Pads and hashes the last `used` bytes of a message of this length, which follows a block of the
/// key.
///
/// It ends with the bit 1, zeros, and the length of the whole message in bits.
fn finish<D: Digest>(state: &mut D::State, block: &mut [u8; MAX_BLOCK], used: usize, len: usize) {
    block[used] = 0x80;
    block[used + 1..].fill(0);
    if used + 1 + D::LENGTH > D::BLOCK {
        D::compress(state, &block[..D::BLOCK]);
        block.fill(0);
    }
    let bits = (D::BLOCK + len) as u64 * 8;
    block[D::BLOCK - 8..D::BLOCK].copy_from_slice(&bits.to_be_bytes());
    D::compress(state, &block[..D::BLOCK]);
}

/// Copies the part of header and data that begins at `start`.
///
/// The record is hashed as if header and data were one; `start` counts from the beginning of the
/// header. The rest of the block is zeros.
fn fill(block: &mut [u8], header: &[u8; HEADER], data: &[u8], start: usize) {
    let header = &header[start.min(HEADER)..];
    let data = &data[start.saturating_sub(HEADER).min(data.len())..];
    let (front, back) = block.split_at_mut(header.len());
    front.copy_from_slice(header);
    let (content, rest) = back.split_at_mut(data.len().min(back.len()));
    content.copy_from_slice(&data[..content.len()]);
    rest.fill(0);
}

/// Clears the bytes after the message, and marks its end.
///
/// `start` is the place of the block in the message, and `message` the length of the message, which
/// is a secret.
fn end(block: &mut [u8], start: usize, message: u32) {
    for (at, byte) in block.iter_mut().enumerate() {
        let at = (start + at) as u32;
        *byte &= less(at, message) as u8;
        *byte |= 0x80 & equal(at, message) as u8;
    }
}

/// The hash functions of the suites. SHA-1 is used in an HMAC only, where its weakness does no
/// harm.
pub(super) struct Sha1;
pub(super) struct Sha256;
pub(super) struct Sha384;

impl Digest for Sha1 {
    type State = [u32; 5];
    const INITIAL: Self::State = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    const BLOCK: usize = 64;
    const LENGTH: usize = 8;
    const OUTPUT: usize = 20;

    fn compress(state: &mut Self::State, blocks: &[u8]) {
        sha1::block_api::compress(state, blocks.as_chunks().0);
    }

    fn write(state: &Self::State, out: &mut [u8; 64]) {
        write_words(state, out);
    }

    fn select(state: &mut Self::State, other: &Self::State, mask: u32) {
        select_words(state, other, mask);
    }
}

impl Digest for Sha256 {
    type State = [u32; 8];
    const INITIAL: Self::State = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    const BLOCK: usize = 64;
    const LENGTH: usize = 8;
    const OUTPUT: usize = 32;

    fn compress(state: &mut Self::State, blocks: &[u8]) {
        sha2::block_api::compress256(state, blocks.as_chunks().0);
    }

    fn write(state: &Self::State, out: &mut [u8; 64]) {
        write_words(state, out);
    }

    fn select(state: &mut Self::State, other: &Self::State, mask: u32) {
        select_words(state, other, mask);
    }
}

impl Digest for Sha384 {
    type State = [u64; 8];
    const INITIAL: Self::State = [
        0xcbbb_9d5d_c105_9ed8,
        0x629a_292a_367c_d507,
        0x9159_015a_3070_dd17,
        0x152f_ecd8_f70e_5939,
        0x6733_2667_ffc0_0b31,
        0x8eb4_4a87_6858_1511,
        0xdb0c_2e0d_64f9_8fa7,
        0x47b5_481d_befa_4fa4,
    ];
    const BLOCK: usize = 128;
    const LENGTH: usize = 16;
    const OUTPUT: usize = 48;

    fn compress(state: &mut Self::State, blocks: &[u8]) {
        sha2::block_api::compress512(state, blocks.as_chunks().0);
    }

    fn write(state: &Self::State, out: &mut [u8; 64]) {
        for (to, from) in out.chunks_exact_mut(8).zip(state) {
            to.copy_from_slice(&from.to_be_bytes());
        }
    }

    fn select(state: &mut Self::State, other: &Self::State, mask: u32) {
        let mask = u64::from(mask) << 32 | u64::from(mask);
        for (to, from) in state.iter_mut().zip(other) {
            *to = (*to & !mask) | (from & mask);
        }
    }
}

/// Writes 32-bit words, the most significant octet first.
fn write_words(state: &[u32], out: &mut [u8; 64]) {
    for (to, from) in out.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&from.to_be_bytes());
    }
}

/// Replaces 32-bit words where the mask is all ones.
fn select_words(state: &mut [u32], other: &[u32], mask: u32) {
    for (to, from) in state.iter_mut().zip(other) {
        *to = (*to & !mask) | (from & mask);
    }
}

/// The length of what is authenticated before the content: sequence number, type, version, length.
pub(super) const HEADER: usize = 13;

/// The longest block of a hash.
const MAX_BLOCK: usize = 128;
