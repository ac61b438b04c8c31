//! How the program ends: the exit codes, and the error that is printed before.
//!
//! The codes are an interface: scripts tell a refusal from a broken network by them.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use sip_tls::crypto::ProviderError;

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    Done = 0,
    /// The peer or a certificate was refused.
    Refused = 1,
    /// The configuration or the command line is unusable.
    Unusable = 2,
    /// The network failed.
    Network = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why the program ends early, and with which code.
///
/// It is printed as one line on stderr, after `sip-tls: `.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    error: Box<dyn Error>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<Box<dyn Error>>) -> Self {
        let error = error.into();
        Self { exit, error }
    }

    /// The configuration or the command line is to blame.
    pub(crate) fn unusable(error: impl Into<Box<dyn Error>>) -> Self {
        Self::new(Exit::Unusable, error)
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The error with all its causes, in one line.
    pub(crate) fn message(&self) -> String {
        chain(&*self.error)
    }
}

impl From<sip_tls::Error> for Failure {
    fn from(error: sip_tls::Error) -> Self {
        Self::unusable(error)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self::unusable(error)
    }
}

/// Prints an error with its causes, in one line.
///
/// Line ends in the texts become blanks.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.replace(['\n', '\r'], " ")
}

/// An error, preceded by what the program was doing.
#[derive(Debug)]
pub(crate) struct Context<E> {
    text: String,
    source: E,
}

impl<E> Context<E> {
    pub(crate) fn new(text: impl Into<String>, source: E) -> Self {
        let text = text.into();
        Self { text, source }
    }
}

impl<E> fmt::Display for Context<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<E: Error + 'static> Error for Context<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
