//! A search of this process's memory, for tests that secrets are wiped.
//!
//! It reads `/proc/self/mem`, so it works on Linux only.

use std::fs::{File, read_to_string};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

/// A secret to look for. It is kept inverted, so that the search does not find it here.
pub(super) struct Trace(Vec<u8>);

impl Trace {
    pub(super) fn of(secret: impl IntoIterator<Item = u8>) -> Self {
        // An allocator overwrites the start of freed memory.
        Self(secret.into_iter().skip(16).map(|byte| !byte).collect())
    }

    /// Says if the secret stands in memory that the process has written, in use or not.
    pub(super) fn is_left(&self) -> bool {
        let memory = File::open("/proc/self/mem").expect("Linux has it");
        let maps = read_to_string("/proc/self/maps").expect("Linux has it");
        // Not on the stack, where the buffer would overwrite what is searched for.
        let mut buffer = vec![0; 1 << 16];
        let found = maps
            .lines()
            .filter(|line| line.contains(" rw"))
            .any(|line| self.is_in(&memory, range(line), &mut buffer));
        buffer.fill(0);
        found
    }

    fn is_in(&self, memory: &File, region: Range<u64>, buffer: &mut [u8]) -> bool {
        let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
        let mut start = region.start;
        while start + (self.0.len() as u64) <= region.end {
            let end = region.end.min(start + buffer.len() as u64);
            let part = &mut buffer[..(end - start) as usize];
            // Another thread may have returned the memory to the system.
            if memory.read_exact_at(part, start).is_err() {
                return false;
            }
            if start < own.end && own.start < end {
                let from = own.start.max(start) - start;
                let to = own.end.min(end) - start;
                part[from as usize..to as usize].fill(0);
            }
            if part.windows(self.0.len()).any(|window| self.is(window)) {
                return true;
            }
            // The secret may lie across the end of this part.
            start = end - self.0.len() as u64 + 1;
        }
        false
    }

    fn is(&self, bytes: &[u8]) -> bool {
        bytes
            .iter()
            .zip(&self.0)
            .all(|(byte, inverted)| *byte == !inverted)
    }
}

/// Calls a function so far down the stack that later calls do not overwrite what it leaves there.
#[inline(never)]
pub(super) fn far_down<T>(function: impl FnOnce() -> T) -> T {
    let between = std::hint::black_box([0u8; 1 << 17]);
    let result = function();
    std::hint::black_box(&between);
    result
}

/// The addresses in a line of `/proc/self/maps`.
fn range(line: &str) -> Range<u64> {
    let (start, rest) = line.split_once('-').expect("a range");
    let (end, _) = rest.split_once(' ').expect("more columns");
    let number = |text| u64::from_str_radix(text, 16).expect("an address");
    number(start)..number(end)
}
