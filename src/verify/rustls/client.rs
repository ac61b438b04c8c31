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
