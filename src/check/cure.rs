//! The cures for errors.
//!
//! Each error has a sentence that says what to do, and files have a code for the kind of problem. The sentences are
//! kept apart from the errors, because a program that connects cannot do any of this; only a person who sees the
//! check can.

use crate::error::Error;
use crate::pki::FileProblem;
use crate::verify::VerifierError;

/// What to do about an error in options or in their combination.
pub(super) fn of(error: &Error) -> &'static str {
    match error {
        Error::Provider(_) => "build with one of the features that the message names",
        Error::Rustls(_) => "correct what the text names",
        Error::Setting { .. } => "change the call of the method",
        Error::Suites { .. } => "name a suite that `sip-tls ciphers` lists as offered",
        Error::Unsupported { .. } => "set another value",
        Error::Verifier { source, .. } => match source {
            VerifierError::NoList => "name a revocation list in `tls-crl`",
            VerifierError::NoTrustedCertificate => "name a CA in `trusted-ca`",
        },
        Error::WeakCertificate(_) => {
            "get a certificate from the CA with an RSA key of 2048 bits or an EC key, signed with SHA-256"
        }
        _ => "correct the value",
    }
}

/// The short name of a problem with a file.
pub(super) fn code_of_file(problem: &FileProblem) -> &'static str {
    match problem {
        FileProblem::KeyMismatch { .. } => "key-mismatch",
        FileProblem::NoKey => "key-missing",
        FileProblem::NoPassphrase | FileProblem::Decryption(_) | FileProblem::Pkcs12(_) => {
            "file-encrypted"
        }
        _ => "file-unusable",
    }
}

/// What to do about a file.
pub(super) fn of_file(problem: &FileProblem) -> &'static str {
    match problem {
        FileProblem::CannotRead(_) | FileProblem::NotFound { .. } => {
            "correct the path, or the permissions of the file and its folders"
        }
        FileProblem::Damaged(_) => "transfer the file again, in binary mode and without changes",
        FileProblem::Empty | FileProblem::Missing { .. } | FileProblem::NoBeginLine => {
            "replace it with the right file"
        }
        FileProblem::IsDirectory => "name a file in it",
        FileProblem::KeyMismatch { fits: Some(_), .. } => {
            "put the certificate that matches the key first"
        }
        FileProblem::KeyMismatch { .. } => {
            "name the key for which the certificate was requested, or the certificate of this key"
        }
        FileProblem::KeyNotComparable => "store the key with its public key, as PKCS#8",
        FileProblem::NoFileNamed => "name a file",
        FileProblem::NoKey => "set `certificate-key`",
        FileProblem::NoPassphrase | FileProblem::Decryption(_) | FileProblem::Pkcs12(_) => {
            "give the right passphrase, for example with `--passphrase-file`"
        }
        FileProblem::NoWriter { .. } => "name a regular file, or write to the pipe",
        FileProblem::NotPem => "convert the file to PEM",
        FileProblem::NothingInFolder { .. } => "put the files there and run `openssl rehash`",
        FileProblem::Thumbprint => "name the PEM files",
        FileProblem::TooLarge { .. } => "put only what is needed into the file",
        FileProblem::UnsupportedFormat { .. } => "convert it, and name the new file",
        FileProblem::UnsupportedKey { .. } | FileProblem::UnusableKey(_) => {
            "request a certificate for an RSA or EC key"
        }
        FileProblem::UnusableList(_) => "get the full list of the CA, signed with SHA-256",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_verifier_lacks_is_the_cure() {
        for (option, source, cure) in [
            (
                "tls-crl",
                VerifierError::NoList,
                "name a revocation list in `tls-crl`",
            ),
            (
                "trusted-ca",
                VerifierError::NoTrustedCertificate,
                "name a CA in `trusted-ca`",
            ),
        ] {
            assert_eq!(of(&Error::Verifier { option, source }), cure);
        }
    }
}
