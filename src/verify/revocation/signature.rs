use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustls::pki_types::{CertificateRevocationListDer, SignatureVerificationAlgorithm};

use super::question::{PathSignatures, Question};
use crate::crypto::{IssuerKey, Signed, verify_signed};
use crate::x509::Certificate;
use crate::x509::crl::SignedList;

/// The signature of a list, verified at most once for each key.
///
/// A list that one key has signed is badly signed for every other. So once the issuer's key is known, only its bytes
/// are compared, and the list's own bytes, which may be many megabytes, are dropped.
pub(super) struct ListSignature {
    /// The AlgorithmIdentifier, DER without the outer header.
    algorithm: Vec<u8>,
    value: Vec<u8>,
    /// The SubjectPublicKeyInfo of the issuer.
    signer: OnceLock<Box<[u8]>>,
    unsettled: Mutex<Unsettled>,
}

struct Unsettled {
    der: CertificateRevocationListDer<'static>,
    signed: Range<usize>,
    tried: TriedKeys,
}

/// Keys, by their hashes, and whether the list is by them; and when the last one was tried.
#[derive(Default)]
struct TriedKeys {
    hasher: RandomState,
    results: VecDeque<(u64, bool)>,
    last: i64,
}

impl ListSignature {
    /// Returns `None` if the signature can be nobody's.
    pub(super) fn new(list: SignedList) -> Option<Self> {
        Some(Self {
            algorithm: list.algorithm,
            value: list.signature?,
            signer: OnceLock::new(),
            unsettled: Mutex::new(Unsettled {
                der: list.der,
                signed: list.tbs,
                tried: TriedKeys::default(),
            }),
        })
    }

    /// Whether the key of `issuer`, a certificate of the path in question, signed the list.
    pub(super) fn is_by(&self, issuer: &Certificate<'_>, question: Question<'_>) -> bool {
        let key = issuer.spki();
        if let Some(signer) = self.signer.get() {
            return **signer == *key;
        }
        let mut unsettled = self
            .unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Another connection may have settled it while this one waited.
        if let Some(signer) = self.signer.get() {
            return **signer == *key;
        }
        let is_verified = question.signatures == PathSignatures::Verified;
        let message = &unsettled.der[unsettled.signed.clone()];
        let is_good = match unsettled.tried.result(key) {
            Some(result) => result,
            None if !is_verified && unsettled.tried.is_too_much(message.len(), question.now) => {
                return false;
            }
            None => {
                let is_good = self.verify(issuer, message, question.algorithms);
                unsettled.tried.insert(key, is_good, question.now);
                is_good
            }
        };
        if is_good && is_verified {
            self.signer.get_or_init(|| key.into());
            unsettled.der = CertificateRevocationListDer::from(Vec::new());
            unsettled.signed = 0..0;
        }
        is_good
    }

    #[cfg(feature = "crl-fetch")]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.value == other.value
    }

    fn verify(
        &self,
        issuer: &Certificate<'_>,
        message: &[u8],
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> bool {
        let key = IssuerKey {
            algorithm: issuer.key_algorithm(),
            bits: issuer.key_bits(),
        };
        let signed = Signed {
            message,
            algorithm: &self.algorithm,
            signature: &self.value,
        };
        verify_signed(algorithms, key, signed).is_ok()
    }
}

impl TriedKeys {
    fn result(&self, key: &[u8]) -> Option<bool> {
        let hash = self.hasher.hash_one(key);
        let mut results = self.results.iter();
        results
            .find(|(tried, _)| *tried == hash)
            .map(|(_, result)| *result)
    }

    /// Whether one more key costs too much for a message of `len` octets: unknown ones are then tried once a second.
    fn is_too_much(&self, len: usize, now: i64) -> bool {
        self.results.len() == TRIED_KEYS && len > CHEAP && now == self.last
    }

    fn insert(&mut self, key: &[u8], result: bool, now: i64) {
        if self.results.len() == TRIED_KEYS {
            self.results.pop_front();
        }
        self.results.push_back((self.hasher.hash_one(key), result));
        self.last = now;
    }
}

const TRIED_KEYS: usize = 16;

/// What is hashed faster than the signature of a handshake is verified.
const CHEAP: usize = 32 * 1024;
