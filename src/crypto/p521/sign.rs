//! Keys on P-521.
//!
//! A key of P-521 makes one kind of signature in TLS: ECDSA with SHA-512
//! (`ecdsa_secp521r1_sha512`), in both versions.

use std::sync::Arc;

use p521::SecretKey;
use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{Signature, SigningKey};
use p521::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use rustls::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use rustls::sign::Signer;
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// Loads a key, if it is one on this curve.
///
/// PKCS#8 and SEC 1 are read. `None` for any other key, and for one that cannot be read.
pub(in crate::crypto) fn load(
    key: &PrivateKeyDer<'_>,
) -> Option<Arc<dyn rustls::sign::SigningKey>> {
    let secret = match key {
        PrivateKeyDer::Pkcs8(der) => SecretKey::from_pkcs8_der(der.secret_pkcs8_der()).ok()?,
        PrivateKeyDer::Sec1(der) => SecretKey::from_sec1_der(der.secret_sec1_der()).ok()?,
        _ => return None,
    };
    Some(Arc::new(Key {
        key: SigningKey::from(&secret),
        public: secret.public_key().to_public_key_der().ok()?.into_vec(),
    }))
}

/// A key that signs, and its SubjectPublicKeyInfo, which is compared with the certificate.
struct Key {
    key: SigningKey,
    public: Vec<u8>,
}

impl rustls::sign::SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SCHEME)
            .then(|| Box::new(KeySigner(self.key.clone())) as _)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.public.as_slice().into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

/// Signs with nonces that are derived from key and message (RFC 6979), so that bad random numbers
/// cannot give the key away.
struct KeySigner(SigningKey);

impl Signer for KeySigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = (self.0.try_sign(message))
            .map_err(|_| Error::General("the P-521 key cannot sign".into()))?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

impl std::fmt::Debug for KeySigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySigner").finish_non_exhaustive()
    }
}

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP521_SHA512;

#[cfg(test)]
mod tests {
    use rustls::pki_types::PrivatePkcs1KeyDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;
    use crate::crypto::ecdsa;
    use crate::x509::algorithm::Digest;
    use crate::x509::der::Reader;
    use crate::x509::key::{Curve, PublicKey};

    fn read(pem: &[u8]) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(pem).unwrap()
    }

    #[test]
    fn keys_of_the_curve_sign_with_sha_512_and_reveal_their_public_key() {
        for pem in [
            &include_bytes!("../../../tests/testdata/crypto/p521.key")[..],
            include_bytes!("../../../tests/testdata/crypto/p521.sec1.key"),
        ] {
            let key = load(&read(pem)).unwrap();
            assert_eq!(key.algorithm(), SignatureAlgorithm::ECDSA);
            assert!(key.choose_scheme(&[]).is_none());
            let signer = key.choose_scheme(&[SCHEME]).unwrap();
            assert_eq!(u16::from(signer.scheme()), 0x0603);
            let signature = signer.sign(b"message").unwrap();
            let spki = key.public_key().unwrap();
            let public = PublicKey::read(&mut Reader::new(&spki)).unwrap();
            assert!(matches!(public.curve(), Some(Curve::P521)));
            for (message, is_good) in [(&b"message"[..], true), (b"massage", false)] {
                let point = &public.bits.octets;
                let found = ecdsa::verify(Curve::P521, point, Digest::Sha512, message, &signature);
                assert_eq!(found, is_good);
            }
            // The key is not printed.
            assert_eq!(format!("{key:?} {signer:?}"), "Key { .. } KeySigner { .. }");
        }
    }

    #[test]
    fn other_keys_are_not_loaded() {
        let p256 = include_bytes!("../../../tests/testdata/crypto/p256.key");
        let rsa = include_bytes!("../../../tests/testdata/crypto/rsa1024.pkcs1.key");
        let damaged = PrivatePkcs1KeyDer::from(Vec::new()).into();
        for key in [read(p256), read(rsa), damaged] {
            assert!(load(&key).is_none());
        }
    }
}
