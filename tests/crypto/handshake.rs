//! Handshakes between our client and our server, in memory.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, KeyExchangeAlgorithm, SecureRandom,
    SupportedKxGroup,
};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::server::{Accepted, Acceptor};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, Connection, NamedGroup, ProtocolVersion, ServerConfig,
    ServerConnection, SupportedCipherSuite,
};
use sip_tls::crypto::{client_provider, server_provider, with_suites};

use super::{bases, every_suite, testdata};

#[test]
fn every_suite_carries_records_of_every_size_both_ways() {
    for (base, provider) in bases() {
        let provider = every_suite(&provider);
        let expected = if cfg!(feature = "cbc") { 22 + 12 } else { 22 };
        assert_eq!(provider.cipher_suites.len(), expected, "{base}");
        for suite in &provider.cipher_suites {
            let number = u16::from(suite.suite());
            let (mut client, mut server) = connect_in(&provider, suite);
            assert_eq!(
                client.negotiated_cipher_suite(),
                Some(*suite),
                "{base} {number:#x}"
            );
            for size in [1, 15, 16, 17, 500, 16383, 16384, 16385, 200_001] {
                exchange(&mut client, &mut server, size);
                if suite.tls13().is_some() {
                    client.refresh_traffic_keys().unwrap();
                    server.refresh_traffic_keys().unwrap();
                }
            }
        }
    }
}

#[test]
fn records_are_written_without_random_numbers() {
    for (base, provider) in bases() {
        let random = Box::leak(Box::new(Failing {
            source: provider.secure_random,
            fails: AtomicBool::new(false),
        }));
        let provider = every_suite(&CryptoProvider {
            secure_random: random,
            ..provider
        });
        for suite in &provider.cipher_suites {
            random.fails.store(false, Ordering::Relaxed);
            let (mut client, mut server) = connect_in(&provider, suite);
            random.fails.store(true, Ordering::Relaxed);
            let mut byte = [0];
            assert!(random.fill(&mut byte).is_err(), "{base}");
            exchange(&mut client, &mut server, 100_000);
        }
    }
}

/// A source of random numbers that can be made to fail.
#[derive(Debug)]
struct Failing {
    source: &'static dyn SecureRandom,
    fails: AtomicBool,
}

impl SecureRandom for Failing {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(GetRandomFailed);
        }
        self.source.fill(bytes)
    }
}

#[test]
fn every_group_agrees_on_a_key() {
    for (base, provider) in bases() {
        let provider = client_provider(&provider);
        for group in &provider.kx_groups {
            let is_dhe = group.name().key_exchange_algorithm() == KeyExchangeAlgorithm::DHE;
            for version in [&TLS12, &TLS13] {
                // In TLS 1.2, a server may choose a Diffie-Hellman group without a number.
                let by_prime = is_dhe && version == &TLS12;
                if !by_prime && !group.usable_for_version(version.version) {
                    continue;
                }
                let suite = match (version == &TLS13, is_dhe) {
                    (true, _) => 0x1301,
                    (false, true) => 0x009e,
                    (false, false) => 0xc02f,
                };
                let mut chosen = with_suites(&provider, [suite]);
                chosen.kx_groups = vec![*group];
                let server = testdata::server(chosen.clone(), version, "rsa2048");
                if !group.usable_for_version(version.version) {
                    // A ClientHello has to name at least one group.
                    chosen.kx_groups.insert(0, provider.kx_groups[0]);
                }
                let client = testdata::client(chosen, &[version]);
                let (mut client, mut server) = connect(client, server);
                exchange(&mut client, &mut server, 1000);
                let agreed = client.negotiated_key_exchange_group().unwrap().name();
                assert_eq!(agreed, group.name(), "{base} {version:?}");
            }
        }
    }
}

#[test]
fn every_kind_of_key_signs_in_both_versions() {
    for (base, provider) in bases() {
        for (name, versions) in testdata::KEYS {
            for version in versions {
                let server = testdata::server(server_provider(&provider), version, name);
                let client = testdata::client(client_provider(&provider), &[version]);
                let (mut client, mut server) = connect(client, server);
                exchange(&mut client, &mut server, 1000);
                assert_eq!(
                    client.peer_certificates().unwrap().len(),
                    1,
                    "{base} {name}"
                );
            }
        }
    }
}

#[test]
fn a_server_takes_no_dhe() {
    for (base, provider) in bases() {
        let only_dhe = with_suites(&client_provider(&provider), [0x009f, 0x009e]);
        let server = testdata::server(server_provider(&provider), &TLS12, "rsa2048");
        let client = testdata::client(only_dhe, &[&TLS12]);
        let (mut client, mut server) = start(client, server);
        let error = shake_hands(&mut client, &mut server).unwrap_err();
        let expected = [
            rustls::PeerIncompatible::NoCipherSuitesInCommon,
            rustls::PeerIncompatible::NoKxGroupsInCommon,
        ];
        assert!(
            expected.map(rustls::Error::from).contains(&error),
            "{base}: {error}"
        );
    }
}

/// Our numbers for the groups of RFC 3526 are for private use, and are never sent.
#[test]
fn groups_without_a_number_are_never_offered() {
    for (base, provider) in bases() {
        let provider = client_provider(&provider);
        for suites in [&[0xc02f, 0x009e][..], &[0x009e], &[0xc02f, 0x1301]] {
            let chosen = with_suites(&provider, suites.iter().copied());
            let client = testdata::client(chosen, &[&TLS12]);
            let accepted = accepted(client);
            let hello = accepted.client_hello();
            let numbers = hello.named_groups().unwrap().iter();
            let private = numbers.map(|group| u16::from(*group)).filter(is_private);
            assert_eq!(private.count(), 0, "{base}");
        }
        let names = provider.kx_groups.iter().map(|group| group.name());
        assert!(
            names.clone().any(|name| name == NamedGroup::secp521r1),
            "{base}"
        );
        assert_eq!(names.map(u16::from).filter(is_private).count(), 4, "{base}");
    }
}

#[test]
fn a_server_takes_groups_without_a_number_from_nobody() {
    for (base, provider) in bases() {
        let provider = with_suites(&client_provider(&provider), [0x009e, 0x009f]);
        for group in &provider.kx_groups {
            let number = u16::from(group.name());
            if !is_private(&number) {
                continue;
            }
            // Another client may mean another group by the same number.
            let mut theirs = provider.clone();
            theirs.kx_groups = vec![Box::leak(Box::new(Named(*group, true)))];
            let server = testdata::server(provider.clone(), &TLS12, "rsa2048");
            let client = testdata::client(theirs, &[&TLS12]);
            let (mut client, mut server) = start(client, server);
            let error = shake_hands(&mut client, &mut server).unwrap_err();
            let expected = rustls::PeerIncompatible::NoKxGroupsInCommon;
            assert_eq!(error, rustls::Error::from(expected), "{base} {number:#x}");
        }
    }
}

/// A server that has to choose a group by itself takes one of RFC 7919.
#[test]
fn a_server_of_a_client_that_names_no_dhe_group_takes_one_with_a_number() {
    for (base, provider) in bases() {
        let provider = client_provider(&provider);
        let ours = with_suites(&provider, [0x009e]);
        let mut theirs = ours.clone();
        // The client recognises the group that the server chooses by its prime.
        for group in &mut theirs.kx_groups {
            if group.name().key_exchange_algorithm() == KeyExchangeAlgorithm::DHE {
                *group = Box::leak(Box::new(Named(*group, false)));
            }
        }
        let server = testdata::server(ours, &TLS12, "rsa2048");
        let client = testdata::client(theirs, &[&TLS12]);
        let (client, _) = connect(client, server);
        let chosen = client.negotiated_key_exchange_group().unwrap().name();
        assert_eq!(chosen, NamedGroup::FFDHE2048, "{base}");
    }
}

fn is_private(number: &u16) -> bool {
    (0x01fc..=0x01ff).contains(number)
}

/// A group, and whether a client sends its number.
#[derive(Debug)]
struct Named(&'static dyn SupportedKxGroup, bool);

impl SupportedKxGroup for Named {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        self.0.start()
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn name(&self) -> NamedGroup {
        self.0.name()
    }

    fn usable_for_version(&self, _: ProtocolVersion) -> bool {
        self.1
    }
}

#[test]
fn providers_are_made_once_for_each_base() {
    for (base, provider) in bases() {
        let (first, second) = (client_provider(&provider), client_provider(&provider));
        for (a, b) in first.kx_groups.iter().zip(&second.kx_groups) {
            assert!(std::ptr::eq(*a, *b), "{base}");
        }
    }
}

/// The name of a key that can be used with the suite.
pub(super) fn key_for(suite: &SupportedCipherSuite) -> &'static str {
    match suite.usable_for_signature_algorithm(rustls::SignatureAlgorithm::RSA) {
        true => "rsa2048",
        false => "p256",
    }
}

/// Connects a client and a server that have only this suite.
fn connect_in(provider: &CryptoProvider, suite: &SupportedCipherSuite) -> (Connection, Connection) {
    let chosen = with_suites(provider, [suite.suite().into()]);
    let server = testdata::server(chosen.clone(), suite.version(), key_for(suite));
    let client = testdata::client(chosen, &[suite.version()]);
    connect(client, server)
}

pub(super) fn connect(
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
) -> (Connection, Connection) {
    let (mut client, mut server) = start(client, server);
    shake_hands(&mut client, &mut server).unwrap();
    (client, server)
}

fn start(client: Arc<ClientConfig>, server: Arc<ServerConfig>) -> (Connection, Connection) {
    let name = "localhost".try_into().unwrap();
    let client = ClientConnection::new(client, name).unwrap();
    let server = ServerConnection::new(server).unwrap();
    (client.into(), server.into())
}

/// Returns what a server reads from a client's ClientHello before it answers.
fn accepted(client: Arc<ClientConfig>) -> Accepted {
    let name = "localhost".try_into().unwrap();
    let mut client = ClientConnection::new(client, name).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    let mut acceptor = Acceptor::default();
    acceptor.read_tls(&mut &bytes[..]).unwrap();
    acceptor.accept().unwrap().expect("a whole ClientHello")
}

fn shake_hands(client: &mut Connection, server: &mut Connection) -> Result<(), rustls::Error> {
    // No handshake has more flights.
    for _ in 0..20 {
        if !client.is_handshaking() && !server.is_handshaking() {
            return Ok(());
        }
        transfer(client, server)?;
        transfer(server, client)?;
    }
    panic!("the handshake does not end")
}

pub(super) fn transfer(from: &mut Connection, to: &mut Connection) -> Result<(), rustls::Error> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire).unwrap();
    }
    let mut wire = wire.as_slice();
    while !wire.is_empty() {
        to.read_tls(&mut wire).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}

fn exchange(client: &mut Connection, server: &mut Connection, size: usize) {
    send(client, server, size);
    send(server, client, size);
}

fn send(from: &mut Connection, to: &mut Connection, size: usize) {
    let message: Vec<u8> = (0..size).map(|at| (at * 7 + at / 251) as u8).collect();
    let mut received = Vec::new();
    for part in message.chunks(16384) {
        from.writer().write_all(part).unwrap();
        transfer(from, to).unwrap();
        let mut buffer = vec![0; part.len()];
        to.reader().read_exact(&mut buffer).unwrap();
        received.extend(buffer);
    }
    assert!(received == message, "{size} bytes");
}
