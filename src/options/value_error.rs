//! The cause of an [`OptionError`](super::OptionError): what is wrong with the value alone.

use std::error::Error;
use std::fmt;

use crate::profile::is_nearly;

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

    /// The error for a word that an option with a few fixed words does not know. It names the accepted word that was
    /// probably meant, if there is exactly one.
    pub(crate) fn unknown_word(found: &str, accepted: &[&str]) -> Self {
        // Every short word is near `1` and `no`.
        let near = |known: &&&str| known.len() > 2 && is_nearly(found, known);
        let mut near = accepted.iter().filter(near);
        let meant = match (near.next(), near.next()) {
            (Some(meant), None) => format!("; `{meant}` was probably meant"),
            _ => String::new(),
        };
        let accepted = accepted.join("`, `");
        Self::new(format!("`{found}` is not one of `{accepted}`{meant}"))
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

#[cfg(test)]
mod tests {
    use super::ValueError;

    #[test]
    fn the_error_for_an_unknown_word_names_the_word_that_was_meant() {
        let protocol = &["SSLv23", "TLSv12", "TLSv13"][..];
        let check = &["no", "host", "sip"][..];
        for (found, accepted, meant) in [
            ("TLSv1.2", protocol, Some("TLSv12")),
            ("TLSv1_3", protocol, Some("TLSv13")),
            ("hosts", check, Some("host")),
            ("TLSv14", protocol, None),
            ("on", check, None),
            ("2", &["0", "1"], None),
        ] {
            let error = ValueError::unknown_word(found, accepted).to_string();
            let (_, hint) = error.split_once(" is not one of ").unwrap();
            let hint = hint.split_once("; ").map(|(_, hint)| hint);
            let meant = meant.map(|meant| format!("`{meant}` was probably meant"));
            assert_eq!(hint, meant.as_deref(), "{found}");
        }
    }
}
