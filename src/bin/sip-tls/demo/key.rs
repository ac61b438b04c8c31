//! Keys of the demo. They are made by the crate p256, and their random numbers come from the crypto
//! provider.

use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use rcgen::{PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm};
use rustls::crypto::SecureRandom;

/// A P-256 key that signs certificates. The keys that rcgen provides need a C compiler.
pub(super) struct Key {
    signing: SigningKey,
    /// The point, uncompressed.
    public: Vec<u8>,
    secret: SecretKey,
}

impl Key {
    /// Makes a new key.
    pub(super) fn new(random: &dyn SecureRandom) -> Result<Self, rcgen::Error> {
        let mut bytes = p256::FieldBytes::default();
        let secret = loop {
            let filled = random.fill(&mut bytes);
            filled.map_err(|_| rcgen::Error::RemoteKeyError)?;
            // Nearly every number of this size is a valid key, but not all.
            if let Ok(secret) = SecretKey::from_bytes(&bytes) {
                break secret;
            }
        };
        let signing = SigningKey::from(&secret);
        let point = signing.verifying_key().to_sec1_point(false);
        Ok(Self {
            public: point.as_bytes().to_vec(),
            signing,
            secret,
        })
    }

    /// The key as PKCS#8 in PEM.
    pub(super) fn pem(&self) -> Result<String, rcgen::Error> {
        let pem = self.secret.to_pkcs8_pem(LineEnding::LF);
        let pem = pem.map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(pem.as_str().to_owned())
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.signing.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}
