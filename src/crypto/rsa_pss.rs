//! Keys and certificates of the type RSA-PSS (`rsassaPss`, [RFC
//! 4055](https://www.rfc-editor.org/rfc/rfc4055)): RSA keys that make PSS signatures only.
//!
//! The base providers support PSS with keys of the common type, which are the same except for the label. In TLS 1.2
//! rustls accepts signatures of RSA-PSS keys from no peer.
//!
//! Such a key may restrict itself to one hash, and to salts of a least length. TLS 1.3 always uses a salt as long as
//! the hash, and the same hash for the mask (RFC 8446, section 4.2.3, `rsa_pss_pss_*`). So a key whose restrictions
//! allow that works with one scheme, a key without restrictions with all three, and any other key is refused.

use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, PrivatePkcs1KeyDer,
    SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, alg_id,
};
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

use crate::x509::algorithm::{Algorithm, Digest};
use crate::x509::der::{self, OCTET_STRING, Reader};

/// Loads a key, if it is one of this type and `base` can use it.
///
/// The private key inside is an RSAPrivateKey. `base` gets it as a common RSA key, and makes the signatures.
pub(super) fn load(
    key: &PrivateKeyDer<'_>,
    base: &'static dyn KeyProvider,
) -> Option<Arc<dyn SigningKey>> {
    let PrivateKeyDer::Pkcs8(der) = key else {
        return None;
    };
    let mut fields = Reader::new(der.secret_pkcs8_der()).sequence()?;
    fields.integer()?;
    let algorithm = Algorithm::read(&mut fields).filter(|found| found.oid == OID)?;
    let hashes: Vec<_> = HASHES
        .iter()
        .filter(|hash| hash.goes_with(algorithm))
        .collect();
    if hashes.is_empty() {
        return None;
    }
    let pkcs1 = fields.expect(OCTET_STRING)?.string()?.into_owned();
    let inner = base
        .load_private_key(PrivatePkcs1KeyDer::from(pkcs1).into())
        .ok()?;
    Some(Arc::new(Key {
        public_key: public_key(&*inner, algorithm),
        inner,
        hashes,
    }))
}

/// Returns the SubjectPublicKeyInfo of a key with the algorithm of its certificate.
///
/// It is compared with the certificate's, where the key has the type RSA-PSS.
fn public_key(inner: &dyn SigningKey, algorithm: Algorithm<'_>) -> Option<Vec<u8>> {
    let info = inner.public_key()?;
    let mut fields = Reader::new(&info).sequence()?;
    Algorithm::read(&mut fields)?;
    let algorithm = der::encode(der::CONSTRUCTED_SEQUENCE, algorithm.content);
    Some(der::encode(
        der::CONSTRUCTED_SEQUENCE,
        &[&algorithm, fields.rest()].concat(),
    ))
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

/// What belongs to one hash function.
struct Hash {
    /// The scheme for keys of this type.
    own: SignatureScheme,
    /// The scheme with the same signature for keys of the common type.
    common: SignatureScheme,
    /// The AlgorithmIdentifier by which providers find the algorithm.
    signature: AlgorithmIdentifier,
    digest: Digest,
}

impl Hash {
    /// Whether a key with this algorithm makes the signatures of TLS, whose salt is as long as the hash (RFC 8446, section
    /// 4.2.3). A key without parameters goes with any hash.
    fn goes_with(&self, key: Algorithm<'_>) -> bool {
        key.parameters.is_none()
            || key.pss().is_some_and(|limits| {
                limits.digest == self.digest
                    && limits.mask_digest == self.digest
                    && limits.salt_len <= self.digest.len()
            })
    }
}

/// A key of this type around a key of the base.
struct Key {
    /// A SubjectPublicKeyInfo.
    public_key: Option<Vec<u8>>,
    /// The same key, as the base provider loaded it.
    inner: Arc<dyn SigningKey>,
    /// Those that the key's restrictions allow; at least one.
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

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        self.public_key.as_deref().map(Into::into)
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

/// Signs as the base does, under another name of the scheme.
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

/// Verifies with an algorithm of the base, for keys with another label. The restrictions of a key are checked
/// elsewhere: in `verify::rustls::signature` for handshakes, and in `signed` for certificates.
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

/// The AlgorithmIdentifier of a key that restricts nothing. It has no parameters at all, not even NULL (RFC 4055,
/// section 1.2).
const fn alg_id_without_parameters() -> AlgorithmIdentifier {
    AlgorithmIdentifier::from_slice(&OID_DER)
}

/// rustls has no names for the schemes of RSA-PSS keys (`rsa_pss_pss_sha256` and so on), only numbers.
static HASHES: [Hash; 3] = [
    Hash {
        own: SignatureScheme::Unknown(0x0809),
        common: SignatureScheme::RSA_PSS_SHA256,
        signature: alg_id::RSA_PSS_SHA256,
        digest: Digest::Sha256,
    },
    Hash {
        own: SignatureScheme::Unknown(0x080a),
        common: SignatureScheme::RSA_PSS_SHA384,
        signature: alg_id::RSA_PSS_SHA384,
        digest: Digest::Sha384,
    },
    Hash {
        own: SignatureScheme::Unknown(0x080b),
        common: SignatureScheme::RSA_PSS_SHA512,
        signature: alg_id::RSA_PSS_SHA512,
        digest: Digest::Sha512,
    },
];

/// `rsassaPss`, 1.2.840.113549.1.1.10.
const OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const OID_DER: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{integer, oid, seq, tlv};

    const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
    const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
    const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
    const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

    /// RSASSA-PSS-params (RFC 4055, section 3.1).
    fn restricted(digest: &[u8], mask: &[u8], salt: u8) -> Vec<u8> {
        let mask = seq(&[oid(MGF1), seq(&[oid(mask)])]);
        let fields = [
            tlv(0xa0, &seq(&[oid(digest)])),
            tlv(0xa1, &mask),
            tlv(0xa2, &integer(&[salt])),
        ];
        seq(&[oid(OID), seq(&fields)])
    }

    /// RFC 8446, section 4.2.3: the salt is as long as the hash, and the mask has the same hash.
    #[test]
    fn a_key_signs_with_the_hash_that_its_restrictions_allow() {
        for (key, hashes) in [
            (seq(&[oid(OID)]), [true, true, true]),
            (restricted(SHA256, SHA256, 0), [true, false, false]),
            (restricted(SHA256, SHA256, 31), [true, false, false]),
            (restricted(SHA256, SHA256, 32), [true, false, false]),
            (restricted(SHA256, SHA256, 33), [false; 3]),
            (restricted(SHA384, SHA384, 48), [false, true, false]),
            (restricted(SHA384, SHA384, 49), [false; 3]),
            (restricted(SHA512, SHA512, 20), [false, false, true]),
            (restricted(SHA512, SHA512, 64), [false, false, true]),
            (restricted(SHA512, SHA512, 65), [false; 3]),
            (restricted(SHA256, SHA384, 32), [false; 3]),
            (restricted(SHA384, SHA256, 32), [false; 3]),
            (restricted(SHA1, SHA1, 20), [false; 3]),
            // All defaults: SHA-1.
            (seq(&[oid(OID), seq(&[])]), [false; 3]),
        ] {
            let algorithm = Algorithm::read(&mut Reader::new(&key)).unwrap();
            let found = HASHES.each_ref().map(|hash| hash.goes_with(algorithm));
            assert_eq!(found, hashes, "{key:02x?}");
        }
    }

    #[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
    #[test]
    fn a_key_offers_its_own_schemes_and_is_not_printed() {
        use rustls::pki_types::pem::PemObject as _;

        const SHA256_AND_384: [SignatureScheme; 2] = [
            SignatureScheme::Unknown(0x0809),
            SignatureScheme::Unknown(0x080a),
        ];
        let base = crate::crypto::default_base().unwrap().key_provider;
        let key = |pem: &[u8]| load(&PrivateKeyDer::from_pem_slice(pem).unwrap(), base);
        let free = include_bytes!("../../tests/testdata/crypto/rsapss.key");
        let of_sha256 = include_bytes!("../../tests/testdata/crypto/rsapss.sha256.key");
        for (pem, schemes) in [
            (&free[..], [Some(0x0809), Some(0x080a)]),
            (of_sha256, [Some(0x0809), None]),
        ] {
            let key = key(pem).unwrap();
            let found = SHA256_AND_384.map(|scheme| {
                let signer = key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256, scheme]);
                signer.map(|signer| u16::from(signer.scheme()))
            });
            assert_eq!(found, schemes);
            assert!(
                key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256])
                    .is_none()
            );
            assert_eq!(key.algorithm(), SignatureAlgorithm::RSA);
            assert_eq!(format!("{key:?}"), "Key { .. }");
        }
        let common = include_bytes!("../../tests/testdata/crypto/rsa2048.key");
        let masked = include_bytes!("../../tests/testdata/crypto/rsapss.mask.key");
        assert!(key(common).is_none() && key(masked).is_none());
    }
}
