use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::der::Shape;
use super::error::{Damage, FileError, FileProblem, ObjectKind};
use super::origin::{Origin, UnusedBlock};
use super::pem::{Blocks, Content};
use crate::options::FileList;

/// The content of a file that an option names.
pub(super) struct SourceFile {
    option: &'static str,
    path: PathBuf,
    /// There may be a private key in it.
    bytes: Zeroizing<Vec<u8>>,
}

/// An object in a file, and where it stands.
pub(super) struct Object {
    pub(super) origin: Origin,
    pub(super) kind: ObjectKind,
    pub(super) content: Content,
    pub(super) label: String,
}

impl SourceFile {
    /// Reads every file of `list`.
    pub(super) fn read_all(
        option: &'static str,
        list: &FileList,
        limit: u64,
    ) -> Result<Vec<Self>, FileError> {
        let whole = list.whole();
        let paths = match whole.exists() && !list.text().trim().is_empty() {
            true => vec![whole],
            false => list.paths(),
        };
        if paths.is_empty() {
            return Err(FileError::of_option(option, FileProblem::NoFileNamed));
        }
        paths
            .into_iter()
            .map(|path| Self::read(option, path, limit))
            .collect()
    }

    fn read(option: &'static str, path: PathBuf, limit: u64) -> Result<Self, FileError> {
        let mut this = Self {
            option,
            path,
            bytes: Zeroizing::new(Vec::new()),
        };
        match read_bytes(&this.path, limit) {
            Ok(bytes) => this.bytes = bytes,
            Err(problem) => return Err(this.error(problem)),
        }
        match this.bytes.trim_ascii() {
            [] => Err(this.error(FileProblem::Empty)),
            _ => Ok(this),
        }
    }

    /// Returns the objects of the file, in order.
    pub(super) fn objects(
        &self,
    ) -> Result<Box<dyn Iterator<Item = Result<Object, FileError>> + '_>, FileError> {
        let mut blocks = Blocks::new(&self.bytes).peekable();
        if blocks.peek().is_none() {
            return Ok(Box::new(self.single_object()?.into_iter().map(Ok)));
        }
        Ok(Box::new(blocks.map(|block| match block {
            Ok(block) => Ok(Object {
                origin: Origin::new(&self.path, Some(block.place)),
                kind: ObjectKind::of_label(&block.label),
                content: block.content,
                label: block.label,
            }),
            Err((place, damage)) => {
                let origin = Origin::new(&self.path, Some(place));
                Err(self.error_at(origin, FileProblem::Damaged(damage)))
            }
        })))
    }

    pub(super) fn option(&self) -> &'static str {
        self.option
    }

    pub(super) fn error(&self, problem: FileProblem) -> FileError {
        self.error_at(Origin::new(&self.path, None), problem)
    }

    pub(super) fn error_at(&self, origin: Origin, problem: FileProblem) -> FileError {
        FileError::new(self.option, origin, problem)
    }

    /// Says that there is no `wanted` in the file, but perhaps something else.
    pub(super) fn missing(&self, wanted: ObjectKind, found: Option<ObjectKind>) -> FileError {
        self.error(FileProblem::Missing { wanted, found })
    }

    /// Reads a file without PEM blocks.
    fn single_object(&self) -> Result<Option<Object>, FileError> {
        let der = self.bytes.as_slice();
        let (kind, content) = match Shape::of(der) {
            Shape::Certificate => (
                ObjectKind::Certificate,
                Content::Certificate(der.to_vec().into()),
            ),
            Shape::EncryptedKey => (ObjectKind::PrivateKey, Content::EncryptedKey),
            Shape::PrivateKey => (ObjectKind::PrivateKey, self.der_key()?),
            Shape::RevocationList => (
                ObjectKind::RevocationList,
                Content::RevocationList(der.to_vec().into()),
            ),
            Shape::Pkcs12 => return Err(self.error(PKCS12)),
            Shape::Pkcs7 => return Err(self.error(PKCS7)),
            Shape::Unknown if is_utf_16(der) => return Err(self.error(UTF_16)),
            Shape::Unknown if contains(der, b"-----BEGIN ") => {
                return Err(self.error(FileProblem::NoBeginLine));
            }
            Shape::Unknown => return Ok(None),
        };
        Ok(Some(Object {
            origin: Origin::new(&self.path, None),
            kind,
            content,
            label: String::new(),
        }))
    }

    fn der_key(&self) -> Result<Content, FileError> {
        let key = PrivateKeyDer::try_from(self.bytes.to_vec());
        let key = key.map_err(|_| self.error(FileProblem::Damaged(Damage::Structure)))?;
        Ok(Content::PrivateKey(Zeroizing::new(key)))
    }
}

impl Object {
    /// Returns what to report of an object that is not used; `None` for the curve that OpenSSL
    /// writes above a key.
    pub(super) fn into_unused(self) -> Option<UnusedBlock> {
        let (origin, label) = (self.origin, self.label);
        (label != "EC PARAMETERS").then_some(UnusedBlock { origin, label })
    }
}

/// Separates a certificate from the bytes that follow it.
pub(super) fn split_certificate(
    der: CertificateDer<'static>,
) -> Result<(CertificateDer<'static>, Vec<u8>), Damage> {
    let (certificate, tail) = crate::x509::der::first(&der).ok_or(Damage::Structure)?;
    crate::x509::Certificate::parse(CertificateDer::from(certificate))
        .map_err(|_| Damage::Structure)?;
    Ok((certificate.to_vec().into(), tail.to_vec()))
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
