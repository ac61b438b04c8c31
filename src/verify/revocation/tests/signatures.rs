//! How often signatures are verified.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

use super::super::PathSignatures::{self, Unverified, Verified};
use super::super::{Crl, RevocationDepth, RevocationIndex};
use super::list::*;
use crate::pki::TrustedCertificate;
use crate::verify::code::VerifyCode;
use crate::verify::test_pki::*;
use crate::verify::trust_store::TrustStore;
use crate::x509::Certificate;

/// Asks about an end entity of the CA `Root` with the key `seed`, whose own signature is good.
fn ask(index: &RevocationIndex, seed: u8, algorithm: &CountingP256) -> Option<VerifyCode> {
    ask_on(Verified, index, seed, NOW, algorithm)
}

fn ask_on(
    signatures: PathSignatures,
    index: &RevocationIndex,
    seed: u8,
    now: i64,
    algorithm: &dyn SignatureVerificationAlgorithm,
) -> Option<VerifyCode> {
    let end_entity = CertificateSpec::default().certificate();
    let issuer = CertificateSpec::ca(root_name(), seed).certificate();
    let path: [&Certificate<'_>; 2] = [&end_entity, &issuer];
    let found = index.check_path(
        &path,
        RevocationDepth::EndEntity,
        now,
        &[algorithm],
        signatures,
    );
    found.refusals.first().map(|refusal| refusal.code())
}

fn index(list: &ListSpec) -> RevocationIndex {
    RevocationIndex::new(vec![list.parse().unwrap()])
}

/// A list that is too long to be cheap to hash.
fn long_list() -> ListSpec {
    let mut spec = list();
    spec.entries
        .extend((0..2000_u16).map(|n| entry(&[&[1], &n.to_be_bytes()[..]].concat())));
    assert!(spec.der().len() > 40_000);
    spec
}

/// Accepts every signature, except on messages that contain this text.
#[derive(Debug)]
pub(super) struct EverySignature {
    pub(super) except: Option<&'static str>,
}

impl SignatureVerificationAlgorithm for EverySignature {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }

    fn verify_signature(&self, _: &[u8], message: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        let is_in_message = |text: &str| {
            let mut parts = message.windows(text.len());
            parts.any(|part| part == text.as_bytes())
        };
        match self.except.is_some_and(is_in_message) {
            true => Err(InvalidSignature),
            false => Ok(()),
        }
    }
}

/// An algorithm for which every signature is good, but not before it is told to finish.
#[derive(Debug)]
struct Slow {
    started: Sender<()>,
    finish: Mutex<Receiver<()>>,
}

impl SignatureVerificationAlgorithm for Slow {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }

    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        self.started.send(()).unwrap();
        self.finish.lock().unwrap().recv_timeout(LIMIT).unwrap();
        Ok(())
    }
}

const LIMIT: Duration = Duration::from_secs(20);

const BAD: Option<VerifyCode> = Some(VerifyCode::CrlSignatureFailure);

#[test]
fn a_list_is_verified_when_it_is_loaded_and_never_again() {
    let (algorithm, index) = (CountingP256::default(), index(&list()));
    let mut store = TrustStore::default();
    for spec in [CertificateSpec::ca(cn("Other"), 5), CertificateSpec::root()] {
        store.add(TrustedCertificate::from_der(spec.der().into()).unwrap());
    }
    index.verify_with(&store, &[&algorithm]);
    assert_eq!(algorithm.count(), 1);
    for _ in 0..3 {
        assert_eq!(ask(&index, 1, &algorithm), None);
    }
    assert_eq!(ask(&index, 2, &algorithm), BAD);
    assert_eq!(algorithm.count(), 1);
}

#[test]
fn a_list_whose_issuer_comes_with_the_peer_is_verified_once() {
    let (algorithm, index) = (CountingP256::default(), index(&list()));
    for _ in 0..3 {
        assert_eq!(ask(&index, 1, &algorithm), None);
    }
    assert_eq!(algorithm.count(), 1);
}

#[test]
fn a_key_that_did_not_sign_is_tried_once() {
    let (algorithm, index) = (CountingP256::default(), index(&list()));
    for _ in 0..3 {
        assert_eq!(ask(&index, 2, &algorithm), BAD);
    }
    assert_eq!(algorithm.count(), 1);
    assert_eq!(ask(&index, 1, &algorithm), None);
}

#[test]
fn keys_of_unverified_paths_are_tried_on_a_long_list_once_a_second() {
    let (algorithm, index) = (CountingP256::default(), index(&long_list()));
    for seed in 11..41 {
        assert_eq!(ask_on(Unverified, &index, seed, NOW, &algorithm), BAD);
    }
    assert_eq!(algorithm.count(), 16);
    assert_eq!(ask_on(Unverified, &index, 1, NOW, &algorithm), BAD);
    assert_eq!(ask_on(Unverified, &index, 1, NOW + 1, &algorithm), None);
    assert_eq!(algorithm.count(), 17);
}

#[test]
fn the_key_of_a_verified_path_need_not_wait() {
    let (algorithm, index) = (CountingP256::default(), index(&long_list()));
    for seed in 11..41 {
        assert_eq!(ask_on(Unverified, &index, seed, NOW, &algorithm), BAD);
    }
    assert_eq!(ask(&index, 1, &algorithm), None);
}

#[test]
fn a_short_list_is_verified_with_any_number_of_keys() {
    let (algorithm, index) = (CountingP256::default(), index(&list()));
    for seed in 11..41 {
        assert_eq!(ask_on(Unverified, &index, seed, NOW, &algorithm), BAD);
    }
    assert_eq!(ask_on(Unverified, &index, 1, NOW, &algorithm), None);
    assert_eq!(algorithm.count(), 31);
}

#[test]
fn who_waits_while_another_verifies_a_list_is_told_whose_it_is() {
    let (started, has_started) = mpsc::channel();
    let (finish, finished) = mpsc::channel();
    let algorithm = Slow {
        started: started.clone(),
        finish: Mutex::new(finished),
    };
    let index = index(&list());
    let ask = |seed| ask_on(Verified, &index, seed, NOW, &algorithm);
    thread::scope(|scope| {
        let first = scope.spawn(|| ask(1));
        has_started.recv_timeout(LIMIT).unwrap();
        let waiting = [1, 2].map(|seed| {
            let started = started.clone();
            scope.spawn(move || {
                started.send(()).unwrap();
                ask(seed)
            })
        });
        for _ in &waiting {
            has_started.recv_timeout(LIMIT).unwrap();
        }
        // Until they wait.
        thread::sleep(Duration::from_millis(50));
        finish.send(()).unwrap();
        assert_eq!(first.join().unwrap(), None);
        assert_eq!(waiting.map(|thread| thread.join().unwrap()), [None, BAD]);
    });
}

#[test]
fn a_key_of_an_unverified_path_does_not_settle_whose_the_list_is() {
    // An RSA key can be made for which a given signature is good.
    let index = index(&list());
    let every = EverySignature { except: None };
    assert_eq!(ask_on(Unverified, &index, 2, NOW, &every), None);
    assert_eq!(ask_on(Verified, &index, 1, NOW, &every), None);
    assert_eq!(ask_on(Unverified, &index, 2, NOW, &every), BAD);
}

#[test]
fn a_key_that_was_tried_on_an_unverified_path_settles_it_on_a_verified_one() {
    let (algorithm, index) = (CountingP256::default(), index(&list()));
    assert_eq!(ask_on(Unverified, &index, 1, NOW, &algorithm), None);
    assert_eq!(ask(&index, 1, &algorithm), None);
    assert_eq!(ask(&index, 2, &algorithm), BAD);
    assert_eq!(algorithm.count(), 1);
}

#[test]
fn a_list_that_no_algorithm_can_verify_is_badly_signed() {
    let end_entity = CertificateSpec::default().certificate();
    let root = CertificateSpec::root().certificate();
    let path = [&end_entity, &root];
    let index = RevocationIndex::new(vec![with_unknown_algorithm(list().der())]);
    let found = index.check_path(&path, RevocationDepth::EndEntity, NOW, &[], Verified);
    let [refusal] = &found.refusals[..] else {
        panic!("{:?}", found.refusals)
    };
    assert_eq!(refusal.code(), VerifyCode::CrlSignatureFailure);
    assert_eq!(refusal.revocation_list(), Some("C = DE, CN = Root"));
}

fn with_unknown_algorithm(mut der: Vec<u8>) -> Crl {
    let sha256 = alg_id::ECDSA_SHA256;
    let starts = (0..der.len()).filter(|at| der[*at..].starts_with(&sha256));
    for start in starts.collect::<Vec<_>>() {
        der[start + sha256.len() - 1] = 9;
    }
    crl(der).unwrap()
}
