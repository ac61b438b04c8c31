//! Certificate revocation lists: `tls-crl`.
//!
//! A file may hold several lists, and several files may be named. All of them count, as with `X509_load_crl_file(3)`.
//! Which of them is used for a certificate is decided by `verify`. Certificates in such a file are not trusted: they
//! are left out with a remark, where OpenSSL's `X509_load_cert_crl_file` would add them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use rustls::pki_types::CertificateRevocationListDer;
use sha2::{Digest as _, Sha256};

use super::error::{Damage, FileError, FileProblem};
use super::folder::{FromFiles, HashedKind, HashedName};
use super::input::{self, Input};
use super::kind::ObjectKind;
use super::object::{Content, Object};
use super::origin::Origin;
use super::passphrase::Opener;
#[cfg(feature = "crl-fetch")]
use super::pem::Blocks;
use super::remark::{Remark, RemarkKind};
use crate::options::Sources;
use crate::shared::Pool;
use crate::x509::{CertificateList, CrlError, CrlFacts, der};

/// What the files of `tls-crl` hold.
#[derive(Debug, Default)]
pub struct RevocationLists {
    lists: Vec<RevocationList>,
    remarks: Vec<Remark>,
}

impl RevocationLists {
    /// Returns the lists in the order of the files; there is at least one.
    pub fn lists(&self) -> &[RevocationList] {
        &self.lists
    }

    /// Returns the lists themselves.
    pub fn into_lists(self) -> Vec<RevocationList> {
        self.lists
    }

    pub(crate) fn into_parts(self) -> (Vec<Remark>, Vec<RevocationList>) {
        (self.remarks, self.lists)
    }

    /// Returns remarks on the files, for example on blocks that are no revocation lists.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

impl FromFiles for RevocationLists {
    const KINDS: &'static [HashedKind] = &[HashedKind::RevocationList];
    const LIMIT: u64 = 1 << 30;

    fn add(&mut self, object: Object) -> Result<bool, FileError> {
        match object.content {
            Content::RevocationList(der) => {
                self.lists.push(RevocationList::read(der, object.origin)?);
                Ok(true)
            }
            _ => {
                self.remarks.extend(object.into_unused());
                Ok(false)
            }
        }
    }

    fn keep(&mut self, name: HashedName) {
        let remarks = &mut self.remarks;
        self.lists.retain(|list| {
            let is_meant = list.is_looked_up_by(name);
            if !is_meant {
                remarks.push(Remark::new(list.origin.clone(), RemarkKind::OtherHash));
            }
            is_meant
        });
    }

    fn append(&mut self, other: Self) {
        self.lists.extend(other.lists);
        self.remarks.extend(other.remarks);
    }

    fn remark(&mut self, remark: Remark) {
        self.remarks.push(remark);
    }

    fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

/// A certificate revocation list, read once. It may have many megabytes, and is never copied. Its parsed contents are
/// shared with everything in the process that holds the same list.
///
/// Its signature is verified when the CA is known, and then once.
#[derive(Debug)]
pub struct RevocationList {
    list: Arc<SharedList>,
    der: CertificateRevocationListDer<'static>,
    origin: Origin,
}

/// The parsed contents of a list, without the list's own bytes.
///
/// Two lists are the same if their digests are equal.
pub(crate) struct SharedList {
    /// The SHA-256 digest of the list's bytes.
    digest: [u8; 32],
    list: CertificateList,
}

impl RevocationList {
    /// Reads a list that is given in code, like one in a file of `tls-crl`.
    ///
    /// # Errors
    ///
    /// - it cannot be used, see [`CrlError`];
    /// - other bytes follow it.
    pub fn from_der(der: CertificateRevocationListDer<'static>) -> Result<Self, FileError> {
        Self::read(der, Origin::of_code(OPTION))
    }

    /// Reads a list. Bytes that follow it are ignored in a PEM block, as by OpenSSL.
    pub(super) fn read(
        der: CertificateRevocationListDer<'static>,
        origin: Origin,
    ) -> Result<Self, FileError> {
        let der = match der::first(&der) {
            Some((_, [])) | None => der,
            Some((first, _)) if origin.block().is_some() => first.to_vec().into(),
            Some(_) => {
                let problem = FileProblem::Damaged(Damage::TrailingBytes);
                return Err(FileError::new(origin, problem));
            }
        };
        match SharedList::read(der) {
            Ok((list, der)) => Ok(Self { list, der, origin }),
            Err(error) => Err(FileError::new(origin, FileProblem::UnusableList(error))),
        }
    }

    /// Reads a list that was fetched, in DER as RFC 5280, section 4.2.1.13 requires, or in PEM.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn fetched(url: &str, bytes: Vec<u8>) -> Result<Self, FileError> {
        let origin = Origin::of_url(OPTION, url);
        if matches!(der::first(&bytes), Some((_, []))) || !Blocks::are_in(&bytes) {
            return Self::read(bytes.into(), origin);
        }
        for block in Blocks::new(&bytes) {
            let block = block.map_err(|(place, damage)| {
                FileError::new(origin.at(place), FileProblem::Damaged(damage))
            })?;
            if let Content::RevocationList(der) = block.content {
                return Self::read(der, origin);
            }
        }
        let (wanted, found) = (ObjectKind::RevocationList, None);
        Err(FileError::new(
            origin,
            FileProblem::Missing { wanted, found },
        ))
    }

    /// Returns the encoded list.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns what the list says about itself.
    pub fn facts(&self) -> &CrlFacts {
        &self.list.facts
    }

    /// Returns where the list comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether OpenSSL looks up the list in a folder by this file name.
    pub(super) fn is_looked_up_by(&self, name: HashedName) -> bool {
        name.kind == HashedKind::RevocationList && name.fits(&self.list.issuer)
    }

    pub(crate) fn into_parts(
        self,
    ) -> (
        Arc<SharedList>,
        CertificateRevocationListDer<'static>,
        Origin,
    ) {
        (self.list, self.der, self.origin)
    }
}

impl SharedList {
    /// Reads a list, unless the same one is in use. Returns the bytes as well, because their signature is verified
    /// later.
    fn read(
        mut der: CertificateRevocationListDer<'static>,
    ) -> Result<(Arc<Self>, CertificateRevocationListDer<'static>), CrlError> {
        static READ: LazyLock<Pool<SharedList>> = LazyLock::new(Pool::new);
        let digest = Sha256::digest(&der).into();
        let list = READ.find_or_make(
            digest,
            |known| known.digest == digest,
            || {
                let mut list = CertificateList::parse(std::mem::replace(&mut der, nothing()))?;
                der = std::mem::replace(&mut list.signed.der, nothing());
                Ok(Self { digest, list })
            },
        )?;
        Ok((list, der))
    }
}

impl Deref for SharedList {
    type Target = CertificateList;

    fn deref(&self) -> &CertificateList {
        &self.list
    }
}

impl fmt::Debug for SharedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
    }
}

/// What stands in the place of bytes that were moved.
fn nothing() -> CertificateRevocationListDer<'static> {
    CertificateRevocationListDer::from(Vec::new())
}

/// Reads the revocation lists in the files of `tls-crl`, without passphrases.
///
/// # Errors
///
/// - the value names no file, or a file cannot be read or has more than 1 GiB;
/// - a file or folder holds no revocation list: checking revocation without one would refuse everybody;
/// - a list cannot be used, see [`CrlError`];
/// - a block is damaged, whatever it holds, as OpenSSL refuses the file too;
/// - a file has a passphrase.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::crls;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let list = std::fs::read("tests/testdata/crl/plain.der")?;
/// let lists = crls::load(Source::bytes("ca.crl", list))?;
/// let facts = lists.lists()[0].facts();
/// assert_eq!(facts.entries(), 2);
/// assert!(facts.this_update() < facts.next_update());
/// assert!(crls::load(Source::bytes("empty.crl", *b"no list")).is_err());
/// # Ok(())
/// # }
/// ```
pub fn load(sources: impl Into<Sources>) -> Result<RevocationLists, FileError> {
    load_with(sources, &Opener::default())
}

/// Reads the revocation lists in the files of `tls-crl`.
///
/// # Errors
///
/// As [`load`]; a passphrase is wrong.
pub fn load_with(
    sources: impl Into<Sources>,
    opener: &Opener,
) -> Result<RevocationLists, FileError> {
    let (lists, errors) = load_all(&sources.into(), opener);
    errors.into_iter().next().map_or(Ok(lists), Err)
}

/// Reads the revocation lists in the files of `tls-crl`, and continues after a file that cannot be used.
pub(crate) fn load_all(sources: &Sources, opener: &Opener) -> (RevocationLists, Vec<FileError>) {
    let mut found = RevocationLists::default();
    let errors = Input::for_each(sources, OPTION, RevocationLists::LIMIT, |input| {
        match input {
            Input::Anchors(_) => {
                return Err(input::anchors_for(OPTION, ObjectKind::RevocationList));
            }
            Input::File(mut file) => found.append(RevocationLists::of_file(&mut file, opener)?),
            Input::Folder(folder) => found.append(folder.load(opener)?),
        }
        Ok(())
    });
    (found, errors)
}

const OPTION: &str = "tls-crl";

#[cfg(test)]
#[cfg(feature = "crl-fetch")]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::child;
    use crate::x509::test_pki::Scratch;

    #[test]
    fn a_list_is_fetched_in_der_or_pem_with_whatever_stands_around_it() {
        if !child::is_found("openssl") {
            return;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/crl");
        let der = fs::read(folder.join("plain.der")).unwrap();
        let delta = fs::read(folder.join("delta.der")).unwrap();
        let root = fs::read(folder.join("root.pem")).unwrap();
        let scratch = Scratch::new();
        let pem =
            fs::read(scratch.write_pem("list.pem", "crl", std::slice::from_ref(&der))).unwrap();
        let damaged = b"-----BEGIN X509 CRL-----\nAAAA\n".to_vec();
        let url = "http://ca.example.com/ca.crl";
        for (bytes, expected) in [
            (der.clone(), Ok(())),
            (pem.clone(), Ok(())),
            ([&b"our list\n"[..], &pem].concat(), Ok(())),
            ([&root[..], &pem, &damaged].concat(), Ok(())),
            (
                [&damaged[..], &pem].concat(),
                Err(
                    "block 1 (line 1) of http://ca.example.com/ca.crl is damaged: its END line is missing or does not match its BEGIN line",
                ),
            ),
            (
                root.clone(),
                Err("http://ca.example.com/ca.crl holds no certificate revocation list"),
            ),
            (
                [&der[..], b"tail"].concat(),
                Err("http://ca.example.com/ca.crl is damaged: other bytes follow after its end"),
            ),
            (
                b"404 Not Found".to_vec(),
                Err("the revocation list in http://ca.example.com/ca.crl cannot be used: "),
            ),
            (
                delta,
                Err(
                    "the revocation list in http://ca.example.com/ca.crl cannot be used: it is a delta",
                ),
            ),
        ] {
            let read = RevocationList::fetched(url, bytes);
            match expected {
                Ok(()) => {
                    let list = read.unwrap();
                    assert_eq!(list.der(), der);
                    assert_eq!(list.origin().url(), Some(url));
                }
                Err(words) => {
                    let reason = read.unwrap_err().reason();
                    assert!(reason.starts_with(words), "{reason}");
                }
            }
        }
    }
}
