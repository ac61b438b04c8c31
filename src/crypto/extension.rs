//! A base provider together with what we add to it.

use std::sync::{Mutex, PoisonError};

use rustls::SupportedCipherSuite;
use rustls::crypto::CryptoProvider;

use super::{dhe, keys, order, p521, suites, verification};

/// What a base provider becomes.
#[derive(Clone)]
pub(super) struct Extension {
    base: CryptoProvider,
    pub(super) provider: CryptoProvider,
    #[cfg(feature = "cbc")]
    pub(super) cbc: Vec<SupportedCipherSuite>,
}

/// Completes `base`. What is added is made once for each base, since rustls wants suites and
/// algorithms that live as long as the process.
pub(super) fn of(base: &CryptoProvider) -> Extension {
    // The list is whole at any time: a panic elsewhere cannot have left it half made.
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = made.iter().find(|known| same(&known.base, base)) {
        return known.clone();
    }
    let provider = extend(base);
    let extension = Extension {
        base: base.clone(),
        #[cfg(feature = "cbc")]
        cbc: super::cbc::all(&provider.cipher_suites),
        provider,
    };
    made.push(extension.clone());
    extension
}

static MADE: Mutex<Vec<Extension>> = Mutex::new(Vec::new());

fn extend(base: &CryptoProvider) -> CryptoProvider {
    let mut cipher_suites = suites::mended(&base.cipher_suites);
    cipher_suites.extend(suites::added(&cipher_suites));
    let mut kx_groups = base.kx_groups.clone();
    let added = [p521::group(base.secure_random)]
        .into_iter()
        .chain(dhe::groups(base.secure_random));
    for group in added {
        if kx_groups.iter().all(|known| known.name() != group.name()) {
            kx_groups.push(group);
        }
    }
    CryptoProvider {
        cipher_suites: order::suites(&cipher_suites),
        kx_groups: order::groups(&kx_groups),
        signature_verification_algorithms: verification::complete(
            base.signature_verification_algorithms,
        ),
        secure_random: base.secure_random,
        key_provider: keys::complete(base.key_provider),
    }
}

/// Compares by address: a caller's provider may give other algorithms under the same numbers.
fn same(a: &CryptoProvider, b: &CryptoProvider) -> bool {
    let suites = a.cipher_suites.len() == b.cipher_suites.len()
        && (a.cipher_suites.iter().zip(&b.cipher_suites)).all(|(a, b)| same_suite(a, b));
    let groups = a.kx_groups.len() == b.kx_groups.len()
        && (a.kx_groups.iter().zip(&b.kx_groups)).all(|(a, b)| std::ptr::eq(*a, *b));
    let a_algorithms = a.signature_verification_algorithms;
    let b_algorithms = b.signature_verification_algorithms;
    suites
        && groups
        && std::ptr::eq(a_algorithms.all, b_algorithms.all)
        && std::ptr::eq(a_algorithms.mapping, b_algorithms.mapping)
        && std::ptr::eq(a.secure_random, b.secure_random)
        && std::ptr::eq(a.key_provider, b.key_provider)
}

fn same_suite(a: &SupportedCipherSuite, b: &SupportedCipherSuite) -> bool {
    match (a, b) {
        (SupportedCipherSuite::Tls12(a), SupportedCipherSuite::Tls12(b)) => std::ptr::eq(*a, *b),
        (SupportedCipherSuite::Tls13(a), SupportedCipherSuite::Tls13(b)) => std::ptr::eq(*a, *b),
        _ => false,
    }
}
