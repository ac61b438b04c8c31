//! Counts the bytes that OpenSSL holds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};

/// Makes OpenSSL allocate here. This must come before any other call of OpenSSL.
///
/// # Panics
///
/// OpenSSL has allocated already.
pub fn count_openssl() {
    // SAFETY: the three work together as `malloc`, `realloc` and `free` do.
    let result = unsafe { CRYPTO_set_mem_functions(allocate, reallocate, free) };
    assert_eq!(result, 1, "OpenSSL has allocated already");
}

/// The bytes that OpenSSL has asked for and not given back.
pub fn openssl() -> i64 {
    LIVE.load(Ordering::Relaxed)
}

static LIVE: AtomicI64 = AtomicI64::new(0);

/// The length of the head in front of each block, which holds the block's size.
const HEAD: usize = 16;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size + HEAD, HEAD).expect("a size that is asked for")
}

extern "C" fn allocate(size: usize, _: *const c_char, _: c_int) -> *mut c_void {
    LIVE.fetch_add(size as i64, Ordering::Relaxed);
    // SAFETY: the size is not zero, because of the head.
    let block = unsafe { System.alloc(layout(size)) };
    // SAFETY: the block begins with the head, which is aligned.
    unsafe { with_head(block, size) }
}

/// # Safety
///
/// The block must be null, or of [`layout`].
unsafe fn with_head(block: *mut u8, size: usize) -> *mut c_void {
    if block.is_null() {
        return ptr::null_mut();
    }
    unsafe {
        block.cast::<usize>().write(size);
        block.add(HEAD).cast()
    }
}

extern "C" fn reallocate(
    old: *mut c_void,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    if old.is_null() {
        return allocate(size, file, line);
    }
    if size == 0 {
        free(old, file, line);
        return ptr::null_mut();
    }
    // SAFETY: OpenSSL hands back what `with_head` made.
    unsafe {
        let block = old.cast::<u8>().sub(HEAD);
        let before = block.cast::<usize>().read();
        LIVE.fetch_add(size as i64 - before as i64, Ordering::Relaxed);
        with_head(System.realloc(block, layout(before), size + HEAD), size)
    }
}

extern "C" fn free(old: *mut c_void, _: *const c_char, _: c_int) {
    if old.is_null() {
        return;
    }
    // SAFETY: as above.
    unsafe {
        let block = old.cast::<u8>().sub(HEAD);
        let size = block.cast::<usize>().read();
        LIVE.fetch_sub(size as i64, Ordering::Relaxed);
        System.dealloc(block, layout(size));
    }
}

type Allocate = extern "C" fn(usize, *const c_char, c_int) -> *mut c_void;
type Reallocate = extern "C" fn(*mut c_void, usize, *const c_char, c_int) -> *mut c_void;
type Free = extern "C" fn(*mut c_void, *const c_char, c_int);

unsafe extern "C" {
    fn CRYPTO_set_mem_functions(allocate: Allocate, reallocate: Reallocate, free: Free) -> c_int;
}
