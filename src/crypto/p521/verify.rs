//! Signatures made with keys on P-521.

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// What `openssl req` signs with if it is not told otherwise.
pub(in crate::crypto) static SHA256: &dyn SignatureVerificationAlgorithm = &Ecdsa {
    signature: alg_id::ECDSA_SHA256,
    prehash: |message| padded(&Sha256::digest(message)),
};

pub(in crate::crypto) static SHA384: &dyn SignatureVerificationAlgorithm = &Ecdsa {
    signature: alg_id::ECDSA_SHA384,
    prehash: |message| padded(&Sha384::digest(message)),
};

pub(in crate::crypto) static SHA512: &dyn SignatureVerificationAlgorithm = &Ecdsa {
    signature: alg_id::ECDSA_SHA512,
    prehash: |message| padded(&Sha512::digest(message)),
};

#[derive(Debug)]
struct Ecdsa {
    signature: AlgorithmIdentifier,
    prehash: fn(&[u8]) -> [u8; FIELD],
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify_prehash(&(self.prehash)(message), &signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// All three hashes are shorter than the order of the curve, so they count as the number they are;
/// `verify_prehash` refuses those of less than half its length.
fn padded(hash: &[u8]) -> [u8; FIELD] {
    let mut padded = [0; FIELD];
    padded[FIELD - hash.len()..].copy_from_slice(hash);
    padded
}

/// The length of a number on the curve.
const FIELD: usize = 66;
