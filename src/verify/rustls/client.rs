use std::sync::Arc;
use std::{fmt, iter};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::hints::Hints;
use super::signature;
use crate::verify::in_force::{Fixed, Verifiers};
use crate::verify::observer::Observer;
use crate::verify::purpose::Purpose;
use crate::verify::verifier::Verifier;

/// Checks the client's certificate, and that there is one; our server uses it.
///
/// A client has to send a certificate, as with OpenSSL's `SSL_VERIFY_PEER` and `SSL_VERIFY_FAIL_IF_NO_PEER_CERT`. The
/// subjects of `trusted-ca` are sent as hints (`SSL_CTX_set_client_CA_list(3)`).
///
/// Sessions that rustls resumes are not verified again: a server that uses this type directly should not resume any.
/// `Endpoint::accept` verifies the peer of a resumed session again.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use rustls::sign::SingleCertAndKey;
/// use sip_tls::options::Source;
/// use sip_tls::verify::{ClientVerifier, Observer, Verifier};
/// use sip_tls::{crypto, pki};
///
/// # const CA: &str = "tests/testdata/crl/root.pem";
/// # const CERTIFICATE: &str = "tests/testdata/crypto/p256.crt";
/// # const KEY: &str = "tests/testdata/crypto/p256.key";
/// let provider = crypto::default_base()?;
/// let roots = pki::roots::load(Source::path(CA))?;
/// let verifier = Verifier::builder(&provider).trusted(roots.certificates()).build()?;
/// let own = pki::credentials::load(Source::path(CERTIFICATE), Some(Source::path(KEY)), provider.key_provider)?;
///
/// let mut config = rustls::ServerConfig::builder_with_provider(provider)
///     .with_safe_default_protocol_versions()?
///     .with_client_cert_verifier(ClientVerifier::new(verifier, Observer::default()))
///     .with_cert_resolver(Arc::new(SingleCertAndKey::from(own.certified_key().clone())));
/// config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ClientVerifier {
    verifiers: Arc<dyn Verifiers>,
    schemes: Vec<SignatureScheme>,
    hints: Hints,
    observer: Observer,
}

impl ClientVerifier {
    /// Makes a verifier for a `ServerConfig`; `observer` is told of every verification.
    pub fn new(verifier: Verifier, observer: Observer) -> Arc<Self> {
        Self::following(Fixed::new(verifier), observer)
    }

    /// Makes a verifier that uses the verifier in force. All verifiers have the same signature algorithms and security
    /// level.
    pub(crate) fn following(verifiers: Arc<dyn Verifiers>, observer: Observer) -> Arc<Self> {
        Arc::new(Self {
            schemes: signature::schemes(&verifiers.in_force().verifier),
            hints: Hints::default(),
            verifiers,
            observer,
        })
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.hints.keep(self.verifiers.in_force().subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let chain = iter::once(end_entity).chain(intermediates);
        let in_force = self.verifiers.in_force();
        let mut status = in_force.verify(chain, Purpose::Client, None, now);
        self.verifiers.verified(&mut status);
        self.observer.tell(&status)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifiers.signed(dss.scheme);
        let (verifier, observer) = (&self.verifiers.in_force().verifier, &self.observer);
        signature::verify_tls12(verifier, observer, Purpose::Client, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifiers.signed(dss.scheme);
        let (verifier, observer) = (&self.verifiers.in_force().verifier, &self.observer);
        signature::verify_tls13(verifier, observer, Purpose::Client, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

impl fmt::Debug for ClientVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientVerifier")
            .field("verifiers", &self.verifiers)
            .finish_non_exhaustive()
    }
}
