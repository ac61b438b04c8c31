use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::{chain, signature};
use crate::verify::name::ReferenceName;
use crate::verify::observer::Observer;
use crate::verify::purpose::Purpose;
use crate::verify::verifier::Verifier;

/// Checks the server's certificate; our client uses it.
pub struct ServerVerifier {
    verifier: Verifier,
    schemes: Vec<SignatureScheme>,
    observer: Observer,
}

impl ServerVerifier {
    /// Makes a verifier for a `ClientConfig`; `observer` is told of every verification.
    pub fn new(verifier: Verifier, observer: Observer) -> Arc<Self> {
        Arc::new(Self {
            schemes: signature::schemes(&verifier),
            verifier,
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
        let reference = ReferenceName::from(server_name);
        let status = self.verifier.verify(
            &chain(end_entity, intermediates),
            Purpose::Server,
            Some(&reference),
            now,
        );
        self.observer.tell(&status)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let (verifier, observer) = (&self.verifier, &self.observer);
        signature::verify_tls12(verifier, observer, Purpose::Server, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let (verifier, observer) = (&self.verifier, &self.observer);
        signature::verify_tls13(verifier, observer, Purpose::Server, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

impl fmt::Debug for ServerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerVerifier")
            .field("verifier", &self.verifier)
            .finish_non_exhaustive()
    }
}
