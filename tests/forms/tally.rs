//! How many forms there were.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Counts what became of the forms. It is printed when the last table is done.
pub(super) struct Tally {
    began: Instant,
    counts: [AtomicUsize; 5],
    /// Why OpenSSL was not asked, and how often.
    excuses: Mutex<BTreeMap<&'static str, usize>>,
}

/// What became of a form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// It was loaded, and a handshake was made.
    Loaded,
    /// It was refused, and the sentence says why.
    Refused,
    /// It was refused, and the command of the sentence made a file of it that loads.
    Converted,
    /// It was refused for a passphrase that was missing or wrong, or for damage.
    Locked,
    /// The program that makes it is not here.
    Skipped,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            counts: Default::default(),
            excuses: Mutex::default(),
        }
    }

    pub(super) fn count(&self, outcome: Outcome, number: usize) {
        self.counts[outcome as usize].fetch_add(number, Ordering::Relaxed);
    }
}

impl Tally {
    pub(super) fn excuse(&self, reason: &'static str) {
        *self.excuses.lock().unwrap().entry(reason).or_default() += 1;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let [loaded, refused, converted, locked, skipped] = self
            .counts
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed));
        println!(
            "forms: {loaded} loaded and shook hands; {refused} refused, and {converted} refused and converted; \
             {locked} refusals for passphrases and damage; {skipped} skipped; {:.1} seconds",
            self.began.elapsed().as_secs_f32()
        );
        for (reason, count) in self.excuses.get_mut().unwrap() {
            println!("forms: OpenSSL was not asked about {count} of them: {reason}");
        }
    }
}
