use std::fmt;
use std::path::{Path, PathBuf};

/// Where an object was read: the file, and the place in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    path: PathBuf,
    block: Option<BlockPlace>,
}

impl Origin {
    pub(super) fn new(path: &Path, block: Option<BlockPlace>) -> Self {
        let path = path.to_path_buf();
        Self { path, block }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of the PEM block in its file, from 1; a DER file has none.
    pub fn block(&self) -> Option<usize> {
        self.block.map(|block| block.number)
    }

    /// Returns the line of the block's BEGIN, from 1; a DER file has none.
    pub fn line(&self) -> Option<usize> {
        self.block.map(|block| block.line)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(BlockPlace { number, line }) = self.block {
            write!(f, "block {number} (line {line}) of ")?;
        }
        self.path.display().fmt(f)
    }
}

/// A PEM block that the option its file stands for has no use for.
///
/// OpenSSL passes over such blocks without a word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnusedBlock {
    pub(super) origin: Origin,
    pub(super) label: String,
}

impl UnusedBlock {
    /// Returns where the block stands.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns what its BEGIN line says it is.
    pub fn label(&self) -> &str {
        &self.label
    }
}

impl fmt::Display for UnusedBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` is not used here", self.origin, self.label)
    }
}

/// The place of a block in its file; both count from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BlockPlace {
    pub(super) number: usize,
    pub(super) line: usize,
}
