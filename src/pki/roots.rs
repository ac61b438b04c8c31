//! Trusted certificates: `trusted-ca`.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use super::crls::RevocationList;
use super::error::{Damage, FileError, FileProblem, ObjectKind};
use super::file::{self, Object, SourceFile};
use super::origin::{Origin, UnusedBlock};
use super::pem::Content;
use super::trust::TrustSettings;
use crate::options::FileList;
use crate::x509::Certificate;

/// What the files of `trusted-ca` hold.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    certificates: Vec<TrustedCertificate>,
    revocation_lists: Vec<RevocationList>,
    unused: Vec<UnusedBlock>,
}

impl Roots {
    /// Returns the certificates in the order of the files; there is at least one.
    pub fn certificates(&self) -> &[TrustedCertificate] {
        &self.certificates
    }

    /// Returns the revocation lists that stand among the certificates. OpenSSL uses them like those of
    /// `tls-crl` once revocation is checked, and not before.
    pub fn revocation_lists(&self) -> &[RevocationList] {
        &self.revocation_lists
    }

    /// Returns the blocks that are neither, private keys say; OpenSSL passes over them as well.
    pub fn unused(&self) -> &[UnusedBlock] {
        &self.unused
    }

    fn add(&mut self, file: &SourceFile, object: Object) -> Result<(), FileError> {
        let at = object.origin.clone();
        let added = match object.content {
            Content::Certificate(der) => self.add_certificate(der, at.clone()),
            Content::TrustedCertificate(der) => self.add_with_settings(der, at.clone()),
            Content::RevocationList(der) => {
                RevocationList::new(der, at.clone()).map(|list| self.revocation_lists.push(list))
            }
            _ => {
                self.unused.extend(object.into_unused());
                Ok(())
            }
        };
        added.map_err(|damage| file.error_at(at, FileProblem::Damaged(damage)))
    }

    fn add_certificate(
        &mut self,
        der: CertificateDer<'static>,
        origin: Origin,
    ) -> Result<(), Damage> {
        let (der, tail) = file::split_certificate(der)?;
        // In a PEM block OpenSSL ignores such bytes.
        if !tail.is_empty() && origin.block().is_none() {
            return Err(Damage::TrailingBytes);
        }
        let trust = TrustSettings::default();
        let certificate = Certificate::parse(der).map_err(|_| Damage::Structure)?;
        let certificate = Arc::new(certificate);
        self.certificates.push(TrustedCertificate {
            certificate,
            trust,
            origin,
        });
        Ok(())
    }

    fn add_with_settings(
        &mut self,
        der: CertificateDer<'static>,
        origin: Origin,
    ) -> Result<(), Damage> {
        let (der, tail) = file::split_certificate(der)?;
        let trust = TrustSettings::from_der(&tail)?;
        let certificate = Certificate::parse(der).map_err(|_| Damage::Structure)?;
        let certificate = Arc::new(certificate);
        self.certificates.push(TrustedCertificate {
            certificate,
            trust,
            origin,
        });
        Ok(())
    }
}

/// A certificate of `trusted-ca`.
#[derive(Clone, Debug)]
pub struct TrustedCertificate {
    certificate: Arc<Certificate<'static>>,
    trust: TrustSettings,
    origin: Origin,
}

impl TrustedCertificate {
    /// Returns the certificate.
    pub fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }

    pub(crate) fn certificate(&self) -> &Arc<Certificate<'static>> {
        &self.certificate
    }

    /// Returns what OpenSSL's own settings trust it for; only a `TRUSTED CERTIFICATE` block has any.
    pub fn trust(&self) -> &TrustSettings {
        &self.trust
    }

    /// Returns where it was read.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Reads the certificates in the files of `trusted-ca`.
///
/// # Errors
///
/// - the value names no file, or a file cannot be read, is a directory or has more than 16 MiB;
/// - a file holds no certificate;
/// - a block is damaged, whatever it holds, as OpenSSL refuses the whole file too.
pub fn load(files: &FileList) -> Result<Roots, FileError> {
    load_as(OPTION, files)
}

/// Reads the certificates in other files as if they were those of `trusted-ca`; errors name `option` instead.
///
/// # Errors
///
/// As [`load`].
pub fn load_as(option: &'static str, files: &FileList) -> Result<Roots, FileError> {
    let mut roots = Roots::default();
    for file in SourceFile::read_all(option, files, file::MOST_BYTES)? {
        let before = roots.certificates.len();
        let mut first = None;
        for object in file.objects()? {
            let object = object?;
            first.get_or_insert_with(|| object.kind.clone());
            roots.add(&file, object)?;
        }
        if roots.certificates.len() == before {
            return Err(file.missing(ObjectKind::Certificate, first));
        }
    }
    Ok(roots)
}

const OPTION: &str = "trusted-ca";
