//! Signatures and dates along a path (`internal_verify` in OpenSSL's `x509_vfy.c`).
//!
//! OpenSSL goes from the top of the path downwards. At each certificate it checks first the signature, then the
//! dates. The signature of a self-signed anchor is not verified: it is trusted because it is in `trusted-ca`. Its
//! dates are checked like all others, which rustls-webpki does not do.
//!
//! Verification is left to the provider and to `crypto::signed`, which adds what providers lack.

use rustls::pki_types::SignatureVerificationAlgorithm;

use super::code::VerifyCode;
use super::path::Path;
use super::status::Finding;
use crate::crypto::{IssuerKey, SignatureProblem, Signed, verify_signed};
use crate::x509::Certificate;

/// Verifies the signatures of a path from the top downwards, up to the first that is not good (`internal_verify` in
/// OpenSSL).
///
/// An attacker who makes up a path has no key of a trusted CA, so such a path costs one verification.
///
/// The findings are 7 for a wrong signature and 76 for one that cannot be verified. Dates are [checked
/// separately](with_dates), because the check of revocation needs to know about the signatures first.
pub(crate) fn check(
    path: &Path<'_>,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Option<Finding> {
    let pairs = path.certificates.windows(2).enumerate().rev();
    for (depth, pair) in pairs {
        let code = match verify(pair[0], pair[1], algorithms) {
            Ok(()) => continue,
            Err(SignatureProblem::Bad) => VerifyCode::CertSignatureFailure,
            Err(SignatureProblem::Unsupported) => VerifyCode::UnsupportedSignatureAlgorithm,
        };
        return Some(Finding::new(code, depth, pair[0]));
    }
    None
}

/// Checks the dates of a path, from the top downwards, and adds `bad_signature` in its place among the findings.
///
/// A path that does not end in a self-signed certificate has 21 at its last one, if it is a single certificate.
pub(crate) fn with_dates(
    path: &Path<'_>,
    bad_signature: Option<Finding>,
    now: i64,
) -> Vec<Finding> {
    let mut bad_signature = bad_signature;
    let mut found = Vec::new();
    let count = path.certificates.len();
    for (depth, certificate) in path.certificates.iter().copied().enumerate().rev() {
        if depth + 1 == count && !certificate.is_self_signed() {
            // Where trust settings end a path below a self-signed certificate, OpenSSL does not look at the dates of
            // the last one.
            if count > 1 {
                continue;
            }
            let code = VerifyCode::UnableToVerifyLeafSignature;
            found.push(Finding::new(code, depth, certificate));
        }
        found.extend(bad_signature.take_if(|finding| finding.depth() == depth));
        found.extend(dates(certificate, depth, now));
    }
    found
}

/// The findings are 9 and 10, or 13 and 14 for a date that cannot be read. notBefore is looked at first. The second
/// of notAfter itself counts as expired.
fn dates(certificate: &Certificate<'_>, depth: usize, now: i64) -> Option<Finding> {
    let code = match (certificate.not_before.valid, certificate.not_after.valid) {
        (None, _) => VerifyCode::ErrorInCertNotBeforeField,
        (Some(from), _) if now < from => VerifyCode::CertNotYetValid,
        (_, None) => VerifyCode::ErrorInCertNotAfterField,
        // `X509_cmp_time(3)` treats an equal time as earlier.
        (_, Some(until)) if now >= until => VerifyCode::CertHasExpired,
        _ => return None,
    };
    Some(Finding::new(code, depth, certificate))
}

/// Verifies one signature. The two algorithms that a certificate names must be the same (`X509_verify` in OpenSSL),
/// and its signature must be made of whole octets.
fn verify(
    certificate: &Certificate<'_>,
    issuer: &Certificate<'_>,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Result<(), SignatureProblem> {
    if certificate.has_contradicting_algorithms || certificate.has_unused_signature_bits {
        return Err(SignatureProblem::Bad);
    }
    let key = IssuerKey {
        algorithm: issuer.key_algorithm(),
        bits: issuer.key_bits(),
    };
    let signed = Signed {
        message: certificate.tbs(),
        algorithm: certificate.signature_algorithm(),
        signature: certificate.signature(),
    };
    verify_signed(algorithms, key, signed)
}
