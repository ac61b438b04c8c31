//! Our own certificate and its private key: `certificate` and `certificate-key`.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::certificate;
use super::error::{Damage, FileError, FileProblem};
use super::file::{self, SourceFile};
use super::object::{Content, Object, ObjectKind};
use super::origin::{Origin, UnusedBlock};
use super::trust::TrustSettings;
use crate::options::FileList;
use crate::x509::Certificate;
use crate::x509::algorithm::Algorithm;
use crate::x509::der::{NULL, Reader};
use crate::x509::key::PublicKey;

/// Our certificate chain and the private key of its first certificate.
#[derive(Clone)]
pub struct Credentials {
    certified_key: Arc<CertifiedKey>,
    certificates: Arc<[Certificate<'static>]>,
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

    /// Returns the chain as it was read.
    pub(crate) fn certificates(&self) -> &[Certificate<'static>] {
        &self.certificates
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
    let mut chain = Chain::default();
    for file in SourceFile::all(certificate, CERTIFICATE, file::MOST_BYTES)? {
        chain.read(&mut file?)?;
    }
    let found = match key {
        Some(files) => FoundKey::first_in(files)?,
        None => chain.take_key()?,
    };
    found.certify(chain, provider)
}

/// The certificates of all files, in order.
#[derive(Default)]
struct Chain {
    certificates: Vec<Certificate<'static>>,
    origins: Vec<Origin>,
    /// The first private key among them.
    key: Option<Object>,
    unused: Vec<UnusedBlock>,
}

impl Chain {
    fn read(&mut self, file: &mut SourceFile) -> Result<(), FileError> {
        let before = self.certificates.len();
        let mut first = None;
        for object in file.objects()? {
            let object = object?;
            first.get_or_insert_with(|| object.kind.clone());
            self.add(object)?;
        }
        match self.certificates.len() == before {
            true => Err(file.missing(ObjectKind::Certificate, first)),
            false => Ok(()),
        }
    }

    fn add(&mut self, object: Object) -> Result<(), FileError> {
        let (der, has_settings) = match object.content {
            Content::Certificate(der) => (der, false),
            Content::TrustedCertificate(der) => (der, true),
            _ if object.kind == ObjectKind::PrivateKey => {
                self.key.get_or_insert(object);
                return Ok(());
            }
            _ => {
                self.unused.extend(object.into_unused());
                return Ok(());
            }
        };
        let read = certificate::split(der).and_then(|(certificate, tail)| {
            match object.origin.block() {
                None if !tail.is_empty() => return Err(Damage::TrailingBytes),
                // OpenSSL wants them readable, though they mean nothing for our own certificate. Behind the first
                // certificate it reads them whatever the label is; behind another it ignores what follows.
                Some(_) if has_settings || self.certificates.is_empty() => {
                    TrustSettings::from_der(&tail)?;
                }
                _ => {}
            }
            Ok(certificate)
        });
        match read {
            Ok(certificate) => self.certificates.push(certificate),
            Err(damage) => {
                return Err(FileError::new(object.origin, FileProblem::Damaged(damage)));
            }
        }
        self.origins.push(object.origin);
        Ok(())
    }

    fn take_key(&mut self) -> Result<FoundKey, FileError> {
        let no_key = || FileError::new(self.origins[0].file(), FileProblem::NoKey);
        let found = self.key.take().and_then(FoundKey::of);
        found.unwrap_or_else(|| Err(no_key()))
    }

    /// Returns the place of the first certificate with this public key.
    fn position(&self, spki: &[u8]) -> Option<usize> {
        let key = PublicKey::read(&mut Reader::new(spki))?;
        self.certificates
            .iter()
            .position(|certificate| is_same_key(certificate, &key))
    }
}

/// A private key and where it was found.
struct FoundKey {
    origin: Origin,
    key: Zeroizing<PrivateKeyDer<'static>>,
}

impl FoundKey {
    /// Returns the first key in the files. Nothing behind it is looked at, as with OpenSSL.
    fn first_in(files: &FileList) -> Result<Self, FileError> {
        let files = SourceFile::all(files, KEY, file::MOST_BYTES)?;
        let mut error = None;
        for mut file in files.collect::<Result<Vec<_>, _>>()? {
            let mut first = None;
            for object in file.objects()? {
                let object = object?;
                let kind = object.kind.clone();
                match Self::of(object) {
                    Some(found) => return found,
                    None => first.get_or_insert(kind),
                };
            }
            error.get_or_insert_with(|| file.missing(ObjectKind::PrivateKey, first));
        }
        Err(error.unwrap_or_else(|| FileError::of_option(KEY, FileProblem::NoFileNamed)))
    }

    /// Returns `None` if the object is no private key.
    fn of(object: Object) -> Option<Result<Self, FileError>> {
        let origin = object.origin;
        let problem = match object.content {
            Content::PrivateKey(key) => return Some(Ok(Self { origin, key })),
            Content::EncryptedKey => FileProblem::EncryptedKey,
            Content::UnsupportedKey => FileProblem::UnsupportedKey {
                label: object.label,
            },
            _ => return None,
        };
        Some(Err(FileError::new(origin, problem)))
    }

    /// Joins the key to a chain, which is not empty.
    fn certify(self, chain: Chain, provider: &dyn KeyProvider) -> Result<Credentials, FileError> {
        let error = |problem| FileError::new(self.origin.clone(), problem);
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
        let certificates = chain.certificates.iter();
        let ders = certificates.map(|certificate| certificate.der().clone());
        Ok(Credentials {
            certified_key: Arc::new(CertifiedKey::new(ders.collect(), key)),
            certificates: chain.certificates.into(),
            origins: chain.origins,
            key_origin: self.origin,
            unused: chain.unused,
        })
    }
}

fn is_same_key(certificate: &Certificate<'_>, other: &PublicKey<'_>) -> bool {
    let algorithm = Algorithm::of_checked(certificate.key_algorithm());
    certificate.key_bits() == &*other.bits.octets
        && algorithm.oid == other.algorithm.oid
        && parameters(algorithm) == parameters(other.algorithm)
}

/// Returns the curve, say; for RSA, some write NULL and some nothing.
fn parameters(algorithm: Algorithm<'_>) -> Option<&[u8]> {
    let stated = algorithm.parameters.filter(|found| found.tag != NULL);
    stated.map(|found| found.content)
}

const CERTIFICATE: &str = "certificate";
const KEY: &str = "certificate-key";
