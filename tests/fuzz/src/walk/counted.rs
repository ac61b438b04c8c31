//! Signature algorithms that accept a signature if its first octet is 0, and record each call.

use std::cell::RefCell;
use std::sync::LazyLock;

use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// One verification.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Call {
    pub(super) key: Vec<u8>,
    pub(super) message: Vec<u8>,
    signature: Vec<u8>,
    pub(super) is_good: bool,
}

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Forgets all calls.
pub(super) fn start() {
    CALLS.take();
}

/// Returns the calls since the start.
pub(super) fn calls() -> Vec<Call> {
    CALLS.with_borrow(Vec::clone)
}

/// A provider that has only these algorithms.
pub(super) static PROVIDER: LazyLock<CryptoProvider> = LazyLock::new(|| CryptoProvider {
    signature_verification_algorithms: WebPkiSupportedAlgorithms {
        all: ALL,
        mapping: &[],
    },
    ..crate::PROVIDER.clone()
});

const ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    &Counted {
        key: alg_id::ECDSA_P256,
        signature: alg_id::ECDSA_SHA256,
    },
    &Counted {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PKCS1_SHA256,
    },
    &Counted {
        key: alg_id::ED25519,
        signature: alg_id::ED25519,
    },
];

#[derive(Debug)]
struct Counted {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for Counted {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let is_good = signature.first() == Some(&0);
        let call = Call {
            key: key.to_vec(),
            message: message.to_vec(),
            signature: signature.to_vec(),
            is_good,
        };
        CALLS.with_borrow_mut(|calls| calls.push(call));
        match is_good {
            true => Ok(()),
            false => Err(InvalidSignature),
        }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
