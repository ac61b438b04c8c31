//! Certificate revocation lists: `tls-crl`.

use rustls::pki_types::CertificateRevocationListDer;

use super::error::{Damage, FileError, FileProblem, ObjectKind};
use super::file::SourceFile;
use super::origin::{Origin, UnusedBlock};
use super::pem::Content;
use crate::options::FileList;
use crate::x509::{CertificateList, CrlFacts};

/// What the files of `tls-crl` hold.
#[derive(Clone, Debug, Default)]
pub struct RevocationLists {
    lists: Vec<RevocationList>,
    unused: Vec<UnusedBlock>,
}

impl RevocationLists {
    /// Returns the lists in the order of the files; there is at least one.
    pub fn lists(&self) -> &[RevocationList] {
        &self.lists
    }

    /// Takes the lists out.
    pub fn into_lists(self) -> Vec<RevocationList> {
        self.lists
    }

    /// Returns the blocks that are no revocation lists; OpenSSL passes over them as well.
    pub fn unused(&self) -> &[UnusedBlock] {
        &self.unused
    }
}

/// A certificate revocation list and where it was read.
#[derive(Clone, Debug)]
pub struct RevocationList {
    list: CertificateList,
    origin: Origin,
}

impl RevocationList {
    /// Returns what the list says of itself.
    pub fn facts(&self) -> &CrlFacts {
        &self.list.facts
    }

    /// Returns where it was read.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn into_list(self) -> CertificateList {
        self.list
    }

    /// Takes a decoded list that other bytes may follow, as OpenSSL ignores them in a PEM block.
    pub(super) fn new(
        der: CertificateRevocationListDer<'static>,
        origin: Origin,
    ) -> Result<Self, Damage> {
        let (first, tail) = crate::x509::der::first(&der).ok_or(Damage::Structure)?;
        let der = match tail.is_empty() {
            true => der,
            false if origin.block().is_none() => return Err(Damage::TrailingBytes),
            false => first.to_vec().into(),
        };
        let list = CertificateList::parse(der).map_err(|_| Damage::Structure)?;
        Ok(Self { list, origin })
    }
}

/// Reads the revocation lists in the files of `tls-crl`.
///
/// Only their outer form is checked: what a list says is read when revocation is set up.
///
/// # Errors
///
/// - the value names no file, or a file cannot be read, is a directory or has more than 1 GiB;
/// - a file holds no revocation list: checking revocation without one would refuse everybody;
/// - a block is damaged, whatever it holds, as OpenSSL refuses the file too.
pub fn load(files: &FileList) -> Result<RevocationLists, FileError> {
    load_as(OPTION, files)
}

/// Reads the revocation lists in other files as if they were those of `tls-crl`; errors name `option` instead.
///
/// # Errors
///
/// As [`load`].
pub fn load_as(option: &'static str, files: &FileList) -> Result<RevocationLists, FileError> {
    let mut found = RevocationLists::default();
    for file in SourceFile::read_all(option, files, MOST_BYTES)? {
        load_file(&file, &mut found)?;
    }
    Ok(found)
}

fn load_file(file: &SourceFile, found: &mut RevocationLists) -> Result<(), FileError> {
    let before = found.lists.len();
    let mut other = None;
    for object in file.objects()? {
        let object = object?;
        match object.content {
            Content::RevocationList(der) => {
                let list = RevocationList::new(der, object.origin.clone());
                found.lists.push(list.map_err(|damage| {
                    file.error_at(object.origin, FileProblem::Damaged(damage))
                })?);
            }
            _ => {
                other.get_or_insert_with(|| object.kind.clone());
                found.unused.extend(object.into_unused());
            }
        }
    }
    match found.lists.len() == before {
        true => Err(file.missing(ObjectKind::RevocationList, other)),
        false => Ok(()),
    }
}

const OPTION: &str = "tls-crl";
const MOST_BYTES: u64 = 1 << 30;
