//! Tests of `certificate` and `certificate-key`.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{Signer, SigningKey};
use sip_tls::options::FileList;
use sip_tls::pki::{Credentials, FileError, Origin, credentials};

use super::{Authority, Folder, Key, block, list, message, testdata};

#[test]
fn chain_and_key_in_one_file_need_no_key_option() {
    let folder = Folder::new("credentials-one");
    let Authority {
        ca,
        end_entity,
        end_entity_key,
        ..
    } = Authority::new();
    for text in [
        [
            ("PRIVATE KEY", &end_entity_key),
            ("CERTIFICATE", &end_entity),
            ("CERTIFICATE", &ca),
        ],
        [
            ("CERTIFICATE", &end_entity),
            ("X509 CERTIFICATE", &ca),
            ("PRIVATE KEY", &end_entity_key),
        ],
    ] {
        let text = text.map(|(label, der)| block(label, der)).concat();
        let path = folder.write("all.pem", text);
        for key in [None, Some(&list(&path))] {
            let found = load(&list(&path), key).unwrap();
            let chain: Vec<_> = found.chain().iter().map(|der| &der[..]).collect();
            assert_eq!(chain, [&end_entity[..], &ca]);
            assert!(found.remarks().is_empty());
        }
    }
}

#[test]
fn chain_files_are_joined_in_the_order_given() {
    let folder = Folder::new("credentials-chain");
    let Authority {
        ca,
        end_entity,
        end_entity_key,
        ..
    } = Authority::new();
    folder.write("leaf.pem", block("CERTIFICATE", &end_entity));
    folder.write("ca.der", &ca);
    folder.write("leaf.key", block("PRIVATE KEY", &end_entity_key));
    let key = folder.list("leaf.key");
    let found = load(&folder.list("leaf.pem, ca.der"), Some(&key)).unwrap();
    assert_eq!(*found.chain()[1], ca);
    let is_at = |origin: &Origin, option: &str, file: &str| {
        (origin.option(), origin.path()) == (option, Some(&*folder.0.join(file)))
    };
    assert!(is_at(&found.origins()[1], "certificate", "ca.der"));
    assert!(is_at(found.key_origin(), "certificate-key", "leaf.key"));
    let error = message(load(&folder.list("ca.der,leaf.pem"), Some(&key)));
    let expected = format!(
        "`certificate-key`: the private key in block 1 (line 1) of {0}/leaf.key does not match the \
         certificate in {0}/ca.der; it matches that in block 1 (line 1) of {0}/leaf.pem, which must come first",
        folder.0.display()
    );
    assert_eq!(error, expected);
}

#[test]
fn keys_of_every_encoding_fit_their_certificate() {
    let folder = Folder::new("credentials-keys");
    let rsa = list(&testdata::path("rsa.pem"));
    let ec = list(&testdata::path("ec.pem"));
    let to_der = |name: &str, label: &str| {
        let text = String::from_utf8(testdata::read(name)).unwrap();
        let at = text.find(&format!("-----BEGIN {label}-----")).unwrap();
        rustls_pemfile::private_key(&mut &text.as_bytes()[at..])
            .unwrap()
            .unwrap()
    };
    for (certificate, name, label) in [
        (&rsa, "rsa.pkcs8.pem", "PRIVATE KEY"),
        (&rsa, "rsa.pkcs1.pem", "RSA PRIVATE KEY"),
        // With the curve in a separate block before the key.
        (&ec, "ec.sec1.pem", "EC PRIVATE KEY"),
    ] {
        let key = list(&testdata::path(name));
        assert!(load(certificate, Some(&key)).is_ok(), "{name}");
        let der = folder.write("key.der", to_der(name, label).secret_der());
        assert!(
            load(certificate, Some(&list(&der))).is_ok(),
            "{name} as DER"
        );
    }
    let pkcs8 = to_der("rsa.pkcs8.pem", "PRIVATE KEY");
    let mislabelled = folder.write("key.pem", block("RSA PRIVATE KEY", pkcs8.secret_der()));
    assert!(
        load(&rsa, Some(&list(&mislabelled))).is_ok(),
        "as OpenSSL reads it"
    );
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let ec = list(&testdata::path("ec.pem"));
    let folder = Folder::new("credentials-mismatch");
    let other = folder.write("other.pem", block("PRIVATE KEY", &Key::new(7).pkcs8()));
    for key in [other, testdata::path("rsa.pkcs8.pem")] {
        let error = message(load(&ec, Some(&list(&key))));
        assert!(error.starts_with("`certificate-key`: the private key in block 1 (line 1) of "));
        let expected = format!("the certificate in block 1 (line 1) of {}", ec.text());
        assert!(error.ends_with(&expected), "{error}");
    }
}

#[test]
fn the_first_of_two_keys_counts() {
    let folder = Folder::new("credentials-two");
    let Authority {
        end_entity,
        end_entity_key,
        ..
    } = Authority::new();
    let certificate = folder.write("leaf.pem", block("CERTIFICATE", &end_entity));
    let [own, other] = [end_entity_key, Key::new(7).pkcs8()].map(|key| block("PRIVATE KEY", &key));
    let with_keys = |text: String| {
        let path = folder.write("keys.pem", text);
        load(&list(&certificate), Some(&list(&path)))
    };
    assert!(with_keys(format!("{own}{other}")).is_ok());
    assert!(message(with_keys(format!("{other}{own}"))).contains("does not match"));
    // What follows the key is not read.
    assert!(with_keys(format!("{own}-----BEGIN DAMAGE-----\n")).is_ok());
}

#[test]
fn files_that_are_mixed_up_are_named_for_what_they_hold() {
    let certificate = list(&testdata::path("rsa.pem"));
    let key = list(&testdata::path("rsa.pkcs8.pem"));
    let error = message(load(&key, Some(&key)));
    assert!(error.starts_with("`certificate`: "), "{error}");
    assert!(
        error.ends_with("holds a private key instead of a certificate"),
        "{error}"
    );
    let error = message(load(&certificate, Some(&certificate)));
    assert!(error.starts_with("`certificate-key`: "), "{error}");
    assert!(
        error.ends_with("holds a certificate instead of a private key"),
        "{error}"
    );
    let error = message(load(&certificate, None));
    assert!(error.ends_with("rsa.pem holds no private key, and `certificate-key` is not given"));
}

#[test]
fn a_key_of_an_unknown_kind_is_refused_with_its_label() {
    let folder = Folder::new("credentials-kind");
    let certificate = list(&testdata::path("rsa.pem"));
    // The way in which OpenSSH starts its files; then a PKCS#8 block that holds no key.
    let openssh = folder.write("id", block("OPENSSH PRIVATE KEY", b"openssh-key-v1\0"));
    let error = message(load(&certificate, Some(&list(&openssh))));
    assert!(
        error.ends_with("is of an unsupported kind (`OPENSSH PRIVATE KEY`); `ssh-keygen -p -m PKCS8 -f COPY` converts a copy of it to PKCS#8, in the same file, unless it is an Ed25519 key, which the program does not export"),
        "{error}"
    );
    let strange = folder.write(
        "key",
        block("PRIVATE KEY", &[0x30, 7, 2, 1, 0, 0x30, 0, 4, 0]),
    );
    let error = message(load(&certificate, Some(&list(&strange))));
    assert!(
        error.contains("the crypto provider cannot use the private key in block 1"),
        "{error}"
    );
}

#[test]
fn a_thumbprint_is_refused_unless_a_file_has_that_name() {
    let thumbprint = "78e1be82f683ee6d8cb9b9266fc1185ae0890c41";
    let folder = Folder::new("credentials-thumbprint");
    let error = message(load(&folder.list(thumbprint), None));
    assert!(
        error.starts_with("`certificate`: the value is a thumbprint from the Windows"),
        "{error}"
    );
    let text = [testdata::read("rsa.pem"), testdata::read("rsa.pkcs8.pem")].concat();
    folder.write(thumbprint, text);
    assert!(load(&folder.list(thumbprint), None).is_ok());
}

#[test]
fn nothing_of_the_key_stands_in_debug_output_or_errors() {
    let found = load(
        &list(&testdata::path("rsa.pem")),
        Some(&list(&testdata::path("rsa.pkcs8.pem"))),
    );
    let text = format!("{:?}", found.unwrap());
    assert!(
        text.contains("rsa.pkcs8.pem") && text.ends_with(".. }"),
        "{text}"
    );
    assert!(!text.contains("cert:"), "{text}");
}

#[test]
fn what_follows_a_certificate_is_trust_settings_behind_the_first_and_ignored_behind_others() {
    let folder = Folder::new("credentials-tail");
    let Authority {
        ca,
        end_entity,
        end_entity_key,
        ..
    } = Authority::new();
    let key = block("PRIVATE KEY", &end_entity_key);
    let chain = |first: &[u8], second: &[u8]| {
        let [first, second] = [(&end_entity, first), (&ca, second)]
            .map(|(der, tail)| block("CERTIFICATE", &[der, tail].concat()));
        let path = folder.write("all.pem", format!("{first}{second}{key}"));
        load(&list(&path), None)
    };
    // `SSL_CTX_use_certificate_chain_file` does the same.
    let found = chain(&[0x30, 0], b"tail").unwrap();
    assert_eq!(*found.chain()[0], end_entity);
    assert_eq!(*found.chain()[1], ca);
    let error = message(chain(b"tail", b""));
    assert!(error.starts_with("`certificate`: block 1 (line 1) of "));
    assert!(error.ends_with("its content does not have the expected structure"));
    // In a DER file no bytes may follow the certificate.
    let path = folder.write("leaf.der", [&end_entity[..], &[0x30, 0]].concat());
    let error = message(load(&list(&path), Some(&folder.list("all.pem"))));
    assert!(error.ends_with("leaf.der is damaged: other bytes follow after its end"));
}

#[test]
fn a_key_that_cannot_be_compared_is_refused() {
    let error = message(credentials::load(
        list(&testdata::path("rsa.pem")),
        Some(&list(&testdata::path("rsa.pkcs8.pem"))),
        &Secretive,
    ));
    assert!(
        error.contains("could not be compared with the certificate"),
        "{error}"
    );
}

fn load(certificate: &FileList, key: Option<&FileList>) -> Result<Credentials, FileError> {
    credentials::load(
        certificate,
        key,
        sip_tls::crypto::default_base().unwrap().key_provider,
    )
}

/// A key provider that loads every key. The keys do not return their public key.
#[derive(Debug)]
struct Secretive;

impl KeyProvider for Secretive {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Ok(Arc::new(Self))
    }
}

impl SigningKey for Secretive {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        None
    }

    fn algorithm(&self) -> rustls::SignatureAlgorithm {
        rustls::SignatureAlgorithm::RSA
    }
}
