//! Extensions, CA status, purposes and path lengths of the certificates of a path (`check_extensions` in OpenSSL's
//! `x509_vfy.c`, with `X509_check_purpose(3)` and `X509_check_ca(3)`).
//!
//! Unlike rustls-webpki, OpenSSL makes these checks of the trust anchor as well. And unlike RFC 5280, it accepts some
//! CAs without basicConstraints: a self-signed certificate of version 1, or one with keyUsage or a Netscape type.
//! They are good at the top of a path only.

use super::code::VerifyCode;
use super::path::Path;
use super::purpose::Purpose;
use super::status::Finding;
use crate::options::NameCheck;
use crate::pki::Trust;
use crate::x509::Certificate;
use crate::x509::extension::KeyUsage;

/// Checks extensions, CA status, purposes and path lengths of a path (`check_extensions` in OpenSSL).
///
/// Returns every finding, from the end entity upwards, in the order in which OpenSSL finds them in each certificate.
///
/// A pathLenConstraint counts the intermediates below the CA that are not self-issued (RFC 5280, section 4.2.1.9).
/// The end entity is not counted.
pub(crate) fn check(path: &Path<'_>, purpose: Purpose, name_check: NameCheck) -> Vec<Finding> {
    let mut found = Vec::new();
    let count = path.certificates.len();
    let mut path_len = 0;
    for (depth, certificate) in path.certificates.iter().copied().enumerate() {
        let extensions = &certificate.extensions;
        let mut report = |code| found.push(Finding::new(code, depth, certificate));
        if extensions.has_unhandled_critical {
            report(VerifyCode::UnhandledCriticalExtension);
        }
        if extensions.is_proxy {
            report(VerifyCode::ProxyCertificatesNotAllowed);
        }
        let kind = CaKind::of(certificate);
        let is_top = depth + 1 == count;
        if depth > 0 && !(kind == CaKind::Ca || is_top && kind != CaKind::NotCa) {
            report(VerifyCode::InvalidCa);
        }
        if count > 1 && certificate.key_strength.has_explicit_curve {
            report(VerifyCode::EcKeyExplicitParams);
        }
        let suits = match path.explicit_trust(depth, purpose) {
            Trust::Trusted => true,
            Trust::Rejected => false,
            Trust::Unspecified => fits_purpose(certificate, purpose, name_check, depth > 0),
        };
        if !suits {
            report(VerifyCode::InvalidPurpose);
        }
        let limit = extensions
            .basic_constraints
            .and_then(|found| found.path_len);
        if depth > 1 && limit.is_some_and(|limit| path_len > limit) {
            report(VerifyCode::PathLengthExceeded);
        }
        if depth > 0 && !certificate.is_self_issued {
            path_len += 1;
        }
    }
    found
}

/// What makes a certificate a CA's (`X509_check_ca(3)`).
#[derive(Clone, Copy, Eq, PartialEq)]
enum CaKind {
    Ca,
    /// A Netscape certificate type, and neither basicConstraints nor keyUsage: good at the top of a path only.
    Netscape,
    NotCa,
    /// A self-signed X.509 v1 certificate, or keyUsage without basicConstraints: good at the top of a path only.
    Tolerated,
}

impl CaKind {
    /// A certificate with an invalid extension is no CA's, whatever its other extensions say. Without keyUsage, a CA
    /// may sign certificates.
    fn of(certificate: &Certificate<'_>) -> Self {
        let extensions = &certificate.extensions;
        if extensions.is_invalid || certificate.key_usage_forbids(KeyUsage::KEY_CERT_SIGN) {
            return Self::NotCa;
        }
        match extensions.basic_constraints {
            Some(constraints) if constraints.is_ca => Self::Ca,
            Some(_) => Self::NotCa,
            None if certificate.is_v1 && certificate.is_self_signed() => Self::Tolerated,
            None if extensions.key_usage.is_some() => Self::Tolerated,
            None if is_netscape(certificate, NETSCAPE_ANY_CA) => Self::Netscape,
            None => Self::NotCa,
        }
    }
}

/// Whether a certificate fits a purpose (`X509_check_purpose(3)` for TLS). If names are checked by the rules of SIP,
/// id-kp-sipDomain is good for both purposes (RFC 5924).
///
/// `as_ca` says that the certificate stands above another one. The extended key usages have to allow the purpose in a
/// CA too, as in OpenSSL; RFC 5280, section 4.2.1.12, expects the extension in end entity certificates only.
/// anyExtendedKeyUsage allows neither purpose, as in OpenSSL.
pub(crate) fn fits_purpose(
    certificate: &Certificate<'_>,
    purpose: Purpose,
    name_check: NameCheck,
    as_ca: bool,
) -> bool {
    let has_key_purpose = match (certificate.extensions.key_purposes, purpose) {
        (None, _) => true,
        (Some(found), _) if found.sip_domain && name_check == NameCheck::Sip => true,
        (Some(found), Purpose::Client) => found.client_auth,
        (Some(found), Purpose::Server) => found.server_auth || found.server_gated_crypto,
    };
    if !has_key_purpose {
        return false;
    }
    if as_ca {
        return match CaKind::of(certificate) {
            CaKind::NotCa => false,
            CaKind::Ca | CaKind::Tolerated => true,
            CaKind::Netscape => is_netscape(certificate, NETSCAPE_TLS_CA),
        };
    }
    let signs = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_AGREEMENT;
    let (usages, netscape) = match purpose {
        Purpose::Client => (signs, NETSCAPE_CLIENT),
        Purpose::Server => (signs | KeyUsage::KEY_ENCIPHERMENT, NETSCAPE_SERVER),
    };
    let has_type = certificate.extensions.netscape_cert_type.is_some();
    !certificate.key_usage_forbids(usages) && (!has_type || is_netscape(certificate, netscape))
}

/// Whether one of these bits is set in the Netscape certificate type. False without the extension.
fn is_netscape(certificate: &Certificate<'_>, bits: u8) -> bool {
    let found = certificate.extensions.netscape_cert_type;
    found.is_some_and(|found| found & bits != 0)
}

/// The bits of the Netscape certificate type, as in OpenSSL's `x509v3.h` (`NS_SSL_CLIENT`, `NS_SSL_SERVER`,
/// `NS_SSL_CA`, `NS_ANY_CA`).
const NETSCAPE_CLIENT: u8 = 0x80;
const NETSCAPE_SERVER: u8 = 0x40;
const NETSCAPE_TLS_CA: u8 = 0x04;
const NETSCAPE_ANY_CA: u8 = 0x07;
