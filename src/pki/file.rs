//! One file: its bytes, and the objects in them.
//!
//! A file with a PEM block is PEM; what stands around its blocks is text. Any other file is one object in DER or BER,
//! or a container. The content decides, never the name: `.crt`, `.cer` and `.pem` are used for both.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::container;
use super::error::{Damage, FileError, FileProblem};
use super::foreign::{self, Foreign};
use super::format::Format;
use super::kind::ObjectKind;
use super::object::{Content, Object, SealedKey};
use super::origin::Origin;
use super::passphrase::Opener;
use super::pem::Blocks;
use super::read;
use crate::options::NamedBytes;
use crate::x509::der::Reader;

/// The content of a file that an option names, or bytes in its place.
pub(super) struct SourceFile {
    origin: Origin,
    /// The bytes, which may hold a private key.
    bytes: Zeroizing<Vec<u8>>,
}

impl SourceFile {
    /// Reads a file. `name` is its path as it was written.
    pub(super) fn read(
        option: &'static str,
        name: &str,
        path: PathBuf,
        limit: u64,
    ) -> Result<Self, FileError> {
        let path: Arc<Path> = path.into();
        let origin = Origin::of_file(option, &path);
        match read::read(name, &path, limit) {
            Ok(bytes) => Self::checked(origin, bytes),
            Err(problem) => Err(FileError::new(origin, problem)),
        }
    }

    /// Takes bytes in memory, with the same limit.
    pub(super) fn of_bytes(
        option: &'static str,
        named: &NamedBytes,
        limit: u64,
    ) -> Result<Self, FileError> {
        let origin = Origin::of_memory(option, &named.name);
        match named.bytes.len() as u64 > limit {
            true => Err(FileError::new(origin, FileProblem::TooLarge { limit })),
            false => Self::checked(origin, Zeroizing::clone(&named.bytes)),
        }
    }

    /// A file of white space is empty, and has an error of its own.
    fn checked(origin: Origin, bytes: Zeroizing<Vec<u8>>) -> Result<Self, FileError> {
        match bytes.trim_ascii().is_empty() {
            true => Err(FileError::new(origin, FileProblem::Empty)),
            false => Ok(Self { origin, bytes }),
        }
    }

    /// Passes the objects of the file to `take`, in order. `take` returns whether an object is what the option needs.
    ///
    /// PKCS#7 in a PEM block is used only if there is nothing else of use, because OpenSSL passes over it.
    pub(super) fn visit(
        &mut self,
        opener: &Opener,
        wanted: ObjectKind,
        mut take: impl FnMut(Object) -> Result<bool, FileError>,
    ) -> Result<(), FileError> {
        let (mut is_found, mut first, mut containers) = (false, None, Vec::new());
        for object in self.objects(opener)? {
            let object = object?;
            match object.content {
                Content::Pkcs7(_) => containers.push(object),
                _ => {
                    first.get_or_insert_with(|| object.kind.clone());
                    is_found |= take(object)?;
                }
            }
        }
        for container in containers {
            match is_found {
                true => drop(take(passed_over(container)?)?),
                false => {
                    for member in container::of_block(container)? {
                        first.get_or_insert_with(|| member.kind.clone());
                        is_found |= take(member)?;
                    }
                }
            }
        }
        match is_found {
            true => Ok(()),
            false => Err(self.missing(wanted, first)),
        }
    }

    /// Passes the objects of a file to `take`, where OpenSSL looks for one kind of object by the file's name. OpenSSL
    /// requires PEM with such an object, and reads no PKCS#7 there.
    pub(super) fn visit_looked_up(
        &mut self,
        opener: &Opener,
        wanted: ObjectKind,
        mut take: impl FnMut(Object) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        if !self.is_pem() {
            return Err(self.error(FileProblem::NotPem));
        }
        let (mut is_found, mut first) = (false, None);
        for object in self.objects(opener)? {
            let object = match object? {
                container if matches!(container.content, Content::Pkcs7(_)) => {
                    passed_over(container)?
                }
                object => object,
            };
            is_found |= object.kind == wanted;
            first.get_or_insert_with(|| object.kind.clone());
            take(object)?;
        }
        match is_found {
            true => Ok(()),
            false => Err(self.missing(wanted, first)),
        }
    }

    /// Returns the objects of the file, in order. A revocation list in DER is moved out of the file's bytes.
    pub(super) fn objects(
        &mut self,
        opener: &Opener,
    ) -> Result<Box<dyn Iterator<Item = Result<Object, FileError>> + '_>, FileError> {
        if !self.is_pem() {
            return Ok(Box::new(self.der_objects(opener)?.into_iter().map(Ok)));
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

    /// Whether the file holds a PEM block.
    fn is_pem(&self) -> bool {
        Blocks::are_in(&self.bytes)
    }

    /// An error of the file as a whole.
    fn error(&self, problem: FileProblem) -> FileError {
        FileError::new(self.origin.clone(), problem)
    }

    /// Makes the error that the file holds no `wanted`, but perhaps something else.
    pub(super) fn missing(&self, wanted: ObjectKind, found: Option<ObjectKind>) -> FileError {
        self.error(FileProblem::Missing { wanted, found })
    }

    /// Reads a file without PEM blocks.
    fn der_objects(&mut self, opener: &Opener) -> Result<Vec<Object>, FileError> {
        let der = self.bytes.as_slice();
        let Some(format) = Format::of(der) else {
            return match self.truncated().or_else(|| self.foreign()) {
                Some(problem) => Err(self.error(problem)),
                None => Ok(Vec::new()),
            };
        };
        let (kind, content) = match format {
            Format::Certificate => (
                ObjectKind::Certificate,
                Content::Certificate(der.to_vec().into()),
            ),
            Format::EncryptedKey => (
                ObjectKind::PrivateKey,
                Content::EncryptedKey(SealedKey::Pkcs8(der.to_vec())),
            ),
            Format::PrivateKey(format) => {
                (ObjectKind::PrivateKey, Content::PrivateKey(format.key(der)))
            }
            Format::RevocationList => (
                ObjectKind::RevocationList,
                Content::RevocationList(std::mem::take(&mut *self.bytes).into()),
            ),
            Format::CertificateRequest => {
                return Err(self.error((&foreign::CERTIFICATE_REQUEST).into()));
            }
            Format::PublicKey => return Err(self.error((&foreign::PUBLIC_KEY).into())),
            Format::Pkcs12 => return container::of_pkcs12(&self.origin, der, opener),
            Format::Pkcs7 => return container::of_pkcs7(&self.origin, der),
        };
        Ok(vec![Object {
            origin: self.origin.clone(),
            kind,
            content,
            label: String::new(),
        }])
    }

    /// Returns an error if the file begins like DER, with a SEQUENCE whose length is in the long form, but lacks its
    /// end.
    fn truncated(&self) -> Option<FileProblem> {
        let is_der = matches!(**self.bytes, [0x30, 0x80..=0x84, ..]);
        let is_whole = Reader::new(&self.bytes).next().is_some();
        (is_der && !is_whole).then_some(FileProblem::Damaged(Damage::Truncated))
    }

    /// Returns why a file that is neither PEM nor DER is of no use, if the reason is known.
    fn foreign(&self) -> Option<FileProblem> {
        let text = self.bytes.trim_ascii();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let foreign = Foreign::of(text).map(FileProblem::from);
        let has_begin = || foreign::contains(text, b"-----BEGIN ");
        foreign.or_else(|| has_begin().then_some(FileProblem::NoBeginLine))
    }
}

/// Treats PKCS#7 beside other blocks as OpenSSL does.
fn passed_over(container: Object) -> Result<Object, FileError> {
    match container.kind {
        ObjectKind::Certificate => {
            let problem = FileProblem::Damaged(Damage::Structure);
            Err(FileError::new(container.origin, problem))
        }
        _ => Ok(container),
    }
}

/// The limit for files of certificates and keys.
pub(super) const MOST_BYTES: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_may_be_as_many_as_the_limit_allows() {
        for (limit, is_good) in [(3, false), (4, true), (5, true)] {
            let named = NamedBytes {
                name: "ca".into(),
                bytes: Arc::new(Zeroizing::new(b"four".to_vec())),
            };
            let error = SourceFile::of_bytes("trusted-ca", &named, limit).err();
            let is_it = |error: FileError| matches!(error.problem(), FileProblem::TooLarge { limit: told } if *told == limit);
            assert_eq!(error.map(is_it), (!is_good).then_some(true), "{limit}");
        }
    }
}
