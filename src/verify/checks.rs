use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm};

use super::certificate::{
    Certificate, DIGITAL_SIGNATURE, KEY_AGREEMENT, KEY_CERT_SIGN, KEY_ENCIPHERMENT,
};
use super::code::VerifyCode;
use super::path::Path;
use super::policy::Policy;
use super::purpose::Purpose;
use super::status::Finding;
use crate::crypto::{IssuerKey, SignatureProblem, Signed, verify_signed};
use crate::options::SecurityLevel;
use crate::pki::Trust;

/// Checks extensions, CA-ness, purposes and path lengths of a path (`check_extensions` in OpenSSL).
pub(crate) fn extensions(path: &Path<'_>, purpose: Purpose) -> Vec<Finding> {
    let mut found = Vec::new();
    let count = path.certificates.len();
    let mut path_len = 0;
    for (depth, certificate) in path.certificates.iter().enumerate() {
        let mut report = |code| found.push(Finding::new(code, depth, certificate.subject_text()));
        if certificate.has_unhandled_critical {
            report(VerifyCode::UnhandledCriticalExtension);
        }
        if certificate.is_proxy {
            report(VerifyCode::ProxyCertificatesNotAllowed);
        }
        if certificate.is_invalid {
            report(VerifyCode::InvalidExtension);
        }
        let is_top = depth + 1 == count;
        if depth > 0
            && !matches!(
                (ca_kind(certificate), is_top),
                (CaKind::Ca, _) | (CaKind::Tolerated, true)
            )
        {
            report(VerifyCode::InvalidCa);
        }
        if count > 1 && certificate.strength.has_explicit_curve {
            report(VerifyCode::EcKeyExplicitParams);
        }
        let suits = match path.explicit_trust(depth, purpose) {
            Trust::Trusted => true,
            Trust::Rejected => false,
            Trust::Unspecified => fits_purpose(certificate, purpose, depth > 0),
        };
        if !suits {
            report(VerifyCode::InvalidPurpose);
        }
        let limit = certificate.basic_constraints.and_then(|c| c.path_len);
        if depth > 1 && limit.is_some_and(|limit| path_len > limit) {
            report(VerifyCode::PathLengthExceeded);
        }
        if depth > 0 && !certificate.is_self_issued {
            path_len += 1;
        }
    }
    found
}

/// Checks keys and digests against the security level (`check_auth_level`), the end entity's key apart.
pub(crate) fn issuer_strength(path: &Path<'_>, policy: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for (depth, certificate) in path.certificates.iter().enumerate() {
        let strength = certificate.strength;
        let mut report = |code| found.push(Finding::new(code, depth, certificate.subject_text()));
        if depth > 0 && strength.key_bits < policy.security_bits() {
            report(VerifyCode::CaKeyTooSmall);
        }
        // Nobody relies on the signature of the last one.
        let signature_bits = strength.signature.map_or(0, |signature| signature.bits);
        if depth + 1 < path.certificates.len() && signature_bits < policy.security_bits() {
            report(VerifyCode::CaMdTooWeak);
        }
    }
    found
}

/// Checks the end entity's key against the security level.
pub(crate) fn end_entity_strength(
    end_entity: &Certificate<'_>,
    policy: &Policy,
) -> Option<Finding> {
    (end_entity.strength.key_bits < policy.security_bits())
        .then(|| Finding::new(VerifyCode::EeKeyTooSmall, 0, end_entity.subject_text()))
}

/// Checks the certificates that we send against the security level (`SSL_CTX_use_certificate(3)` does).
pub(crate) fn own_strength(chain: &[CertificateDer<'_>], level: SecurityLevel) -> Option<Finding> {
    let bits = u32::from(level.bits());
    chain.iter().enumerate().find_map(|(depth, der)| {
        let certificate = Certificate::parse(CertificateDer::from(der.as_ref())).ok()?;
        let key_too_small = match depth {
            0 => VerifyCode::EeKeyTooSmall,
            _ => VerifyCode::CaKeyTooSmall,
        };
        let code = if certificate.strength.key_bits < bits {
            key_too_small
        } else if !certificate.is_self_signed()
            && certificate
                .strength
                .signature
                .map_or(0, |signature| signature.bits)
                < bits
        {
            VerifyCode::CaMdTooWeak
        } else {
            return None;
        };
        Some(Finding::new(code, depth, certificate.subject_text()))
    })
}

/// Checks the dates of every certificate, and the signatures if algorithms are given, from the top of the path
/// downwards (`internal_verify` in OpenSSL).
pub(crate) fn signatures_and_dates(
    path: &Path<'_>,
    now: i64,
    algorithms: Option<&[&dyn SignatureVerificationAlgorithm]>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let count = path.certificates.len();
    for (depth, certificate) in path.certificates.iter().enumerate().rev() {
        let subject = certificate.subject_text();
        match path.certificates.get(depth + 1) {
            Some(issuer) => {
                // webpki does not compare the two.
                if certificate.has_contradicting_algorithms {
                    found.push(Finding::new(
                        VerifyCode::CertSignatureFailure,
                        depth,
                        subject,
                    ));
                } else if let Some(algorithms) = algorithms {
                    found.extend(signature(certificate, issuer, depth, algorithms));
                }
            }
            // A path that never arrived: OpenSSL has nothing to verify the end entity with.
            None if count == 1 && !certificate.is_self_signed() => {
                found.push(Finding::new(
                    VerifyCode::UnableToVerifyLeafSignature,
                    0,
                    subject,
                ));
            }
            None => {}
        }
        if now < certificate.not_before {
            found.push(Finding::new(VerifyCode::CertNotYetValid, depth, subject));
        }
        if now >= certificate.not_after {
            found.push(Finding::new(VerifyCode::CertHasExpired, depth, subject));
        }
    }
    found
}

fn signature(
    certificate: &Certificate<'_>,
    issuer: &Certificate<'_>,
    depth: usize,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Option<Finding> {
    let key = IssuerKey {
        algorithm: &issuer.key_algorithm,
        bits: &issuer.key_bits,
    };
    let signed = Signed {
        message: certificate.tbs(),
        algorithm: &certificate.signature_algorithm,
        signature: &certificate.signature,
    };
    let code = match verify_signed(algorithms, key, signed) {
        Ok(()) => return None,
        Err(SignatureProblem::Bad) => VerifyCode::CertSignatureFailure,
        Err(SignatureProblem::Unsupported) => VerifyCode::UnsupportedSignatureAlgorithm,
    };
    Some(Finding::new(code, depth, certificate.subject_text()))
}

enum CaKind {
    Ca,
    /// No basicConstraints, but old enough or marked otherwise: good at the top of a path only.
    Tolerated,
    NotCa,
}

/// `X509_check_ca(3)`.
fn ca_kind(certificate: &Certificate<'_>) -> CaKind {
    if certificate.key_usage_forbids(KEY_CERT_SIGN) {
        return CaKind::NotCa;
    }
    match certificate.basic_constraints {
        Some(constraints) if constraints.is_ca => CaKind::Ca,
        Some(_) => CaKind::NotCa,
        None if certificate.is_v1 && certificate.is_self_signed() => CaKind::Tolerated,
        None if certificate.key_usage.is_some() => CaKind::Tolerated,
        None if is_netscape(certificate, NETSCAPE_ANY_CA) => CaKind::Tolerated,
        None => CaKind::NotCa,
    }
}

/// `X509_check_purpose(3)` for TLS.
fn fits_purpose(certificate: &Certificate<'_>, purpose: Purpose, as_ca: bool) -> bool {
    let has_key_purpose = certificate.extended_key_usage.as_ref().is_none_or(|list| {
        list.iter().any(|oid| {
            oid == purpose.key_purpose()
                || (purpose == Purpose::Server && STEP_UP.contains(&oid.as_slice()))
        })
    });
    if !has_key_purpose {
        return false;
    }
    if as_ca {
        return match ca_kind(certificate) {
            CaKind::NotCa => false,
            CaKind::Ca => true,
            CaKind::Tolerated => {
                certificate.netscape_cert_type.is_none()
                    || certificate.key_usage.is_some()
                    || certificate.is_v1
                    || is_netscape(certificate, NETSCAPE_TLS_CA)
            }
        };
    }
    let (usages, netscape) = match purpose {
        Purpose::Client => (DIGITAL_SIGNATURE | KEY_AGREEMENT, NETSCAPE_CLIENT),
        Purpose::Server => (
            DIGITAL_SIGNATURE | KEY_ENCIPHERMENT | KEY_AGREEMENT,
            NETSCAPE_SERVER,
        ),
    };
    !certificate.key_usage_forbids(usages)
        && (certificate.netscape_cert_type.is_none() || is_netscape(certificate, netscape))
}

fn is_netscape(certificate: &Certificate<'_>, bits: u8) -> bool {
    certificate
        .netscape_cert_type
        .is_some_and(|found| found & bits != 0)
}

const NETSCAPE_CLIENT: u8 = 0x80;
const NETSCAPE_SERVER: u8 = 0x40;
const NETSCAPE_TLS_CA: u8 = 0x04;
const NETSCAPE_ANY_CA: u8 = 0x07;

/// Microsoft's and Netscape's Server Gated Crypto, which OpenSSL takes for a server's purpose.
const STEP_UP: &[&[u8]] = &[
    &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3],
    &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 4, 1],
];
