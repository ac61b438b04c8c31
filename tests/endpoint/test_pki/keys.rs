//! Fixed keys, with which rcgen signs. The back ends of rcgen are written in C.

use p256::ecdsa::signature::Signer;
use p256::pkcs8::EncodePrivateKey;
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use sip_tls::crypto;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A private key with its public key.
pub(crate) struct Key {
    private: PrivateKeyDer<'static>,
    public: Vec<u8>,
    /// `None` means that the key is RSA, and signs handshakes only.
    signer: Option<p256::ecdsa::SigningKey>,
}

impl Key {
    /// The P-256 key whose scalar is this octet 32 times.
    pub(crate) fn p256(number: u8) -> Self {
        let signer = p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap();
        let private = signer.to_pkcs8_der().unwrap();
        Self {
            private: PrivateKeyDer::try_from(private.as_bytes().to_vec()).unwrap(),
            public: signer
                .verifying_key()
                .to_sec1_point(false)
                .as_bytes()
                .to_vec(),
            signer: Some(signer),
        }
    }

    pub(crate) fn rsa2048() -> Self {
        let private = PrivateKeyDer::from_pem_slice(RSA2048.as_bytes()).unwrap();
        let provider = crypto::default_base().unwrap().key_provider;
        let loaded = provider.load_private_key(private.clone_key()).unwrap();
        let spki = loaded.public_key().unwrap();
        let (_, spki) = SubjectPublicKeyInfo::from_der(&spki).unwrap();
        Self {
            private,
            public: spki.subject_public_key.data.to_vec(),
            signer: None,
        }
    }

    pub(crate) fn private(&self) -> PrivateKeyDer<'static> {
        self.private.clone_key()
    }

    pub(crate) fn sign_with_p256(&self, message: &[u8]) -> Vec<u8> {
        let signer = self.signer.as_ref().expect("a P-256 key");
        let signature: p256::ecdsa::DerSignature = signer.sign(message);
        signature.as_bytes().to_vec()
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.signer {
            Some(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
            None => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.sign_with_p256(message))
    }
}

#[test]
#[ignore = "overwrites testdata/test_pki"]
fn remake() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/testdata/test_pki/rsa2048.key"
    );
    let bits = "rsa_keygen_bits:2048";
    let mut command = crate::child::command("openssl");
    command
        .args(["genpkey", "-algorithm", "RSA"])
        .args(["-pkeyopt", bits, "-out", path]);
    let output = crate::child::output(&mut command);
    assert!(output.status.success(), "{output:?}");
}

const RSA2048: &str = include_str!("../../testdata/test_pki/rsa2048.key");
