//! Measures building an endpoint from options, and connecting with it in memory.

mod pki;

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use sip_tls::Endpoint;
use sip_tls::options::{Source, TlsOptions, TlsOptionsBuilder};

use self::pki::{HOST, Pki};

fn building(criterion: &mut Criterion) {
    let pki = Pki::new();
    let mut group = criterion.benchmark_group("endpoint/build");
    for count in [1, 150] {
        let cas = pki.write_cas("cas.pem", count);
        let options = options(&pki).trusted_ca(Source::path(cas)).build().unwrap();
        group.bench_function(format!("{count}_cas"), |bencher| {
            bencher.iter(|| Endpoint::builder(options.clone()).build().unwrap());
        });
    }
}

fn handshakes(criterion: &mut Criterion) {
    let pki = Pki::new();
    let mut group = criterion.benchmark_group("endpoint/handshake");
    let protocols = [("tls12", "TLSv12"), ("tls13", "TLSv13")];
    let verdicts = [("", 0), ("_again", 16)];
    for (name, protocol) in protocols {
        for (suffix, kept) in verdicts {
            let options = options(&pki)
                .trusted_ca(Source::path(pki.path("root.pem")))
                .set("sec-protocol", protocol)
                .build();
            let endpoint = Endpoint::builder(options.unwrap()).kept_verdicts(kept);
            let endpoint = endpoint.build().unwrap();
            let (client, server) = (endpoint.client_config(), endpoint.server_config().unwrap());
            group.bench_function(format!("{name}{suffix}"), |bencher| {
                bencher.iter(|| shake(&client, &server));
            });
        }
    }
}

/// Mutual TLS with the name check.
fn options(pki: &Pki) -> TlsOptionsBuilder {
    TlsOptions::builder()
        .certificate(Source::path(pki.path("chain.pem")))
        .certificate_key(Source::path(pki.path("key.pem")))
        .set("tls-mutual", "1")
        .set("tls-target-name-check", "host")
}

fn shake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) {
    let host = ServerName::try_from(HOST).unwrap();
    let mut client = ClientConnection::new(client.clone(), host).unwrap();
    let mut server = ServerConnection::new(server.clone()).unwrap();
    let mut sent = Vec::new();
    while client.is_handshaking() || server.is_handshaking() {
        while client.wants_write() {
            client.write_tls(&mut sent).unwrap();
        }
        read(&mut sent, |bytes| server.read_tls(bytes));
        server.process_new_packets().unwrap();
        while server.wants_write() {
            server.write_tls(&mut sent).unwrap();
        }
        read(&mut sent, |bytes| client.read_tls(bytes));
        client.process_new_packets().unwrap();
    }
}

fn read(sent: &mut Vec<u8>, mut read: impl FnMut(&mut &[u8]) -> std::io::Result<usize>) {
    let mut bytes = &sent[..];
    while !bytes.is_empty() {
        read(&mut bytes).unwrap();
    }
    sent.clear();
}

criterion_group!(endpoint, building, handshakes);
criterion_main!(endpoint);
