//! OpenSSL, asked what an application asks: files into an `X509_STORE`, then `X509_verify_cert` on the peer's chain.

pub mod lists;

use std::{cell::RefCell, ffi::CString, fs, os::raw::c_int, path::PathBuf, ptr};

use foreign_types::ForeignType;
use openssl::{
    stack::Stack,
    x509::{X509, store::X509StoreBuilder},
};
use openssl_sys as ffi;

use crate::{
    answer::Answer,
    build::Built,
    plan::{Purpose, Question, Revocation},
};

/// Returns what OpenSSL reports without a callback: the first error.
pub fn ask(case: &Built) -> Answer {
    match Store::load(case) {
        Some(store) => store.verify(case, false).0,
        None => Answer::Load,
    }
}

/// Returns every error, in order, from a callback that lets verification go on.
pub fn ask_for_all(case: &Built) -> Vec<Answer> {
    match Store::load(case) {
        Some(store) => store.verify(case, true).1,
        None => vec![Answer::Load],
    }
}

/// A store of one application, which may verify many chains.
pub struct Store(X509StoreBuilder);

impl Store {
    /// Loads the files as `SSL_CTX_load_verify_locations` and `X509_load_crl_file` do; `None` if one of them fails.
    pub fn load(case: &Built) -> Option<Self> {
        let mut store = X509StoreBuilder::new().expect("memory");
        let trusted = Scratch::new(&case.trusted_file());
        // SAFETY: both pointers are valid for the call.
        let loaded = unsafe {
            X509_STORE_load_locations(store.as_ptr(), trusted.c_path().as_ptr(), ptr::null())
        };
        openssl::error::ErrorStack::get();
        if loaded != 1 {
            return None;
        }
        if let Some(text) = &case.crls {
            load_crls(&mut store, text)?;
        }
        Some(Self(store))
    }

    /// Returns what OpenSSL reports about the peer.
    pub fn ask(&self, case: &Built) -> Answer {
        self.verify(case, false).0
    }

    fn verify(&self, case: &Built, go_on: bool) -> (Answer, Vec<Answer>) {
        match parse(case) {
            Some(chain) => self.verify_parsed(&chain, &case.question, go_on),
            None => (Answer::Unreadable, vec![Answer::Unreadable]),
        }
    }

    /// Returns what OpenSSL reports about a peer whose certificates are parsed already.
    pub fn ask_parsed(&self, chain: &[X509], question: &Question) -> Answer {
        self.verify_parsed(chain, question, false).0
    }

    fn verify_parsed(
        &self,
        chain: &[X509],
        question: &Question,
        go_on: bool,
    ) -> (Answer, Vec<Answer>) {
        let mut stack = Stack::new().expect("memory");
        chain
            .iter()
            .for_each(|cert| stack.push(cert.clone()).expect("memory"));
        let context = Context::new();
        // SAFETY: store, certificate and stack outlive the context's use here; the context is freed by its `Drop`.
        unsafe {
            ffi::X509_STORE_CTX_init(
                context.0,
                self.0.as_ptr(),
                chain[0].as_ptr(),
                stack.as_ptr(),
            );
            context.ask(question);
            if go_on {
                X509_STORE_CTX_set_verify_cb(context.0, Some(note));
            }
            ERRORS.with_borrow_mut(Vec::clear);
            let verified = ffi::X509_verify_cert(context.0);
            openssl::error::ErrorStack::get();
            let first = context.answer(verified);
            (first, ERRORS.with_borrow_mut(std::mem::take))
        }
    }
}

/// The peer's certificates; `None` if one of them cannot be read.
pub fn parse(case: &Built) -> Option<Vec<X509>> {
    case.chain.iter().map(|der| exact(der).ok()).collect()
}

/// Reads a certificate with nothing behind it, as the handshake does.
fn exact(der: &[u8]) -> Result<X509, ()> {
    let mut at = der.as_ptr();
    // SAFETY: the pointer and the length are those of a slice; the result is owned.
    let cert = unsafe { ffi::d2i_X509(ptr::null_mut(), &mut at, der.len() as _) };
    openssl::error::ErrorStack::get();
    if cert.is_null() {
        return Err(());
    }
    // SAFETY: not null, and owned by nobody else.
    let cert = unsafe { X509::from_ptr(cert) };
    if at == der.as_ptr_range().end {
        Ok(cert)
    } else {
        Err(())
    }
}

pub(crate) fn load_crls(
    store: &mut openssl::x509::store::X509StoreBuilderRef,
    text: &str,
) -> Option<()> {
    use openssl::{ssl::SslFiletype, x509::store::X509Lookup};
    let file = Scratch::new(text.as_bytes());
    let lookup = store.add_lookup(X509Lookup::file()).expect("memory");
    lookup
        .load_crl_file(&file.0, SslFiletype::PEM)
        .ok()
        .map(|_| ())
}

struct Context(*mut ffi::X509_STORE_CTX);

impl Context {
    fn new() -> Self {
        // SAFETY: no arguments.
        let context = unsafe { ffi::X509_STORE_CTX_new() };
        assert!(!context.is_null());
        Self(context)
    }

    /// # Safety
    ///
    /// The context must have been initialised.
    unsafe fn ask(&self, question: &Question) {
        let usage = match question.purpose {
            Purpose::Client => c"ssl_client",
            Purpose::Server => c"ssl_server",
        };
        unsafe {
            // libssl names the usage, which sets purpose and trust, and then adds its own parameters.
            assert_eq!(X509_STORE_CTX_set_default(self.0, usage.as_ptr()), 1);
            let param = X509_STORE_CTX_get0_param(self.0);
            ffi::X509_VERIFY_PARAM_set_auth_level(param, c_int::from(question.level));
            ffi::X509_VERIFY_PARAM_set_time(param, question.time);
            ffi::X509_VERIFY_PARAM_set_flags(param, flags(question.revocation));
            if let Some(host) = &question.host {
                assert_eq!(
                    ffi::X509_VERIFY_PARAM_set1_host(param, host.as_ptr().cast(), host.len()),
                    1
                );
            }
            match question.ip {
                Some(std::net::IpAddr::V4(ip)) => {
                    assert_eq!(
                        ffi::X509_VERIFY_PARAM_set1_ip(param, ip.octets().as_ptr(), 4),
                        1
                    );
                }
                Some(std::net::IpAddr::V6(ip)) => {
                    assert_eq!(
                        ffi::X509_VERIFY_PARAM_set1_ip(param, ip.octets().as_ptr(), 16),
                        1
                    );
                }
                None => {}
            }
        }
    }

    /// # Safety
    ///
    /// The context must have been verified.
    unsafe fn answer(&self, verified: c_int) -> Answer {
        let code = unsafe { ffi::X509_STORE_CTX_get_error(self.0) };
        let depth = unsafe { ffi::X509_STORE_CTX_get_error_depth(self.0) };
        match verified {
            1 => Answer::Accepted,
            _ => Answer::Refused { code, depth },
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: made by `X509_STORE_CTX_new` and freed only here.
        unsafe { ffi::X509_STORE_CTX_free(self.0) }
    }
}

pub(crate) fn flags(revocation: Revocation) -> std::os::raw::c_ulong {
    match revocation {
        Revocation::Chain => ffi::X509_V_FLAG_CRL_CHECK | ffi::X509_V_FLAG_CRL_CHECK_ALL,
        Revocation::Covered | Revocation::EndEntity => ffi::X509_V_FLAG_CRL_CHECK,
        Revocation::Off => 0,
    }
}

extern "C" fn note(ok: c_int, context: *mut ffi::X509_STORE_CTX) -> c_int {
    if ok != 1 {
        // SAFETY: OpenSSL hands its callback a live context.
        let (code, depth) = unsafe {
            (
                ffi::X509_STORE_CTX_get_error(context),
                ffi::X509_STORE_CTX_get_error_depth(context),
            )
        };
        ERRORS.with_borrow_mut(|errors| errors.push(Answer::Refused { code, depth }));
    }
    1
}

thread_local! {
    static ERRORS: RefCell<Vec<Answer>> = const { RefCell::new(Vec::new()) };
}

/// A file that lives as long as the value: OpenSSL loads from paths only.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(text: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let dir = Some(PathBuf::from("/dev/shm"))
            .filter(|d| d.is_dir())
            .unwrap_or_else(std::env::temp_dir);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = dir.join(format!("compat-openssl-{}-{count}.pem", std::process::id()));
        fs::write(&path, text).expect("the temporary directory is writable");
        Self(path)
    }

    fn c_path(&self) -> CString {
        CString::new(self.0.to_str().expect("made of ASCII")).expect("no NUL")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether OpenSSL finds a certificate invalid at the first check, and no longer at the second.
pub fn is_half_read(der: &[u8]) -> bool {
    let Ok(certificate) = X509::from_der(der) else {
        return false;
    };
    // SAFETY: the certificate is alive.
    let look = || unsafe { X509_check_purpose(certificate.as_ptr(), -1, 0) };
    let (first, second) = (look(), look());
    openssl::error::ErrorStack::get();
    first != 1 && second == 1
}

/// How many bits the public exponent of a certificate's RSA key has; 0 for another key.
pub fn exponent_bits(der: &[u8]) -> i32 {
    let key = X509::from_der(der).and_then(|certificate| certificate.public_key());
    let bits = key.and_then(|key| key.rsa()).map(|rsa| rsa.e().num_bits());
    // Another kind of key leaves errors.
    openssl::error::ErrorStack::get();
    bits.unwrap_or(0)
}

// Calls that openssl-sys does not declare.
unsafe extern "C" {
    fn X509_check_purpose(certificate: *mut ffi::X509, purpose: c_int, ca: c_int) -> c_int;
    fn X509_STORE_load_locations(
        store: *mut ffi::X509_STORE,
        file: *const std::os::raw::c_char,
        dir: *const std::os::raw::c_char,
    ) -> c_int;
    fn X509_STORE_CTX_set_default(
        context: *mut ffi::X509_STORE_CTX,
        name: *const std::os::raw::c_char,
    ) -> c_int;
    fn X509_STORE_CTX_get0_param(context: *mut ffi::X509_STORE_CTX) -> *mut ffi::X509_VERIFY_PARAM;
    fn X509_STORE_CTX_set_verify_cb(
        context: *mut ffi::X509_STORE_CTX,
        callback: Option<extern "C" fn(c_int, *mut ffi::X509_STORE_CTX) -> c_int>,
    );
}
