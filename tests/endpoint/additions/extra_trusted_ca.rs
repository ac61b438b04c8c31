//! Trusted CAs of the caller, in addition to `trusted-ca` or instead of it.

use rustls::pki_types::CertificateDer;
use sip_tls::verify::VerifyCode;
use sip_tls::{Endpoint, EndpointBuilder};

use crate::endpoint::in_memory::{Observed, VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::builder;
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

const OWN: [(&str, &str); 3] = [
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("tls-mutual", "1"),
];
const CA: (&str, &str) = ("trusted-ca", "root.pem");

fn with_ca() -> EndpointBuilder {
    builder(&[&OWN[..], &[CA]].concat())
}

fn without_ca() -> EndpointBuilder {
    builder(&OWN)
}

/// An endpoint, and its verifications of peers.
struct Meeting {
    endpoint: Endpoint,
    seen: Observed,
}

impl Meeting {
    #[track_caller]
    fn of(builder: EndpointBuilder) -> Self {
        let seen = Observed::default();
        let endpoint = builder.observer(seen.observer()).build().unwrap();
        Self { endpoint, seen }
    }

    #[track_caller]
    fn assert(&self, peer: &Identity, expected: VerifyCode) {
        for version in VERSIONS {
            let server = peer_server(peer, &[version]);
            let ends = shake(&self.endpoint.client_config(), &server, HOST);
            assert_eq!(self.seen.last().code(), expected, "client, {version:?}");
            assert_eq!(ends.succeeded(), expected == VerifyCode::Ok);

            let client = peer_client(Some(peer), &[version]);
            let ends = shake(&client, &self.endpoint.server_config().unwrap(), HOST);
            assert_eq!(self.seen.last().code(), expected, "server, {version:?}");
            assert_eq!(ends.succeeded(), expected == VerifyCode::Ok);
        }
    }
}

#[test]
fn they_are_trusted_beside_the_option_and_without_it_also_after_a_reload() {
    let pki = TestPki::get();
    let stranger = || [pki.stranger.certificate.clone()];
    let unknown = VerifyCode::SelfSignedCertInChain;
    let not_local = VerifyCode::UnableToGetIssuerCertLocally;
    for (builder, good, other) in [
        (with_ca(), VerifyCode::Ok, unknown),
        (
            with_ca().extra_trusted_ca(stranger()),
            VerifyCode::Ok,
            VerifyCode::Ok,
        ),
        (
            without_ca().extra_trusted_ca(stranger()),
            not_local,
            VerifyCode::Ok,
        ),
    ] {
        let meeting = Meeting::of(builder);
        for _ in 0..2 {
            meeting.assert(&pki.good, good);
            meeting.assert(&pki.unknown, other);
            meeting.endpoint.reload().unwrap();
        }
    }
}

/// OpenSSL requires a self-signed certificate at the end of a path, as for a file of `trusted-ca`.
#[test]
fn an_intermediate_completes_paths_and_ends_none() {
    let pki = TestPki::get();
    let intermediate = || [pki.intermediate.certificate.clone()];
    let not_local = VerifyCode::UnableToGetIssuerCertLocally;
    Meeting::of(without_ca().extra_trusted_ca(intermediate()))
        .assert(&pki.good, VerifyCode::UnableToGetIssuerCert);
    Meeting::of(with_ca()).assert(&pki.lone, not_local);
    Meeting::of(with_ca().extra_trusted_ca(intermediate())).assert(&pki.lone, VerifyCode::Ok);
}

#[test]
fn they_are_reported_and_run_out_as_those_of_files() {
    let pki = TestPki::get();
    let cas = [&pki.root, &pki.intermediate].map(|ca| ca.certificate.clone());
    let endpoint = builder(&[]).extra_trusted_ca(cas).build().unwrap();
    let report = endpoint.report();
    let facts: Vec<_> = report.certificates().iter().collect();
    let subjects = facts
        .iter()
        .map(|facts| (facts.subject.as_str(), facts.is_anchor));
    let expected = [("CN = Test Root", true), ("CN = Test Intermediate", false)];
    assert_eq!(subjects.collect::<Vec<_>>(), expected);
    assert!(facts.iter().all(|facts| facts.option == "trusted-ca"));
    assert_eq!(
        endpoint.next_expiry().unwrap().to_string(),
        "the certificate CN = Test Root in EndpointBuilder::extra_trusted_ca (`trusted-ca`)"
    );
}

#[test]
fn without_any_and_without_the_option_there_is_no_endpoint() {
    for builder in [builder(&[]), builder(&[]).extra_trusted_ca([])] {
        assert_eq!(
            builder.build().unwrap_err().to_string(),
            "`trusted-ca` is not given: without it no peer can be verified"
        );
    }
}

#[test]
fn one_that_cannot_be_read_is_an_error_also_beside_a_good_one() {
    let root = TestPki::get().root.certificate.clone();
    let tail = CertificateDer::from([&root[..], &[0]].concat());
    for (bad, expected) in [
        (
            CertificateDer::from(vec![0x30, 0]),
            "its content does not have the expected structure",
        ),
        (tail, "other bytes follow after its end"),
    ] {
        let error = builder(&[CA]).extra_trusted_ca([root.clone(), bad]).build();
        let expected =
            format!("`trusted-ca`: EndpointBuilder::extra_trusted_ca is damaged: {expected}");
        assert_eq!(error.unwrap_err().to_string(), expected);
    }
}
