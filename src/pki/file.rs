use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::error::{FileError, FileProblem};
use super::format::Format;
use super::object::{Content, Object, ObjectKind};
use super::origin::Origin;
use super::pem::Blocks;
use crate::options::FileList;

/// The content of a file that an option names.
pub(super) struct SourceFile {
    origin: Origin,
    /// There may be a private key in it.
    bytes: Zeroizing<Vec<u8>>,
}

impl SourceFile {
    /// Returns the files of `list` in order, each read when it is asked for. `option` is the one that they are
    /// for; a list that names another has that in its errors.
    pub(super) fn all(
        list: &FileList,
        option: &'static str,
        limit: u64,
    ) -> Result<impl Iterator<Item = Result<Self, FileError>>, FileError> {
        let option = list.option().unwrap_or(option);
        let whole = list.whole();
        let paths = match whole.exists() && !list.text().trim().is_empty() {
            true => vec![whole],
            false => list.paths(),
        };
        if paths.is_empty() {
            return Err(FileError::of_option(option, FileProblem::NoFileNamed));
        }
        Ok(paths
            .into_iter()
            .map(move |path| Self::read(option, path, limit)))
    }

    fn read(option: &'static str, path: PathBuf, limit: u64) -> Result<Self, FileError> {
        let path: Arc<Path> = path.into();
        let mut this = Self {
            origin: Origin::of_file(option, &path),
            bytes: Zeroizing::new(Vec::new()),
        };
        match read_bytes(&path, limit) {
            Ok(bytes) => this.bytes = bytes,
            Err(problem) => return Err(this.error(problem)),
        }
        match this.bytes.trim_ascii() {
            [] => Err(this.error(FileProblem::Empty)),
            _ => Ok(this),
        }
    }

    /// Returns the objects of the file, in order. A revocation list in DER is moved out of it.
    pub(super) fn objects(
        &mut self,
    ) -> Result<Box<dyn Iterator<Item = Result<Object, FileError>> + '_>, FileError> {
        if !Blocks::are_in(&self.bytes) {
            return Ok(Box::new(self.single_object()?.into_iter().map(Ok)));
        }
        let blocks = Blocks::new(&self.bytes);
        Ok(Box::new(blocks.map(|block| match block {
            Ok(block) => Ok(Object {
                origin: self.origin.at(block.place),
                kind: ObjectKind::of_label(&block.label),
                content: block.content,
                label: block.label,
            }),
            Err((place, damage)) => {
                let problem = FileProblem::Damaged(damage);
                Err(FileError::new(self.origin.at(place), problem))
            }
        })))
    }

    pub(super) fn error(&self, problem: FileProblem) -> FileError {
        FileError::new(self.origin.clone(), problem)
    }

    /// Says that there is no `wanted` in the file, but perhaps something else.
    pub(super) fn missing(&self, wanted: ObjectKind, found: Option<ObjectKind>) -> FileError {
        self.error(FileProblem::Missing { wanted, found })
    }

    /// Reads a file without PEM blocks.
    fn single_object(&mut self) -> Result<Option<Object>, FileError> {
        let der = self.bytes.as_slice();
        let Some(format) = Format::of(der) else {
            return match self.unusable_text() {
                Some(problem) => Err(self.error(problem)),
                None => Ok(None),
            };
        };
        let (kind, content) = match format {
            Format::Certificate => (
                ObjectKind::Certificate,
                Content::Certificate(der.to_vec().into()),
            ),
            Format::EncryptedKey => (ObjectKind::PrivateKey, Content::EncryptedKey),
            Format::PrivateKey(format) => {
                (ObjectKind::PrivateKey, Content::PrivateKey(format.key(der)))
            }
            Format::RevocationList => (
                ObjectKind::RevocationList,
                Content::RevocationList(std::mem::take(&mut *self.bytes).into()),
            ),
            Format::Pkcs12 => return Err(self.error(PKCS12)),
            Format::Pkcs7 => return Err(self.error(PKCS7)),
        };
        Ok(Some(Object {
            origin: self.origin.clone(),
            kind,
            content,
            label: String::new(),
        }))
    }

    /// Tells why a file that is neither PEM nor DER is of no use, if it looks like PEM.
    fn unusable_text(&self) -> Option<FileProblem> {
        if is_utf_16(&self.bytes) {
            return Some(UTF_16);
        }
        contains(&self.bytes, b"-----BEGIN ").then_some(FileProblem::NoBeginLine)
    }
}

fn read_bytes(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    let file = File::open(path).map_err(|error| match path.is_dir() {
        // Windows cannot even open one.
        true => FileProblem::IsDirectory,
        false => FileProblem::CannotRead(error),
    })?;
    let metadata = file.metadata().map_err(FileProblem::CannotRead)?;
    if metadata.is_dir() {
        return Err(FileProblem::IsDirectory);
    }
    // With room for all of it, no copy of a key is left behind by a growing buffer.
    let size = metadata.len().min(limit) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0)));
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(FileProblem::CannotRead)?;
    match bytes.len() as u64 > limit {
        true => Err(FileProblem::TooLarge { limit }),
        false => Ok(bytes),
    }
}

fn is_utf_16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe")
        || text.starts_with(b"\xfe\xff")
        || contains(text, b"-\0-\0-\0-\0-\0B\0")
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// The limit for files of certificates and keys.
pub(super) const MOST_BYTES: u64 = 16 << 20;

const PKCS12: FileProblem = FileProblem::UnsupportedFormat {
    format: "PKCS#12",
    remedy: "`openssl pkcs12 -in FILE -noenc -out NEWFILE` turns it into PEM",
};
const PKCS7: FileProblem = FileProblem::UnsupportedFormat {
    format: "PKCS#7",
    remedy: "`openssl pkcs7 -inform DER -in FILE -print_certs -out NEWFILE` turns it into PEM",
};
const UTF_16: FileProblem = FileProblem::UnsupportedFormat {
    format: "UTF-16 text",
    remedy: "save it as UTF-8 or ASCII",
};
