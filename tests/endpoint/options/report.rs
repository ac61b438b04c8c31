//! Names of options, also the older ones, and their rows in the report.

use std::sync::Arc;

use sip_tls::Endpoint;
use sip_tls::options::{NameCheck, OPTIONS, SecProtocol, TlsOptions};
use sip_tls::profile::Profile;
use sip_tls::report::Outcome;

use super::{Attempt, CA, CERTIFICATE, KEY, assert_refused};
use crate::endpoint::in_memory::{VERSIONS, peer_client, shake};
use crate::endpoint::settings::{endpoint, placed};
use crate::endpoint::test_pki::{HOST, TestPki};

/// A configuration file with these settings in section `security`.
fn profile(settings: &[(&str, &str)]) -> Profile {
    let settings: String = settings
        .iter()
        .map(|(name, value)| {
            let value = placed(name, value);
            format!(r#"<setting name="{name}" value="{value}"/>"#)
        })
        .collect();
    let text = format!(
        r#"<settings version="1.0"><domain name="system"><section name="security">{settings}</section></domain></settings>"#
    );
    text.parse().unwrap()
}

/// The file name of the option's value, without its folder.
fn file(sources: Option<&sip_tls::options::Sources>) -> Option<String> {
    let path = std::path::PathBuf::from(sources?.to_string());
    Some(path.file_name()?.to_str()?.to_owned())
}

#[test]
fn older_names_mean_the_same() {
    let settings = [
        ("ca_list_file", "root.pem"),
        ("cert_file", "good.pem"),
        ("priv_key_file", "good.key"),
    ];
    let attempt = Attempt::of(&settings);
    assert_eq!(attempt.error, None);
    for option in ["trusted-ca", "certificate", "certificate-key"] {
        assert_eq!(attempt.outcome(option), Outcome::Applied, "{option}");
    }
    let options = TlsOptions::from_profile(&profile(&settings)).unwrap();
    assert_eq!(file(options.certificate()).as_deref(), Some("good.pem"));
    assert_eq!(file(options.certificate_key()).as_deref(), Some("good.key"));
}

#[test]
fn the_new_name_goes_before_the_older_one_in_any_order_unless_it_is_empty() {
    for (new, older, chosen) in [
        ("good.pem", "rsa.pem", Some("good.pem")),
        ("", "rsa.pem", Some("rsa.pem")),
        ("good.pem", "", Some("good.pem")),
        ("", "", None),
    ] {
        let mut settings = [("certificate", new), ("cert_file", older), CA];
        for _ in 0..2 {
            let options = TlsOptions::from_profile(&profile(&settings)).unwrap();
            assert_eq!(
                file(options.certificate()).as_deref(),
                chosen,
                "{settings:?}"
            );
            settings.reverse();
        }
    }
}

#[test]
fn what_is_set_in_code_takes_the_place_of_the_profile_under_either_name() {
    let from_file = profile(&[CA, ("certificate", "rsa.pem"), ("cert_file", "local.pem")]);
    for name in ["certificate", "cert_file"] {
        let good = TestPki::get().path("good.pem").display().to_string();
        let builder = TlsOptions::builder().set(name, good).profile(&from_file);
        let options = builder.build().unwrap();
        assert_eq!(
            file(options.certificate()).as_deref(),
            Some("good.pem"),
            "{name}"
        );
        let builder = TlsOptions::builder().set(name, "").profile(&from_file);
        assert_eq!(file(builder.build().unwrap().certificate()), None, "{name}");
    }
}

#[test]
fn other_settings_of_a_profile_are_ignored_and_reported_without_their_value() {
    let profile = profile(&[CA, ("use_srtp", "mandatory"), ("password", "secret")]);
    let options = TlsOptions::from_profile(&profile).unwrap();
    let report = options.report();
    for name in ["use_srtp", "password"] {
        let row = report.rows().iter().find(|row| row.option() == name);
        let row = row.unwrap();
        assert_eq!((row.outcome(), row.value()), (&Outcome::Ignored, None));
    }
    // `use_srtp` is a known setting of other parts of an endpoint, so there is no warning about it.
    let [warning] = report.warnings() else {
        panic!("{:?}", report.warnings());
    };
    let expected = "setting `password` is not a TLS option and has no effect";
    assert!(
        warning.starts_with("line ") && warning.ends_with(expected),
        "{warning}"
    );
}

#[test]
fn a_name_that_is_nearly_an_option_is_an_error() {
    for (name, meant) in [
        ("tls-taget-name-check", "tls-target-name-check"),
        ("tls_crl", "tls-crl"),
        ("TLS-CRL", "tls-crl"),
        ("tls-crI", "tls-crl"),
        ("Certificate_Key", "certificate-key"),
        ("ca-list-file", "ca_list_file"),
        ("trutsed-ca", "trusted-ca"),
    ] {
        let profile = profile(&[CA, (name, "host")]);
        let (report, options) = TlsOptions::builder().profile(&profile).build_with_report();
        let error = options.unwrap_err();
        assert!(error.position().is_some());
        let text = super::chain(&error);
        let expected = format!("no such option; `{meant}` was probably meant");
        assert!(text.contains(name) && text.ends_with(&expected), "{text}");
        assert!(report.is_refused());
        let in_code = TlsOptions::builder().set(name, "host").build().unwrap_err();
        let expected = format!("unusable option `{name}`: {expected}");
        assert_eq!(in_code.to_string(), expected);
    }
}

#[test]
fn an_unknown_name_set_in_code_is_an_error_with_the_nearest_names() {
    let (report, options) = TlsOptions::builder()
        .pair("trusted_ca=ca.pem")
        .unwrap()
        .build_with_report();
    let error = super::chain(&options.unwrap_err());
    assert!(error.contains("`trusted_ca`"), "{error}");
    assert!(error.contains("`trusted-ca`"), "{error}");
    assert!(report.is_refused());
    let error = super::chain(&TlsOptions::builder().pair("trusted-ca").unwrap_err());
    assert!(error.contains("NAME=VALUE"), "{error}");
}

#[test]
fn every_refused_option_has_its_row_though_only_the_first_is_the_error() {
    let attempt = Attempt::of(&[CA, ("sec-protocol", "TLSv1"), ("tls-mutual", "yes")]);
    assert!(attempt.error.is_some());
    for option in ["sec-protocol", "tls-mutual"] {
        assert!(
            matches!(attempt.outcome(option), Outcome::Refused(_)),
            "{option}"
        );
    }
    assert_eq!(attempt.outcome("trusted-ca"), Outcome::Applied);
}

#[test]
fn a_setting_is_blamed_by_its_place_in_the_file() {
    let profile = profile(&[CA, ("sec-protocol", "TLSv1")]);
    let error = TlsOptions::from_profile(&profile).unwrap_err();
    let position = error.position().unwrap();
    assert!(
        error.to_string().starts_with(&format!("{position}: ")),
        "{error}"
    );
}

#[test]
fn a_blank_value_is_an_error_and_turns_no_check_off() {
    for info in OPTIONS {
        for blank in [" ", "\t"] {
            let mut settings = vec![CA, CERTIFICATE, KEY];
            settings.retain(|(name, _)| *name != info.name);
            settings.push((info.name, blank));
            assert_refused(&settings, info.name, "the value is blank");
        }
    }
    for option in ["certificate", "trusted-ca", "tls-crl"] {
        let mut settings = vec![CA, CERTIFICATE, KEY];
        settings.retain(|(name, _)| *name != option);
        settings.push((option, ","));
        assert_refused(&settings, option, "the value names no file");
    }
}

#[test]
fn white_space_around_a_value_does_not_count() {
    let mut builder = TlsOptions::builder();
    for (name, file) in [CERTIFICATE, KEY, CA] {
        let path = TestPki::get().path(file);
        builder = builder.set(name, format!(" {}\t\n", path.display()));
    }
    for (name, value) in [
        ("sec-protocol", " TLSv12 "),
        ("cipher-list", " ECDHE+AESGCM "),
        ("ciphersuites", " TLS_AES_128_GCM_SHA256 "),
        ("tls-target-name-check", " host "),
        ("tls-target-name", " sip.example.com "),
        ("tls-mutual", " 1 "),
    ] {
        builder = builder.set(name, value);
    }
    let options = builder.build().unwrap();
    assert_eq!(options.sec_protocol(), SecProtocol::Tlsv12);
    assert_eq!(options.name_check(), NameCheck::Host);
    assert_eq!(options.target_name(), Some("sip.example.com"));
    assert!(options.requires_client_certificate());
    Endpoint::builder(options).build().unwrap();
}

#[test]
fn an_overridden_setting_is_shown_with_what_counts_instead() {
    let settings = [CA, ("cert_file", "rsa.pem"), CERTIFICATE, KEY];
    let builder = TlsOptions::builder().profile(&profile(&settings));
    let builder = builder.set("certificate-key", "other.key");
    let (report, _) = builder.build_with_report();
    let path = |file| TestPki::get().path(file).display().to_string();
    let overridden = report.rows().iter().filter_map(|row| match row.outcome() {
        Outcome::Overridden(by) => Some((row.option(), row.value().unwrap(), by.as_str())),
        _ => None,
    });
    assert_eq!(
        overridden.collect::<Vec<_>>(),
        [
            ("cert_file", &*path("rsa.pem"), "`certificate`"),
            (KEY.0, &*path(KEY.1), "a value set in code"),
        ]
    );
}

#[test]
fn what_the_files_show_is_said_of_the_value_that_counts() {
    for (option, file, in_code) in [
        ("tls-crl", "current.crl", "no.crl"),
        ("trusted-ca", "root.pem", "no.pem"),
        ("certificate", "good.pem", "no.pem"),
        ("certificate-key", "good.key", "no.key"),
        ("sec-protocol", "TLSv12", "SSLv23"),
    ] {
        let mut settings = vec![CA, CERTIFICATE, KEY];
        settings.retain(|(name, _)| *name != option);
        settings.push((option, file));
        let options = TlsOptions::builder()
            .profile(&profile(&settings))
            .set(option, in_code)
            .build();
        let (report, _) = Endpoint::builder(options.unwrap()).build_with_report();
        let rows = report.rows().iter().filter(|row| row.option() == option);
        let rows: Vec<_> = rows
            .map(|row| (row.value().unwrap(), row.outcome()))
            .collect();
        let [(_, Outcome::Overridden(_)), (value, outcome)] = rows[..] else {
            panic!("{option}: {rows:?}");
        };
        assert_eq!(value, in_code);
        let is_said = matches!(outcome, Outcome::Refused(_) | Outcome::Narrowed(_));
        assert!(is_said, "{option}: {outcome:?}");
    }
}

#[test]
fn errors_and_warnings_name_the_configuration_file() {
    let file = |name: &str, settings: &str| {
        let text = format!(
            "<settings><domain name='system'><section name='security'>\n{settings}</section></domain></settings>"
        );
        TestPki::get().add(name, text.as_bytes())
    };
    let path = file("named.config", "<setting name='tls_crl' value='a'/>");
    let error = Endpoint::from_file(&path).unwrap_err().to_string();
    let place = format!("{}: line 2, column 1: ", path.display());
    assert!(error.starts_with(&place), "{error}");

    let path = file("warned.config", "<setting name='crl' value='a'/>");
    let profile = Profile::from_file(&path).unwrap();
    let options = TlsOptions::from_profile(&profile).unwrap();
    let place = format!("{}: line 2, column 1: ", path.display());
    let warning = &options.report().warnings()[0];
    assert!(warning.starts_with(&place), "{warning}");
}

#[test]
fn errors_use_the_name_that_stands_in_the_file() {
    let error = Attempt::of(&[CA, ("cert_file", "good.key"), ("priv_key_file", "good.key")]);
    let error = error.error.unwrap();
    assert!(error.contains("`cert_file`: "), "{error}");
    let error = Attempt::of(&[CA, ("cert_file", "good.pem"), ("priv_key_file", "root.pem")]);
    let error = error.error.unwrap();
    assert!(error.contains("`priv_key_file`: "), "{error}");
}

#[test]
fn an_endpoint_is_made_of_a_file_with_paths_relative_to_it() {
    let pki = TestPki::get();
    let text = r#"<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name ="Basic">
    <Connectivity user="4021" server="sip.example.com:5061" protocol="TLS"/>
  </Container>
  <Container name="Genesys">
    <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
      <domain name="policy">
        <section name="security"><setting name="trusted-ca" value="stranger.pem"/></section>
      </domain>
      <domain name="system">
        <section name="security">
          <setting name="ca_list_file" value="root.pem"/>
          <setting name="certificate" value="lone.pem, intermediate.pem"/>
          <setting name="certificate-key" value="./lone.key"/>
          <setting name="tls_enabled" value="1"/>
        </section>
      </domain>
    </settings>
  </Container>
</SipEndpoint>"#;
    let path = pki.add("SipEndpoint.config", text.as_bytes());
    let endpoint = Endpoint::from_file(&path).unwrap();
    let server = endpoint.server_config().unwrap();
    for version in VERSIONS {
        let ends = shake(&peer_client(None, &[version]), &server, HOST);
        let chain = &pki.good.chain;
        assert_eq!(ends.client.connection.peer_certificates(), Some(&chain[..]));
    }
    let error = Endpoint::from_file(path.with_file_name("no-such.config")).unwrap_err();
    assert!(error.to_string().contains("no-such.config"), "{error}");
}

#[test]
fn what_is_offered_is_part_of_the_report_in_both_directions() {
    let list = (
        "cipher-list",
        "DHE-RSA-AES128-GCM-SHA256:ECDHE+AES128+AESGCM:AES128-SHA",
    );
    let attempt = Attempt::of(&[CA, CERTIFICATE, KEY, list]);
    let (outgoing, incoming) = (attempt.report.outgoing(), attempt.report.incoming());
    let (outgoing, incoming) = (outgoing.unwrap(), incoming.unwrap());
    for offered in [outgoing, incoming] {
        assert_eq!(offered.versions, ["TLSv1.3", "TLSv1.2"]);
        assert_eq!(offered.groups[0], "X25519");
        assert_eq!(offered.tls13.as_ref().unwrap().names.len(), 3);
    }
    let ecdhe = [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
    ];
    let dhe = "DHE-RSA-AES128-GCM-SHA256";
    assert_eq!(
        outgoing.tls12.as_ref().unwrap().names,
        [dhe, ecdhe[0], ecdhe[1]]
    );
    let incoming = incoming.tls12.as_ref().unwrap();
    assert_eq!(incoming.names, ecdhe);
    let left_out: Vec<_> = incoming.left_out.iter().map(|(name, _)| *name).collect();
    assert_eq!(left_out, [dhe, "AES128-SHA"]);
    assert!(outgoing.groups.contains(&"ffdhe2048"));
}

#[test]
fn what_is_offered_is_reported_where_the_files_are_refused() {
    let attempt = Attempt::of(&[("trusted-ca", "good.key"), ("sec-protocol", "TLSv12")]);
    assert!(attempt.error.is_some());
    let outgoing = attempt.report.outgoing().unwrap();
    assert_eq!(outgoing.versions, ["TLSv1.2"]);
    assert!(outgoing.tls13.is_none());
    assert!(attempt.report.incoming().is_none());
}

#[test]
fn a_list_for_clients_only_is_reported_as_no_incoming_connections() {
    let attempt = Attempt::of(&[
        CA,
        CERTIFICATE,
        KEY,
        ("cipher-list", "DHE+AESGCM"),
        ("sec-protocol", "TLSv12"),
    ]);
    assert_eq!(attempt.error, None);
    assert!(attempt.report.incoming().is_none());
    let warning = &attempt.report.warnings()[0];
    assert!(
        warning.starts_with("`cipher-list`: no incoming connections: "),
        "{warning}"
    );
}

#[test]
fn clones_of_an_endpoint_share_report_and_configurations() {
    let endpoint = endpoint(&[CA]);
    let clone = endpoint.clone();
    assert!(Arc::ptr_eq(&endpoint.report(), &clone.report()));
    assert!(Arc::ptr_eq(
        &endpoint.client_config(),
        &clone.client_config()
    ));
    assert_eq!(size_of::<Endpoint>(), size_of::<usize>());
}
