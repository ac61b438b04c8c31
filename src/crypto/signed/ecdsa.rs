use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

use super::hash::Hash;

/// A curve that ECDSA keys lie on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::crypto) enum Curve {
    P224,
    P256,
    P384,
    P521,
    Secp256k1,
}

impl Curve {
    /// Returns the curve of this OBJECT IDENTIFIER, given by its contents.
    pub(super) fn of_oid(oid: &[u8]) -> Option<Self> {
        match oid {
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Some(Self::P256),
            [0x2b, 0x81, 4, 0, 10] => Some(Self::Secp256k1),
            [0x2b, 0x81, 4, 0, 33] => Some(Self::P224),
            [0x2b, 0x81, 4, 0, 34] => Some(Self::P384),
            [0x2b, 0x81, 4, 0, 35] => Some(Self::P521),
            _ => None,
        }
    }

    /// Whether the key at this point made the signature. It must be DER, as in OpenSSL.
    pub(in crate::crypto) fn verify(
        self,
        point: &[u8],
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        macro_rules! verify {
            ($curve:ident) => {{
                use $curve::ecdsa::{Signature, VerifyingKey};
                let key = VerifyingKey::from_sec1_bytes(point);
                // Of the two values that verify, k256 takes the lower one only.
                let signature = Signature::from_der(signature).map(|good| good.normalize_s());
                let hash = hash.digest(&[message]);
                matches!((key, signature), (Ok(key), Ok(signature))
                    if key.verify_prehash(&hash, &signature).is_ok())
            }};
        }
        match self {
            Self::P224 => verify!(p224),
            Self::P256 => verify!(p256),
            Self::P384 => verify!(p384),
            Self::P521 => verify!(p521),
            Self::Secp256k1 => verify!(k256),
        }
    }
}

/// Whether a point has the form that every provider takes.
pub(super) fn is_uncompressed(point: &[u8]) -> bool {
    point.first() == Some(&4)
}
