//! OpenSSL's security level for the keys and digests in certificates (`SSL_CTX_set_security_level(3)`).
//!
//! A level stands for a number of bits that every key and every digest of a signature must reach: 112 at level 2, 128
//! at level 3. The bits of a key are those of `EVP_PKEY_get_security_bits(3)`, the bits of a digest those of
//! `X509_get_signature_info(3)`. A key that OpenSSL cannot decode has no bits, and fails at every level.
//!
//! Lists are not held to the level. OpenSSL does not do so either; those signed with MD5 or SHA-1 are refused when
//! they are loaded.

use super::code::VerifyCode;
use super::path::Path;
use super::status::Finding;
use crate::options::SecurityLevel;
use crate::x509::Certificate;

/// Checks the end entity's key against the security level: OpenSSL does so before it looks for a path.
///
/// The finding is 66. It comes before any finding about the path.
pub(crate) fn end_entity(certificate: &Certificate<'_>, level: SecurityLevel) -> Option<Finding> {
    let is_weak = certificate.key_strength.bits < bits(level);
    is_weak.then(|| Finding::new(VerifyCode::EeKeyTooSmall, 0, certificate))
}

/// Checks the other keys, and all signatures that count, against the security level (`check_auth_level` in OpenSSL).
///
/// The findings are 67 for a key and 68 for a digest. The digest of the last certificate does not count, because its
/// signature proves nothing: it is trusted as it is.
pub(crate) fn check(path: &Path<'_>, level: SecurityLevel) -> Vec<Finding> {
    let mut found = Vec::new();
    for (depth, certificate) in path.certificates.iter().copied().enumerate() {
        let mut report = |code| found.push(Finding::new(code, depth, certificate));
        if depth > 0 && certificate.key_strength.bits < bits(level) {
            report(VerifyCode::CaKeyTooSmall);
        }
        // The signature of the last certificate is not verified.
        if depth + 1 < path.certificates.len() && signature_bits(certificate) < bits(level) {
            report(VerifyCode::CaMdTooWeak);
        }
    }
    found
}

/// Checks the certificates that we send against the security level, as `SSL_CTX_use_certificate(3)` does.
///
/// The findings have the numbers that a peer would report for such a chain. A self-signed certificate may have a weak
/// signature.
pub(crate) fn own<'a>(
    chain: impl IntoIterator<Item = &'a Certificate<'a>>,
    level: SecurityLevel,
) -> Option<Finding> {
    let mut chain = chain.into_iter().enumerate();
    chain.find_map(|(depth, certificate)| {
        let code = if certificate.key_strength.bits < bits(level) {
            match depth {
                0 => VerifyCode::EeKeyTooSmall,
                _ => VerifyCode::CaKeyTooSmall,
            }
        } else if !certificate.is_self_signed() && signature_bits(certificate) < bits(level) {
            VerifyCode::CaMdTooWeak
        } else {
            return None;
        };
        Some(Finding::new(code, depth, certificate))
    })
}

/// Whether a CA's key is below the security level, so that every path through it is refused.
pub(crate) fn is_weak_ca(certificate: &Certificate<'_>, level: SecurityLevel) -> bool {
    certificate.key_strength.bits < bits(level)
}

/// The bits of the digest of the certificate's own signature; 0 if the algorithm is not known.
fn signature_bits(certificate: &Certificate<'_>) -> u32 {
    certificate.signature_kind.map_or(0, |kind| kind.bits)
}

fn bits(level: SecurityLevel) -> u32 {
    u32::from(level.bits())
}
