//! Files of options: with elements that are nested as deep as a file is long, and a chain that is completed.

#![cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]

use std::fs;
use std::path::Path;

use crate::crypto::client_provider;
use crate::options::Source;
use crate::pki::{Opener, Passphrase, Passphrases, credentials, crls, roots};
use crate::x509::tests::deep;

/// Reads the content as each option that may name it.
fn read(content: &[u8]) {
    let passphrases =
        Passphrases::new(|request| (request.attempt() == 1).then(|| Passphrase::new("password")));
    let opener = Opener::new(passphrases);
    let source = || Source::bytes("deep", content);
    let provider = client_provider(&crate::crypto::default_base().unwrap()).key_provider;
    drop(roots::load_with(source(), &opener));
    drop(crls::load_with(source(), &opener));
    drop(credentials::load_with(
        source(),
        Some(source()),
        provider,
        &opener,
    ));
}

#[test]
fn files_are_read_in_proportion_however_deep_they_are_nested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/pki");
    for file in ["rsa.p7b", "pkcs12/key.der"] {
        deep::check(file, &fs::read(folder.join(file)).unwrap(), read);
    }
}

#[test]
fn a_completed_chain_says_of_each_certificate_where_it_comes_from() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/crypto");
    let path = |file| Source::path(folder.join(file));
    let provider = client_provider(&crate::crypto::default_base().unwrap()).key_provider;
    let own = credentials::load(path("p256.crt"), Some(path("p256.key")), provider).unwrap();
    let added = roots::load(path("p384.crt")).unwrap();
    let completed = own.extended(added.certificates());
    assert_eq!(completed.chain().len(), 2);
    let names: Vec<_> = completed
        .origins()
        .iter()
        .map(|origin| origin.path().unwrap().file_name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["p256.crt", "p384.crt"]);
}
