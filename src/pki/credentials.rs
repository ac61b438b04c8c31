//! Our own certificate and its private key: `certificate` and `certificate-key`.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use super::error::{Damage, FileError, FileProblem, ObjectKind};
use super::file::{self, Object, SourceFile};
use super::origin::{Origin, UnusedBlock};
use super::pem::Content;
use super::trust::TrustSettings;
use crate::options::FileList;

/// Our certificate chain and the private key of its first certificate.
#[derive(Clone)]
pub struct Credentials {
    certified_key: Arc<CertifiedKey>,
    origins: Vec<Origin>,
    key_origin: Origin,
    unused: Vec<UnusedBlock>,
}

impl Credentials {
    /// Returns chain and key as rustls takes them, in `rustls::sign::SingleCertAndKey` say.
    pub fn certified_key(&self) -> &Arc<CertifiedKey> {
        &self.certified_key
    }

    /// Returns the certificates, the end entity's first; there is at least one.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified_key.cert
    }

    /// Returns where each certificate of the chain was read.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Returns where the private key was read.
    pub fn key_origin(&self) -> &Origin {
        &self.key_origin
    }

    /// Returns the blocks in the certificates' files that are neither certificate nor key.
    pub fn unused(&self) -> &[UnusedBlock] {
        &self.unused
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("origins", &self.origins)
            .field("key_origin", &self.key_origin)
            .finish_non_exhaustive()
    }
}

/// Reads our certificate chain from `certificate` and its key from `key`, or from the certificate's own
/// files if that is not given.
///
/// The chain is every certificate in the files, in their order; the end entity's has to be the first.
/// The key is the first private key, as for OpenSSL.
///
/// # Errors
///
/// - a value names no file, or a file cannot be read, is a directory or has more than 16 MiB;
/// - `certificate` is a thumbprint from the Windows certificate store, and no file has that name;
/// - a file holds no certificate, or none of them the key;
/// - a block is damaged, or is a certificate that cannot be read;
/// - the key is encrypted, or of a kind that the crypto provider does not know;
/// - the key is not that of the first certificate, or cannot be compared with it.
pub fn load(
    certificate: &FileList,
    key: Option<&FileList>,
    provider: &dyn KeyProvider,
) -> Result<Credentials, FileError> {
    if certificate.thumbprint().is_some() && !certificate.whole().exists() {
        return Err(FileError::of_option(CERTIFICATE, FileProblem::Thumbprint));
    }
    let files = SourceFile::read_all(CERTIFICATE, certificate, file::MOST_BYTES)?;
    let chain = Chain::from_files(&files)?;
    let key_files = match key {
        Some(list) => SourceFile::read_all(KEY, list, file::MOST_BYTES)?,
        None => files,
    };
    FoundKey::first_in(&key_files)?.certify(chain, provider)
}

/// The certificates of all files, in order.
#[derive(Default)]
struct Chain {
    certificates: Vec<CertificateDer<'static>>,
    origins: Vec<Origin>,
    unused: Vec<UnusedBlock>,
}

impl Chain {
    fn from_files(files: &[SourceFile]) -> Result<Self, FileError> {
        let mut chain = Self::default();
        for file in files {
            let before = chain.certificates.len();
            let mut first = None;
            for object in file.objects()? {
                let object = object?;
                first.get_or_insert_with(|| object.kind.clone());
                chain.add(file, object)?;
            }
            if chain.certificates.len() == before {
                return Err(file.missing(ObjectKind::Certificate, first));
            }
        }
        Ok(chain)
    }

    fn add(&mut self, file: &SourceFile, object: Object) -> Result<(), FileError> {
        let certificate = match object.content {
            Content::Certificate(der) => without_tail(der),
            Content::TrustedCertificate(der) => without_settings(der),
            _ => {
                if object.kind != ObjectKind::PrivateKey {
                    self.unused.extend(object.into_unused());
                }
                return Ok(());
            }
        };
        self.certificates.push(certificate.map_err(|damage| {
            file.error_at(object.origin.clone(), FileProblem::Damaged(damage))
        })?);
        self.origins.push(object.origin);
        Ok(())
    }

    /// Returns the place of the first certificate with this public key.
    fn position(&self, spki: &[u8]) -> Option<usize> {
        let has_key = |der: &CertificateDer<'_>| {
            X509Certificate::from_der(der)
                .is_ok_and(|(_, certificate)| is_same_key(certificate.public_key().raw, spki))
        };
        self.certificates.iter().position(has_key)
    }
}

/// A private key and the file it was found in.
struct FoundKey<'a> {
    file: &'a SourceFile,
    origin: Origin,
    key: Zeroizing<PrivateKeyDer<'static>>,
}

impl<'a> FoundKey<'a> {
    fn first_in(files: &'a [SourceFile]) -> Result<Self, FileError> {
        let mut other = None;
        for file in files {
            // Nothing behind the key is looked at, as with OpenSSL.
            for object in file.objects()? {
                let Object {
                    origin,
                    kind,
                    content,
                    label,
                } = object?;
                let problem = match content {
                    Content::PrivateKey(key) => return Ok(Self { file, origin, key }),
                    Content::EncryptedKey => FileProblem::EncryptedKey,
                    Content::UnsupportedKey => FileProblem::UnsupportedKey { label },
                    _ => {
                        other.get_or_insert((file, kind));
                        continue;
                    }
                };
                return Err(file.error_at(origin, problem));
            }
        }
        Err(missing_key(files, other))
    }

    /// Joins the key to a chain, which is not empty.
    fn certify(self, chain: Chain, provider: &dyn KeyProvider) -> Result<Credentials, FileError> {
        let error = |problem| self.file.error_at(self.origin.clone(), problem);
        let key = provider
            .load_private_key(self.key.clone_key())
            .map_err(|cause| error(FileProblem::UnusableKey(cause)))?;
        let spki = key
            .public_key()
            .ok_or_else(|| error(FileProblem::KeyNotComparable))?;
        let position = chain.position(&spki);
        if position != Some(0) {
            return Err(error(FileProblem::KeyMismatch {
                certificate: chain.origins[0].clone(),
                fits: position.map(|other| chain.origins[other].clone()),
            }));
        }
        drop(spki);
        Ok(Credentials {
            certified_key: Arc::new(CertifiedKey::new(chain.certificates, key)),
            origins: chain.origins,
            key_origin: self.origin,
            unused: chain.unused,
        })
    }
}

fn missing_key(files: &[SourceFile], other: Option<(&SourceFile, ObjectKind)>) -> FileError {
    let wanted = ObjectKind::PrivateKey;
    match (other, files) {
        (Some((file, _)), _) if file.option() == CERTIFICATE => file.error(FileProblem::NoKey),
        (Some((file, found)), _) => file.missing(wanted, Some(found)),
        (None, [file, ..]) => file.missing(wanted, None),
        (None, []) => FileError::of_option(KEY, FileProblem::NoFileNamed),
    }
}

fn without_tail(der: CertificateDer<'static>) -> Result<CertificateDer<'static>, Damage> {
    match file::split_certificate(der)? {
        (der, tail) if tail.is_empty() => Ok(der),
        _ => Err(Damage::TrailingBytes),
    }
}

fn without_settings(der: CertificateDer<'static>) -> Result<CertificateDer<'static>, Damage> {
    let (der, tail) = file::split_certificate(der)?;
    // OpenSSL wants them readable, though they mean nothing for our own certificate.
    TrustSettings::from_der(&tail)?;
    Ok(der)
}

fn is_same_key(left: &[u8], right: &[u8]) -> bool {
    let parse = |spki| SubjectPublicKeyInfo::from_der(spki).map(|(_, parsed)| parsed);
    match (parse(left), parse(right)) {
        (Ok(left), Ok(right)) => {
            left.subject_public_key.data == right.subject_public_key.data
                && left.algorithm.algorithm == right.algorithm.algorithm
                && parameters(&left) == parameters(&right)
        }
        _ => false,
    }
}

/// Returns the curve, say; for RSA, some write NULL and some nothing.
fn parameters<'a>(spki: &'a SubjectPublicKeyInfo<'_>) -> Option<&'a [u8]> {
    let parameters = spki.algorithm.parameters.as_ref().map(|any| any.data);
    parameters.filter(|data| !data.is_empty())
}

const CERTIFICATE: &str = "certificate";
const KEY: &str = "certificate-key";
