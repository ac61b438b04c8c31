//! The cause of an [`OptionError`](super::OptionError): what is wrong with the value alone.

use std::error::Error;
use std::fmt;

/// Why the value of an option cannot be used.
///
/// The text names what was found and what is accepted. The option's name and position stand in the
/// [`OptionError`](super::OptionError) around it.
#[derive(Debug)]
pub struct ValueError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ValueError {
    /// Takes a complete message, which needs no cause.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// Takes the text of an error, and the text of its cause. Only the texts are kept: the type of
    /// the error does not become a part of the interface.
    pub(crate) fn caused_by(error: impl Error + Send + Sync + 'static) -> Self {
        Self {
            message: error.to_string(),
            source: error.source().map(|source| source.to_string().into()),
        }
    }

    /// The error for a word that an option with a few fixed words does not know.
    pub(crate) fn unknown_word(found: &str, accepted: &[&str]) -> Self {
        let accepted = accepted.join("`, `");
        Self::new(format!("`{found}` is not one of `{accepted}`"))
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ValueError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}
