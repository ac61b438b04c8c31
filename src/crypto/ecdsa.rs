//! ECDSA signatures of every curve and digest that OpenSSL verifies in a handshake or on a certificate.
//!
//! The base providers verify the pairs of curve and digest that TLS 1.3 names, and some more. In TLS 1.2 and on
//! certificates OpenSSL takes any pair. The RustCrypto crates verify those here; they handle public keys only.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::x509::algorithm::Digest;
use crate::x509::key::{Curve, sec1};

/// The algorithms of handshake signatures. In TLS 1.2 any digest goes with any curve (RFC 8422, section 5.10).
pub(super) static ALGORITHMS: [Ecdsa; 9] = [
    Ecdsa::new(P256, SHA256),
    Ecdsa::new(P384, SHA256),
    Ecdsa::new(P521, SHA256),
    Ecdsa::new(P256, SHA384),
    Ecdsa::new(P384, SHA384),
    Ecdsa::new(P521, SHA384),
    Ecdsa::new(P256, SHA512),
    Ecdsa::new(P384, SHA512),
    Ecdsa::new(P521, SHA512),
];

const P256: (Curve, AlgorithmIdentifier) = (Curve::P256, alg_id::ECDSA_P256);
const P384: (Curve, AlgorithmIdentifier) = (Curve::P384, alg_id::ECDSA_P384);
const P521: (Curve, AlgorithmIdentifier) = (Curve::P521, alg_id::ECDSA_P521);

const SHA256: (Digest, AlgorithmIdentifier) = (Digest::Sha256, alg_id::ECDSA_SHA256);
const SHA384: (Digest, AlgorithmIdentifier) = (Digest::Sha384, alg_id::ECDSA_SHA384);
const SHA512: (Digest, AlgorithmIdentifier) = (Digest::Sha512, alg_id::ECDSA_SHA512);

/// One pair of curve and digest, in the form in which rustls looks algorithms up.
#[derive(Debug)]
pub(super) struct Ecdsa {
    pub(super) curve: Curve,
    pub(super) digest: Digest,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

impl Ecdsa {
    const fn new(
        (curve, key): (Curve, AlgorithmIdentifier),
        (digest, signature): (Digest, AlgorithmIdentifier),
    ) -> Self {
        Self {
            curve,
            digest,
            key,
            signature,
        }
    }
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        verify(self.curve, public_key, self.digest, message, signature)
            .then_some(())
            .ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// Whether the key at this point made the signature. The signature must be DER, as in OpenSSL.
///
/// MD5 and SHA-1 verify nothing. A digest that is longer than the curve's order is cut to its length (SEC 1, section
/// 4.1.4).
pub(super) fn verify(
    curve: Curve,
    point: &[u8],
    digest: Digest,
    message: &[u8],
    signature: &[u8],
) -> bool {
    macro_rules! verify {
        ($curve:ident) => {{
            use $curve::ecdsa::{Signature, VerifyingKey};
            let key = VerifyingKey::from_sec1_bytes(&sec1(point));
            // Of the two values that verify, k256 accepts only the lower one.
            let signature = Signature::from_der(signature).map(|good| good.normalize_s());
            matches!((key, signature, hash(digest, message)), (Ok(key), Ok(signature), Some(hash))
                if key.verify_prehash(&hash, &signature).is_ok())
        }};
    }
    match curve {
        Curve::P256 => verify!(p256),
        Curve::P384 => verify!(p384),
        Curve::P521 => verify!(p521),
        Curve::Secp256k1 => verify!(k256),
    }
}

/// `None` for digests that are too weak.
fn hash(digest: Digest, message: &[u8]) -> Option<Vec<u8>> {
    Some(match digest {
        Digest::Md5 | Digest::Sha1 => return None,
        Digest::Sha224 => Sha224::digest(message).to_vec(),
        Digest::Sha256 => Sha256::digest(message).to_vec(),
        Digest::Sha384 => Sha384::digest(message).to_vec(),
        Digest::Sha512 => Sha512::digest(message).to_vec(),
    })
}

/// Whether a point has the form that every provider accepts.
pub(super) fn is_uncompressed(point: &[u8]) -> bool {
    point.first() == Some(&4)
}
