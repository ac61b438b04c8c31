//! Choices without branches. A mask is all ones for yes, and zero for no.
//!
//! The content of a decrypted record, and above all its padding, must not show in the time that it
//! takes to check it. So nothing here branches on it or uses it as an index. The compiler could
//! turn a mask back into a branch; [`hide`] keeps it from doing so. A bench
//! (`benches/cbc_timing.rs`) measures the result.

use std::hint::black_box;

/// Says if `a` is less than `b`. Both have to be below 2^31, as the lengths of records are.
///
/// The sign of the difference is spread over all bits.
#[inline(always)]
pub(super) fn less(a: u32, b: u32) -> u32 {
    ((a.wrapping_sub(b) as i32) >> 31) as u32
}

/// Says if `a` is `b`, for numbers below 2^31.
#[inline(always)]
pub(super) fn equal(a: u32, b: u32) -> u32 {
    less(a ^ b, 1)
}

/// Hides the value of a number from the compiler, so that it does not turn a mask into a branch.
#[inline(always)]
pub(super) fn hide(number: u32) -> u32 {
    black_box(number)
}

/// Finds the end of the content in `data`, which has been decrypted: content, MAC, padding.
///
/// Returns its length, and a mask that says if the padding is right. If it is not, the length is
/// that of a record without padding, as RFC 5246 wants it.
///
/// The padding is 1 to 256 octets, each with the value that the last one has (RFC 5246, section
/// 6.2.3.2). All 256 octets that could be padding are looked at in any case.
pub(super) fn unpad(data: &[u8], mac_len: usize) -> (u32, u32) {
    let total = data.len() as u32;
    let overhead = mac_len as u32 + 1;
    let padding = hide(u32::from(data[data.len() - 1]));
    let mut wrong = less(total, overhead + padding);
    for (at, byte) in (0..256).zip(data.iter().rev()) {
        let inside = !less(padding, at);
        wrong |= inside & (padding ^ u32::from(*byte));
    }
    let good = hide(equal(wrong & 0x7fff_ffff, 0));
    (total - overhead - (padding & good), good)
}

/// Copies the MAC that starts at `len`, without revealing `len`.
///
/// Every place at which the MAC can stand is copied under a mask, and one of the masks is all ones.
pub(super) fn found_mac(data: &[u8], len: u32, mac_len: usize) -> [u8; 64] {
    let len = hide(len);
    let mut found = [0; 64];
    let first = (data.len() - mac_len - 1).saturating_sub(255);
    for (start, window) in data.windows(mac_len).enumerate().skip(first) {
        let here = equal(start as u32, len) as u8;
        for (to, from) in found.iter_mut().zip(window) {
            *to |= from & here;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_all_or_nothing() {
        for a in [0, 1, 2, 12, 255, 256, 18431, 0x7fff_ffff] {
            for b in [0, 1, 2, 12, 255, 256, 18431, 0x7fff_ffff] {
                assert_eq!(less(a, b), if a < b { u32::MAX } else { 0 });
                assert_eq!(equal(a, b), if a == b { u32::MAX } else { 0 });
            }
        }
    }
}
