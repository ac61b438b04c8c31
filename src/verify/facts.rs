use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate::Certificate;
use super::distinguished_name;
use super::purpose::Purpose;
use super::strength;
use super::trust_store;
use crate::pki::TrustSettings;
use crate::report::CertificateFacts;

/// What the report says of a certificate in the files of `option`. With trust settings it is one of `trusted-ca`.
///
/// `None` if it cannot be read.
pub(crate) fn certificate_facts(
    option: &'static str,
    der: &CertificateDer<'_>,
    settings: Option<&TrustSettings>,
) -> Option<CertificateFacts> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let certificate = Certificate::parse(CertificateDer::from(der.as_ref())).ok()?;
    let is_anchor = settings.is_some_and(|settings| {
        let purposes = [Purpose::Client, Purpose::Server];
        purposes
            .into_iter()
            .any(|purpose| trust_store::ends_paths(&certificate, settings, purpose))
    });
    Some(CertificateFacts {
        option,
        subject: distinguished_name::one_line(parsed.subject()),
        issuer: distinguished_name::one_line(parsed.issuer()),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        key: strength::key_name(parsed.public_key()),
        is_anchor,
    })
}
