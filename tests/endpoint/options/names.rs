//! `tls-target-name-check` and `tls-target-name`.

use rustls::pki_types::ServerName;
use sip_tls::report::Outcome;

use super::{Attempt, CA, assert_applied, assert_optional, assert_refused};
use crate::endpoint::hello::Hello;
use crate::endpoint::in_memory::{VERSIONS, peer_server, shake};
use crate::endpoint::settings::endpoint;
use crate::endpoint::test_pki::{HOST, TestPki};

const CHECK: (&str, &str) = ("tls-target-name-check", "host");
const OFF: (&str, &str) = ("tls-target-name-check", "no");
const OTHER: &str = "other.example.net";

fn connects(settings: &[(&str, &str)], host: &str) -> bool {
    let client = endpoint(settings).client_config();
    let server = |version| peer_server(&TestPki::get().good, &[version]);
    let outcomes = VERSIONS.map(|version| shake(&client, &server(version), host).succeeded());
    assert_eq!(outcomes[0], outcomes[1], "both versions");
    outcomes[0]
}

/// The SNI that is sent for a connection to `host`.
fn sni(settings: &[(&str, &str)], host: &str) -> Option<String> {
    let endpoint = endpoint(settings);
    let name = endpoint.server_name(host).expect("a name for rustls");
    Hello::of(&endpoint.client_config(), name).sni
}

#[test]
fn tls_target_name_check_decides_whether_another_hosts_certificate_is_taken() {
    assert_applied(&[CA, CHECK], "tls-target-name-check");
    assert_applied(&[CA, OFF], "tls-target-name-check");
    assert_optional(&[CA], "tls-target-name-check");
    assert!(!connects(&[CA, CHECK], OTHER));
    assert!(connects(&[CA, OFF], OTHER));
    assert!(connects(&[CA], OTHER));
    let why = "`yes` is not one of `no`, `host`";
    assert_refused(
        &[CA, ("tls-target-name-check", "yes")],
        "tls-target-name-check",
        why,
    );
}

#[test]
fn tls_target_name_is_checked_whatever_name_a_sip_stack_hands_rustls() {
    let named = |name| ("tls-target-name", name);
    assert_applied(&[CA, named(HOST)], "tls-target-name");
    assert_optional(&[CA], "tls-target-name");
    assert_optional(&[CA, named("")], "tls-target-name");
    assert!(connects(&[CA, CHECK, named(HOST)], OTHER));
    assert!(connects(&[CA, CHECK, named(HOST)], "192.0.2.7"));
    assert!(!connects(&[CA, CHECK, named(OTHER)], HOST));
    assert!(!connects(&[CA, CHECK, named("192.0.2.7")], HOST));
}

#[test]
fn the_host_is_sent_as_sni_unless_tls_target_name_is_given() {
    assert_eq!(sni(&[CA], HOST).as_deref(), Some(HOST));
    assert_eq!(
        sni(&[CA, ("tls-target-name", OTHER)], HOST).as_deref(),
        Some(OTHER)
    );
    assert_eq!(
        sni(&[CA, ("tls-target-name", OTHER)], "192.0.2.7").as_deref(),
        Some(OTHER)
    );
}

#[test]
fn an_address_is_never_sent_as_sni() {
    for address in ["192.0.2.7", "2001:db8::7", "::1"] {
        assert_eq!(sni(&[CA], address), None, "{address}");
        assert_eq!(
            sni(&[CA, ("tls-target-name", address)], HOST),
            None,
            "{address}"
        );
    }
}

#[test]
fn a_host_that_rustls_cannot_send_has_no_name_for_it() {
    let endpoint = endpoint(&[CA]);
    for host in [".leading.example", "a b.example", "", "-"] {
        assert_eq!(endpoint.server_name(host), None, "{host}");
    }
    let underscore = ServerName::try_from("under_score.example").unwrap();
    assert_eq!(
        endpoint.server_name("under_score.example"),
        Some(underscore)
    );
}

#[test]
fn a_target_name_that_cannot_be_sent_is_narrowed_to_being_checked() {
    for name in [
        "sip.example.com:5061",
        ".leading.example",
        "sip:4021@example.com",
    ] {
        let attempt = Attempt::of(&[CA, CHECK, ("tls-target-name", name)]);
        assert_eq!(attempt.error, None);
        let outcome = attempt.outcome("tls-target-name");
        assert!(
            matches!(&outcome, Outcome::Narrowed(how) if how.contains("SNI")),
            "{outcome}"
        );
    }
}
