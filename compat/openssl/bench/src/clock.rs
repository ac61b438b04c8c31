//! The clock that counts the work of one thread, without the other work of the machine.

use std::time::Duration;

/// The CPU time that this thread has taken, in the program and in the kernel.
pub fn now() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is valid for the call.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0, "this system has no clock of threads");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The CPU time of the child processes that have ended and were waited for.
pub fn of_children() -> Duration {
    // SAFETY: all zero is a value of this type.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is valid for the call.
    let result = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage) };
    assert_eq!(result, 0, "this system does not count the time of children");
    [usage.ru_utime, usage.ru_stime].into_iter().map(of).sum()
}

fn of(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000)
}
