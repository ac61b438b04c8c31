use std::ptr;
use std::sync::{Mutex, PoisonError};

/// What rustls wants to live as long as the process: made once for each thing of a provider that it is made of.
///
/// A program may make its provider anew for each endpoint, or cut it down in another way. The parts are the same, and
/// so is what is made of them.
pub(super) struct Kept<K, V>(Mutex<Vec<(K, V)>>);

impl<K: PartialEq, V: Copy> Kept<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(super) fn get_or_make(&self, key: K, make: impl FnOnce() -> V) -> V {
        // The list is whole at any time: a panic elsewhere cannot have left it half made.
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
