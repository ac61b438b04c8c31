use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where an object comes from: the option, the file, and the place in the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    option: &'static str,
    /// `None` for what the program was given in code.
    path: Option<Arc<Path>>,
    block: Option<BlockPlace>,
}

impl Origin {
    pub(super) fn of_file(option: &'static str, path: &Arc<Path>) -> Self {
        Self {
            option,
            path: Some(path.clone()),
            block: None,
        }
    }

    pub(super) fn of_code(option: &'static str) -> Self {
        Self {
            option,
            path: None,
            block: None,
        }
    }

    /// Returns the file as a whole.
    pub(super) fn file(&self) -> Self {
        Self {
            block: None,
            ..self.clone()
        }
    }

    pub(super) fn at(&self, block: BlockPlace) -> Self {
        Self {
            block: Some(block),
            ..self.clone()
        }
    }

    /// Returns the name of the option, `trusted-ca` say. For what was given in code it is the option that
    /// names files of such objects.
    pub fn option(&self) -> &'static str {
        self.option
    }

    /// Returns the file; what was given in code has none.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the number of the PEM block in its file, from 1; a DER file has none.
    pub fn block(&self) -> Option<usize> {
        self.block.map(|block| block.number)
    }

    /// Returns the line of the block's BEGIN, from 1; a DER file has none.
    pub fn line(&self) -> Option<usize> {
        self.block.map(|block| block.line)
    }

    /// Names the file without the place in it.
    pub(super) fn source(&self) -> Source<'_> {
        Source(self.path())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(BlockPlace { number, line }) = self.block {
            write!(f, "block {number} (line {line}) of ")?;
        }
        self.source().fmt(f)
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

/// A file, or what stands in its place.
pub(super) struct Source<'a>(Option<&'a Path>);

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => path.display().fmt(f),
            None => f.write_str("a value given in code"),
        }
    }
}

/// The place of a block in its file; both count from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BlockPlace {
    pub(super) number: usize,
    pub(super) line: usize,
}
