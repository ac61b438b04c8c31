//! The serial numbers of a revocation list, in as little memory as a look-up in logarithmic time allows.
//!
//! A list of a million entries with serial numbers of 16 octets takes 16 MB here. OpenSSL keeps an object for each
//! entry, with several allocations. Reading pushes the numbers in the order of the list; [`SerialSet::finish`] sorts
//! them once.

/// A set of serial numbers, sorted, without a pointer or a length for each.
///
/// A serial number is kept in the narrowest array that holds it, its sign repeated to the left; so equal
/// arrays mean equal numbers. RFC 5280 allows 20 octets, and no real list has more.
#[derive(Clone, Default)]
pub(crate) struct SerialSet {
    /// Numbers of 8 octets at most; the next fields hold those of 16, of 24, and longer ones.
    short: Vec<[u8; 8]>,
    middle: Vec<[u8; 16]>,
    long: Vec<[u8; 24]>,
    longer: Vec<Box<[u8]>>,
}

impl SerialSet {
    /// Adds a number, given as the contents of its INTEGER. [`Self::finish`] must follow.
    ///
    /// DER has one form for each number, so the content octets stand for its value.
    pub(crate) fn push(&mut self, serial: &[u8]) {
        match serial.len() {
            0..=8 => self.short.push(widened(serial)),
            9..=16 => self.middle.push(widened(serial)),
            17..=24 => self.long.push(widened(serial)),
            _ => self.longer.push(serial.into()),
        }
    }

    /// Sorts the set and frees unused memory.
    ///
    /// Numbers that are listed twice are kept once.
    pub(crate) fn finish(mut self) -> Self {
        sort(&mut self.short);
        sort(&mut self.middle);
        sort(&mut self.long);
        sort(&mut self.longer);
        self
    }

    /// Whether the set holds a number, given as the contents of its INTEGER. The set must be finished.
    pub(crate) fn contains(&self, serial: &[u8]) -> bool {
        match serial.len() {
            0..=8 => self.short.binary_search(&widened(serial)).is_ok(),
            9..=16 => self.middle.binary_search(&widened(serial)).is_ok(),
            17..=24 => self.long.binary_search(&widened(serial)).is_ok(),
            _ => self
                .longer
                .binary_search_by(|found| found.as_ref().cmp(serial))
                .is_ok(),
        }
    }
}

/// Extends a number of at most `N` octets to `N` octets.
///
/// The number must not be longer. Its value does not change.
fn widened<const N: usize>(serial: &[u8]) -> [u8; N] {
    let is_negative = serial.first().is_some_and(|octet| octet & 0x80 != 0);
    let mut wide = [if is_negative { 0xff } else { 0 }; N];
    wide[N - serial.len()..].copy_from_slice(serial);
    wide
}

/// Sorts one array, drops copies, and gives back what was reserved for more.
fn sort<T: Ord>(numbers: &mut Vec<T>) {
    numbers.sort_unstable();
    numbers.dedup();
    numbers.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_found_and_no_others() {
        let mut set = SerialSet::default();
        let numbers: Vec<Vec<u8>> = (1..64)
            .flat_map(|len| [vec![0x7f; len], vec![0x80; len]])
            .collect();
        for number in numbers.iter().chain(&numbers) {
            set.push(number);
        }
        let set = set.finish();
        for number in &numbers {
            assert!(set.contains(number), "{number:?}");
            let mut other = number.clone();
            *other.last_mut().unwrap() ^= 1;
            assert!(!set.contains(&other), "{other:?}");
            // With one more octet, which is no repetition of the sign, it is another number.
            let front = [0xff, 0][usize::from(number[0] >> 7)];
            let other = [&[front], &**number].concat();
            assert!(!set.contains(&other), "{other:?}");
        }
    }

    #[test]
    fn a_number_and_its_negative_are_two() {
        let mut set = SerialSet::default();
        set.push(&[0xff]);
        set.push(&[0]);
        let set = set.finish();
        assert!(set.contains(&[0xff]) && set.contains(&[0]));
        assert!(!set.contains(&[1]) && !set.contains(&[0, 0xff]));
        assert!(!set.contains(&[0xff, 0x7f]));
    }
}
