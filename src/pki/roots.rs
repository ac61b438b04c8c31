//! Trusted certificates: `trusted-ca`.

use rustls::pki_types::CertificateRevocationListDer;

use super::crls::RevocationList;
use super::error::{FileError, FileProblem};
use super::file::{self, SourceFile};
use super::flaw::Flaw;
use super::object::{Content, Object, ObjectKind};
use super::origin::{Origin, UnusedBlock};
use super::trusted::{OPTION, TrustedCertificate};
use crate::options::FileList;
use crate::x509::CrlError;

/// What the files of `trusted-ca` hold.
#[derive(Debug, Default)]
pub struct Roots {
    certificates: Vec<TrustedCertificate>,
    revocation_lists: Vec<Result<RevocationList, FileError>>,
    unused: Vec<UnusedBlock>,
}

impl Roots {
    /// Returns the certificates in the order of the files; there is at least one.
    pub fn certificates(&self) -> &[TrustedCertificate] {
        &self.certificates
    }

    /// Returns what is wrong with certificates of the files, so that every path through them is refused.
    pub fn flaws(&self) -> impl Iterator<Item = Flaw> + '_ {
        self.certificates.iter().flat_map(TrustedCertificate::flaws)
    }

    /// Returns the revocation lists that stand among the certificates. OpenSSL uses them like those of
    /// `tls-crl` once revocation is checked, and not before.
    ///
    /// # Errors
    ///
    /// - A list cannot be used, see [`CrlError`]. The certificates can be, as long as revocation is not checked.
    pub fn into_revocation_lists(self) -> Result<Vec<RevocationList>, FileError> {
        self.revocation_lists.into_iter().collect()
    }

    /// Returns the blocks that are neither, private keys say; OpenSSL passes over them as well.
    pub fn unused(&self) -> &[UnusedBlock] {
        &self.unused
    }

    fn add(&mut self, object: Object) -> Result<(), FileError> {
        let origin = object.origin.clone();
        match object.content {
            Content::Certificate(der) => {
                let certificate = TrustedCertificate::read(der, origin)?;
                self.certificates.push(certificate);
            }
            Content::TrustedCertificate(der) => {
                let certificate = TrustedCertificate::read_with_settings(der, origin)?;
                self.certificates.push(certificate);
            }
            Content::RevocationList(der) => self.add_list(der, origin)?,
            _ => self.unused.extend(object.into_unused()),
        }
        Ok(())
    }

    fn add_list(
        &mut self,
        der: CertificateRevocationListDer<'static>,
        origin: Origin,
    ) -> Result<(), FileError> {
        match RevocationList::read(der, origin) {
            Err(error) if is_damage(error.problem()) => return Err(error),
            list => self.revocation_lists.push(list),
        }
        Ok(())
    }
}

/// Whether OpenSSL does not load the file either.
fn is_damage(problem: &FileProblem) -> bool {
    match problem {
        FileProblem::UnusableList(error) => matches!(error, CrlError::Malformed { .. }),
        _ => true,
    }
}

/// Reads the certificates in the files of `trusted-ca`.
///
/// A certificate that OpenSSL loads is loaded here, however odd it is; [`Roots::flaws`] tells which are of no
/// use.
///
/// # Errors
///
/// - the value names no file, or a file cannot be read, is a directory or has more than 16 MiB;
/// - a file holds no certificate;
/// - a block is damaged, whatever it holds, as OpenSSL refuses the whole file too.
pub fn load(files: &FileList) -> Result<Roots, FileError> {
    let mut roots = Roots::default();
    for file in SourceFile::all(files, OPTION, file::MOST_BYTES)? {
        let mut file = file?;
        let before = roots.certificates.len();
        let mut first = None;
        for object in file.objects()? {
            let object = object?;
            first.get_or_insert_with(|| object.kind.clone());
            roots.add(object)?;
        }
        if roots.certificates.len() == before {
            return Err(file.missing(ObjectKind::Certificate, first));
        }
    }
    Ok(roots)
}
