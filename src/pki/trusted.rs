//! One certificate of `trusted-ca`.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::certificate;
use super::error::{Damage, FileError, FileProblem};
use super::flaw::Flaw;
use super::origin::Origin;
use super::trust::TrustSettings;
use crate::x509::{Certificate, describe};

pub(super) const OPTION: &str = "trusted-ca";

/// A certificate of `trusted-ca`, read once. A clone shares it, as does everything in the process that holds the same
/// one.
#[derive(Clone)]
pub struct TrustedCertificate {
    certificate: Arc<Certificate<'static>>,
    trust: TrustSettings,
    origin: Origin,
}

impl TrustedCertificate {
    /// Reads a certificate that is given in code, like one in a file of `trusted-ca`.
    ///
    /// It has no trust settings, and its origin says that it was given in code.
    ///
    /// # Errors
    ///
    /// - it cannot be read;
    /// - other bytes follow it.
    pub fn from_der(der: CertificateDer<'static>) -> Result<Self, FileError> {
        Self::read(der, Origin::of_code(OPTION))
    }

    /// Reads a certificate. Bytes that follow it are ignored in a PEM block, as by OpenSSL.
    pub(super) fn read(der: CertificateDer<'static>, origin: Origin) -> Result<Self, FileError> {
        match certificate::split_shared(der) {
            Ok((_, tail)) if !tail.is_empty() && origin.block().is_none() => {
                Err(damaged(origin, Damage::TrailingBytes))
            }
            Ok((certificate, _)) => Ok(Self {
                certificate,
                trust: TrustSettings::default(),
                origin,
            }),
            Err(damage) => Err(damaged(origin, damage)),
        }
    }

    /// Reads a certificate and the trust settings that follow it.
    pub(super) fn read_with_settings(
        der: CertificateDer<'static>,
        origin: Origin,
    ) -> Result<Self, FileError> {
        let read = certificate::split_shared(der)
            .and_then(|(certificate, tail)| Ok((certificate, TrustSettings::from_der(&tail)?)));
        match read {
            Ok((certificate, trust)) => Ok(Self {
                certificate,
                trust,
                origin,
            }),
            Err(damage) => Err(damaged(origin, damage)),
        }
    }

    /// Makes a certificate for a CA of which only the name, the key and the name constraints are known.
    pub(crate) fn of_anchor(anchor: &TrustAnchor<'_>) -> Option<Self> {
        Some(Self {
            certificate: certificate::of_anchor(anchor)?,
            trust: TrustSettings::default(),
            origin: Origin::of_code(OPTION),
        })
    }

    /// The last second in which the certificate is valid. `None` for a CA without a date, and for one of the
    /// system, which renews them.
    pub(crate) fn expires(&self) -> Option<i64> {
        let seconds = self.certificate.not_after.valid?;
        (seconds != i64::MAX && !self.origin.is_of_system()).then_some(seconds)
    }

    /// Whether both hold the same certificate and trust settings, with the same origin.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.certificate, &other.certificate)
            && self.trust == other.trust
            && self.origin.is_same(&other.origin)
    }

    /// The address of the certificate in memory: equal certificates that are in use have the same address.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.certificate) as usize
    }

    pub(crate) fn certificate(&self) -> &Certificate<'static> {
        &self.certificate
    }

    /// Returns the certificate.
    pub fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }

    /// Returns what the certificate is trusted for by OpenSSL's own settings; only a `TRUSTED CERTIFICATE` block has
    /// any.
    pub fn trust(&self) -> &TrustSettings {
        &self.trust
    }

    /// Returns where the certificate comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the flaws of the certificate, for which every path through it is refused.
    pub fn flaws(&self) -> impl Iterator<Item = Flaw> + '_ {
        let ends_paths = self.certificate.is_self_signed() || self.trust.trusted().is_some();
        Flaw::all_of(&self.certificate, &self.origin, ends_paths)
    }
}

impl fmt::Debug for TrustedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = describe::one_line(self.certificate.subject_name());
        f.debug_struct("TrustedCertificate")
            .field("subject", &subject)
            .field("trust", &self.trust)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

fn damaged(origin: Origin, damage: Damage) -> FileError {
    FileError::new(origin, FileProblem::Damaged(damage))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::origin::BlockPlace;
    use crate::x509::test_pki::{CertificateSpec, SERVER_AUTH, oid, seq, utc};

    /// A certificate in a PEM block, with the octets that follow it.
    fn in_block(spec: &CertificateSpec, settings: &[u8]) -> TrustedCertificate {
        let place = BlockPlace { number: 1, line: 1 };
        let origin = Origin::of_memory(OPTION, &"ca.pem".into()).at(place);
        let der = [&spec.der()[..], settings].concat();
        TrustedCertificate::read_with_settings(der.into(), origin).unwrap()
    }

    /// `openssl x509 -addtrust serverAuth`
    fn trusted_for_servers() -> Vec<u8> {
        seq(&[seq(&[oid(SERVER_AUTH)])])
    }

    #[test]
    fn certificates_are_the_same_if_content_settings_and_origin_are() {
        let root = CertificateSpec::root();
        let one = in_block(&root, &[]);
        let again = in_block(&root, &[]);
        assert!(one.is_same(&again));
        assert_eq!(one.address(), again.address());
        let with_settings = in_block(&root, &trusted_for_servers());
        assert_eq!(one.address(), with_settings.address());
        let of_code = TrustedCertificate::from_der(root.der().into()).unwrap();
        assert_eq!(one.address(), of_code.address());
        let other = in_block(&CertificateSpec::default(), &[]);
        assert_ne!(one.address(), other.address());
        for different in [with_settings, of_code, other] {
            assert!(!one.is_same(&different), "{different:?}");
        }
    }

    #[test]
    fn a_certificate_expires_unless_it_has_no_date_or_the_system_renews_it() {
        let root = CertificateSpec::root();
        // 2040-01-01T00:00:00Z
        assert_eq!(in_block(&root, &[]).expires(), Some(2_208_988_800));
        let undated = CertificateSpec {
            validity: seq(&[utc("200101000000Z"), utc("400101000000")]),
            ..root.clone()
        };
        assert_eq!(in_block(&undated, &[]).expires(), None);
        let anchor = &webpki_roots::TLS_SERVER_ROOTS[0];
        let anchor = TrustedCertificate::of_anchor(anchor).unwrap();
        assert_eq!(anchor.expires(), None);
        #[cfg(feature = "native-certs")]
        {
            let origin = Origin::of_system(OPTION);
            let of_system = TrustedCertificate::read(root.der().into(), origin).unwrap();
            assert_eq!(of_system.expires(), None);
        }
    }

    #[test]
    fn the_signature_of_a_certificate_that_ends_paths_has_no_flaws() {
        let rejected_for_nothing = seq(&[]);
        let odd = |spec| CertificateSpec {
            unused_bits: 1,
            ..spec
        };
        for (spec, settings, count) in [
            (CertificateSpec::default(), vec![], 0),
            (odd(CertificateSpec::default()), vec![], 1),
            (odd(CertificateSpec::default()), rejected_for_nothing, 1),
            (odd(CertificateSpec::default()), trusted_for_servers(), 0),
            (odd(CertificateSpec::root()), vec![], 0),
            (odd(CertificateSpec::root()), trusted_for_servers(), 0),
        ] {
            let found: Vec<_> = in_block(&spec, &settings).flaws().collect();
            assert_eq!(found.len(), count, "{found:?} {settings:02x?}");
        }
    }

    #[test]
    fn subject_settings_and_origin_are_printed_and_not_the_bytes() {
        let printed = format!("{:?}", in_block(&CertificateSpec::root(), &[]));
        let start = "TrustedCertificate { subject: \"C = DE, CN = Root\", trust: TrustSettings {";
        assert!(printed.starts_with(start), "{printed}");
        assert!(printed.contains("origin: Origin {"), "{printed}");
        assert!(printed.ends_with(", .. }"), "{printed}");
    }
}
