use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustls::pki_types::{CertificateRevocationListDer, SignatureVerificationAlgorithm};

use crate::verify::certificate::Certificate;

/// The signature of a list, verified at most once.
///
/// A list that one key has signed is badly signed for every other. So once the key is known, only its
/// bytes are compared, and the list's own bytes, which may be many megabytes, are dropped.
pub(super) struct ListSignature {
    /// The AlgorithmIdentifier, DER without the outer header.
    algorithm: Vec<u8>,
    value: Vec<u8>,
    /// The SubjectPublicKeyInfo of the key that signed.
    signer: OnceLock<Box<[u8]>>,
    unverified: Mutex<Unverified>,
}

struct Unverified {
    der: CertificateRevocationListDer<'static>,
    signed: Range<usize>,
    refused: RefusedKeys,
}

/// Keys that did not sign the list, by their hashes.
///
/// Anyone can send certificates that name the list's issuer, each with another key. Hashing a long list for
/// each of them would be an attack on us: when this is full, an unknown key is tried only once a second.
#[derive(Default)]
struct RefusedKeys {
    hasher: RandomState,
    hashes: VecDeque<u64>,
    last: i64,
}

impl ListSignature {
    /// `signed` is where the signed part lies in `der`.
    pub(super) fn new(
        algorithm: Vec<u8>,
        value: Vec<u8>,
        der: CertificateRevocationListDer<'static>,
        signed: Range<usize>,
    ) -> Self {
        Self {
            algorithm,
            value,
            signer: OnceLock::new(),
            unverified: Mutex::new(Unverified {
                der,
                signed,
                refused: RefusedKeys::default(),
            }),
        }
    }

    /// Whether the key of `issuer` signed the list.
    pub(super) fn is_by(
        &self,
        issuer: &Certificate<'_>,
        now: i64,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> bool {
        let key = issuer.spki();
        if let Some(signer) = self.signer.get() {
            return **signer == *key;
        }
        let mut unverified = self
            .unverified
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Another connection may have found it while this one waited.
        if let Some(signer) = self.signer.get() {
            return **signer == *key;
        }
        let message = &unverified.der[unverified.signed.clone()];
        if !unverified.refused.admit(key, message.len(), now) {
            return false;
        }
        let is_good = algorithms
            .iter()
            .filter(|algorithm| {
                algorithm.signature_alg_id().as_ref() == self.algorithm
                    && algorithm.public_key_alg_id().as_ref() == issuer.key_algorithm
            })
            .any(|algorithm| {
                algorithm
                    .verify_signature(&issuer.key_bits, message, &self.value)
                    .is_ok()
            });
        if is_good {
            self.signer.get_or_init(|| key.into());
            unverified.der = CertificateRevocationListDer::from(Vec::new());
            unverified.signed = 0..0;
        } else {
            unverified.refused.insert(key, now);
        }
        is_good
    }
}

impl RefusedKeys {
    /// Whether it is worth trying `key` on a message of `len` octets.
    fn admit(&self, key: &[u8], len: usize, now: i64) -> bool {
        if self.hashes.contains(&self.hasher.hash_one(key)) {
            return false;
        }
        self.hashes.len() < REFUSED_KEYS || len <= CHEAP || now != self.last
    }

    fn insert(&mut self, key: &[u8], now: i64) {
        if self.hashes.len() == REFUSED_KEYS {
            self.hashes.pop_front();
        }
        self.hashes.push_back(self.hasher.hash_one(key));
        self.last = now;
    }
}

const REFUSED_KEYS: usize = 16;

/// What is hashed faster than the signature of a handshake is verified.
const CHEAP: usize = 32 * 1024;
