use std::sync::Arc;
use std::{fmt, iter};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::signature;
use crate::verify::in_force::{Fixed, Verifiers};
use crate::verify::observer::Observer;
use crate::verify::purpose::Purpose;
use crate::verify::verifier::Verifier;

/// Checks the server's certificate; our client uses it.
///
/// The name that rustls was asked to connect to is the one to compare with, unless
/// [`target_name`](crate::verify::VerifierBuilder::target_name) replaces it. A stapled OCSP response is ignored, as
/// OpenSSL ignores it unless the application looks at it.
///
/// Sessions that rustls resumes are not verified again. A client that has to refuse a server as soon as its
/// certificate is revoked or expires should turn resumption off. `Endpoint::connect` verifies the server of a resumed
/// session again.
///
/// # Examples
///
/// ```
/// use rustls::client::Resumption;
/// use sip_tls::options::{NameCheck, Source};
/// use sip_tls::verify::{Observer, ServerVerifier, Verifier};
/// use sip_tls::{crypto, pki};
///
/// # const CA: &str = "tests/testdata/crypto/p256.crt";
/// let provider = crypto::default_base()?;
/// let roots = pki::roots::load(Source::path(CA))?;
/// let verifier = Verifier::builder(&provider)
///     .trusted(roots.certificates())
///     .name_check(NameCheck::Host)
///     .build()?;
///
/// let mut config = rustls::ClientConfig::builder_with_provider(provider)
///     .with_safe_default_protocol_versions()?
///     .dangerous()
///     .with_custom_certificate_verifier(ServerVerifier::new(verifier, Observer::default()))
///     .with_no_client_auth();
/// config.resumption = Resumption::disabled();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ServerVerifier {
    verifiers: Arc<dyn Verifiers>,
    schemes: Vec<SignatureScheme>,
    observer: Observer,
}

impl ServerVerifier {
    /// Makes a verifier for a `ClientConfig`; `observer` is told of every verification.
    pub fn new(verifier: Verifier, observer: Observer) -> Arc<Self> {
        Self::following(Fixed::new(verifier), observer)
    }

    /// Makes a verifier that uses the verifier in force. All verifiers have the same signature algorithms and security
    /// level.
    pub(crate) fn following(verifiers: Arc<dyn Verifiers>, observer: Observer) -> Arc<Self> {
        Arc::new(Self {
            schemes: signature::schemes(&verifiers.in_force().verifier),
            verifiers,
            observer,
        })
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut status = self.verifiers.in_force().verify(
            iter::once(end_entity).chain(intermediates),
            Purpose::Server,
            Some(server_name.into()),
            now,
        );
        self.verifiers.verified(&mut status);
        self.observer.tell(&status)?;
        self.verifiers.accepted(server_name, status.validity);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifiers.signed(dss.scheme);
        let (verifier, observer) = (&self.verifiers.in_force().verifier, &self.observer);
        signature::verify_tls12(verifier, observer, Purpose::Server, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifiers.signed(dss.scheme);
        let (verifier, observer) = (&self.verifiers.in_force().verifier, &self.observer);
        signature::verify_tls13(verifier, observer, Purpose::Server, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

impl fmt::Debug for ServerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerVerifier")
            .field("verifiers", &self.verifiers)
            .finish_non_exhaustive()
    }
}
