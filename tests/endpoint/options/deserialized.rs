//! Options in the configuration files of other software: TOML and JSON.

use std::sync::Arc;

use serde_json::json;
use sip_tls::Endpoint;
use sip_tls::options::{NameCheck, OptionError, SecProtocol, TlsOptions, TlsOptionsBuilder};
use sip_tls::report::Outcome;

use super::chain;
use crate::endpoint::in_memory::{FixedTime, VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::test_pki::{HOST, NOW, TestPki};

/// Options as TOML.
fn toml_options(text: &str) -> Result<TlsOptionsBuilder, toml::de::Error> {
    toml::from_str(text)
}

#[track_caller]
fn built(text: &str) -> Result<TlsOptions, OptionError> {
    toml_options(text).unwrap().build()
}

/// The reason why options that can be read are refused when they are built.
#[track_caller]
fn refusal(text: &str) -> String {
    chain(&built(text).unwrap_err())
}

#[test]
fn every_kind_of_value_is_read_from_toml_and_json() {
    let toml: TlsOptions = toml::from_str(
        r#"
        certificate = "own.pem"
        certificate-key = "own.key"
        trusted-ca = ["ca.pem", "b.pem"]
        sec-protocol = "TLSv12"
        cipher-list = "ECDHE-RSA-AES256-GCM-SHA384"
        tls-target-name-check = "host"
        tls-target-name = "sip.example.com"
        tls-mutual = true
        "#,
    )
    .unwrap();
    let json: TlsOptions = serde_json::from_value(json!({
        "cert_file": "own.pem",
        "priv_key_file": "own.key",
        "ca_list_file": ["ca.pem", "b.pem"],
        "sec-protocol": "TLSv12",
        "cipher-list": "ECDHE-RSA-AES256-GCM-SHA384",
        "ciphersuites": "",
        "tls-crl": null,
        "tls-target-name-check": "host",
        "tls-target-name": "sip.example.com",
        "tls-mutual": 1,
    }))
    .unwrap();
    for options in [toml, json] {
        assert_eq!(options.certificate().unwrap().to_string(), "own.pem");
        assert_eq!(options.certificate_key().unwrap().to_string(), "own.key");
        assert_eq!(options.sec_protocol(), SecProtocol::Tlsv12);
        assert_eq!(options.name_check(), NameCheck::Host);
        assert_eq!(options.target_name(), Some("sip.example.com"));
        assert!(options.requires_client_certificate());
        assert!(options.tls_crl().is_none());
        let rows = options.report().rows();
        let trusted = rows.iter().find(|row| row.option() == "trusted-ca");
        assert_eq!(trusted.unwrap().value(), Some("ca.pem, b.pem"));
    }
}

#[test]
fn mutual_tls_is_on_and_off_in_every_way_that_people_write_it() {
    for (value, expected) in [
        ("1", true),
        ("0", false),
        ("true", true),
        ("false", false),
        ("\"1\"", true),
        ("\"0\"", false),
        ("\"\"", false),
    ] {
        let options = built(&format!("tls-mutual = {value}")).unwrap();
        assert_eq!(options.requires_client_certificate(), expected, "{value}");
    }
    for (value, word) in [("2", "2"), ("-1", "-1"), ("\"yes\"", "yes")] {
        let expected = format!("unusable option `tls-mutual`: `{word}` is not one of `0`, `1`");
        assert_eq!(refusal(&format!("tls-mutual = {value}")), expected);
    }
}

#[test]
fn a_name_that_is_no_option_is_an_error_with_the_name_that_was_meant_whatever_its_value_is() {
    for value in ["\"host\"", "5", "true", "[\"a\", \"b\"]"] {
        assert_eq!(
            refusal(&format!("tls-taget-name-check = {value}")),
            "unusable option `tls-taget-name-check`: no such option; `tls-target-name-check` was probably \
             meant"
        );
    }
    let error = toml::from_str::<TlsOptions>("tls_crl = \"ca.crl\"").unwrap_err();
    let expected = "unusable option `tls_crl`: no such option; `tls-crl` was probably meant";
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn the_newer_name_goes_before_the_older_one_in_any_order_unless_it_is_empty() {
    for text in [
        "trusted-ca = 'new.pem'\nca_list_file = 'old.pem'",
        "ca_list_file = 'old.pem'\ntrusted-ca = 'new.pem'",
        "ca_list_file = ['old.pem']\ntrusted-ca = ['new.pem']",
    ] {
        let options = built(text).unwrap();
        let rows = options.report().rows();
        let row = |name| rows.iter().find(|row| row.option() == name).unwrap();
        assert_eq!(row("trusted-ca").value(), Some("new.pem"));
        let overridden = Outcome::Overridden("`trusted-ca`".to_owned());
        assert_eq!(row("ca_list_file").outcome(), &overridden);
    }
    let options = built("trusted-ca = ''\nca_list_file = 'old.pem'").unwrap();
    let rows = options.report().rows();
    let row = rows.iter().find(|row| row.option() == "trusted-ca");
    assert_eq!(row.unwrap().value(), Some("old.pem"));
}

#[test]
fn values_of_other_kinds_are_errors_that_name_the_option() {
    for (text, expected) in [
        (
            "tls-target-name-check = false",
            "option `tls-target-name-check` is a text and must be in quotes",
        ),
        (
            "tls-target-name = 192",
            "option `tls-target-name` is a text and must be in quotes",
        ),
        ("tls-mutual = 1.0", "the value of a TLS option"),
        ("trusted-ca = [1]", "expected a string"),
        ("[trusted-ca]\nfile = 'ca.pem'", "the value of a TLS option"),
    ] {
        let error = toml_options(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    for option in [
        "cipher-list",
        "tls-mutual",
        "sec-protocol",
        "tls-target-name",
    ] {
        assert_eq!(
            refusal(&format!("{option} = ['TLSv12']")),
            format!("unusable option `{option}`: it takes one value, not a list")
        );
    }
    let twice = r#"{"tls-mutual": 1, "tls-mutual": 0}"#;
    let error = serde_json::from_str::<TlsOptionsBuilder>(twice).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("option `tls-mutual` is given twice")
    );
    let error = serde_json::from_str::<TlsOptionsBuilder>("[]").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a map from names of TLS options to their values")
    );
}

#[test]
fn a_blank_value_is_an_error_as_in_a_profile() {
    let blank = refusal("tls-crl = '  '");
    assert!(
        blank.starts_with("unusable option `tls-crl`: the value is blank"),
        "{blank}"
    );
}

#[test]
fn values_set_in_code_override_them() {
    let options = toml_options("ca_list_file = 'old.pem'\ntls-mutual = true").unwrap();
    let options = options.set("trusted-ca", "code.pem").set("tls-mutual", "0");
    let options = options.build().unwrap();
    assert!(!options.requires_client_certificate());
    let rows = options.report().rows();
    let trusted = rows
        .iter()
        .find(|row| row.option() == "trusted-ca")
        .unwrap();
    assert_eq!(trusted.value(), Some("code.pem"));
}

/// With and without a folder, as one text and as a list.
#[test]
fn relative_paths_are_relative_to_the_folder_that_is_given() {
    let pki = TestPki::get();
    let folder = pki.path("root.pem").parent().unwrap().to_owned();
    for trusted in [
        "'root.pem'",
        "'root.pem,stranger.pem'",
        "['root.pem', 'stranger.pem']",
    ] {
        let text = format!(
            "certificate = 'good.pem'\ncertificate-key = ['good.key']\ntrusted-ca = {trusted}\ntls-mutual = true"
        );
        let endpoint = Endpoint::builder(built(&text).unwrap()).build();
        assert!(
            endpoint.is_err(),
            "there are no such files in the working directory"
        );
        let options = toml_options(&text)
            .unwrap()
            .base_dir(&folder)
            .build()
            .unwrap();
        let endpoint = Endpoint::builder(options).time_provider(Arc::new(FixedTime(NOW)));
        let endpoint = endpoint.build().unwrap();
        for version in VERSIONS {
            let server = peer_server(&pki.good, &[version]);
            assert!(shake(&endpoint.client_config(), &server, HOST).succeeded());
            let server = endpoint.server_config().unwrap();
            let client = peer_client(Some(&pki.good), &[version]);
            assert!(shake(&client, &server, HOST).succeeded());
            assert!(!shake(&peer_client(None, &[version]), &server, HOST).succeeded());
        }
    }
}

#[test]
fn the_folder_counts_for_values_set_before_and_after_and_not_for_those_with_folders_of_their_own() {
    let pki = TestPki::get();
    let (root, folder) = (
        pki.path("root.pem"),
        pki.path("root.pem").parent().unwrap().to_owned(),
    );
    let before = TlsOptions::builder()
        .set("trusted-ca", "root.pem")
        .base_dir(&folder);
    let after = TlsOptions::builder()
        .base_dir(&folder)
        .set("trusted-ca", "root.pem");
    let absolute = TlsOptions::builder().base_dir("/nowhere");
    let absolute = absolute.set("trusted-ca", root.display().to_string());
    for options in [before, after, absolute] {
        let options = options.build().unwrap();
        assert!(Endpoint::builder(options).build().is_ok());
    }
    let elsewhere = TlsOptions::builder()
        .set("trusted-ca", "root.pem")
        .base_dir("/nowhere");
    let error = Endpoint::builder(elsewhere.build().unwrap())
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("/nowhere/root.pem"), "{error}");
}

/// Each item of a list is one path, even with commas, and never a special word.
#[test]
fn an_item_of_a_list_is_one_path() {
    for (value, expected) in [
        ("['webpki-roots']", "webpki-roots"),
        ("['system']", "system"),
        ("['a.pem, b.pem']", "a.pem, b.pem"),
        ("[]", "names no file"),
    ] {
        let options = toml_options(&format!("trusted-ca = {value}")).unwrap();
        let options = options.base_dir("/nowhere").build().unwrap();
        let error = Endpoint::builder(options).build().unwrap_err();
        let text = chain(&error);
        assert!(text.contains(expected), "{text}");
    }
}
