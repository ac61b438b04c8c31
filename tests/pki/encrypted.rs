//! Files that are encrypted with a passphrase.

use std::sync::{Arc, Mutex};

use rustls::crypto::KeyProvider;
use sip_tls::options::{Source, Sources};
use sip_tls::pki::{
    Credentials, DecryptionError, FileError, FileProblem, Opener, Passphrase, Passphrases,
    credentials, roots,
};

use super::{Folder, message, testdata, tools};
use crate::child;

/// Each request for a passphrase: option, file and attempt.
type Asked = Arc<Mutex<Vec<(&'static str, String, usize)>>>;

/// Answers with these passphrases, one after the other, and logs the requests.
fn answering(answers: &[&'static str]) -> (Passphrases, Asked) {
    let asked = Asked::default();
    let (answers, log) = (answers.to_vec(), asked.clone());
    let passphrases = Passphrases::new(move |request| {
        let mut log = log.lock().unwrap();
        log.push((request.option(), request.name(), request.attempt()));
        answers.get(log.len() - 1).copied().map(Passphrase::new)
    });
    (passphrases, asked)
}

fn load(
    certificate: impl Into<Sources>,
    key: Option<Source>,
    passphrases: &Passphrases,
) -> Result<Credentials, FileError> {
    let opener = Opener::new(passphrases.clone());
    credentials::load_with(certificate, key, provider(), &opener)
}

fn provider() -> &'static dyn KeyProvider {
    let base = sip_tls::crypto::default_base().unwrap();
    sip_tls::crypto::client_provider(&base).key_provider
}

fn source(name: &str) -> Source {
    Source::path(testdata::path(name))
}

#[test]
fn encrypted_keys_are_opened_by_the_answer() {
    for key in ["rsa.encrypted.pem", "rsa.encrypted-pkcs1.pem"] {
        let (passphrases, asked) = answering(&["password"]);
        load(source("rsa.pem"), Some(source(key)), &passphrases).unwrap();
        let name = testdata::path(key).display().to_string();
        assert_eq!(*asked.lock().unwrap(), [("certificate-key", name, 1)]);
    }
}

#[test]
fn a_wrong_answer_is_followed_by_two_more_questions() {
    let key = || Some(source("rsa.encrypted.pem"));
    let (passphrases, asked) = answering(&["a", "b", "password"]);
    load(source("rsa.pem"), key(), &passphrases).unwrap();
    let attempts = |asked: Asked| {
        asked
            .lock()
            .unwrap()
            .iter()
            .map(|q| q.2)
            .collect::<Vec<_>>()
    };
    assert_eq!(attempts(asked), [1, 2, 3]);
    let (passphrases, asked) = answering(&["a", "b", "c", "password"]);
    let error = load(source("rsa.pem"), key(), &passphrases).unwrap_err();
    assert_eq!(attempts(asked), [1, 2, 3]);
    let FileProblem::Decryption(DecryptionError::WrongPassphrase) = error.problem() else {
        panic!("{error}");
    };
    // If no answer follows a wrong one, the passphrase was wrong. If there is no answer at all, none was given.
    let (passphrases, _) = answering(&["a"]);
    let error = message(load(source("rsa.pem"), key(), &passphrases));
    assert!(
        error.ends_with("cannot be decrypted: the passphrase is wrong, or the file is damaged"),
        "{error}"
    );
    for none in [answering(&[]).0, Passphrases::default()] {
        let error = message(load(source("rsa.pem"), key(), &none));
        assert!(
            error.ends_with("is encrypted, and no passphrase was given"),
            "{error}"
        );
    }
}

#[test]
fn pkcs12_is_certificate_key_and_trusted_ca_and_its_passphrase_is_asked_for_once() {
    let (passphrases, asked) = answering(&["password"]);
    let opener = Opener::new(passphrases);
    let none: Option<Source> = None;
    let both = credentials::load_with(source("rsa.p12"), none, provider(), &opener).unwrap();
    let key = Some(source("rsa.p12"));
    credentials::load_with(source("rsa.pem"), key, provider(), &opener).unwrap();
    let roots = roots::load_with(source("rsa.p12"), &opener).unwrap();
    assert_eq!(*roots.certificates()[0].der(), both.chain()[0]);
    assert_eq!(asked.lock().unwrap().len(), 1);
    // There is no remark about a missing MAC, because the file has one.
    assert_eq!(super::unused(roots.remarks()), ["private key"]);
    let path = testdata::path("rsa.p12");
    assert_eq!(both.key_origin().path(), Some(&*path));
    assert!(both.key_origin().member().is_some());
}

#[test]
fn pkcs7_is_a_chain_and_a_ca_bundle_whatever_carries_it() {
    let folder = Folder::new("encrypted-pkcs7");
    let der = testdata::read("rsa.p7b");
    for label in ["PKCS7", "PKCS #7 SIGNED DATA", "CMS", "CERTIFICATE"] {
        folder.write(&label.replace(' ', ""), super::block(label, &der));
    }
    folder.write("der", &der);
    let key = || Some(source("rsa.pkcs8.pem"));
    for name in ["PKCS7", "PKCS#7SIGNEDDATA", "CMS", "CERTIFICATE", "der"] {
        let file = || Source::path(folder.0.join(name));
        let found = load(file(), key(), &Passphrases::default()).expect(name);
        assert_eq!(found.chain().len(), 1);
        assert_eq!(roots::load(file()).expect(name).certificates().len(), 1);
    }
}

/// OpenSSL ignores a block with this label, and stops at one with the label of a certificate.
#[test]
fn pkcs7_beside_certificates_is_not_read() {
    let folder = Folder::new("encrypted-beside");
    let certificate = testdata::read("ec.pem");
    let with = |label| {
        let block = super::block(label, &testdata::read("rsa.p7b"));
        [certificate.as_slice(), block.as_bytes()].concat()
    };
    let path = folder.write("ca.pem", with("PKCS7"));
    let roots = roots::load(Source::path(path)).unwrap();
    assert_eq!(roots.certificates().len(), 1);
    assert_eq!(super::unused(roots.remarks()), ["PKCS7"]);
    let path = folder.write("ca.pem", with("CERTIFICATE"));
    let error = message(roots::load(Source::path(path)));
    assert!(error.contains("is damaged"), "{error}");
}

#[test]
fn the_header_of_an_encrypted_block_is_read_as_openssl_reads_it() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("encrypted-header");
    let pem = String::from_utf8(testdata::read("rsa.encrypted-pkcs1.pem")).unwrap();
    let dek_info = pem
        .lines()
        .find(|line| line.starts_with("DEK-Info"))
        .unwrap();
    let digits = dek_info.split_once(',').unwrap().1;
    for (found, changed, is_read) in [
        ("AES-256-CBC,", "AES-256-CBC,", true),
        ("AES-256-CBC,", "aes-256-cbc,", true),
        ("AES-256-CBC,", "AES-256-CBC ,", true),
        ("AES-256-CBC,", "AES-256-CBC, ", false),
        ("AES-256-CBC,", "AES-256-CBC", false),
        ("AES-256-CBC,", "AES-256-CBC,X", false),
        (digits, &format!("+{}", &digits[1..]), false),
        (digits, &format!("{digits}00"), true),
        (digits, &digits[2..], false),
        ("DEK-Info: ", "DEK-Info:", true),
        ("4,ENCRYPTED", "4, ENCRYPTED", true),
        ("4,ENCRYPTED", "5,ENCRYPTED", false),
        ("4,ENCRYPTED", "4,ENCRYPTEDX", false),
        ("Proc-Type: ", "Proc-Type:", true),
        ("Proc-Type: ", "proc-type: ", false),
    ] {
        let changed = pem.replace(found, changed);
        let path = folder.write("key.pem", &changed);
        let words = [
            "pkey",
            "-in",
            "key.pem",
            "-passin",
            "pass:password",
            "-noout",
        ];
        let theirs = tools::run(&folder.0, "openssl", &words).status.success();
        assert_eq!(theirs, is_read, "{changed}");
        let (passphrases, _) = answering(&["password"]);
        let ours = load(source("rsa.pem"), Some(Source::path(path)), &passphrases);
        assert_eq!(ours.is_ok(), is_read, "{changed} {ours:?}");
    }
}

/// Before 1.1.0, OpenSSL read the octets of a passphrase in UTF-8 as Latin-1.
#[test]
fn pkcs12_of_an_old_openssl_is_opened_by_its_passphrase() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("encrypted-old");
    let [key, certificate] = ["ec.sec1.pem", "ec.pem"].map(testdata::path);
    let [key, certificate] = [key.display(), certificate.display()];
    let misread = "pass:pÃ¤sswÃ¶rd";
    tools::openssl(
        &folder.0,
        &format!(
            "pkcs12 -export -inkey {key} -in {certificate} -iter 1 -passout {misread} -out old.p12"
        ),
    );
    tools::openssl(&folder.0, "pkcs12 -in old.p12 -passin pass:pässwörd -noout");
    for (passphrase, is_right) in [
        ("pässwörd", true),
        ("pÃ¤sswÃ¶rd", true),
        ("password", false),
    ] {
        let (passphrases, asked) = answering(&[passphrase]);
        let file = Source::path(folder.0.join("old.p12"));
        assert_eq!(
            load(file, None, &passphrases).is_ok(),
            is_right,
            "{passphrase}"
        );
        assert_eq!(asked.lock().unwrap().len(), if is_right { 1 } else { 2 });
    }
}

#[test]
fn secrets_are_not_shown() {
    let (passphrases, _) = answering(&["password"]);
    let shown = format!("{:?} {passphrases:?}", Passphrase::new("password"));
    assert!(!shown.contains("password"), "{shown}");
}

/// Files of `testdata/pki/pkcs12`, written by programs other than OpenSSL.
#[test]
fn pkcs12_of_other_programs_is_opened_by_its_passphrase() {
    let file = |name| source(&format!("pkcs12/{name}"));
    let [end_entity, ca] =
        ["cert.der", "ca.der"].map(|name| testdata::read(&format!("pkcs12/{name}")));
    for name in [
        "keytool.p12",
        "keytool-legacy.p12",
        "keytool-nomac.p12",
        "keytool-secret.p12",
        "nss.p12",
        "nss-rc2.p12",
        "gnutls.p12",
        "gnutls-rc2.p12",
    ] {
        let (passphrases, _) = answering(&["secret"]);
        let found = load(file(name), None, &passphrases).expect(name);
        assert_eq!(*found.chain()[0], end_entity, "{name}");
    }
    let (passphrases, _) = answering(&["secret"]);
    let roots = roots::load_with(file("keytool.p12"), &Opener::new(passphrases)).unwrap();
    let has_ca = |trusted: &sip_tls::pki::TrustedCertificate| **trusted.der() == ca;
    assert!(roots.certificates().iter().any(has_ca));
    // No passphrase is asked for if none is needed, or if none would help.
    for name in ["gnutls-null.p12", "nss-empty.p12"] {
        let found = load(file(name), None, &Passphrases::default()).expect(name);
        assert_eq!(*found.chain()[0], end_entity, "{name}");
    }
    for (name, cipher) in [
        ("gnutls-rc4.p12", "RC4-128"),
        ("nss-camellia.p12", "Camellia-256-CBC"),
    ] {
        let (passphrases, asked) = answering(&["secret"]);
        let error = message(load(file(name), None, &passphrases));
        let sentence = format!(
            "is encrypted with {cipher}, which is not supported; `openssl pkcs12 -legacy -in FILE -aes256 -out NEWFILE` encrypts it with AES"
        );
        assert!(error.ends_with(&sentence), "{error}");
        assert!(asked.lock().unwrap().is_empty(), "{name}");
    }
    let (passphrases, _) = answering(&["secret"]);
    let trusted = roots::load_with(file("keytool-trusted.p12"), &Opener::new(passphrases)).unwrap();
    assert_eq!(trusted.certificates().len(), 1);
}
