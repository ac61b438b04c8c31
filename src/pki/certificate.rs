use rustls::pki_types::CertificateDer;

use super::error::Damage;
use crate::x509::{Certificate, Unreadable, der};

/// Reads the certificate at the start of `der`, and returns what follows it.
pub(super) fn split(
    der: CertificateDer<'static>,
) -> Result<(Certificate<'static>, Vec<u8>), Damage> {
    let (first, tail) = der::first(&der).ok_or(Damage::Structure)?;
    let tail = tail.to_vec();
    let der = match tail.is_empty() {
        true => der,
        false => first.to_vec().into(),
    };
    match Certificate::parse(der) {
        Ok(certificate) => Ok((certificate, tail)),
        Err(Unreadable) => Err(Damage::Structure),
    }
}
