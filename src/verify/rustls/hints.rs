//! The subjects of `trusted-ca` that a server sends to clients, kept for as long as rustls borrows them.

use std::sync::OnceLock;

use rustls::DistinguishedName;

/// The names of CAs that were ever sent to clients. rustls borrows them from the verifier for as long as that exists.
///
/// Each different set of names is kept once, and is never removed.
#[derive(Default)]
pub(super) struct Hints {
    first: OnceLock<Box<Entry>>,
}

/// One set of names, and the place for the next one. Entries are only ever added, so a reference to one stays good
/// without a lock.
struct Entry {
    names: Box<[DistinguishedName]>,
    next: OnceLock<Box<Self>>,
}

impl Hints {
    /// Returns these names as they are kept here.
    ///
    /// A reload that changes no names adds nothing.
    pub(super) fn keep(&self, names: &[DistinguishedName]) -> &[DistinguishedName] {
        let mut place = &self.first;
        loop {
            let entry = place.get_or_init(|| Box::new(Entry::new(names)));
            if entry.holds(names) {
                return &entry.names;
            }
            place = &entry.next;
        }
    }
}

impl Entry {
    fn new(names: &[DistinguishedName]) -> Self {
        Self {
            names: names.into(),
            next: OnceLock::new(),
        }
    }

    fn holds(&self, names: &[DistinguishedName]) -> bool {
        let pairs = || self.names.iter().zip(names);
        self.names.len() == names.len() && pairs().all(|(a, b)| a.as_ref() == b.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_names_is_kept_once_however_often_it_comes_back() {
        let hints = Hints::default();
        let sets = [b"one", b"two", b"six"].map(|name| [DistinguishedName::in_sequence(name)]);
        let kept: Vec<_> = sets.iter().map(|set| hints.keep(set).as_ptr()).collect();
        for _ in 0..100 {
            for (set, kept) in sets.iter().zip(&kept) {
                assert_eq!(hints.keep(set).as_ptr(), *kept);
            }
        }
        assert_eq!(hints.count(), 3);
    }

    #[test]
    fn threads_that_bring_the_same_set_share_an_entry() {
        let hints = Hints::default();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let hints = &hints;
                let name = [DistinguishedName::in_sequence(&[number % 2])];
                scope.spawn(move || assert_eq!(hints.keep(&name)[0].as_ref(), name[0].as_ref()));
            }
        });
        assert_eq!(hints.count(), 2);
    }

    impl Hints {
        fn count(&self) -> usize {
            let (mut count, mut place) = (0, &self.first);
            while let Some(entry) = place.get() {
                (count, place) = (count + 1, &entry.next);
            }
            count
        }
    }
}
