//! Signatures made with keys on P-521.

use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

use crate::crypto::signed::ecdsa;
use crate::x509::algorithm::Digest;
use crate::x509::key::Curve;

/// What `openssl req` signs with if it is not told otherwise.
pub(in crate::crypto) static SHA256: &dyn SignatureVerificationAlgorithm = &Ecdsa {
    signature: alg_id::ECDSA_SHA256,
    digest: Digest::Sha256,
};

pub(in crate::crypto) static SHA384: &dyn SignatureVerificationAlgorithm = &Ecdsa {
    signature: alg_id::ECDSA_SHA384,
    digest: Digest::Sha384,
};

pub(in crate::crypto) static SHA512: &dyn SignatureVerificationAlgorithm = &Ecdsa {
    signature: alg_id::ECDSA_SHA512,
    digest: Digest::Sha512,
};

#[derive(Debug)]
struct Ecdsa {
    signature: AlgorithmIdentifier,
    digest: Digest,
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        ecdsa::verify(Curve::P521, public_key, self.digest, message, signature)
            .then_some(())
            .ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
