//! What rustls borrows for `'static`, made once and never freed.
//!
//! rustls takes suites and algorithms as `&'static` references. To make them from a provider that is only known at
//! run time, they have to be leaked. This table sees to it that a program which makes a thousand endpoints leaks no
//! more than one with a single endpoint.

use std::ptr;
use std::sync::{Mutex, PoisonError};

/// Values that rustls needs for the life of the process. Each is made once for the part of a provider from which it is
/// made.
///
/// A program may make a new provider for each endpoint, or select other parts of it. The parts themselves are the
/// same, and so are the values that are made from them.
pub(super) struct Kept<K, V>(Mutex<Vec<(K, V)>>);

impl<K: PartialEq, V: Copy> Kept<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Returns the value for a key. Makes it if there is none, while all other callers wait.
    pub(super) fn get_or_make(&self, key: K, make: impl FnOnce() -> V) -> V {
        // The list is always consistent: a panic elsewhere cannot leave it half changed.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = kept.iter().find(|(known, _)| *known == key) {
            return *value;
        }
        let value = make();
        kept.push((key, value));
        value
    }
}

/// A part of a provider. It is compared by address: two providers may give other algorithms under the same numbers.
pub(super) struct Part<T: ?Sized + 'static>(pub(super) &'static T);

impl<T: ?Sized> PartialEq for Part<T> {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.0, other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_for_each_part_whatever_the_part_holds() {
        static PARTS: [u32; 2] = [7, 7];
        let kept = Kept::new();
        let mut made = 0;
        let mut get = |part: &'static u32| {
            kept.get_or_make(Part(part), || {
                made += 1;
                made
            })
        };
        let [first, second] = PARTS.each_ref();
        assert_eq!([first, second, first, second].map(&mut get), [1, 2, 1, 2]);
    }
}
