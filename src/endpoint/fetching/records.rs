//! What is known of each list: whether it is being fetched, is in use, or could not be fetched.
//!
//! The number of records is bounded, because certificates of strangers name the lists. When there is no room, the
//! record that was not wanted for the longest time is dropped, with its tasks.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::ListFailure;
use crate::verify::{Crl, ListFault, WantedList};

/// The receiver with which connections wait for a fetch. It has the result once there is one.
pub(super) type Flight = watch::Receiver<Option<Result<(), ListFailure>>>;

/// The lists that were ever wanted.
#[derive(Default)]
pub(super) struct Records(HashMap<WantedList, Record>);

/// The record of one list.
pub(super) struct Record {
    /// The last fetch.
    flight: Option<(Flight, AbortHandle)>,
    /// The list that was fetched last.
    list: Option<Arc<Crl>>,
    /// When the list is to be fetched again, in seconds since the epoch.
    renew_at: i64,
    pub(super) renewal: Option<AbortHandle>,
    failures: u32,
    failed: Option<Failed>,
    wanted_at: Instant,
}

/// A failure, after which nothing is tried for a while.
struct Failed {
    why: ListFailure,
    until: Instant,
}

impl Records {
    /// Returns the record of a list, which may be a new one. `None` if there is no room, because all lists are being
    /// fetched.
    pub(super) fn of(&mut self, wanted: &WantedList) -> Option<&mut Record> {
        if !self.0.contains_key(wanted) && self.0.len() >= MOST_RECORDS {
            self.make_room()?;
        }
        let record = self.0.entry(wanted.clone()).or_insert_with(Record::new);
        record.wanted_at = Instant::now();
        Some(record)
    }

    pub(super) fn known(&mut self, wanted: &WantedList) -> Option<&mut Record> {
        self.0.get_mut(wanted)
    }

    /// Returns the known list that is the same, if it was fetched from another URL too.
    pub(super) fn same(&self, list: &Crl) -> Option<Arc<Crl>> {
        let mut known = self.0.values().filter_map(|record| record.list.as_ref());
        known.find(|known| known.is_same(list)).cloned()
    }

    /// Returns the lists that were fetched.
    pub(super) fn lists(&self) -> Vec<Arc<Crl>> {
        let mut lists: Vec<Arc<Crl>> = Vec::new();
        for list in self.0.values().filter_map(|record| record.list.as_ref()) {
            // The same list may be at several URLs.
            if !lists.iter().any(|known| Arc::ptr_eq(known, list)) {
                lists.push(list.clone());
            }
        }
        lists
    }

    /// Forgets the list that was not wanted for the longest time.
    fn make_room(&mut self) -> Option<()> {
        let idle = self
            .0
            .iter()
            .filter(|(_, record)| record.flight().is_none());
        let oldest = idle.min_by_key(|(_, record)| record.wanted_at)?.0.clone();
        self.0.remove(&oldest).map(drop)
    }
}

impl Record {
    fn new() -> Self {
        Self {
            flight: None,
            list: None,
            renew_at: i64::MAX,
            renewal: None,
            failures: 0,
            failed: None,
            wanted_at: Instant::now(),
        }
    }

    /// Returns the fetch in progress. A fetch whose runtime has ended is not in progress.
    pub(super) fn flight(&self) -> Option<Flight> {
        let (flight, _) = self.flight.as_ref()?;
        flight.has_changed().is_ok().then(|| flight.clone())
    }

    pub(super) fn take_off(&mut self, flight: Flight, task: AbortHandle) {
        self.flight = Some((flight, task));
    }

    /// The fetch has ended.
    pub(super) fn land(&mut self) {
        self.flight = None;
    }

    /// Returns whether the list is in use and in force.
    pub(super) fn is_good(&self, now: i64) -> bool {
        let list = self.list.as_ref();
        list.is_some_and(|list| list.check_dates(now).is_ok())
    }

    /// Returns whether it is time to renew the list.
    pub(super) fn is_due(&self, now: i64) -> bool {
        now >= self.renew_at
    }

    /// Returns the failure, if the time for another try has not come yet.
    pub(super) fn recent_failure(&self) -> Option<&ListFailure> {
        let failed = self.failed.as_ref()?;
        (Instant::now() < failed.until).then_some(&failed.why)
    }

    /// Puts a list in use, unless it is in use already.
    pub(super) fn succeed(&mut self, list: Arc<Crl>) -> Result<(), ListFault> {
        let in_use = self.list.as_ref();
        if in_use.is_some_and(|in_use| Arc::ptr_eq(in_use, &list)) {
            return Err(ListFault::NotNewer);
        }
        // A random moment, so that not all endpoints ask the same server at once.
        self.renew_at = list.renewal().map_or(i64::MAX, |(first, last)| {
            first.saturating_add(i64::try_from(random_below(span(first, last))).unwrap_or(0))
        });
        self.list = Some(list);
        self.failures = 0;
        self.failed = None;
        Ok(())
    }

    /// Nothing is tried again before the wait is over. A list in use stays in use.
    pub(super) fn fail(&mut self, why: ListFailure) {
        let wait = back_off(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.failed = Some(Failed {
            why,
            until: Instant::now() + wait,
        });
    }

    /// Returns how long it is until the list is to be fetched again. Returns `None` if it has expired: then it is no
    /// longer renewed, and the next connection that needs it asks for it.
    pub(super) fn until_renewal(&self, now: i64) -> Option<Duration> {
        let list = self.list.as_ref()?;
        list.check_dates(now).ok()?;
        let left = u64::try_from(self.renew_at.saturating_sub(now)).unwrap_or(0);
        let until = self.failed.as_ref().map(|failed| failed.until);
        let backing_off = until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        });
        Some(Duration::from_secs(left).max(backing_off))
    }
}

/// Aborts the tasks of a record that is forgotten.
impl Drop for Record {
    fn drop(&mut self) {
        let flying = self.flight.take().map(|(_, task)| task);
        for task in flying.into_iter().chain(self.renewal.take()) {
            task.abort();
        }
    }
}

/// Returns how long to wait after another failure, with so many failures before: from 10 seconds, doubling up to an
/// hour, and up to a quarter more at random.
fn back_off(failures: u32) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << failures.min(16));
    let wait = doubled.min(LONGEST_WAIT);
    let quarter = u64::try_from(wait.as_millis() / 4).unwrap_or(0);
    (wait + Duration::from_millis(random_below(quarter))).min(LONGEST_WAIT)
}

/// The seconds between two times; 0 if they are in the wrong order.
fn span(first: i64, last: i64) -> u64 {
    u64::try_from(last.saturating_sub(first)).unwrap_or(0)
}

/// Returns a random number below `limit`, or 0. The number may be easy to guess.
fn random_below(limit: u64) -> u64 {
    match limit {
        0 => 0,
        limit => RandomState::new().hash_one(limit) % limit,
    }
}

const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The maximum number of records: more than a SIP endpoint has CAs, even if a CA divides its list.
pub(super) const MOST_RECORDS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    impl Records {
        pub(in crate::endpoint::fetching) fn len(&self) -> usize {
            self.0.len()
        }
    }

    #[test]
    fn waits_double_from_ten_seconds_to_an_hour_and_differ() {
        for (failures, least) in [(0, 10), (1, 20), (2, 40), (8, 2560), (9, 3600), (99, 3600)] {
            let (least, wait) = (Duration::from_secs(least), back_off(failures));
            assert!(least <= wait, "{failures}: {wait:?}");
            assert!(
                wait <= (least * 5 / 4).min(LONGEST_WAIT),
                "{failures}: {wait:?}"
            );
        }
        let mut waits: Vec<_> = (0..50).map(|_| back_off(3)).collect();
        waits.sort();
        waits.dedup();
        assert!(waits.len() > 10, "{waits:?}");
    }
}
