use std::fmt;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::{chain, signature};
use crate::verify::observer::Observer;
use crate::verify::purpose::Purpose;
use crate::verify::verifier::Verifier;

/// Checks the client's certificate, and that there is one; our server uses it.
pub struct ClientVerifier {
    verifier: Verifier,
    schemes: Vec<SignatureScheme>,
    hints: Vec<DistinguishedName>,
    observer: Observer,
}

impl ClientVerifier {
    /// Makes a verifier for a `ServerConfig`; `observer` is told of every verification.
    pub fn new(verifier: Verifier, observer: Observer) -> Arc<Self> {
        Arc::new(Self {
            schemes: signature::schemes(&verifier),
            hints: verifier.subjects(),
            verifier,
            observer,
        })
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let chain = chain(end_entity, intermediates);
        let status = self.verifier.verify(&chain, Purpose::Client, None, now);
        self.observer.tell(&status)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let (verifier, observer) = (&self.verifier, &self.observer);
        signature::verify_tls12(verifier, observer, Purpose::Client, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let (verifier, observer) = (&self.verifier, &self.observer);
        signature::verify_tls13(verifier, observer, Purpose::Client, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

impl fmt::Debug for ClientVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientVerifier")
            .field("verifier", &self.verifier)
            .finish_non_exhaustive()
    }
}
