//! The results of a verification: the status, and the log.

use std::cell::RefCell;
use std::fmt;
use std::sync::Once;

use sip_tls::verify::{Finding, Purpose, ReferenceName, VerifyCode, VerifyStatus};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::observed;
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const CHECK: (&str, &str) = ("tls-target-name-check", "host");
const LIST: (&str, &str) = ("tls-crl", "current.crl");

/// The status of our client's verification of a server.
fn status(settings: &[(&str, &str)], peer: &Identity) -> VerifyStatus {
    let (endpoint, seen) = observed(&[&[CA], settings].concat());
    let server = peer_server(peer, &VERSIONS);
    shake(&endpoint.client_config(), &server, HOST);
    seen.status()
}

fn codes(status: &VerifyStatus) -> Vec<VerifyCode> {
    status.findings().iter().map(Finding::code).collect()
}

#[test]
fn a_good_peer_leaves_its_path_its_name_and_the_list_that_cleared_it() {
    let status = status(&[CHECK, LIST], &TestPki::get().wildcard);
    assert!(status.is_accepted());
    assert_eq!(status.to_string(), "OK");
    assert_eq!(status.purpose(), Purpose::Server);
    assert_eq!(status.reference(), Some(&ReferenceName::new(HOST)));
    assert_eq!(status.matched_name(), Some("*.example.com"));
    let path = ["CN = wildcard", "CN = Test Intermediate", "CN = Test Root"];
    assert_eq!(status.path(), path);
    assert_eq!(status.revocation_list(), Some("CN = Test Intermediate"));
    assert!(status.findings().is_empty());
}

#[test]
fn everything_that_is_wrong_is_found_and_the_first_is_that_of_openssl() {
    let rotten = &TestPki::get().rotten;
    let status = status(&[CHECK, LIST], rotten);
    let all = [
        VerifyCode::HostnameMismatch,
        VerifyCode::CertRevoked,
        VerifyCode::CertHasExpired,
    ];
    assert_eq!(codes(&status), all);
    let error = status.error().unwrap();
    assert_eq!(
        (error.code(), error.depth()),
        (VerifyCode::HostnameMismatch, 0)
    );
    assert_eq!(error.subject(), "CN = rotten");
    assert_eq!(
        error.to_string(),
        "error 62 at depth 0: hostname mismatch (X509_V_ERR_HOSTNAME_MISMATCH)"
    );
    assert!(
        status
            .findings()
            .iter()
            .all(|finding| !finding.is_tolerated())
    );
}

/// libssl also checks this after it has verified the certificate. TLS 1.3 requires no key usage.
#[test]
fn a_server_that_must_not_sign_is_refused_in_tls_1_2_and_the_observer_hears_of_it() {
    let peer = &TestPki::get().key_agreement;
    for (version, expected) in [
        (VERSIONS[0], VerifyCode::ApplicationVerification),
        (VERSIONS[1], VerifyCode::Ok),
    ] {
        let (endpoint, seen) = observed(&[CA]);
        let ends = shake(
            &endpoint.client_config(),
            &peer_server(peer, &[version]),
            HOST,
        );
        assert_eq!(ends.succeeded(), expected == VerifyCode::Ok);
        let last = seen.last();
        assert_eq!(last.code(), expected, "{version:?}");
        if let Some(finding) = last.error() {
            let why = "the key usage does not allow the signature that this cipher suite needs";
            assert_eq!(finding.detail(), Some(why));
            let alert = ends.server.outcome.unwrap_err();
            let expected = rustls::Error::AlertReceived(rustls::AlertDescription::HandshakeFailure);
            assert_eq!(alert, expected);
        }
    }
}

#[test]
fn a_mismatch_is_recorded_though_the_name_check_is_off() {
    let status = status(&[], &TestPki::get().cn_overruled);
    assert!(status.is_accepted());
    assert_eq!(status.code(), VerifyCode::Ok);
    assert_eq!(codes(&status), [VerifyCode::HostnameMismatch]);
    assert!(status.findings()[0].is_tolerated());
    assert_eq!(status.matched_name(), None);
}

#[test]
fn what_is_tolerated_does_not_hide_what_is_not() {
    let status = status(&[], &TestPki::get().rotten);
    assert_eq!(
        codes(&status),
        [VerifyCode::HostnameMismatch, VerifyCode::CertHasExpired]
    );
    assert_eq!(status.code(), VerifyCode::CertHasExpired);
}

#[test]
fn an_issuer_is_blamed_at_its_depth_by_its_name() {
    let status = status(
        &[("tls-crl", "intermediate-revoked.crl")],
        &TestPki::get().good,
    );
    let error = status.error().unwrap();
    assert_eq!((error.code(), error.depth()), (VerifyCode::CertRevoked, 1));
    assert_eq!(error.subject(), "CN = Test Intermediate");
}

#[test]
fn a_client_has_a_purpose_and_no_name_to_be_held_against() {
    let settings = [
        CA,
        CHECK,
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
        ("tls-mutual", "1"),
    ];
    let (endpoint, seen) = observed(&settings);
    let client = peer_client(Some(&TestPki::get().client_only), &VERSIONS);
    let ends = shake(&client, &endpoint.server_config().unwrap(), HOST);
    assert!(ends.succeeded());
    let status = seen.status();
    assert_eq!(status.purpose(), Purpose::Client);
    assert_eq!((status.reference(), status.matched_name()), (None, None));
    assert!(status.findings().is_empty());
}

#[test]
fn refusals_are_logged_as_warnings_with_openssls_code() {
    let pki = TestPki::get();
    let refused = logged(|| status(&[LIST], &pki.revoked));
    let [event] = &refused[..] else {
        panic!("{refused:?}");
    };
    assert_eq!(event.level, Level::WARN);
    for field in [
        "code=23",
        "name=\"X509_V_ERR_CERT_REVOKED\"",
        "depth=0",
        "subject=\"CN = revoked\"",
        "error 23 at depth 0: certificate revoked",
    ] {
        assert!(event.text.contains(field), "{field}: {}", event.text);
    }
    let tolerated = logged(|| status(&[], &pki.cn_overruled));
    assert_eq!(tolerated[0].level, Level::WARN);
    assert!(
        tolerated[0].text.contains("hostname mismatch"),
        "{tolerated:?}"
    );
    let accepted = logged(|| status(&[], &pki.good));
    assert_eq!(accepted[0].level, Level::DEBUG);
}

/// Returns what this crate logs on this thread while `work` runs.
///
/// The subscriber is installed once for the whole process. Temporary subscribers would race with other tests over
/// whether any subscriber is interested.
fn logged(work: impl FnOnce() -> VerifyStatus) -> Vec<Logged> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
    LOGGED.take();
    work();
    LOGGED.take()
}

thread_local! {
    static LOGGED: RefCell<Vec<Logged>> = const { RefCell::new(Vec::new()) };
}

struct Log;

#[derive(Debug)]
struct Logged {
    level: Level,
    text: String,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sip_tls")
    }

    fn event(&self, event: &Event<'_>) {
        let mut logged = Logged {
            level: *event.metadata().level(),
            text: String::new(),
        };
        event.record(&mut logged);
        LOGGED.with_borrow_mut(|events| events.push(logged));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Logged {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text += &format!("{field}={value:?} ");
    }
}
