//! The extensions of a revocation list (RFC 5280, section 5.2), as `crl_cb` in OpenSSL's `x_crl.c` reads them.
//!
//! OpenSSL reads the authorityKeyIdentifier, the issuingDistributionPoint, the number and the delta indicator.
//! Another critical extension makes the list one that cannot answer (36).

use super::error::CrlError;
use crate::x509::der::{self, Reader};
use crate::x509::describe;
use crate::x509::distribution_point::IssuingDistributionPoint;
use crate::x509::extension::{self, AuthorityKeyId, Extension};

/// What a list's own extensions say.
#[derive(Default)]
pub(super) struct ListExtensions {
    pub(super) authority_key_id: Option<AuthorityKeyId<'static>>,
    pub(super) scope: Option<IssuingDistributionPoint<'static>>,
    /// As OpenSSL prints it; only shown.
    pub(super) number: Option<String>,
    pub(super) has_unhandled_critical: bool,
    /// Why the list must not be used, although OpenSSL loads it.
    pub(super) refusal: Option<CrlError>,
}

impl ListExtensions {
    /// Reads the Extensions of the list by `issuer`.
    ///
    /// If OpenSSL treats a damaged or repeated extension as absent, the list is refused: without the extension the
    /// list would cover more than its issuer meant.
    pub(super) fn read(mut reader: Reader<'_>, issuer: &[u8]) -> Option<Self> {
        let mut this = Self::default();
        while !reader.is_empty() {
            let extension = Extension::read(&mut reader)?;
            let is_handled = this.take(&extension, issuer).unwrap_or_else(|error| {
                this.refusal.get_or_insert(error);
                true
            });
            this.has_unhandled_critical |= extension.is_critical && !is_handled;
        }
        Some(this)
    }

    /// Returns whether OpenSSL handles the extension, so that it may be critical.
    ///
    /// # Errors
    ///
    /// Fails for a delta list, and for an extension that OpenSSL reads but that is damaged or there twice.
    fn take(&mut self, extension: &Extension<'_>, issuer: &[u8]) -> Result<bool, CrlError> {
        let unreadable = |part| move || CrlError::Unreadable { part };
        match extension.oid {
            DELTA_CRL_INDICATOR => return Err(CrlError::Delta),
            AUTHORITY_KEY_ID => {
                let found = AuthorityKeyId::read(&extension.value);
                let found = found.map(AuthorityKeyId::into_owned);
                set_once(&mut self.authority_key_id, found)
                    .ok_or_else(unreadable("authorityKeyIdentifier"))?;
            }
            ISSUING_DISTRIBUTION_POINT => {
                let found = IssuingDistributionPoint::read(&extension.value, issuer);
                let found = found.map(IssuingDistributionPoint::into_owned);
                set_once(&mut self.scope, found)
                    .ok_or_else(unreadable("issuingDistributionPoint"))?;
            }
            // OpenSSL accepts a list whatever its number is.
            CRL_NUMBER => {
                self.number = number(&extension.value);
                return Ok(false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Sets `place`. Returns `None` if there is nothing to set, or something has been set before.
pub(super) fn set_once<T>(place: &mut Option<T>, found: Option<T>) -> Option<()> {
    match (&place, found) {
        (None, Some(found)) => {
            *place = Some(found);
            Some(())
        }
        _ => None,
    }
}

/// Prints a number as `openssl crl -crlnumber` does. `None` if the value is malformed.
fn number(value: &[u8]) -> Option<String> {
    let octets = extension::value(value, der::INTEGER)?.integer()?;
    Some(describe::number(octets, "0x"))
}

/// Object identifiers of id-ce (RFC 5280, appendix A.2), as content octets.
pub(super) const CRL_REASON: &[u8] = &[0x55, 0x1d, 21];
pub(super) const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];

const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_numbers_are_printed_as_openssl_prints_them() {
        let cases: [(&[u8], &str); 6] = [
            (&[2, 1, 0], "0x00"),
            (&[2, 1, 1], "0x01"),
            (&[2, 2, 0x10, 0], "0x1000"),
            (&[2, 2, 0, 0x80], "0x80"),
            (&[2, 1, 0xff], "-0x01"),
            (&[2, 2, 0xff, 0x00], "-0x0100"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value).as_deref(), Some(text));
        }
        assert_eq!(number(&[2, 2, 0, 1]), None);
    }
}
