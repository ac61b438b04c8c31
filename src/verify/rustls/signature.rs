//! The signature over the handshake, which proves that the peer has the key of its certificate.
//!
//! It is verified in every full handshake, whatever the options say, also for peers whose certificate is only
//! tolerated. The provider's algorithms verify it, through webpki's and rustls' functions for raw keys. Those need
//! the key alone, so they work with certificates that webpki cannot read.
//!
//! What libssl checks in addition is checked here: the security level of the scheme (`tls12_check_peer_sigalg`), and
//! the key usage of a server with an elliptic key in TLS 1.2.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, PeerMisbehaved, SignatureScheme,
};
use webpki::RawPublicKeyEntity;

use crate::verify::code::VerifyCode;
use crate::verify::observer::Observer;
use crate::verify::purpose::Purpose;
use crate::verify::status::{Finding, VerifyStatus};
use crate::verify::verifier::Verifier;
use crate::x509::Certificate;
use crate::x509::algorithm::Digest;
use crate::x509::certificate::{KeyAndUsage, key_and_usage};
use crate::x509::der::Reader;
use crate::x509::extension::KeyUsage;
use crate::x509::key::PublicKey;

type Checked = Result<HandshakeSignatureValid, Error>;

/// Verifies the peer's signature over a TLS 1.2 handshake.
///
/// rustls' own function reads the certificate with webpki, which cannot read all certificates that are accepted here.
/// This function reads only the key and its usage.
///
/// A scheme of TLS 1.2 names a hash, and every algorithm of the provider with this hash is tried with the key (RFC
/// 5246, section 7.4.1.4.1). The peer's scheme has to be one that the provider maps.
pub(super) fn verify_tls12(
    verifier: &Verifier,
    observer: &Observer,
    purpose: Purpose,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Checked {
    let found = read(certificate)?;
    refuse_weak_scheme(verifier, observer, purpose, certificate, signed.scheme)?;
    // libssl demands digitalSignature of servers in TLS 1.2 (`ssl_check_srvr_ecc_cert_and_alg`), whatever RFC 5280
    // says.
    let must_sign = purpose == Purpose::Server && is_elliptic(signed.scheme);
    let usage = found.usage.filter(|_| must_sign);
    if usage.is_some_and(|usage| !usage.has(KeyUsage::DIGITAL_SIGNATURE)) {
        let why = "the key usage does not allow the signature that this cipher suite needs";
        return Err(refuse(observer, purpose, certificate, why));
    }
    let spki = SubjectPublicKeyInfoDer::from(found.key);
    let key = RawPublicKeyEntity::try_from(&spki).map_err(|_| BAD_ENCODING)?;
    let fitting = verifier
        .algorithms()
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
///
/// A scheme of TLS 1.3 also names the curve (RFC 8446, section 4.2.3), so one algorithm is tried.
pub(super) fn verify_tls13(
    verifier: &Verifier,
    observer: &Observer,
    purpose: Purpose,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Checked {
    let found = read(certificate)?;
    refuse_weak_scheme(verifier, observer, purpose, certificate, signed.scheme)?;
    let spki = within_limits(found.key, signed.scheme);
    let algorithms = verifier.algorithms();
    rustls::crypto::verify_tls13_signature_with_raw_key(message, &spki, signed, algorithms)
}

/// Returns an RSA-PSS key without its restrictions on signatures, if a scheme meets them. The scheme's salt is as long
/// as its digest (RFC 8446, section 4.2.3), and the key must not ask for a longer one (RFC 4055, section 3.3).
/// Algorithms are found by a key without restrictions.
fn within_limits(spki: &[u8], scheme: SignatureScheme) -> SubjectPublicKeyInfoDer<'_> {
    let mended = || {
        let digest = match u16::from(scheme) {
            0x0809 => Digest::Sha256,
            0x080a => Digest::Sha384,
            0x080b => Digest::Sha512,
            _ => return None,
        };
        let key = PublicKey::read(&mut Reader::new(spki))?;
        let limits = key.algorithm.pss()?;
        let is_kept = limits.digest == digest
            && limits.mask_digest == digest
            && limits.salt_len <= digest.len();
        is_kept.then(|| key.without_parameters())
    };
    mended().map_or_else(|| spki.into(), SubjectPublicKeyInfoDer::from)
}

/// Returns the schemes that a peer may sign the handshake with at the verifier's security level.
///
/// The order is the provider's.
pub(super) fn schemes(verifier: &Verifier) -> Vec<SignatureScheme> {
    let mut schemes = verifier.algorithms().supported_schemes();
    schemes.retain(|scheme| bits(*scheme) >= verifier.security_level().bits());
    schemes
}

/// Refuses a scheme that is too weak. rustls does not check that the scheme is one that was offered.
fn refuse_weak_scheme(
    verifier: &Verifier,
    observer: &Observer,
    purpose: Purpose,
    certificate: &CertificateDer<'_>,
    scheme: SignatureScheme,
) -> Result<(), Error> {
    if bits(scheme) >= verifier.security_level().bits() {
        return Ok(());
    }
    let why = "the handshake signature is weaker than the security level allows";
    Err(refuse(observer, purpose, certificate, why))
}

/// Tells the observer, and has rustls send the alert that libssl sends: handshake_failure.
fn refuse(
    observer: &Observer,
    purpose: Purpose,
    certificate: &CertificateDer<'_>,
    why: &str,
) -> Error {
    let code = VerifyCode::ApplicationVerification;
    let finding = match Certificate::parse(CertificateDer::from(certificate.as_ref())) {
        Ok(certificate) => Finding::new(code, 0, &certificate),
        Err(_) => Finding::of_nobody(code, 0),
    };
    let mut status = VerifyStatus::new(purpose, None);
    let finding = finding.with_detail(why);
    status.findings.push(finding.clone());
    // The error below refuses the peer already.
    let _ = observer.tell(&status);
    Error::Other(OtherError(Arc::new(finding)))
}

/// Whether a key on a curve makes such signatures.
fn is_elliptic(scheme: SignatureScheme) -> bool {
    use SignatureScheme as S;
    matches!(
        scheme,
        S::ECDSA_NISTP256_SHA256
            | S::ECDSA_NISTP384_SHA384
            | S::ECDSA_NISTP521_SHA512
            | S::ECDSA_SHA1_Legacy
            | S::ED25519
            | S::ED448
    )
}

/// The bits of security of a scheme's digest, as OpenSSL counts them; those of the whole scheme for Edwards curves.
///
/// rustls has no names for `rsa_pss_pss_sha384` and `rsa_pss_pss_sha512` (RFC 8446, section 4.2.3).
fn bits(scheme: SignatureScheme) -> u16 {
    use SignatureScheme as S;
    match scheme {
        S::RSA_PKCS1_SHA1 | S::ECDSA_SHA1_Legacy => 63,
        S::ECDSA_NISTP384_SHA384 | S::RSA_PKCS1_SHA384 | S::RSA_PSS_SHA384 | S::Unknown(0x080a) => {
            192
        }
        S::ECDSA_NISTP521_SHA512 | S::RSA_PKCS1_SHA512 | S::RSA_PSS_SHA512 | S::Unknown(0x080b) => {
            256
        }
        S::ED448 => 224,
        _ => 128,
    }
}

/// Reads the key and its usage. The verification of the certificate has read it as a whole before.
fn read<'a>(certificate: &'a CertificateDer<'_>) -> Result<KeyAndUsage<'a>, Error> {
    key_and_usage(certificate).ok_or(BAD_ENCODING)
}

const BAD_ENCODING: Error = Error::InvalidCertificate(CertificateError::BadEncoding);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{bit_string, integer, oid, seq, tlv};

    #[test]
    fn a_restricted_key_is_free_for_the_schemes_of_tls_that_meet_its_restrictions() {
        let digests = [(1u8, 32u8), (2, 48), (3, 64)];
        let schemes = [0x0809, 0x080a, 0x080b];
        for (number, (digest, len)) in digests.into_iter().enumerate() {
            for (mask, salt) in [(digest, 20), (digest, len), (digest, len + 1), (4, len)] {
                let key = key(Some(limits(digest, mask, salt)));
                for (other, scheme) in schemes.into_iter().enumerate() {
                    let is_free = number == other && mask == digest && salt <= len;
                    let expected = if is_free {
                        self::key(None)
                    } else {
                        key.clone()
                    };
                    let found = within_limits(&key, SignatureScheme::from(scheme));
                    assert_eq!(*found, *expected, "{digest} {mask} {salt} {scheme:#x}");
                }
                // Schemes for keys of rsaEncryption, and of other kinds.
                for scheme in [0x0804, 0x0401, 0x0403, 0x0807] {
                    let found = within_limits(&key, SignatureScheme::from(scheme));
                    assert_eq!(*found, *key, "{digest} {mask} {salt} {scheme:#x}");
                }
            }
        }
    }

    #[test]
    fn only_keys_on_curves_need_the_key_usage_of_signatures() {
        // `ssl_check_srvr_ecc_cert_and_alg` looks at no RSA key.
        for scheme in [0x0203, 0x0403, 0x0503, 0x0603, 0x0807, 0x0808] {
            assert!(is_elliptic(SignatureScheme::from(scheme)), "{scheme:#x}");
        }
        for scheme in [
            0x0201, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
        ] {
            assert!(!is_elliptic(SignatureScheme::from(scheme)), "{scheme:#x}");
        }
    }

    #[test]
    fn a_scheme_is_as_strong_as_its_digest_or_edwards_curve() {
        for (strength, schemes) in [
            (63, &[0x0201, 0x0203][..]),
            (128, &[0x0401, 0x0403, 0x0804, 0x0807, 0x0809]),
            (192, &[0x0501, 0x0503, 0x0805, 0x080a]),
            (256, &[0x0601, 0x0603, 0x0806, 0x080b]),
            (224, &[0x0808]),
        ] {
            for scheme in schemes {
                let found = bits(SignatureScheme::from(*scheme));
                assert_eq!(found, strength, "{scheme:#x}");
            }
        }
    }

    /// A SubjectPublicKeyInfo with these parameters.
    fn key(parameters: Option<Vec<u8>>) -> Vec<u8> {
        let algorithm = [oid(RSASSA_PSS), parameters.unwrap_or_default()];
        seq(&[
            seq(&algorithm),
            bit_string(&seq(&[integer(&[7]), integer(&[3])])),
        ])
    }

    /// RSASSA-PSS-params (RFC 4055, section 3.1), with digests by the last octet of their object identifiers.
    fn limits(digest: u8, mask: u8, salt: u8) -> Vec<u8> {
        let named = |digest| seq(&[oid(&[SHA_2, &[digest]].concat())]);
        seq(&[
            tlv(0xa0, &named(digest)),
            tlv(0xa1, &seq(&[oid(MGF1), named(mask)])),
            tlv(0xa2, &integer(&[salt])),
        ])
    }

    const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
    const SHA_2: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];
}
