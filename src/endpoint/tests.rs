//! Files of options: with elements that are nested as deep as a file is long, and what is found in the files of a
//! certificate and its key. These tests are not in `pki`, because that does not know crypto providers.

#![cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::sign::CertifiedKey;

use crate::crypto::client_provider;
use crate::options::{Source, Sources};
use crate::pki::{Opener, OwnFiles, Passphrase, Passphrases, credentials, crls, roots};
use crate::x509::tests::deep;

/// Reads the content as each option that may name it.
fn read(content: &[u8]) {
    let passphrases =
        Passphrases::new(|request| (request.attempt() == 1).then(|| Passphrase::new("password")));
    let opener = Opener::new(passphrases);
    let source = || Source::bytes("deep", content);
    drop(roots::load_with(source(), &opener));
    drop(crls::load_with(source(), &opener));
    drop(credentials::load_with(
        source(),
        Some(source()),
        key_provider(),
        &opener,
    ));
}

fn key_provider() -> &'static dyn KeyProvider {
    client_provider(&crate::crypto::default_base().unwrap()).key_provider
}

/// The path of a file of `tests/testdata`.
fn testdata(file: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata");
    folder.join(file)
}

/// The path of a certificate or key.
fn crypto(file: &str) -> PathBuf {
    testdata("crypto").join(file)
}

#[test]
fn files_are_read_in_proportion_however_deep_they_are_nested() {
    for file in ["pki/rsa.p7b", "pki/pkcs12/key.der"] {
        deep::check(file, &fs::read(testdata(file)).unwrap(), read);
    }
}

#[test]
fn a_completed_chain_says_of_each_certificate_where_it_comes_from() {
    let path = |file| Source::path(crypto(file));
    let key = Some(path("p256.key"));
    let own = credentials::load(path("p256.crt"), key, key_provider()).unwrap();
    let added = roots::load(path("p384.crt")).unwrap();
    let completed = own.extended(added.certificates());
    assert_eq!(completed.chain().len(), 2);
    assert_eq!(completed.certificates().len(), 2);
    assert_eq!(completed.key_origin(), own.key_origin());
    let names: Vec<_> = completed
        .origins()
        .iter()
        .map(|origin| origin.path().unwrap().file_name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["p256.crt", "p384.crt"]);
}

/// What the check of a configuration finds in the files of a certificate and its key.
#[test]
fn one_error_is_told_of_each_file_that_cannot_be_used() {
    let text = |file: &str| fs::read(crypto(file)).unwrap();
    let chain = Source::bytes("chain", [text("p256.crt"), text("p384.crt")].concat());
    let identity = Source::bytes("identity", [text("p256.crt"), text("p256.key")].concat());
    let [certificate, key, other] =
        ["p256.crt", "p256.key", "p384.key"].map(|file| Source::bytes(file, text(file)));
    let missing = || Source::path("/no/such/file.pem");
    for (certificate, key, errors, sent) in [
        (identity, None, vec![], 1),
        (chain.clone(), Some(key.clone()), vec![], 2),
        // Without the right key, one certificate is known to be the end entity's.
        (
            chain.clone(),
            Some(other),
            vec!["does not match the certificate in"],
            1,
        ),
        (chain, Some(missing()), vec!["cannot read /no"], 1),
        (
            certificate,
            None,
            vec!["holds no private key, and `certificate-key` is not given"],
            1,
        ),
        // The key may be in the file that cannot be read.
        (missing(), None, vec!["cannot read /no"], 0),
        (missing(), Some(key.clone()), vec!["cannot read /no"], 0),
        (missing(), Some(missing()), vec!["cannot read /no"; 2], 0),
        (
            key,
            None,
            vec!["holds a private key instead of a certificate"],
            0,
        ),
    ] {
        let key = key.map(Sources::from);
        let own = OwnFiles::read(
            &Sources::from(certificate),
            key.as_ref(),
            key_provider(),
            &Opener::default(),
        );
        let found: Vec<_> = own.errors.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), errors.len(), "{found:?} {errors:?}");
        for (found, words) in found.iter().zip(&errors) {
            assert!(found.contains(words), "{found}");
        }
        assert_eq!(own.sent().len(), sent, "{errors:?}");
        assert_eq!(own.credentials.is_some(), errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn a_key_that_is_given_in_code_is_known_by_the_name_of_its_setting() {
    let load = |certificate: &str, key: &str| {
        let [certificate, key] = [certificate, key].map(|file| Source::path(crypto(file)));
        let loaded = credentials::load(certificate, Some(key), key_provider()).unwrap();
        loaded.certified_key().clone()
    };
    let (good, other) = (load("p256.crt", "p256.key"), load("p384.crt", "p384.key"));
    let mixed = CertifiedKey::new(other.cert.clone(), good.key.clone());
    for (given, errors) in [(good, 0), (Arc::new(mixed), 1)] {
        let own = OwnFiles::of_code(&given, &"the setting".into());
        assert_eq!(own.errors.len(), errors, "{:?}", own.errors);
        assert_eq!(own.credentials.is_some(), errors == 0);
        assert_eq!(own.sent().len(), 1);
        let origins = [own.key_origin.as_ref(), own.origins.first()];
        assert!(
            origins
                .iter()
                .all(|origin| origin.unwrap().to_string() == "the setting")
        );
    }
}

#[test]
fn a_key_without_a_certificate_is_read_for_its_errors() {
    for (file, error) in [
        ("p256.key", None),
        (
            "p256.crt",
            Some("holds a certificate instead of a private key"),
        ),
        ("no.key", Some("cannot read ")),
    ] {
        let key = Source::path(crypto(file));
        let own = OwnFiles::of_key(&key.into(), &Opener::default());
        let found: Vec<_> = own.errors.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), usize::from(error.is_some()), "{found:?}");
        let is_told = |words: &str| found.iter().all(|found: &String| found.contains(words));
        assert!(error.is_none_or(is_told), "{found:?}");
        let path = own.key_origin.as_ref().and_then(|origin| origin.path());
        let expected = crypto(file);
        assert_eq!(path, error.is_none().then_some(&*expected), "{file}");
    }
}
