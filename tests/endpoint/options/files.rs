//! `certificate`, `certificate-key`, `trusted-ca` and `tls-crl`.

use sip_tls::{Endpoint, Error};

use super::{
    Attempt, CA, CERTIFICATE, KEY, assert_applied, assert_optional, assert_refused,
    at_curious_server, at_our_server,
};
use crate::endpoint::in_memory::{VERSIONS, peer_server, shake};
use crate::endpoint::settings::{built, endpoint, options};
use crate::endpoint::test_pki::{HOST, TestPki};

#[test]
fn certificate_is_what_both_sides_of_an_endpoint_present() {
    let settings = [CA, CERTIFICATE, KEY];
    assert_applied(&settings, "certificate");
    assert_applied(&settings, "certificate-key");
    let chain = &TestPki::get().good.chain;
    for ends in at_curious_server(&settings) {
        let seen = ends.server.connection.peer_certificates();
        assert_eq!(seen, Some(&chain[..]));
    }
    for ends in at_our_server(&settings) {
        let seen = ends.client.connection.peer_certificates();
        assert_eq!(seen, Some(&chain[..]));
    }
}

#[test]
fn without_certificate_clients_present_none_and_there_is_no_server_side() {
    assert_optional(&[CA], "certificate");
    for ends in at_curious_server(&[CA]) {
        assert!(ends.succeeded());
        assert_eq!(ends.server.connection.peer_certificates(), None);
    }
    let endpoint = endpoint(&[CA]);
    let error = endpoint.server_config().unwrap_err();
    assert_eq!(error.option(), Some("certificate"));
    #[cfg(feature = "tokio")]
    assert_eq!(
        endpoint.acceptor().err().unwrap().option(),
        Some("certificate")
    );
}

#[test]
fn comma_separated_certificates_are_one_chain_in_their_order() {
    let in_pieces = ("certificate", "lone.pem,intermediate.pem");
    let chain = &TestPki::get().good.chain;
    for ends in at_our_server(&[CA, in_pieces, KEY]) {
        assert_eq!(ends.client.connection.peer_certificates(), Some(&chain[..]));
    }
    let reversed = ("certificate", "intermediate.pem,lone.pem");
    let why = "does not match the certificate";
    assert_refused(&[CA, reversed, KEY], "certificate-key", why);
}

#[test]
fn a_key_in_the_certificates_file_needs_no_certificate_key() {
    let together = ("certificate", "good-with-key.pem");
    assert_optional(&[CA, together], "certificate-key");
    assert!(
        at_our_server(&[CA, together])
            .iter()
            .all(|ends| ends.succeeded())
    );
    let same_file = ("certificate-key", "good-with-key.pem");
    assert_applied(&[CA, together, same_file], "certificate-key");
}

#[test]
fn certificate_and_certificate_key_belong_together() {
    assert_refused(&[CA, KEY], "certificate", "`certificate-key` needs it");
    assert_refused(&[CA, CERTIFICATE], "certificate", "holds no private key");
    let other = ("certificate-key", "revoked.key");
    let why = "does not match the certificate";
    assert_refused(&[CA, CERTIFICATE, other], "certificate-key", why);
    let swapped = [
        CA,
        ("certificate", "good.key"),
        ("certificate-key", "good.pem"),
    ];
    let why = "holds a private key instead of a certificate";
    assert_refused(&swapped, "certificate", why);
}

#[test]
fn a_certificate_from_the_windows_store_is_refused_with_that_reason() {
    let thumbprint = "78e1be82f683ee6d8cb9b9266fc1185ae0890c41";
    let options = options(&[CA]).set("certificate", thumbprint);
    let error = Endpoint::builder(options.build().unwrap()).build();
    let error = super::chain(&error.unwrap_err());
    assert!(error.contains("thumbprint"), "{error}");
}

#[test]
fn trusted_ca_is_mandatory() {
    for settings in [&[][..], &[("trusted-ca", "")]] {
        let error = built(settings).unwrap_err();
        assert!(matches!(
            error,
            Error::Missing {
                option: "trusted-ca",
                ..
            }
        ));
        assert_refused(settings, "trusted-ca", "without it no peer can be verified");
    }
}

#[test]
fn trusted_ca_decides_whom_a_client_believes() {
    for (trusted, is_trusted) in [
        ("root.pem", true),
        ("stranger.pem", false),
        ("stranger.pem,root.pem", true),
    ] {
        let settings = [("trusted-ca", trusted)];
        assert_applied(&settings, "trusted-ca");
        let client = endpoint(&settings).client_config();
        for version in VERSIONS {
            let server = peer_server(&TestPki::get().good, &[version]);
            let ends = shake(&client, &server, HOST);
            assert_eq!(ends.succeeded(), is_trusted, "{trusted}");
        }
    }
}

#[test]
fn public_cas_are_trusted_only_if_asked_for_and_then_nobody_else_is() {
    let settings = [("trusted-ca", "webpki-roots")];
    assert_applied(&settings, "trusted-ca");
    let client = endpoint(&settings).client_config();
    for version in VERSIONS {
        let server = peer_server(&TestPki::get().good, &[version]);
        assert!(!shake(&client, &server, HOST).succeeded());
    }
}

#[test]
fn a_file_without_a_certificate_is_no_trusted_ca() {
    let why = "holds a private key instead of a certificate";
    assert_refused(&[("trusted-ca", "good.key")], "trusted-ca", why);
    let one_of_two = [("trusted-ca", "root.pem,good.key")];
    assert_refused(&one_of_two, "trusted-ca", why);
}

#[test]
fn tls_crl_turns_the_revocation_check_on() {
    let list = ("tls-crl", "current.crl");
    assert_applied(&[CA, list], "tls-crl");
    assert_optional(&[CA], "tls-crl");
    assert_optional(&[CA, ("tls-crl", "")], "tls-crl");
    for (settings, is_accepted) in [(&[CA, list][..], false), (&[CA], true)] {
        let client = endpoint(settings).client_config();
        for version in VERSIONS {
            let server = peer_server(&TestPki::get().revoked, &[version]);
            assert_eq!(shake(&client, &server, HOST).succeeded(), is_accepted);
        }
    }
}

#[test]
fn a_file_without_a_list_is_no_tls_crl() {
    let why = "holds a certificate instead of a certificate revocation list";
    assert_refused(&[CA, ("tls-crl", "root.pem")], "tls-crl", why);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    for option in ["certificate", "certificate-key", "trusted-ca", "tls-crl"] {
        let path = std::env::temp_dir().join(format!("sip-tls-{}-no-file", std::process::id()));
        let dir = path.with_extension("d");
        std::fs::create_dir_all(&dir).unwrap();
        let of_dir = match option {
            "certificate" | "certificate-key" => "is a directory",
            _ => "holds no certificate",
        };
        for (value, why) in [(path, "cannot read"), (dir, of_dir)] {
            let settings = [CA, CERTIFICATE, KEY];
            let mut options = options(&settings);
            options = options.set(option, value.display().to_string());
            let error = Endpoint::builder(options.build().unwrap())
                .build()
                .unwrap_err();
            let error = super::chain(&error);
            assert!(error.contains(why), "{error}");
            assert!(error.contains(&format!("`{option}`")), "{error}");
            assert!(error.contains(&value.display().to_string()), "{error}");
        }
    }
}

#[test]
fn the_reports_rows_are_in_the_order_of_the_option_table() {
    let attempt = Attempt::of(&[KEY, CERTIFICATE, CA]);
    let rows: Vec<_> = attempt
        .report
        .rows()
        .iter()
        .map(|row| row.option())
        .collect();
    let table: Vec<_> = sip_tls::options::OPTIONS
        .iter()
        .map(|option| option.name)
        .collect();
    assert_eq!(rows, table);
}
