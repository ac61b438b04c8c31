//! How many forms were tried, with which results.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Counts the results of the forms. The counts are printed when the last table is done.
pub(super) struct Tally {
    began: Instant,
    counts: [AtomicUsize; 5],
    /// Why OpenSSL was not asked, and how often.
    excuses: Mutex<BTreeMap<&'static str, usize>>,
}

/// The result of a form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// It was loaded, and a handshake was made.
    Loaded,
    /// It was refused, and the sentence says why.
    Refused,
    /// It was refused, and the command in the sentence converted it into a file that loads.
    Converted,
    /// It was refused because the passphrase was missing or wrong, or because of damage.
    Locked,
    /// The program that makes it is not installed.
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
