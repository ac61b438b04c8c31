//! A server that signs with the scheme of the case.

use std::sync::Arc;

use openssl::{
    hash::MessageDigest,
    pkey::{Id, PKey, Private},
    rsa::Padding,
    sign::{RsaPssSaltlen, Signer},
};
use rustls::{
    Error, ServerConfig, ServerConnection, SignatureAlgorithm, SignatureScheme,
    pki_types::CertificateDer,
    server::{ClientHello, NoServerSessionStorage, ResolvesServerCert},
    sign::{self, CertifiedKey, SigningKey},
};
use sip_tls::crypto;

use super::Case;

/// The server of a case.
pub(super) fn server(case: &Case) -> ServerConnection {
    let base = crypto::default_base().expect("this CPU runs graviola");
    let mut config = ServerConfig::builder_with_provider(Arc::new(crypto::server_provider(&base)))
        .with_protocol_versions(&[case.version])
        .expect("a known version")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Presented::of(case)));
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    ServerConnection::new(Arc::new(config)).expect("a configuration")
}

#[derive(Debug)]
struct Presented(Arc<CertifiedKey>);

impl Presented {
    fn of(case: &Case) -> Self {
        let built = case.plan.build();
        let chain = built.chain.into_iter().map(CertificateDer::from).collect();
        let key = Stubborn {
            key: built.key,
            scheme: case.scheme,
            broken: case.broken_signature,
        };
        Self(Arc::new(CertifiedKey::new(chain, Arc::new(key))))
    }
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A key that signs with one scheme, whatever was offered.
#[derive(Clone, Debug)]
struct Stubborn {
    key: PKey<Private>,
    scheme: SignatureScheme,
    broken: bool,
}

impl SigningKey for Stubborn {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn sign::Signer>> {
        Some(Box::new(self.clone()))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.key.id() {
            Id::RSA => SignatureAlgorithm::RSA,
            Id::ED25519 => SignatureAlgorithm::ED25519,
            _ => SignatureAlgorithm::ECDSA,
        }
    }
}

impl sign::Signer for Stubborn {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = self
            .signature(message)
            .map_err(|e| Error::General(e.to_string()))?;
        if self.broken {
            *signature.last_mut().expect("a signature is not empty") ^= 1;
        }
        Ok(signature)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

impl Stubborn {
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
        let mut signer = match digest(self.scheme) {
            Some(digest) => Signer::new(digest, &self.key)?,
            None => Signer::new_without_digest(&self.key)?,
        };
        if self
            .scheme
            .as_str()
            .is_some_and(|name| name.starts_with("RSA_PSS"))
        {
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        signer.sign_oneshot_to_vec(message)
    }
}

fn digest(scheme: SignatureScheme) -> Option<MessageDigest> {
    use SignatureScheme as S;
    match scheme {
        S::ECDSA_SHA1_Legacy | S::RSA_PKCS1_SHA1 => Some(MessageDigest::sha1()),
        S::ECDSA_NISTP256_SHA256 | S::RSA_PKCS1_SHA256 | S::RSA_PSS_SHA256 => {
            Some(MessageDigest::sha256())
        }
        S::ECDSA_NISTP384_SHA384 | S::RSA_PKCS1_SHA384 | S::RSA_PSS_SHA384 => {
            Some(MessageDigest::sha384())
        }
        S::ECDSA_NISTP521_SHA512 | S::RSA_PKCS1_SHA512 | S::RSA_PSS_SHA512 => {
            Some(MessageDigest::sha512())
        }
        _ => None,
    }
}
