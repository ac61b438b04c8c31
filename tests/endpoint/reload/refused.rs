//! Reloads that are refused, which change nothing.

use std::error::Error as _;
use std::fs;

use sip_tls::{Endpoint, Error};

use super::{Folder, MUTUAL, builder, options};
use crate::endpoint::in_memory::{VERSIONS, peer_client, shake};
use crate::endpoint::test_pki::{HOST, TestPki};

#[test]
fn files_that_are_not_good_leave_everything_as_it_was() {
    let folder = Folder::of("not-good", "good", "current.crl");
    let endpoint = builder(&folder.settings(&[MUTUAL])).build().unwrap();
    let server = endpoint.server_config().unwrap();
    let half = fs::read(folder.path("own.pem")).unwrap();
    let half = &half[..half.len() / 3];
    let other_key = fs::read(TestPki::get().path("rsa.key")).unwrap();
    for (name, content, option) in [
        ("own.key", other_key, "certificate-key"),
        ("own.pem", half.to_vec(), "certificate"),
        ("ca.pem", Vec::new(), "trusted-ca"),
        ("ca.crl", Vec::new(), "tls-crl"),
    ] {
        let good = fs::read(folder.path(name)).unwrap();
        folder.write(name, &content);
        let error = endpoint.reload().unwrap_err();
        assert_eq!(error.option(), Some(option), "{error}");
        let text = chain(&error);
        assert!(
            text.contains(&folder.path(name).display().to_string()),
            "{text}"
        );
        assert_eq!(endpoint.generation(), 1);
        for version in VERSIONS {
            let good = &TestPki::get().good;
            assert!(shake(&peer_client(Some(good), &[version]), &server, HOST).succeeded());
            let revoked = &TestPki::get().revoked;
            assert!(!shake(&peer_client(Some(revoked), &[version]), &server, HOST).succeeded());
        }
        folder.write(name, &good);
    }
    endpoint.reload().unwrap();
    assert_eq!(endpoint.generation(), 2);
}

#[test]
fn what_rustls_keeps_cannot_be_reloaded() {
    let folder = Folder::of("not-reloadable", "good", "current.crl");
    let endpoint = builder(&folder.settings(&[MUTUAL])).build().unwrap();
    let with = |more: &[(&'static str, &'static str)]| folder.settings(more);
    let mut without_certificate = with(&[MUTUAL]);
    without_certificate.retain(|(name, _)| !name.starts_with("certificate"));
    for (settings, option) in [
        (with(&[]), "tls-mutual"),
        (with(&[MUTUAL, ("sec-protocol", "TLSv12")]), "sec-protocol"),
        (with(&[MUTUAL, ("sec-protocol", "TLSv13")]), "sec-protocol"),
        (
            with(&[MUTUAL, ("cipher-list", "ECDHE+AESGCM")]),
            "cipher-list",
        ),
        (
            with(&[MUTUAL, ("cipher-list", "DEFAULT:@SECLEVEL=3")]),
            "cipher-list",
        ),
        (
            with(&[MUTUAL, ("ciphersuites", "TLS_AES_128_GCM_SHA256")]),
            "ciphersuites",
        ),
        (without_certificate.clone(), "certificate"),
    ] {
        let error = endpoint.reload_with(options(&settings)).unwrap_err();
        assert_not_reloadable(&error, option);
        assert_eq!(endpoint.generation(), 1);
    }
    // The previous options still apply, and other options with the same meaning are accepted.
    endpoint.reload().unwrap();
    let same = with(&[
        MUTUAL,
        ("sec-protocol", "SSLv23"),
        ("cipher-list", "DEFAULT"),
    ]);
    endpoint.reload_with(options(&same)).unwrap();

    let client = builder(&without_certificate).build().unwrap();
    let error = client.reload_with(options(&with(&[MUTUAL]))).unwrap_err();
    assert_not_reloadable(&error, "certificate");
}

#[test]
fn suites_are_refused_before_files_are_compared() {
    let folder = Folder::of("no-suites", "good", "current.crl");
    let endpoint: Endpoint = builder(&folder.settings(&[])).build().unwrap();
    let settings = folder.settings(&[("cipher-list", "AES128-SHA"), ("sec-protocol", "TLSv12")]);
    let error = endpoint.reload_with(options(&settings)).unwrap_err();
    assert!(matches!(error, Error::Suites { .. }), "{error:?}");
}

#[track_caller]
fn assert_not_reloadable(error: &Error, expected: &str) {
    let Error::NotReloadable { option, reason, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(*option, expected, "{error}");
    assert_eq!(
        error.to_string(),
        format!("a reload cannot change `{expected}`: {reason}")
    );
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
