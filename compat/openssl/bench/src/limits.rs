//! What the system allows this process and its children.

use std::time::Duration;

/// Raises the limit of open descriptors to `count`, and a few more.
///
/// # Panics
///
/// The system does not allow it: `ulimit -Hn` prints how many it allows.
pub fn raise_descriptors(count: usize) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is valid for the call.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    let wanted = count as libc::rlim_t + 200;
    assert!(
        wanted <= limit.rlim_max,
        "{wanted} descriptors are not allowed"
    );
    limit.rlim_cur = limit.rlim_cur.max(wanted);
    // SAFETY: the pointer is valid for the call.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
}

/// The resident memory of a process, in bytes.
///
/// # Panics
///
/// There is no such process, or this is not Linux.
pub fn resident(process: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/statm")).expect("Linux");
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number of pages") * 4096
}

/// The CPU time that a process has taken, in the program and in the kernel, to a hundredth of a second.
///
/// # Panics
///
/// There is no such process, or this is not Linux.
pub fn work(process: &str) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux");
    // The second field is a name in brackets, and may hold anything.
    let (_, fields) = text.rsplit_once(')').expect("a name");
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().expect("a number"))
        .sum();
    // SAFETY: no arguments but a number.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Duration::from_secs_f64(ticks as f64 / per_second as f64)
}

/// Gives freed memory back to the system, so that it does not hide what is allocated next.
pub fn trim() {
    // SAFETY: no arguments but a number.
    unsafe { malloc_trim(0) };
}

unsafe extern "C" {
    fn malloc_trim(pad: usize) -> std::os::raw::c_int;
}
