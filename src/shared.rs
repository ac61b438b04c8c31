//! Values that are the same in many endpoints, and are kept once.
//!
//! A host with a hundred endpoints often has the same CAs and the same revocation lists in all of them. A [`Pool`] for
//! each kind of value finds the one that is in use already. So a list of megabytes is in memory once, whatever
//! endpoints, reloads and files it came from. A pool holds weak references: what no endpoint uses any more is freed.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The values of one kind that are in use in this process.
///
/// The pool keeps no value alive. Two values are shared if all their contents are equal: a pool compares contents, and
/// never where or when they were read.
///
/// A pool is a `static` of the module whose values it shares. The hash has a random key, so that a peer cannot choose
/// values which collide.
pub(crate) struct Pool<T> {
    hasher: RandomState,
    known: Mutex<Known<T>>,
}

/// Values by their hashes.
struct Known<T> {
    /// Values with the same hash are told apart by their contents.
    values: HashMap<u64, Vec<Weak<T>>>,
    len: usize,
    /// The number of values at which unused ones are removed.
    sweep_at: usize,
}

impl<T> Pool<T> {
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            known: Mutex::new(Known {
                values: HashMap::new(),
                len: 0,
                sweep_at: FEW,
            }),
        }
    }

    /// Returns the value in use that has this key and that `is_same` accepts, or makes it. Equal values have equal
    /// keys; `is_same` must not rely on the key.
    ///
    /// An error of `make` is returned, and nothing is kept: the next call tries again.
    pub(crate) fn find_or_make<E>(
        &self,
        key: impl Hash,
        is_same: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let hash = self.hasher.hash_one(key);
        if let Some(found) = self.known().find(hash, &is_same) {
            return Ok(found);
        }
        // The pool is not locked meanwhile. If another thread makes the same value, the first one to be done counts.
        let made = Arc::new(make()?);
        let mut known = self.known();
        Ok(known.find(hash, &is_same).unwrap_or_else(|| {
            known.add(hash, &made);
            made
        }))
    }

    /// Returns the value in use that equals this one, or this one.
    pub(crate) fn share(&self, value: T) -> Arc<T>
    where
        T: Eq + Hash,
    {
        self.share_by(self.hasher.hash_one(&value), value, T::eq)
    }

    /// Returns a value in use for which `is_same` holds, or this one. Equal values have equal keys.
    ///
    /// For values that are equal only in a sense which `is_same` knows.
    pub(crate) fn share_by(
        &self,
        key: impl Hash,
        value: T,
        is_same: impl Fn(&T, &T) -> bool,
    ) -> Arc<T> {
        let hash = self.hasher.hash_one(key);
        let mut known = self.known();
        if let Some(found) = known.find(hash, &|other| is_same(other, &value)) {
            return found;
        }
        let made = Arc::new(value);
        known.add(hash, &made);
        made
    }

    fn known(&self) -> MutexGuard<'_, Known<T>> {
        // The map is always consistent: a comparison that panics has changed nothing.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Known<T> {
    /// Returns a value with this hash that is still in use and that `is_same` accepts.
    fn find(&self, hash: u64, is_same: &impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let alike = self.values.get(&hash)?.iter().filter_map(Weak::upgrade);
        alike.into_iter().find(|value| is_same(value))
    }

    /// Adds a value. Before that, unused ones are removed if there are too many.
    fn add(&mut self, hash: u64, value: &Arc<T>) {
        if self.len >= self.sweep_at {
            self.sweep();
        }
        let alike = self.values.entry(hash).or_default();
        alike.push(Arc::downgrade(value));
        self.len += 1;
    }

    /// Removes the values that are no longer in use. Their number stays below that of the others, or small.
    fn sweep(&mut self) {
        let mut len = 0;
        self.values.retain(|_, alike| {
            alike.retain(|value| value.strong_count() > 0);
            len += alike.len();
            !alike.is_empty()
        });
        self.values.shrink_to(2 * len);
        self.len = len;
        self.sweep_at = (2 * len).max(FEW);
    }
}

/// The number of values that need no sweep.
const FEW: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn len(pool: &Pool<String>) -> usize {
        pool.known().len
    }

    #[test]
    fn equal_values_are_one_and_others_are_not() {
        let pool = Pool::new();
        let [a, b, c] = ["same", "same", "other"].map(|text| pool.share(text.to_owned()));
        assert!(Arc::ptr_eq(&a, &b));
        assert!(!Arc::ptr_eq(&a, &c));
        assert_eq!((&**a, &**c), ("same", "other"));
    }

    #[test]
    fn values_with_equal_keys_are_told_apart() {
        let pool = Pool::new();
        let get = |text: &str| {
            let made: Result<_, ()> =
                pool.find_or_make(0, |known: &String| known == text, || Ok(text.to_owned()));
            made.unwrap()
        };
        let [a, b, c] = ["same", "same", "other"].map(get);
        assert!(Arc::ptr_eq(&a, &b));
        assert!(!Arc::ptr_eq(&a, &c));
    }

    #[test]
    fn what_cannot_be_made_is_not_kept() {
        let pool = Pool::<String>::new();
        let failed = pool.find_or_make(0, |_| true, || Err("damaged"));
        assert_eq!(failed.unwrap_err(), "damaged");
        let made: Result<_, ()> = pool.find_or_make(0, |_| true, || Ok("good".to_owned()));
        assert_eq!(*made.unwrap(), "good");
    }

    #[test]
    fn nothing_is_kept_alive_and_what_is_gone_is_forgotten() {
        let pool = Pool::new();
        let kept = pool.share("kept".to_owned());
        for number in 0..10 * FEW {
            let gone = Arc::downgrade(&pool.share(number.to_string()));
            assert_eq!(gone.strong_count(), 0);
            assert!(len(&pool) <= FEW);
        }
        assert!(Arc::ptr_eq(&kept, &pool.share("kept".to_owned())));
    }

    #[test]
    fn threads_that_make_the_same_at_once_get_one() {
        let pool = Pool::new();
        let get = || {
            let made: Result<_, ()> = pool.find_or_make(0, |_| true, || Ok("one".to_owned()));
            made.unwrap()
        };
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(get)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(made.iter().all(|one| Arc::ptr_eq(one, &made[0])));
    }
}
