//! Changes that the functions may not make.

use std::sync::{Arc, Mutex};

use rustls::client::Resumption;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ClientConfig, ServerConfig};
use sip_tls::EndpointBuilder;
use sip_tls::check::Check;
use sip_tls::verify::VerifyCode;

use super::{OPEN, Transparent, mutual, open};
use crate::endpoint::in_memory::{
    Credulous, FixedTime, Observed, VERSIONS, peer_client, peer_server, shake,
};
use crate::endpoint::settings::{builder, options};
use crate::endpoint::test_pki::{HOST, NOW, TestPki};

type Change<C> = (fn(&mut C), &'static str);
type Function<C> = Box<dyn Fn(&mut C) + Send + Sync>;

const OF_CLIENTS: &[Change<ClientConfig>] = &[
    (
        |config| {
            config
                .dangerous()
                .set_certificate_verifier(Arc::new(Credulous))
        },
        "replaces the server verifier; only `Danger::replace_server_verifier` may do this",
    ),
    (
        |config| *config = (*peer_client(None, &VERSIONS)).clone(),
        "replaces the crypto provider or the whole configuration",
    ),
    (
        |config| {
            let provider = config.crypto_provider().clone();
            *config = ClientConfig::builder_with_provider(provider)
                .with_protocol_versions(&VERSIONS)
                .unwrap()
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Credulous))
                .with_client_cert_resolver(config.client_auth_cert_resolver.clone());
        },
        "replaces the server verifier",
    ),
    (
        |config| {
            let key = TestPki::get().local.certified_key();
            let key = rustls::sign::SingleCertAndKey::from((*key).clone());
            config.client_auth_cert_resolver = Arc::new(key);
        },
        "replaces the resolver of our certificate",
    ),
    (
        |config| config.resumption = Resumption::in_memory_sessions(8),
        "changes resumption",
    ),
    (
        |config| config.time_provider = Arc::new(FixedTime(NOW)),
        "replaces the clock",
    ),
    (
        |config| config.enable_early_data = true,
        "turns early data on",
    ),
    (
        |config| config.alpn_protocols = vec![vec![]],
        "the name of a protocol must have 1 to 255 bytes",
    ),
    (
        |config| config.max_fragment_size = Some(1),
        "rustls accepts fragments of 32 to 16389 bytes",
    ),
];

const OF_SERVERS: &[Change<ServerConfig>] = &[
    (
        |config| *config = (*peer_server(&TestPki::get().good, &VERSIONS)).clone(),
        "replaces the crypto provider or the whole configuration",
    ),
    (
        |config| {
            let key = TestPki::get().local.certified_key();
            let key = rustls::sign::SingleCertAndKey::from((*key).clone());
            config.cert_resolver = Arc::new(key);
        },
        "replaces the resolver of our certificate",
    ),
    (
        |config| config.session_storage = Arc::new(NoServerSessionStorage {}),
        "replaces the store of sessions",
    ),
    (
        |config| config.ticketer = Arc::new(Transparent),
        "issues tickets: sessions could be resumed",
    ),
    (
        |config| config.time_provider = Arc::new(FixedTime(NOW)),
        "replaces the clock",
    ),
    (
        |config| config.max_early_data_size = 1,
        "turns early data on",
    ),
    (
        |config| config.alpn_protocols = vec![vec![]],
        "the name of a protocol must have 1 to 255 bytes",
    ),
    (
        |config| config.max_fragment_size = Some(1),
        "rustls accepts fragments of 32 to 16389 bytes",
    ),
];

#[track_caller]
fn assert_refused<C>(
    amend: fn(EndpointBuilder, Function<C>) -> EndpointBuilder,
    changes: &'static [Change<C>],
    setter: &str,
) {
    for (change, reason) in changes {
        let error = amend(mutual(), Box::new(change)).build().unwrap_err();
        assert_is(&error, setter, reason);
        let is_armed = Arc::new(Mutex::new(false));
        let armed = is_armed.clone();
        let endpoint = amend(
            mutual(),
            Box::new(move |config| {
                if *armed.lock().unwrap() {
                    change(config);
                }
            }),
        );
        let endpoint = endpoint.build().unwrap();
        *is_armed.lock().unwrap() = true;
        let error = endpoint.reload().unwrap_err();
        assert_is(&error, setter, reason);
        assert_eq!(endpoint.generation(), 1);
    }
}

#[track_caller]
fn assert_is(error: &sip_tls::Error, setter: &str, reason: &str) {
    let text = error.to_string();
    let expected = format!("unusable value for `EndpointBuilder::{setter}`: ");
    assert!(
        text.starts_with(&expected) && text.contains(reason),
        "{text}"
    );
}

#[test]
fn what_breaks_a_promise_is_an_error_at_the_build_and_at_a_reload() {
    assert_refused(
        |builder, amend| builder.amend_client(amend),
        OF_CLIENTS,
        "amend_client",
    );
    assert_refused(
        |builder, amend| builder.amend_server(amend),
        OF_SERVERS,
        "amend_server",
    );
}

#[test]
fn a_check_of_the_configuration_tells_it_too() {
    let check = Check::new().options(options(&OPEN)).endpoint(|builder| {
        let builder = builder.time_provider(Arc::new(FixedTime(NOW)));
        builder.amend_client(|config| config.enable_early_data = true)
    });
    let checked = check.run();
    assert!(checked.endpoint().is_none());
    let mut errors = checked.findings().iter();
    let found = errors.any(|finding| finding.to_string().contains("turns early data on"));
    assert!(found, "{:?}", checked.findings());
}

/// The function keeps a copy of its configuration, which hides that it replaces the verifier.
#[test]
fn a_verifier_that_is_replaced_unnoticed_is_not_used() {
    let pki = TestPki::get();
    let seen = Observed::default();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeping = kept.clone();
    let endpoint = open()
        .observer(seen.observer())
        .amend_client(move |config| {
            keeping.lock().unwrap().push(config.clone());
            config
                .dangerous()
                .set_certificate_verifier(Arc::new(Credulous));
        });
    let endpoint = endpoint.build().unwrap();
    for version in VERSIONS {
        let server = peer_server(&pki.unknown, &[version]);
        assert!(!shake(&endpoint.client_config(), &server, HOST).succeeded());
        assert_eq!(seen.last().code(), VerifyCode::SelfSignedCertInChain);
        // The copies accept no server.
        let server = peer_server(&pki.good, &[version]);
        for copy in kept.lock().unwrap().iter() {
            assert!(!shake(&Arc::new(copy.clone()), &server, HOST).succeeded());
        }
        assert!(shake(&endpoint.client_config(), &server, HOST).succeeded());
    }
}

/// The other configuration has our crypto provider, and everything else of ours that can be compared.
#[test]
fn a_server_that_is_replaced_unnoticed_verifies_its_clients_with_our_versions_all_the_same() {
    let seen = Observed::default();
    let settings = [
        &OPEN[..],
        &[("tls-mutual", "1"), ("sec-protocol", "TLSv13")],
    ]
    .concat();
    let builder = builder(&settings).observer(seen.observer());
    let endpoint = builder.amend_server(|config| {
        let provider = config.crypto_provider().clone();
        let mut other = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&VERSIONS[1..])
            .unwrap()
            .with_client_cert_verifier(WebPkiClientVerifier::no_client_auth())
            .with_cert_resolver(config.cert_resolver.clone());
        other.session_storage = config.session_storage.clone();
        other.ticketer = config.ticketer.clone();
        other.time_provider = config.time_provider.clone();
        *config = other;
    });
    let server = endpoint.build().unwrap().server_config().unwrap();
    let client = peer_client(Some(&TestPki::get().unknown), &VERSIONS);
    assert!(!shake(&client, &server, HOST).succeeded());
    assert_eq!(seen.last().code(), VerifyCode::SelfSignedCertInChain);
    assert!(!shake(&peer_client(None, &VERSIONS), &server, HOST).succeeded());
}
