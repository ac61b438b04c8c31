//! Our own certificate and its private key: `certificate` and `certificate-key`.
//!
//! OpenSSL has `SSL_CTX_use_certificate_chain_file`, `SSL_CTX_use_PrivateKey_file` and `SSL_CTX_check_private_key`.
//! Here the three are one step, which gives a chain with its key or the reason why there is none. The key is compared
//! by the crypto provider's public key, so that a key which the provider cannot use is found now and not in a
//! handshake.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::chain::{self, Chain, Link};
use super::error::{FileError, FileProblem};
use super::file::{self, SourceFile};
use super::input::Input;
use super::kind::ObjectKind;
use super::object::{Content, Object};
use super::origin::Origin;
use super::passphrase::Opener;
use super::remark::{Remark, RemarkKind};
use super::trusted::TrustedCertificate;
use crate::options::Sources;
use crate::x509::Certificate;
use crate::x509::der::Reader;
use crate::x509::key::PublicKey;

/// Our certificate chain and the private key of its first certificate.
///
/// The private key itself stays with the crypto provider: nothing here returns it.
#[derive(Clone)]
pub struct Credentials {
    certified_key: Arc<CertifiedKey>,
    certificates: Arc<[Certificate<'static>]>,
    origins: Vec<Origin>,
    key_origin: Origin,
    remarks: Vec<Remark>,
}

impl Credentials {
    fn new(
        certified_key: Arc<CertifiedKey>,
        links: Vec<Link>,
        key_origin: Origin,
        remarks: Vec<Remark>,
    ) -> Self {
        let links = links.into_iter();
        let (certificates, origins): (Vec<_>, _) =
            links.map(|link| (link.certificate, link.origin)).unzip();
        Self {
            certified_key,
            certificates: certificates.into(),
            origins,
            key_origin,
            remarks,
        }
    }

    /// Takes a key whose chain was read. The key of a token may not reveal its public key.
    fn of_code(given: &Arc<CertifiedKey>, chain: Chain, origin: Origin) -> Result<Self, FileError> {
        let (links, remarks) = match given.key.public_key() {
            Some(spki) => compared(chain, &spki, &origin)?,
            None => {
                let remark = Remark::new(origin.clone(), RemarkKind::NotCompared);
                (chain.into_links(), vec![remark])
            }
        };
        Ok(Self::new(given.clone(), links, origin, remarks))
    }

    /// Returns chain and key as rustls takes them, for example in `rustls::sign::SingleCertAndKey`.
    pub fn certified_key(&self) -> &Arc<CertifiedKey> {
        &self.certified_key
    }

    /// Returns the certificates, the end entity's first; there is at least one.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified_key.cert
    }

    /// Returns the parsed certificates of the chain.
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

    /// Returns the credentials with more certificates at the end of the chain.
    pub(crate) fn extended(&self, more: &[TrustedCertificate]) -> Self {
        let mut certified_key = CertifiedKey::clone(&self.certified_key);
        let mut certificates = self.certificates.to_vec();
        let mut origins = self.origins.clone();
        for trusted in more {
            certified_key.cert.push(trusted.der().clone());
            certificates.push(trusted.certificate().clone());
            origins.push(trusted.origin().clone());
        }
        Self {
            certified_key: Arc::new(certified_key),
            certificates: certificates.into(),
            origins,
            ..self.clone()
        }
    }

    /// Returns remarks on the certificates' files: on blocks that are neither certificate nor key, and on certificates
    /// that are not sent.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
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
/// files if `key` is not given. Passphrases are not asked for.
///
/// The chain is every certificate in the files, in their order; the end entity's has to be the first. PKCS#12 and
/// PKCS#7 have no such order: from them, the chain is the certificate that matches the key, and the intermediates
/// above it. The key is the first private key, as for OpenSSL.
///
/// # Errors
///
/// - a value names no file, or a file cannot be read, is a directory or has more than 16 MiB;
/// - `certificate` is a thumbprint from the Windows certificate store, and no file has that name;
/// - a file holds no certificate, or no file holds the key;
/// - a block is damaged, or is a certificate that cannot be read;
/// - the key has a passphrase, or is of a kind that the crypto provider does not know;
/// - the key is not that of the first certificate, or cannot be compared with it.
///
/// # Examples
///
/// ```
/// use sip_tls::crypto;
/// use sip_tls::options::Source;
/// use sip_tls::pki::credentials;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let certificate = std::fs::read("tests/testdata/crypto/p256.crt")?;
/// # let key = std::fs::read("tests/testdata/crypto/p256.key")?;
/// let provider = crypto::default_base()?;
/// let credentials = credentials::load(
///     Source::bytes("sip.pem", certificate),
///     Some(Source::bytes("sip.key", key)),
///     provider.key_provider,
/// )?;
/// assert_eq!(credentials.chain().len(), 1);
/// assert_eq!(credentials.key_origin().to_string(), "block 1 (line 1) of sip.key");
/// # Ok(())
/// # }
/// ```
pub fn load(
    certificate: impl Into<Sources>,
    key: Option<impl Into<Sources>>,
    provider: &dyn KeyProvider,
) -> Result<Credentials, FileError> {
    load_with(certificate, key, provider, &Opener::default())
}

/// Reads our certificate chain and its key.
///
/// # Errors
///
/// As [`load`]; a passphrase is wrong.
///
/// # Examples
///
/// A PKCS#12 file holds certificate and key, and is encrypted.
///
/// ```
/// use sip_tls::crypto;
/// use sip_tls::options::{Source, Sources};
/// use sip_tls::pki::{Opener, Passphrase, Passphrases, credentials};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let identity = std::fs::read("tests/testdata/pki/rsa.p12")?;
/// let provider = crypto::default_base()?;
/// let passphrases = Passphrases::new(|_request| Some(Passphrase::new("password")));
/// let credentials = credentials::load_with(
///     Source::bytes("identity.p12", identity),
///     None::<Sources>,
///     provider.key_provider,
///     &Opener::new(passphrases),
/// )?;
/// assert!(credentials.origins()[0].member().is_some(), "it is an object of a container");
/// # Ok(())
/// # }
/// ```
pub fn load_with(
    certificate: impl Into<Sources>,
    key: Option<impl Into<Sources>>,
    provider: &dyn KeyProvider,
    opener: &Opener,
) -> Result<Credentials, FileError> {
    let key = key.map(Into::into);
    let own = OwnFiles::read(&certificate.into(), key.as_ref(), provider, opener);
    own.credentials()
}

/// The contents of the files of `certificate` and `certificate-key`, and all errors.
///
/// An error in one file does not hide what the others hold: the check of a configuration shows both.
#[derive(Default)]
pub(crate) struct OwnFiles {
    /// Every certificate, in the order of the files.
    pub(crate) certificates: Vec<Certificate<'static>>,
    /// Where each of the certificates was read.
    pub(crate) origins: Vec<Origin>,
    /// Where the private key was read, if it was found.
    pub(crate) key_origin: Option<Origin>,
    /// The credentials, if they can be used.
    pub(crate) credentials: Option<Credentials>,
    pub(crate) errors: Vec<FileError>,
}

impl OwnFiles {
    /// Reads the files, and joins the key to the chain if both are there.
    pub(crate) fn read(
        certificate: &Sources,
        key: Option<&Sources>,
        provider: &dyn KeyProvider,
        opener: &Opener,
    ) -> Self {
        if certificate.is_thumbprint() {
            return Self {
                errors: vec![FileError::of_option(chain::OPTION, FileProblem::Thumbprint)],
                ..Self::default()
            };
        }
        let mut own = Self::default();
        let mut chain = Chain::default();
        own.errors = Input::for_each(certificate, chain::OPTION, file::MOST_BYTES, |input| {
            let mut file = input.into_file(chain::OPTION, ObjectKind::Certificate)?;
            file.visit(opener, ObjectKind::Certificate, |object| chain.add(object))
        });
        (own.certificates, own.origins) = chain.certificates();
        let found = match key {
            Some(sources) => FoundKey::first_in(sources, opener),
            // The key may be in one of the files that cannot be read.
            None if !own.errors.is_empty() => return own,
            None => FoundKey::in_chain(&mut chain, opener),
        };
        own.key_origin = found.as_ref().ok().map(|found| found.origin.clone());
        let certified = found.and_then(|found| match own.certificates.is_empty() {
            true => Ok(None),
            false => found.certify(chain, provider).map(Some),
        });
        match certified {
            Ok(credentials) => own.credentials = credentials.filter(|_| own.errors.is_empty()),
            Err(error) => own.errors.push(error),
        }
        own
    }

    /// Takes a chain and its key that are given in code, under a name for messages.
    pub(crate) fn of_code(given: &Arc<CertifiedKey>, name: &Arc<str>) -> Self {
        let key_origin = Origin::of_memory(KEY, name);
        let mut own = Self {
            key_origin: Some(key_origin.clone()),
            ..Self::default()
        };
        let mut chain = Chain::default();
        for der in &given.cert {
            own.errors.extend(chain.add_der(der.clone(), name).err());
        }
        if given.cert.is_empty() {
            own.errors.push(chain::missing(name));
        }
        (own.certificates, own.origins) = chain.certificates();
        if own.errors.is_empty() {
            match Credentials::of_code(given, chain, key_origin) {
                Ok(credentials) => own.credentials = Some(credentials),
                Err(error) => own.errors.push(error),
            }
        }
        own
    }

    /// Reads a key for which there is no certificate, and returns the error of its file, if any.
    pub(crate) fn of_key(key: &Sources, opener: &Opener) -> Self {
        let mut own = Self::default();
        match FoundKey::first_in(key, opener) {
            Ok(found) => own.key_origin = Some(found.origin),
            Err(error) => own.errors.push(error),
        }
        own
    }

    /// Returns the certificates that are sent or, without a usable key, the first one.
    pub(crate) fn sent(&self) -> &[Certificate<'static>] {
        match &self.credentials {
            Some(credentials) => credentials.certificates(),
            None => &self.certificates[..self.certificates.len().min(1)],
        }
    }

    fn credentials(self) -> Result<Credentials, FileError> {
        match (self.errors.into_iter().next(), self.credentials) {
            (Some(error), _) => Err(error),
            (None, Some(credentials)) => Ok(credentials),
            (None, None) => Err(FileError::of_option(
                chain::OPTION,
                FileProblem::NoFileNamed,
            )),
        }
    }
}

/// A private key and where it was found.
struct FoundKey {
    origin: Origin,
    key: Zeroizing<PrivateKeyDer<'static>>,
}

impl FoundKey {
    /// Returns the first key in the files. As in OpenSSL, nothing after it is read.
    fn first_in(sources: &Sources, opener: &Opener) -> Result<Self, FileError> {
        let mut files = Vec::new();
        for input in Input::all(sources, KEY, file::MOST_BYTES)? {
            files.push(input?.into_file(KEY, ObjectKind::PrivateKey)?);
        }
        let mut error = None;
        for mut file in files {
            match Self::in_file(&mut file, opener)? {
                Ok(found) => return Ok(found),
                Err(missing) => error.get_or_insert(missing),
            };
        }
        Err(error.unwrap_or_else(|| FileError::of_option(KEY, FileProblem::NoFileNamed)))
    }

    /// Returns the first key in a file, or an error if there is none.
    fn in_file(
        file: &mut SourceFile,
        opener: &Opener,
    ) -> Result<Result<Self, FileError>, FileError> {
        let mut first = None;
        for object in file.objects(opener)? {
            let object = object?;
            let kind = object.kind.clone();
            match Self::of(object, opener)? {
                Some(found) => return Ok(Ok(found)),
                None => first.get_or_insert(kind),
            };
        }
        Ok(Err(file.missing(ObjectKind::PrivateKey, first)))
    }

    /// Returns the first key in the certificates' files.
    fn in_chain(chain: &mut Chain, opener: &Opener) -> Result<Self, FileError> {
        let found = match chain.key.take() {
            Some(object) => Self::of(object, opener)?,
            None => None,
        };
        found.ok_or_else(|| chain.without_key())
    }

    /// Returns `None` if the object is no private key.
    ///
    /// An encrypted key is decrypted here, after the passphrase was asked for.
    fn of(object: Object, opener: &Opener) -> Result<Option<Self>, FileError> {
        let origin = object.origin;
        let key = match object.content {
            Content::PrivateKey(key) => Ok(key),
            Content::EncryptedKey(sealed) => match sealed.read() {
                Ok(key) => opener.open(&origin, |passphrase| key.decrypt(passphrase)),
                Err(error) => Err(FileProblem::Decryption(error)),
            },
            Content::UnsupportedKey => Err(FileProblem::UnsupportedKey {
                label: object.label,
            }),
            _ => return Ok(None),
        };
        match key {
            Ok(key) => Ok(Some(Self { origin, key })),
            Err(problem) => Err(FileError::new(origin, problem)),
        }
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
        let (links, remarks) = compared(chain, &spki, &self.origin)?;
        let ders = links.iter().map(|link| link.certificate.der().clone());
        let certified_key = Arc::new(CertifiedKey::new(ders.collect(), key));
        Ok(Credentials::new(certified_key, links, self.origin, remarks))
    }
}

/// Compares a chain with the public key that belongs to the private key at `origin`.
fn compared(
    chain: Chain,
    spki: &[u8],
    origin: &Origin,
) -> Result<(Vec<Link>, Vec<Remark>), FileError> {
    let error = |problem| FileError::new(origin.clone(), problem);
    let public_key = PublicKey::read(&mut Reader::new(spki))
        .ok_or_else(|| error(FileProblem::KeyNotComparable))?;
    let ordered = chain.into_order(&public_key);
    ordered.map_err(|mismatch| error(mismatch.problem(origin)))
}

const KEY: &str = "certificate-key";
