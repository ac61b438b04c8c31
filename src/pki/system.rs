//! The certificates that the system trusts.
//!
//! Where they are is the business of the crate rustls-native-certs: a bundle of the distribution,
//! the keychain, or a store of Windows. A certificate there that cannot be read is left out with a
//! remark, because nobody can mend it in a configuration.

use std::io;

use rustls_native_certs::load_native_certs;

use super::error::{FileError, FileProblem};
use super::origin::Origin;
use super::remark::Remark;
use super::trusted::{OPTION, TrustedCertificate};

/// Reads the system's store, and returns remarks on what cannot be read.
pub(super) fn load() -> (Vec<TrustedCertificate>, Vec<Remark>) {
    let origin = Origin::of_system(OPTION);
    let found = load_native_certs();
    let unreadable = |problem| {
        let error = FileError::new(origin.clone(), problem);
        Remark::unreadable(origin.clone(), error)
    };
    let failed = |error| unreadable(FileProblem::CannotRead(io::Error::other(error)));
    let mut remarks: Vec<_> = found.errors.into_iter().map(failed).collect();
    let mut certificates = Vec::new();
    for der in found.certs {
        match TrustedCertificate::read(der, origin.clone()) {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => remarks.push(Remark::unreadable(origin.clone(), error)),
        }
    }
    (certificates, remarks)
}
