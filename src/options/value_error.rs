use std::error::Error;
use std::fmt;

/// Why the value of an option cannot be used.
#[derive(Debug)]
pub struct ValueError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ValueError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn caused_by(error: impl Error + Send + Sync + 'static) -> Self {
        Self {
            message: error.to_string(),
            source: error.source().map(|source| source.to_string().into()),
        }
    }

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
