//! Keys and certificates of the type RSA-PSS (`rsassaPss`, [RFC
//! 4055](https://www.rfc-editor.org/rfc/rfc4055)): RSA keys that make PSS signatures only.
//!
//! The base providers know PSS with keys of the common type, which are the same but for the label.
//! In TLS 1.2 rustls takes these signatures from nobody.

use std::sync::Arc;

use p521::pkcs8::der::Encode as _;
use p521::pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls::crypto::KeyProvider;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, PrivatePkcs1KeyDer,
    SignatureVerificationAlgorithm, alg_id,
};
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// Loads a key, if it is one of this type and `base` can use it.
pub(super) fn load(
    key: &PrivateKeyDer<'_>,
    base: &'static dyn KeyProvider,
) -> Option<Arc<dyn SigningKey>> {
    let PrivateKeyDer::Pkcs8(der) = key else {
        return None;
    };
    let info = PrivateKeyInfoRef::try_from(der.secret_pkcs8_der()).ok()?;
    if info.algorithm.oid != OID {
        return None;
    }
    // Without parameters the key goes with any hash.
    let parameters = match info.algorithm.parameters {
        Some(parameters) => Some(parameters.to_der().ok()?),
        None => None,
    };
    let hashes: Vec<_> = HASHES
        .iter()
        .filter(|hash| {
            parameters
                .as_ref()
                .is_none_or(|found| hash.parameters() == found)
        })
        .collect();
    if hashes.is_empty() {
        return None;
    }
    let inner = PrivatePkcs1KeyDer::from(info.private_key.as_bytes().to_vec());
    let inner = base.load_private_key(inner.into()).ok()?;
    Some(Arc::new(Key { inner, hashes }))
}

/// The algorithms that verify with keys of this type, by the scheme that they go with.
pub(super) fn algorithms(
    base: &[&'static dyn SignatureVerificationAlgorithm],
) -> Vec<(SignatureScheme, &'static dyn SignatureVerificationAlgorithm)> {
    let known = |hash: &Hash| {
        (base.iter().copied()).find(|algorithm| {
            algorithm.public_key_alg_id() == alg_id::RSA_ENCRYPTION
                && algorithm.signature_alg_id() == hash.signature
        })
    };
    HASHES
        .iter()
        .filter_map(|hash| Some((hash, known(hash)?)))
        .flat_map(|(hash, inner)| {
            // TLS 1.3 takes the first: a key without parameters, as OpenSSL makes them.
            [alg_id_without_parameters(), hash.signature].map(|key| {
                let algorithm: &dyn SignatureVerificationAlgorithm =
                    Box::leak(Box::new(Verification { inner, key }));
                (hash.own, algorithm)
            })
        })
        .collect()
}

struct Hash {
    /// The scheme for keys of this type.
    own: SignatureScheme,
    /// The scheme with the same signature for keys of the common type.
    common: SignatureScheme,
    signature: AlgorithmIdentifier,
}

impl Hash {
    /// Of a signature, and so of a key that makes no others.
    fn parameters(&self) -> &[u8] {
        &self.signature[OID_DER.len()..]
    }
}

struct Key {
    inner: Arc<dyn SigningKey>,
    hashes: Vec<&'static Hash>,
}

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let hash = (self.hashes.iter()).find(|hash| offered.contains(&hash.own))?;
        let inner = self.inner.choose_scheme(&[hash.common])?;
        Some(Box::new(KeySigner {
            inner,
            scheme: hash.own,
        }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct KeySigner {
    inner: Box<dyn Signer>,
    scheme: SignatureScheme,
}

impl Signer for KeySigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.inner.sign(message)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

#[derive(Debug)]
struct Verification {
    inner: &'static dyn SignatureVerificationAlgorithm,
    key: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for Verification {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.inner.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}

const fn alg_id_without_parameters() -> AlgorithmIdentifier {
    AlgorithmIdentifier::from_slice(&OID_DER)
}

static HASHES: [Hash; 3] = [
    Hash {
        own: SignatureScheme::Unknown(0x0809),
        common: SignatureScheme::RSA_PSS_SHA256,
        signature: alg_id::RSA_PSS_SHA256,
    },
    Hash {
        own: SignatureScheme::Unknown(0x080a),
        common: SignatureScheme::RSA_PSS_SHA384,
        signature: alg_id::RSA_PSS_SHA384,
    },
    Hash {
        own: SignatureScheme::Unknown(0x080b),
        common: SignatureScheme::RSA_PSS_SHA512,
        signature: alg_id::RSA_PSS_SHA512,
    },
];

/// `rsassaPss`.
const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const OID_DER: [u8; 11] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a,
];
