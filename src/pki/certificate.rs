//! Certificates in bytes that may go on after them.
//!
//! A certificate of `trusted-ca` is parsed once in a process, however many endpoints and reloads have it. Our own
//! certificates are not shared: there are few.

use std::sync::{Arc, LazyLock};

use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::error::Damage;
use crate::shared::Pool;
use crate::x509::{Certificate, Unreadable, der};

/// Reads the certificate at the start of `der`, and returns what follows it.
pub(super) fn split(
    der: CertificateDer<'static>,
) -> Result<(Certificate<'static>, Vec<u8>), Damage> {
    let (der, tail) = cut(der)?;
    match Certificate::parse(der) {
        Ok(certificate) => Ok((certificate, tail)),
        Err(Unreadable) => Err(Damage::Structure),
    }
}

/// Reads the certificate at the start of `der`, unless it is in use already, and returns what follows it.
///
/// Equal bytes are the same certificate, whatever file they are from.
pub(super) fn split_shared(
    der: CertificateDer<'static>,
) -> Result<(Arc<Certificate<'static>>, Vec<u8>), Damage> {
    static READ: LazyLock<Pool<Certificate<'static>>> = LazyLock::new(Pool::new);
    let (der, tail) = cut(der)?;
    let is_same = |known: &Certificate<'_>| *known.der() == der;
    match READ.find_or_make(&*der, is_same, || Certificate::parse(der.clone())) {
        Ok(certificate) => Ok((certificate, tail)),
        Err(Unreadable) => Err(Damage::Structure),
    }
}

/// Returns the certificate that represents a trust anchor; equal ones are shared.
pub(super) fn of_anchor(anchor: &TrustAnchor<'_>) -> Option<Arc<Certificate<'static>>> {
    static MADE: LazyLock<Pool<Certificate<'static>>> = LazyLock::new(Pool::new);
    let made = Certificate::of_anchor(anchor).ok()?;
    let key = anchor.subject.to_vec();
    Some(MADE.share_by(key, made, Certificate::is_same_anchor))
}

/// Cuts off what follows the certificate.
fn cut(der: CertificateDer<'static>) -> Result<(CertificateDer<'static>, Vec<u8>), Damage> {
    match der::first(&der).ok_or(Damage::Structure)? {
        (_, []) => Ok((der, Vec::new())),
        (first, tail) => {
            let (first, tail) = (first.to_vec(), tail.to_vec());
            Ok((first.into(), tail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_trust_anchors_are_kept_once_and_others_apart() {
        let anchor = &webpki_roots::TLS_SERVER_ROOTS[0];
        let made = of_anchor(anchor).unwrap();
        assert!(Arc::ptr_eq(&made, &of_anchor(&anchor.clone()).unwrap()));
        // example.com is permitted.
        let constraints = *b"\xa0\x0f\x30\x0d\x82\x0bexample.com";
        let constrained = TrustAnchor {
            name_constraints: Some(constraints[..].into()),
            ..anchor.clone()
        };
        let other_key = TrustAnchor {
            subject: anchor.subject.clone(),
            ..webpki_roots::TLS_SERVER_ROOTS[1].clone()
        };
        for other in [constrained, other_key] {
            let found = of_anchor(&other).unwrap();
            assert!(!Arc::ptr_eq(&made, &found), "{other:?}");
            assert!(
                Arc::ptr_eq(&found, &of_anchor(&other).unwrap()),
                "{other:?}"
            );
        }
    }
}
