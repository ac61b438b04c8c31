use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::x509::algorithm::Digest;
use crate::x509::key::Curve;

/// Whether the key at this point made the signature. It must be DER, as in OpenSSL.
pub(in crate::crypto) fn verify(
    curve: Curve,
    point: &[u8],
    digest: Digest,
    message: &[u8],
    signature: &[u8],
) -> bool {
    macro_rules! verify {
        ($curve:ident) => {{
            use $curve::ecdsa::{Signature, VerifyingKey};
            let key = VerifyingKey::from_sec1_bytes(point);
            // Of the two values that verify, k256 takes the lower one only.
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

fn hash(digest: Digest, message: &[u8]) -> Option<Vec<u8>> {
    Some(match digest {
        Digest::Md5 | Digest::Sha1 => return None,
        Digest::Sha224 => Sha224::digest(message).to_vec(),
        Digest::Sha256 => Sha256::digest(message).to_vec(),
        Digest::Sha384 => Sha384::digest(message).to_vec(),
        Digest::Sha512 => Sha512::digest(message).to_vec(),
    })
}

/// Whether a point has the form that every provider takes.
pub(super) fn is_uncompressed(point: &[u8]) -> bool {
    point.first() == Some(&4)
}
