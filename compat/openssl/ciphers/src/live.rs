//! The OpenSSL of this machine, asked in process through libssl.

use std::ffi::{CStr, CString};
use std::ptr;

use openssl_sys as ffi;

/// The suites that OpenSSL reads in a cipher string, or its reason to refuse it.
pub type Answer = Result<List, String>;

/// The suites of a context.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct List {
    /// The suites' numbers, in order.
    pub suites: Vec<u16>,
    /// The security level of the context afterwards.
    pub level: u8,
}

/// The version as text, `OpenSSL 3.0.19 27 Jan 2026`.
pub fn version() -> String {
    // SAFETY: the function returns a static string.
    let version = unsafe { CStr::from_ptr(ffi::OpenSSL_version(ffi::OPENSSL_VERSION)) };
    version.to_string_lossy().into_owned()
}

/// Whether the language is that of 3.0: 3.2 reads more, and sorts CCM8 elsewhere.
pub fn speaks_3_0() -> bool {
    // SAFETY: the function has no preconditions.
    let number = unsafe { ffi::OpenSSL_version_num() };
    number >> 20 == 0x300 || number >> 20 == 0x301
}

/// A context that holds a cipher list.
pub struct Context(*mut ffi::SSL_CTX);

impl Context {
    /// Makes a new context: Suite B and the security level would stay in force from call to call.
    pub fn new() -> Self {
        // SAFETY: the method is a static of the library.
        let context = unsafe { ffi::SSL_CTX_new(ffi::TLS_method()) };
        assert!(!context.is_null(), "OpenSSL makes a context");
        Self(context)
    }

    /// Calls `SSL_CTX_set_cipher_list`, and returns only whether it succeeded.
    pub fn set_cipher_list(&self, text: &CStr) -> bool {
        // SAFETY: the context lives, and the string ends with NUL.
        unsafe { ffi::SSL_CTX_set_cipher_list(self.0, text.as_ptr()) == 1 }
    }

    /// Calls `SSL_CTX_set_ciphersuites`, and returns only whether it succeeded.
    pub fn set_ciphersuites(&self, text: &CStr) -> bool {
        // SAFETY: the context lives, and the string ends with NUL.
        unsafe { ffi::SSL_CTX_set_ciphersuites(self.0, text.as_ptr()) == 1 }
    }

    fn suites(&self) -> Vec<u16> {
        // SAFETY: the context lives; the stack and what is on it belong to it.
        unsafe {
            let stack = SSL_CTX_get_ciphers(self.0);
            let count = ffi::OPENSSL_sk_num(stack.cast());
            let suite = |at| ffi::OPENSSL_sk_value(stack.cast(), at) as *const ffi::SSL_CIPHER;
            (0..count)
                .map(|at| ffi::SSL_CIPHER_get_protocol_id(suite(at)))
                .collect()
        }
    }

    /// The security level in force.
    pub fn level(&self) -> u8 {
        // SAFETY: the context lives.
        let level = unsafe { ffi::SSL_CTX_get_security_level(self.0) };
        u8::try_from(level).expect("a level from 0 to 5")
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the context lives, and nobody else frees it.
        unsafe { ffi::SSL_CTX_free(self.0) }
    }
}

/// Asks `SSL_CTX_set_cipher_list` about a string without NUL. Suites of TLS 1.3 are left out.
pub fn cipher_list(text: &[u8]) -> Answer {
    let context = Context::new();
    assert!(context.set_ciphersuites(c""), "no TLS 1.3 is fine");
    let text = CString::new(text).expect("no NUL in it");
    answer(&context, context.set_cipher_list(&text))
}

/// Asks `SSL_CTX_set_ciphersuites` about a string without NUL. Only suites of TLS 1.3 are listed.
pub fn ciphersuites(text: &[u8]) -> Answer {
    let context = Context::new();
    let text = CString::new(text).expect("no NUL in it");
    let mut answer = answer(&context, context.set_ciphersuites(&text))?;
    answer.suites.retain(|number| number >> 8 == 0x13);
    Ok(answer)
}

fn answer(context: &Context, good: bool) -> Answer {
    if good {
        return Ok(List {
            suites: context.suites(),
            level: context.level(),
        });
    }
    // SAFETY: the functions work on the queue of this thread and return static strings.
    let reason = unsafe {
        let reason = ffi::ERR_reason_error_string(ffi::ERR_peek_last_error());
        ffi::ERR_clear_error();
        assert_ne!(reason, ptr::null(), "an error has a reason");
        CStr::from_ptr(reason)
    };
    Err(reason.to_string_lossy().into_owned())
}

unsafe extern "C" {
    // openssl-sys does not declare it.
    fn SSL_CTX_get_ciphers(context: *const ffi::SSL_CTX) -> *mut ffi::stack_st_SSL_CIPHER;
}
