//! Counts what this thread allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The allocations of a thread since it began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// The number of allocations.
    pub count: u64,
    /// The bytes that were not freed.
    pub live: i64,
}

thread_local! {
    static TALLY: Cell<Tally> = const { Cell::new(Tally { count: 0, live: 0 }) };
}

/// The allocations of this thread up to now.
pub fn tally() -> Tally {
    TALLY.get()
}

/// Counts the allocations of this work.
pub fn count<T>(work: impl FnOnce() -> T) -> u64 {
    let before = tally();
    let result = work();
    let after = tally();
    drop(result);
    after.count - before.count
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn note(count: u64, bytes: i64) {
    let tally = TALLY.get();
    TALLY.set(Tally {
        count: tally.count + count,
        live: tally.live + bytes,
    });
}

// SAFETY: everything is handed to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        unsafe { System.dealloc(old, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocations_and_bytes_are_counted() {
        let before = tally().live;
        assert_eq!(count(|| vec![0u8; 1000]), 1);
        let kept = vec![0u8; 1000];
        assert_eq!(tally().live - before, 1000);
        drop(kept);
        assert_eq!(tally().live, before);
    }
}
