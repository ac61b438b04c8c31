//! Certificate revocation lists: `tls-crl`.

use rustls::pki_types::CertificateRevocationListDer;

use super::error::{Damage, FileError, FileProblem};
use super::file::SourceFile;
use super::object::{Content, ObjectKind};
use super::origin::{Origin, UnusedBlock};
use crate::options::FileList;
use crate::x509::{CertificateList, CrlFacts, der};

/// What the files of `tls-crl` hold.
#[derive(Debug, Default)]
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

/// A certificate revocation list, read once. It may have many megabytes, and is never copied.
#[derive(Debug)]
pub struct RevocationList {
    list: CertificateList,
    origin: Origin,
}

impl RevocationList {
    /// Reads a list that is given in code, as one that stands in a file of `tls-crl`.
    ///
    /// # Errors
    ///
    /// - it cannot be used, see [`CrlError`](super::CrlError);
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
        match CertificateList::parse(der) {
            Ok(list) => Ok(Self { list, origin }),
            Err(error) => Err(FileError::new(origin, FileProblem::UnusableList(error))),
        }
    }

    /// Returns what the list says of itself.
    pub fn facts(&self) -> &CrlFacts {
        &self.list.facts
    }

    /// Returns where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn into_parts(self) -> (CertificateList, Origin) {
        (self.list, self.origin)
    }
}

/// Reads the revocation lists in the files of `tls-crl`.
///
/// # Errors
///
/// - the value names no file, or a file cannot be read, is a directory or has more than 1 GiB;
/// - a file holds no revocation list: checking revocation without one would refuse everybody;
/// - a list cannot be used, see [`CrlError`](super::CrlError);
/// - a block is damaged, whatever it holds, as OpenSSL refuses the file too.
pub fn load(files: &FileList) -> Result<RevocationLists, FileError> {
    let mut found = RevocationLists::default();
    for file in SourceFile::all(files, OPTION, MOST_BYTES)? {
        load_file(&mut file?, &mut found)?;
    }
    Ok(found)
}

fn load_file(file: &mut SourceFile, found: &mut RevocationLists) -> Result<(), FileError> {
    let before = found.lists.len();
    let mut other = None;
    for object in file.objects()? {
        let object = object?;
        match object.content {
            Content::RevocationList(der) => {
                found.lists.push(RevocationList::read(der, object.origin)?);
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
