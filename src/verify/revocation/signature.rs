//! Who signed a list: verified once, and remembered.
//!
//! OpenSSL verifies the signature of a list in each verification of a peer, and so hashes the whole list each time.
//! For a list of 50 MB, that takes longer than everything else in a handshake. Here the key that signed a list is
//! remembered instead, and a handshake compares two keys.
//!
//! The first verification happens when the verifier is made, if the list's issuer is in `trusted-ca`, and otherwise
//! in the first handshake with a path that shows the issuer.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::ptr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use rustls::pki_types::{CertificateRevocationListDer, SignatureVerificationAlgorithm};

use super::question::{PathSignatures, Question};
use crate::crypto::{IssuerKey, Signed, verify_signed};
use crate::options::SecurityLevel;
use crate::pki::SharedList;
use crate::verify::trust_store::TrustStore;
use crate::x509::Certificate;

/// The signature of a list, verified at most once for each key.
///
/// A signature that is good for one key is bad for every other key. So once the issuer's key is known, only the bytes
/// of keys are compared, and the list's own bytes, which may be many megabytes, are dropped.
///
/// Which key that is depends on who is trusted: verifiers share a signature only if they have one [`Basis`].
pub(super) struct ListSignature {
    list: Arc<SharedList>,
    basis: Basis,
    /// The SubjectPublicKeyInfo of the issuer.
    ///
    /// Set once, by a key from a verified path or of a trusted CA.
    signer: OnceLock<Box<[u8]>>,
    /// Locked during a verification, so that connections do not all hash the same list at once.
    unsettled: Mutex<Unsettled>,
}

/// What decides which keys a verifier accepts, and the algorithms to try them with.
#[derive(Clone)]
pub(crate) struct Basis {
    /// Compared by address, which no other store can have as long as this reference exists.
    store: Weak<TrustStore>,
    algorithms: &'static [&'static dyn SignatureVerificationAlgorithm],
    level: SecurityLevel,
}

impl Basis {
    pub(crate) fn new(
        store: &Arc<TrustStore>,
        algorithms: &'static [&'static dyn SignatureVerificationAlgorithm],
        level: SecurityLevel,
    ) -> Self {
        Self {
            store: Arc::downgrade(store),
            algorithms,
            level,
        }
    }
}

impl PartialEq for Basis {
    fn eq(&self, other: &Self) -> bool {
        Weak::ptr_eq(&self.store, &other.store)
            && ptr::eq(self.algorithms, other.algorithms)
            && self.level == other.level
    }
}

/// What is needed as long as the signer is not known: the bytes of the list, which are dropped afterwards.
struct Unsettled {
    der: CertificateRevocationListDer<'static>,
    tried: TriedKeys,
}

/// The hashes of keys, with whether each key signed the list; and when the last key was tried.
///
/// The last keys are remembered, good or not. Without this, a peer whose path names the list's issuer could make us
/// hash a long list in every handshake. The hash has a random key, so that nobody can make two keys with the same
/// hash.
#[derive(Default)]
struct TriedKeys {
    hasher: RandomState,
    results: VecDeque<(u64, bool)>,
    last: i64,
}

impl ListSignature {
    /// `der` are the bytes of the list.
    pub(super) fn new(
        list: Arc<SharedList>,
        der: CertificateRevocationListDer<'static>,
        basis: Basis,
    ) -> Self {
        Self {
            list,
            basis,
            signer: OnceLock::new(),
            unsettled: Mutex::new(Unsettled {
                der,
                tried: TriedKeys::default(),
            }),
        }
    }

    /// Whether this is the signature of that list, for verifiers with the same basis.
    pub(super) fn is_of(&self, list: &Arc<SharedList>, basis: &Basis) -> bool {
        Arc::ptr_eq(&self.list, list) && self.basis == *basis
    }

    /// Whether the key of `issuer`, a certificate of the path in question, signed the list.
    ///
    /// A key from a path with unverified signatures can get the answer that it signed the list, but is not remembered
    /// as the signer.
    pub(super) fn is_by(&self, issuer: &Certificate<'_>, question: Question<'_>) -> bool {
        // Without a signature here, no key can have made the list's signature.
        let Some(signature) = &self.list.signed.signature else {
            return false;
        };
        let key = issuer.spki();
        if let Some(signer) = self.signer.get() {
            return **signer == *key;
        }
        let mut unsettled = self
            .unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Another connection may have found the key while this one waited.
        if let Some(signer) = self.signer.get() {
            return **signer == *key;
        }
        let is_verified = question.signatures == PathSignatures::Verified;
        let message = &unsettled.der[self.list.signed.tbs.clone()];
        let is_good = match unsettled.tried.result(key) {
            Some(result) => result,
            None if !is_verified && unsettled.tried.is_too_much(message.len(), question.now) => {
                return false;
            }
            None => {
                let signed = Signed {
                    message,
                    algorithm: &self.list.signed.algorithm,
                    signature,
                };
                let is_good = verifies(issuer, signed, question.algorithms);
                unsettled.tried.insert(key, is_good, question.now);
                is_good
            }
        };
        if is_good && is_verified {
            self.signer.get_or_init(|| key.into());
            unsettled.der = CertificateRevocationListDer::from(Vec::new());
        }
        is_good
    }

    /// Of lists that one key signed, those with the same signature have the same content.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let (ours, others) = (&self.list.signed, &other.list.signed);
        ours.signature.is_some()
            && ours.signature == others.signature
            && ours.algorithm == others.algorithm
    }
}

fn verifies(
    issuer: &Certificate<'_>,
    signed: Signed<'_>,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> bool {
    let key = IssuerKey {
        algorithm: issuer.key_algorithm(),
        bits: issuer.key_bits(),
    };
    verify_signed(algorithms, key, signed).is_ok()
}

impl TriedKeys {
    fn result(&self, key: &[u8]) -> Option<bool> {
        let hash = self.hasher.hash_one(key);
        let mut results = self.results.iter();
        results
            .find(|(tried, _)| *tried == hash)
            .map(|(_, result)| *result)
    }

    /// Whether one more key costs too much for a message of `len` octets: unknown keys are then tried once a second
    /// only.
    fn is_too_much(&self, len: usize, now: i64) -> bool {
        self.results.len() == TRIED_KEYS && len > CHEAP && now == self.last
    }

    /// Remembers a result, and forgets the oldest one if there are too many.
    fn insert(&mut self, key: &[u8], result: bool, now: i64) {
        if self.results.len() == TRIED_KEYS {
            self.results.pop_front();
        }
        self.results.push_back((self.hasher.hash_one(key), result));
        self.last = now;
    }
}

/// How many keys are remembered for one list.
const TRIED_KEYS: usize = 16;

/// The length in octets up to which hashing is faster than verifying the signature of a handshake.
const CHEAP: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_too_many_is_one_for_a_long_list_after_sixteen_others_in_the_same_second() {
        let mut tried = TriedKeys::default();
        for count in 0..20 {
            for (len, now, expected) in [
                (32_768, 7, false),
                (32_769, 7, count >= 16),
                (32_769, 8, false),
                (32_769, 6, false),
                (1, 7, false),
            ] {
                assert_eq!(tried.is_too_much(len, now), expected, "{count} {len} {now}");
            }
            tried.insert(&[count], false, 7);
        }
    }

    #[test]
    fn the_last_sixteen_keys_are_remembered_with_their_results() {
        let mut tried = TriedKeys::default();
        for key in 0..20 {
            assert_eq!(tried.result(&[key]), None);
            tried.insert(&[key], key % 3 == 0, 7);
            for known in 0..=key {
                let is_remembered = known + 16 > key;
                let expected = is_remembered.then_some(known % 3 == 0);
                assert_eq!(tried.result(&[known]), expected, "{known} after {key}");
            }
        }
    }
}
