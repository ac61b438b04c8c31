//! Functions of the caller's that change the configurations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::client::{Resumption, TicketRequest};
use rustls::compress::CompressionCache;
use rustls::server::{NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier};
use rustls::{ClientConfig, HandshakeKind, KeyLog, ServerConfig};
use sip_tls::check::Check;
use sip_tls::verify::VerifyCode;
use sip_tls::{Endpoint, EndpointBuilder};

use crate::endpoint::in_memory::{
    Credulous, FixedTime, Observed, VERSIONS, peer_client, peer_server, shake,
};
use crate::endpoint::settings::{builder, options};
use crate::endpoint::test_pki::{HOST, NOW, TestPki};

const OPEN: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
];

fn open() -> EndpointBuilder {
    builder(&OPEN)
}

fn mutual() -> EndpointBuilder {
    builder(&[&OPEN[..], &[("tls-mutual", "1")]].concat())
}

#[test]
fn what_a_client_is_changed_to_counts_in_its_handshakes_also_after_a_reload() {
    let endpoint = open().amend_client(|config| config.enable_sni = false);
    let endpoint = endpoint.build().unwrap();
    for _ in 0..2 {
        for version in VERSIONS {
            let server = peer_server(&TestPki::get().good, &[version]);
            let ends = shake(&endpoint.client_config(), &server, HOST);
            assert!(ends.succeeded());
            assert_eq!(ends.server.connection.server_name(), None, "{version:?}");
            let plain = open().build().unwrap().client_config();
            let ends = shake(&plain, &server, HOST);
            assert_eq!(ends.server.connection.server_name(), Some(HOST));
        }
        endpoint.reload().unwrap();
    }
}

#[test]
fn what_a_server_is_changed_to_counts_in_its_handshakes_also_after_a_reload() {
    for builder in [open(), mutual()] {
        let alpn = |config: &mut ServerConfig| config.alpn_protocols = vec![b"sip/2".to_vec()];
        let endpoint = builder.amend_server(alpn).build().unwrap();
        for _ in 0..2 {
            for version in VERSIONS {
                let mut client = (*peer_client(Some(&TestPki::get().good), &[version])).clone();
                client.alpn_protocols = vec![b"http/1.1".to_vec(), b"sip/2".to_vec()];
                let server = endpoint.server_config().unwrap();
                let ends = shake(&Arc::new(client), &server, HOST);
                assert!(ends.succeeded());
                let agreed = ends.client.connection.alpn_protocol();
                assert_eq!(agreed, Some(&b"sip/2"[..]), "{version:?}");
            }
            endpoint.reload().unwrap();
        }
    }
}

#[test]
fn the_functions_run_at_each_reload_and_what_was_handed_out_before_stays() {
    let name = Arc::new(Mutex::new("first"));
    let runs = Arc::new(AtomicUsize::new(0));
    let (client_name, server_name) = (name.clone(), name.clone());
    let (client_runs, server_runs) = (runs.clone(), runs.clone());
    let endpoint = open()
        .amend_client(move |config| {
            client_runs.fetch_add(1, Ordering::SeqCst);
            config.alpn_protocols = vec![client_name.lock().unwrap().as_bytes().to_vec()];
        })
        .amend_server(move |config| {
            server_runs.fetch_add(1, Ordering::SeqCst);
            config.alpn_protocols = vec![server_name.lock().unwrap().as_bytes().to_vec()];
        });
    let endpoint = endpoint.build().unwrap();
    // With DHE and without, and the server.
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    let before = (endpoint.client_config(), endpoint.server_config().unwrap());
    *name.lock().unwrap() = "second";
    endpoint.reload().unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    assert_eq!(before.0.alpn_protocols, [b"first"]);
    assert_eq!(before.1.alpn_protocols, [b"first"]);
    assert_eq!(endpoint.client_config().alpn_protocols, [b"second"]);
    let server = endpoint.server_config().unwrap();
    assert_eq!(server.alpn_protocols, [b"second"]);
    assert!(shake(&endpoint.client_config(), &server, HOST).succeeded());
}

#[test]
fn without_functions_a_reload_hands_out_what_it_did_before() {
    let endpoint = open().build().unwrap();
    let before = (endpoint.client_config(), endpoint.server_config().unwrap());
    endpoint.reload().unwrap();
    assert!(Arc::ptr_eq(&before.0, &endpoint.client_config()));
    assert!(Arc::ptr_eq(&before.1, &endpoint.server_config().unwrap()));
}

type Change<C> = (fn(&mut C), &'static str);
type Function<C> = Box<dyn Fn(&mut C) + Send + Sync>;

const OF_CLIENTS: &[Change<ClientConfig>] = &[
    (
        |config| {
            config
                .dangerous()
                .set_certificate_verifier(Arc::new(Credulous))
        },
        "replaces the verifier of servers, which only `Danger::replace_server_verifier` may do",
    ),
    (
        |config| *config = (*peer_client(None, &VERSIONS)).clone(),
        "replaces the crypto provider or all of the configuration",
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
        "replaces the verifier of servers",
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
        "the name of a protocol has 1 to 255 bytes",
    ),
    (
        |config| config.max_fragment_size = Some(1),
        "rustls takes fragments of 32 to 16389 bytes",
    ),
];

const OF_SERVERS: &[Change<ServerConfig>] = &[
    (
        |config| *config = (*peer_server(&TestPki::get().good, &VERSIONS)).clone(),
        "replaces the crypto provider or all of the configuration",
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
        "makes tickets, by which sessions would outlive",
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
        "the name of a protocol has 1 to 255 bytes",
    ),
    (
        |config| config.max_fragment_size = Some(1),
        "rustls takes fragments of 32 to 16389 bytes",
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

/// A function that keeps a copy of what it was given, so that nobody can tell that it put something else in its place.
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
        // The copies believe nobody.
        let server = peer_server(&pki.good, &[version]);
        for copy in kept.lock().unwrap().iter() {
            assert!(!shake(&Arc::new(copy.clone()), &server, HOST).succeeded());
        }
        assert!(shake(&endpoint.client_config(), &server, HOST).succeeded());
    }
}

/// It has the crypto provider and all that can be compared of ours.
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

/// The tickets of a server that asks for no certificate outlive nothing.
#[test]
fn a_server_without_mutual_tls_may_make_tickets() {
    let endpoint = open().tls13_tickets(1).amend_server(|config| {
        config.ticketer = Arc::new(Transparent);
    });
    let server = endpoint.build().unwrap().server_config().unwrap();
    for version in VERSIONS {
        let client = peer_client(None, &[version]);
        let kinds = [(); 2].map(|()| {
            shake(&client, &server, HOST)
                .client
                .connection
                .handshake_kind()
        });
        let expected = [HandshakeKind::Full, HandshakeKind::Resumed];
        assert_eq!(kinds, expected.map(Some), "{version:?}");
    }
}

#[test]
fn with_mutual_tls_a_configuration_that_is_handed_out_sends_no_tickets_whatever_it_is_changed_to() {
    let ask = |config: &mut ServerConfig| {
        config.send_tls13_tickets = 2;
        config.max_tls13_tickets = 2;
    };
    let sent = |builder: EndpointBuilder| {
        let server = builder.amend_server(ask).build().unwrap().server_config();
        let server = server.unwrap();
        (server.send_tls13_tickets, server.max_tls13_tickets)
    };
    assert_eq!(sent(open()), (2, 2));
    assert_eq!(sent(mutual()), (0, 0));
}

#[test]
fn all_that_may_change_is_taken_over() {
    let endpoint = open()
        .amend_client(|config| {
            config.alpn_protocols = vec![b"sip/2".to_vec()];
            config.cert_compression_cache = Arc::new(CompressionCache::Disabled);
            config.check_selected_alpn = false;
            config.enable_secret_extraction = true;
            config.enable_sni = false;
            config.key_log = Arc::new(Log);
            config.max_fragment_size = Some(512);
            config.require_ems = true;
            config.send_ticket_request = Some(TicketRequest {
                new_session_count: 7,
                resumption_count: 1,
            });
        })
        .amend_server(|config| {
            config.alpn_protocols = vec![b"sip/2".to_vec()];
            config.cert_compression_cache = Arc::new(CompressionCache::Disabled);
            config.enable_secret_extraction = true;
            config.ignore_client_order = true;
            config.key_log = Arc::new(Log);
            config.max_fragment_size = Some(512);
            config.max_tls13_tickets = 7;
            config.require_ems = true;
            config.send_half_rtt_data = true;
            config.send_tls13_tickets = 7;
            config.ticketer = Arc::new(Transparent);
        })
        .build()
        .unwrap();
    let plain = open().build().unwrap();
    let (before, after) = (plain.client_config(), endpoint.client_config());
    let [before, after] = [&before, &after].map(|config| format!("{config:#?}"));
    assert_eq!(changed(&before, &after), 9, "{after}");
    let (before, after) = (plain.server_config(), endpoint.server_config());
    let [before, after] = [before, after].map(|config| format!("{:#?}", config.unwrap()));
    assert_eq!(changed(&before, &after), 11, "{after}");
}

/// How many fields are printed otherwise than before.
fn changed(before: &str, after: &str) -> usize {
    let after = fields(after);
    let same = |(name, value): &(&str, String)| after[name] == *value;
    let all = fields(before).into_iter();
    all.filter(|field| !same(field)).count()
}

/// What is printed of each field.
fn fields(printed: &str) -> BTreeMap<&str, String> {
    let mut fields = BTreeMap::new();
    let mut last = "";
    for line in printed.lines().filter_map(|line| line.strip_prefix("    ")) {
        match line.split_once(':') {
            Some((name, value)) if !name.starts_with(' ') => {
                last = name;
                fields.insert(name, value.to_owned());
            }
            _ => fields.entry(last).or_default().push_str(line),
        }
    }
    fields
}

#[derive(Debug)]
struct Log;

impl KeyLog for Log {
    fn log(&self, _: &str, _: &[u8], _: &[u8]) {}
}

/// Every field was decided on: a new one of rustls is to be taken over, refused or left as it is.
#[test]
fn the_fields_of_configurations_are_those_that_were_decided_on() {
    let endpoint: Endpoint = open().build().unwrap();
    let client = format!("{:#?}", endpoint.client_config());
    let taken_over = [
        "alpn_protocols",
        "cert_compression_cache",
        "cert_compressors",
        "cert_decompressors",
        "check_selected_alpn",
        "enable_secret_extraction",
        "enable_sni",
        "key_log",
        "max_fragment_size",
        "require_ems",
        "send_ticket_request",
    ];
    let ours = [
        "client_auth_cert_resolver",
        "enable_early_data",
        "resumption",
        "time_provider",
    ];
    let private = ["ech_mode", "provider", "verifier", "versions"];
    assert_fields(&client, &[&taken_over, &ours, &private]);

    let server = format!("{:#?}", endpoint.server_config().unwrap());
    let taken_over = [
        "alpn_protocols",
        "cert_compression_cache",
        "cert_compressors",
        "cert_decompressors",
        "enable_secret_extraction",
        "ignore_client_order",
        "key_log",
        "max_fragment_size",
        "max_tls13_tickets",
        "require_ems",
        "send_half_rtt_data",
        "send_tls13_tickets",
        "ticketer",
    ];
    let ours = [
        "cert_resolver",
        "max_early_data_size",
        "session_storage",
        "time_provider",
    ];
    let private = ["provider", "verifier", "versions"];
    assert_fields(&server, &[&taken_over, &ours, &private]);
}

#[track_caller]
fn assert_fields(printed: &str, expected: &[&[&str]]) {
    let expected: BTreeSet<_> = expected.iter().copied().flatten().copied().collect();
    let found: BTreeSet<_> = fields(printed).into_keys().collect();
    assert_eq!(found, expected);
}

/// Tickets that everybody can read.
#[derive(Debug)]
struct Transparent;

impl ProducesTickets for Transparent {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        3600
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        Some(plain.to_vec())
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        Some(cipher.to_vec())
    }
}
