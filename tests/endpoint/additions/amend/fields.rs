//! The fields that amending functions may change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustls::KeyLog;
use rustls::client::TicketRequest;
use rustls::compress::CompressionCache;
use sip_tls::Endpoint;

use super::{Transparent, open};

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

/// The number of fields whose printed value differs.
fn changed(before: &str, after: &str) -> usize {
    let after = fields(after);
    let same = |(name, value): &(&str, String)| after[name] == *value;
    let all = fields(before).into_iter();
    all.filter(|field| !same(field)).count()
}

/// The printed value of each field.
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

/// A new field of rustls fails this test, until it is taken over, refused or left as it is.
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
