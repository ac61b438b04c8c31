//! Trusted certificates: `trusted-ca`.
//!
//! It is what OpenSSL's `SSL_CTX_load_verify_locations` loads from a file or a folder. Certificates that are not
//! self-signed are loaded, too: they complete paths, and do not end them (OpenSSL without `X509_V_FLAG_PARTIAL_CHAIN`).

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::crls::RevocationList;
use super::error::{FileError, FileProblem};
use super::file;
use super::flaw::Flaw;
use super::folder::{FromFiles, HashedKind, HashedName};
use super::input::Input;
#[cfg(feature = "native-certs")]
use super::kind::ObjectKind;
use super::object::{Content, Object};
use super::origin::Origin;
use super::passphrase::Opener;
use super::remark::{Remark, RemarkKind};
use super::trusted::{OPTION, TrustedCertificate};
use crate::options::Sources;
use crate::x509::CrlError;

/// What the files of `trusted-ca` hold.
///
/// The certificates come in three ways: from files, from trust anchors, and from [`EndpointBuilder::extra_trusted_ca`].
///
/// [`EndpointBuilder::extra_trusted_ca`]: crate::EndpointBuilder::extra_trusted_ca
#[derive(Debug, Default)]
pub struct Roots {
    certificates: Vec<TrustedCertificate>,
    anchors: Vec<TrustedCertificate>,
    revocation_lists: Vec<Result<RevocationList, FileError>>,
    remarks: Vec<Remark>,
}

impl Roots {
    /// Returns the certificates in the order of the files.
    pub fn certificates(&self) -> &[TrustedCertificate] {
        &self.certificates
    }

    /// Returns the certificates that are not the system's. The system itself takes care of those.
    pub(crate) fn own(&self) -> impl Iterator<Item = &TrustedCertificate> {
        let certificates = self.certificates.iter();
        certificates.filter(|trusted| !trusted.origin().is_of_system())
    }

    /// Returns certificates made from the trust anchors that were given in code, which have no certificates of their
    /// own.
    pub fn anchors(&self) -> &[TrustedCertificate] {
        &self.anchors
    }

    /// Returns the flaws of certificates in the files. Every path through such a certificate is refused.
    pub fn flaws(&self) -> impl Iterator<Item = Flaw> + '_ {
        self.certificates.iter().flat_map(TrustedCertificate::flaws)
    }

    /// Returns the revocation lists that stand among the certificates. OpenSSL uses them like those of
    /// `tls-crl`, but only if revocation is checked.
    ///
    /// # Errors
    ///
    /// - A list cannot be used, see [`CrlError`]. The certificates can be used, as long as revocation is not checked.
    pub fn into_revocation_lists(self) -> Result<Vec<RevocationList>, FileError> {
        self.revocation_lists.into_iter().collect()
    }

    /// Returns the revocation lists that can be used, unless they were taken out.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &RevocationList> {
        self.revocation_lists.iter().flatten()
    }

    /// Takes out the revocation lists; for a list that cannot be used, the error.
    pub(crate) fn take_revocation_lists(&mut self) -> Vec<Result<RevocationList, FileError>> {
        std::mem::take(&mut self.revocation_lists)
    }

    /// Adds certificates that are given in code, under a name for messages, and returns the errors.
    pub(crate) fn add_of_code(
        &mut self,
        certificates: &[CertificateDer<'static>],
        name: &str,
    ) -> Vec<FileError> {
        let origin = Origin::of_memory(OPTION, &name.into());
        let read = |der: &CertificateDer<'static>| {
            let read = TrustedCertificate::read(der.clone(), origin.clone());
            read.map(|certificate| self.certificates.push(certificate))
        };
        let errors = certificates.iter().map(read).filter_map(Result::err);
        errors.collect()
    }

    /// Returns remarks on the files, for example on blocks that are neither certificates nor lists.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// A list that cannot be used is kept as an error, which counts only if revocation is checked. A list that cannot
    /// even be decoded makes the file unusable, as with OpenSSL.
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

impl FromFiles for Roots {
    const KINDS: &'static [HashedKind] = &[HashedKind::Certificate, HashedKind::RevocationList];
    const LIMIT: u64 = file::MOST_BYTES;

    fn add(&mut self, object: Object) -> Result<bool, FileError> {
        let origin = object.origin.clone();
        let read = match object.content {
            Content::Certificate(der) => TrustedCertificate::read(der, origin.clone()),
            Content::TrustedCertificate(der) => {
                TrustedCertificate::read_with_settings(der, origin.clone())
            }
            Content::RevocationList(der) => return self.add_list(der, origin).map(|()| false),
            _ => {
                self.remarks.extend(object.into_unused());
                return Ok(false);
            }
        };
        match read {
            Ok(certificate) => {
                self.certificates.push(certificate);
                Ok(true)
            }
            // An unreadable certificate in a container does not make the others unusable.
            Err(error) if origin.member().is_some() => {
                self.remarks.push(Remark::unreadable(origin, error));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn keep(&mut self, name: HashedName) {
        let mut other = Vec::new();
        self.certificates.retain(|trusted| {
            let is_meant =
                name.kind == HashedKind::Certificate && name.fits(trusted.certificate().subject());
            if !is_meant {
                other.push(trusted.origin().clone());
            }
            is_meant
        });
        self.revocation_lists.retain(|list| {
            let Ok(list) = list else { return true };
            let is_meant = list.is_looked_up_by(name);
            if !is_meant {
                other.push(list.origin().clone());
            }
            is_meant
        });
        let remarks = other.into_iter();
        self.remarks
            .extend(remarks.map(|origin| Remark::new(origin, RemarkKind::OtherHash)));
    }

    fn append(&mut self, other: Self) {
        self.certificates.extend(other.certificates);
        self.revocation_lists.extend(other.revocation_lists);
        self.remarks.extend(other.remarks);
    }

    fn remark(&mut self, remark: Remark) {
        self.remarks.push(remark);
    }

    fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }
}

/// Whether OpenSSL refuses the file, too.
fn is_damage(problem: &FileProblem) -> bool {
    match problem {
        FileProblem::UnusableList(error) => matches!(error, CrlError::Malformed { .. }),
        _ => true,
    }
}

/// Reads the certificates in the files of `trusted-ca`, without passphrases.
///
/// A certificate that OpenSSL loads is loaded here, even if it cannot be used; [`Roots::flaws`] returns
/// the reasons.
///
/// # Errors
///
/// - the value names no file, or a file cannot be read or has more than 16 MiB;
/// - a file or folder holds no certificate;
/// - a block is damaged, whatever it holds, as OpenSSL refuses the whole file too;
/// - a file has a passphrase.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::roots;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
/// let roots = roots::load(Source::bytes("ca.pem", ca))?;
/// assert_eq!(roots.certificates().len(), 1);
/// assert_eq!(roots.flaws().count(), 0);
/// assert!(roots.remarks().is_empty());
/// # Ok(())
/// # }
/// ```
pub fn load(sources: impl Into<Sources>) -> Result<Roots, FileError> {
    load_with(sources, &Opener::default())
}

/// Reads the certificates in the files of `trusted-ca`.
///
/// # Errors
///
/// As [`load`]; a passphrase is wrong.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::{Opener, Passphrase, Passphrases, roots};
///
/// # const STORE: &str = "tests/testdata/pki/rsa.p12";
/// let passphrases = Passphrases::new(|_request| Some(Passphrase::new("password")));
/// let roots = roots::load_with(Source::path(STORE), &Opener::new(passphrases))?;
/// assert_eq!(roots.certificates().len(), 1);
/// # Ok::<(), sip_tls::pki::FileError>(())
/// ```
pub fn load_with(sources: impl Into<Sources>, opener: &Opener) -> Result<Roots, FileError> {
    let (roots, errors) = load_all(&sources.into(), opener);
    errors.into_iter().next().map_or(Ok(roots), Err)
}

/// Reads the certificates in the files of `trusted-ca`, and continues after a file that cannot be used.
pub(crate) fn load_all(sources: &Sources, opener: &Opener) -> (Roots, Vec<FileError>) {
    let mut roots = Roots::default();
    let errors = Input::for_each(sources, OPTION, Roots::LIMIT, |input| {
        match input {
            Input::Anchors(anchors) => {
                let certificates = anchors.iter().filter_map(TrustedCertificate::of_anchor);
                roots.anchors.extend(certificates);
            }
            Input::File(mut file) => roots.append(Roots::of_file(&mut file, opener)?),
            Input::Folder(folder) => roots.append(folder.load(opener)?),
        }
        Ok(())
    });
    (roots, errors)
}

/// Reads the certificates that the system trusts. `SSL_CERT_FILE` and `SSL_CERT_DIR`, the environment variables of
/// OpenSSL, replace them. [`Roots::remarks`] returns what cannot be read.
///
/// # Errors
///
/// - No certificate is found.
#[cfg(feature = "native-certs")]
pub fn load_system() -> Result<Roots, FileError> {
    let (roots, error) = load_all_system();
    error.map_or(Ok(roots), Err)
}

/// Reads the certificates that the system trusts, and returns the remarks even if there is no certificate.
#[cfg(feature = "native-certs")]
pub(crate) fn load_all_system() -> (Roots, Option<FileError>) {
    let (certificates, remarks) = super::system::load();
    let nothing = || {
        let problem = FileProblem::Missing {
            wanted: ObjectKind::Certificate,
            found: None,
        };
        FileError::new(Origin::of_system(OPTION), problem)
    };
    let error = certificates.is_empty().then(nothing);
    let roots = Roots {
        certificates,
        remarks,
        ..Roots::default()
    };
    (roots, error)
}
