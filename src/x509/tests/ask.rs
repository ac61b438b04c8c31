//! Questions to the installed `openssl`: what it reads.

use std::collections::HashSet;

use crate::x509::test_pki::{Scratch, openssl, text};

/// The result of reading a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It cannot be read.
    Refused,
    /// It is read, but counts neither as an issuer nor as trusted (`EXFLAG_INVALID` in OpenSSL).
    Invalid,
    Good,
}

/// Asks about one certificate.
pub(super) fn certificate(der: &[u8]) -> Verdict {
    let scratch = Scratch::new();
    let file = scratch.write("certificate", der);
    let arguments = ["x509", "-inform", "DER", "-noout", "-purpose", "-in"];
    let output = openssl(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    match output.status.success() {
        false => Verdict::Refused,
        true if text(&output).contains("code=-1") => Verdict::Invalid,
        true => Verdict::Good,
    }
}

/// Returns the serial number of one certificate, as `openssl` prints it.
pub(super) fn serial(der: &[u8]) -> String {
    let scratch = Scratch::new();
    let file = scratch.write("certificate", der);
    let arguments = ["x509", "-inform", "DER", "-noout", "-serial", "-in"];
    let output = openssl(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    text(&output).trim().to_owned()
}

/// Whether `openssl` reads one revocation list.
pub(super) fn reads_list(der: &[u8]) -> bool {
    let scratch = Scratch::new();
    let file = scratch.write("list", der);
    let arguments = ["crl", "-inform", "DER", "-noout", "-in"];
    let output = openssl(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    output.status.success()
}

/// Returns the indices of the certificates that `openssl` reads. One process reads many files.
pub(super) fn readable(certificates: &[Vec<u8>]) -> HashSet<usize> {
    let scratch = Scratch::new();
    let files: Vec<_> = certificates
        .iter()
        .enumerate()
        .map(|(i, der)| scratch.write(&format!("{i}.der"), der))
        .collect();
    let mut found = HashSet::new();
    for (first, files) in (0..).step_by(CHUNK).zip(files.chunks(CHUNK)) {
        let mut arguments = vec!["verify", "-no-CAfile", "-no-CApath", "-no-CAstore"];
        arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
        let said = text(&openssl(&arguments));
        let refused: HashSet<_> = said
            .lines()
            .filter_map(|line| line.strip_prefix("Could not read certificate file from "))
            .collect();
        let is_read = |i: &usize| !refused.contains(files[*i].to_str().unwrap());
        found.extend((0..files.len()).filter(is_read).map(|i| first + i));
    }
    found
}

const CHUNK: usize = 500;
