use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme};
use webpki::RawPublicKeyEntity;

use super::certificate::Certificate;
use crate::options::SecurityLevel;

/// Verifies the peer's signature over a TLS 1.2 handshake.
///
/// rustls' own function reads the certificate with webpki, which cannot read all that are accepted here: this one
/// takes no more from it than the key.
pub(super) fn verify_tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let spki = key_of(certificate)?;
    let key = RawPublicKeyEntity::try_from(&spki)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let fitting = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == signed.scheme)
        .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    // In TLS 1.2 a scheme names the hash and not the curve.
    let is_good = fitting.1.iter().any(|algorithm| {
        key.verify_signature(*algorithm, message, signed.signature())
            .is_ok()
    });
    match is_good {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(Error::InvalidCertificate(CertificateError::BadSignature)),
    }
}

/// Verifies the peer's signature over a TLS 1.3 handshake.
pub(super) fn verify_tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let spki = key_of(certificate)?;
    rustls::crypto::verify_tls13_signature_with_raw_key(message, &spki, signed, algorithms)
}

/// The schemes that a peer may sign the handshake with at this security level.
pub(super) fn schemes(
    algorithms: &WebPkiSupportedAlgorithms,
    level: SecurityLevel,
) -> Vec<SignatureScheme> {
    let mut schemes = algorithms.supported_schemes();
    schemes.retain(|scheme| bits(*scheme) >= level.bits());
    schemes
}

fn bits(scheme: SignatureScheme) -> u16 {
    use SignatureScheme as S;
    match scheme {
        S::RSA_PKCS1_SHA1 | S::ECDSA_SHA1_Legacy => 63,
        S::ECDSA_NISTP384_SHA384 | S::RSA_PKCS1_SHA384 | S::RSA_PSS_SHA384 => 192,
        S::ECDSA_NISTP521_SHA512 | S::RSA_PKCS1_SHA512 | S::RSA_PSS_SHA512 => 256,
        S::ED448 => 224,
        _ => 128,
    }
}

fn key_of(certificate: &CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'static>, Error> {
    let certificate = CertificateDer::from(certificate.as_ref());
    Certificate::parse(certificate)
        .map(|certificate| SubjectPublicKeyInfoDer::from(certificate.spki().to_vec()))
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))
}
