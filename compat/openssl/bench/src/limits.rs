//! What the system allows this process and its children.

/// Lets them have so many descriptors open, and a few more.
///
/// # Panics
///
/// The system does not allow it: `ulimit -Hn` says how many it does.
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

/// Gives freed memory back to the system, so that it does not hide what is allocated next.
pub fn trim() {
    // SAFETY: no arguments but a number.
    unsafe { malloc_trim(0) };
}

unsafe extern "C" {
    fn malloc_trim(pad: usize) -> std::os::raw::c_int;
}
