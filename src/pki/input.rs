//! The files, folders and trust anchors that the value of an option stands for.
//!
//! The value of an option is text, bytes or trust anchors. A path may be a file or a folder. All of them become inputs
//! in their order, each opened when it is reached, so that a list of many large files is not in memory at once.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::TrustAnchor;

use super::error::{FileError, FileProblem};
use super::file::SourceFile;
use super::folder::Folder;
use super::kind::ObjectKind;
use super::origin::Origin;
use crate::options::{NamedBytes, SourceKind, Sources};

/// One of the things that the value of an option stands for.
pub(super) enum Input {
    Anchors(Arc<[TrustAnchor<'static>]>),
    File(SourceFile),
    Folder(Folder),
}

impl Input {
    /// Returns what `sources` stand for, in order; each file is read when the iterator reaches it. `option` is the
    /// option that they belong to. If `sources` name another option, errors name that one.
    pub(super) fn all(
        sources: &Sources,
        option: &'static str,
        limit: u64,
    ) -> Result<impl Iterator<Item = Result<Self, FileError>>, FileError> {
        let option = sources.option().unwrap_or(option);
        let mut places = Vec::new();
        for source in sources.iter() {
            places.extend(Place::all(source.kind()));
        }
        if places.is_empty() {
            return Err(FileError::of_option(option, FileProblem::NoFileNamed));
        }
        Ok(places
            .into_iter()
            .map(move |place| place.open(option, limit)))
    }

    /// Passes what `sources` stand for to `take`, one after the other, and returns the errors.
    pub(super) fn for_each(
        sources: &Sources,
        option: &'static str,
        limit: u64,
        mut take: impl FnMut(Self) -> Result<(), FileError>,
    ) -> Vec<FileError> {
        match Self::all(sources, option, limit) {
            Ok(inputs) => inputs
                .filter_map(|input| input.and_then(&mut take).err())
                .collect(),
            Err(error) => vec![error],
        }
    }

    /// Returns the file. A folder or trust anchors are an error.
    pub(super) fn into_file(
        self,
        option: &'static str,
        wanted: ObjectKind,
    ) -> Result<SourceFile, FileError> {
        match self {
            Self::File(file) => Ok(file),
            Self::Folder(folder) => Err(folder.error(FileProblem::IsDirectory)),
            Self::Anchors(_) => Err(anchors_for(option, wanted)),
        }
    }
}

/// Makes the error that an option does not take trust anchors.
pub(super) fn anchors_for(option: &'static str, wanted: ObjectKind) -> FileError {
    let found = Some(ObjectKind::TrustAnchors);
    FileError::new(
        Origin::of_code(option),
        FileProblem::Missing { wanted, found },
    )
}

/// A source that is still to be read.
enum Place {
    Anchors(Arc<[TrustAnchor<'static>]>),
    Bytes(NamedBytes),
    Path { name: String, path: PathBuf },
}

impl Place {
    /// Here it is decided whether a value with commas is one path or several.
    fn all(kind: &SourceKind) -> Vec<Self> {
        match kind {
            SourceKind::Anchors(anchors) => vec![Self::Anchors(anchors.clone())],
            SourceKind::Bytes(named) => vec![Self::Bytes(named.clone())],
            SourceKind::Files(files) => {
                let paths = files.named_paths().into_iter();
                paths
                    .map(|(name, path)| Self::Path { name, path })
                    .collect()
            }
        }
    }

    /// Reads the file, or lists the folder.
    fn open(self, option: &'static str, limit: u64) -> Result<Input, FileError> {
        match self {
            Self::Anchors(anchors) => Ok(Input::Anchors(anchors)),
            Self::Bytes(named) => SourceFile::of_bytes(option, &named, limit).map(Input::File),
            Self::Path { path, .. } if path.is_dir() => {
                Folder::list(option, path).map(Input::Folder)
            }
            Self::Path { name, path } => {
                SourceFile::read(option, &name, path, limit).map(Input::File)
            }
        }
    }
}
