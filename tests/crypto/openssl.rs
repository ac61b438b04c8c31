//! Tests with the program `openssl` as server and as client. They run if it is installed. In CI (`CI` is set) it is a
//! failure if it is missing.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;

use rustls::crypto::{CryptoProvider, KeyExchangeAlgorithm};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConnection, NamedGroup, PeerMisbehaved, ServerConfig, ServerConnection, StreamOwned,
    SupportedCipherSuite, SupportedProtocolVersion,
};
use sip_tls::crypto::{client_provider, server_provider, with_suites};

use super::{bases, every_suite, testdata};
use crate::blocking;
use crate::child::{self, Running};

#[test]
fn our_client_talks_to_s_server_in_every_suite() {
    let Some(server) = Server::start(&[&TWO_KEYS[..], &ALL_SUITES].concat()) else {
        return;
    };
    for (base, provider) in bases() {
        let provider = every_suite(&provider);
        for suite in &provider.cipher_suites {
            let chosen = with_suites(&provider, [suite.suite().into()]);
            let mut stream = server.connect(chosen, suite.version()).unwrap();
            for size in [1, 2, 15, 16, 17, 500, 4000, 16000] {
                assert_reversed(&mut stream, size);
                // Only once, because s_server then sleeps for a second.
                if suite.tls13().is_some() && size == 17 {
                    stream.conn.refresh_traffic_keys().unwrap();
                }
            }
            for _ in 0..13 {
                assert_reversed(&mut stream, 15_999); // 200 kB in all
            }
            assert_eq!(
                stream.conn.negotiated_cipher_suite(),
                Some(*suite),
                "{base}"
            );
        }
    }
}

#[test]
fn s_client_talks_to_our_server_in_every_suite() {
    if !child::is_found("openssl") {
        return;
    }
    for (base, provider) in bases() {
        let servers = CryptoProvider {
            cipher_suites: every_suite(&provider).cipher_suites,
            ..server_provider(&provider)
        };
        for suite in &servers.cipher_suites {
            let provider = with_suites(&servers, [suite.suite().into()]);
            if provider.cipher_suites.is_empty() {
                continue; // no group for DHE
            }
            let config = testdata::server(provider, suite.version(), key(suite));
            let number = u16::from(suite.suite());
            let name = NAMES.iter().find(|(known, _)| *known == number).unwrap().1;
            let option = if suite.tls13().is_some() {
                "-ciphersuites"
            } else {
                "-cipher"
            };
            let echoed = s_client(config, &[option, name], 200_000);
            assert_eq!(echoed, Some(*suite), "{base} {name}");
        }
    }
}

#[test]
fn dhe_agrees_with_the_groups_that_openssl_picks_or_is_given() {
    if !child::is_found("openssl") {
        return;
    }
    let cases = [
        (None, 0x01fc),
        (Some("ffdhe2048"), 0x0100),
        (Some("ffdhe3072"), 0x0101),
        (Some("ffdhe4096"), 0x0102),
        (Some("modp_4096"), 0x01fe),
    ];
    for (group, expected) in cases {
        let file = group.map(Parameters::named);
        let path = file.as_ref().map(|file| file.0.to_str().unwrap());
        let mut arguments = [&TWO_KEYS[..], &ALL_SUITES].concat();
        arguments.extend(path.iter().flat_map(|path| ["-dhparam", path]));
        let server = Server::start(&arguments).unwrap();
        for (base, provider) in bases() {
            let chosen = with_suites(&client_provider(&provider), [0x009e]);
            let mut stream = server.connect(chosen, &TLS12).unwrap();
            assert_reversed(&mut stream, 1000);
            let agreed = stream.conn.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(u16::from(agreed), expected, "{base} {group:?}");
        }
    }
}

#[test]
fn a_group_of_the_servers_own_making_is_unknown() {
    if !child::is_found("openssl") {
        return;
    }
    let arguments = [&TWO_KEYS[..], &ALL_SUITES, &["-dhparam", "dh-own.pem"]].concat();
    let server = Server::start(&arguments).unwrap();
    for (base, provider) in bases() {
        let chosen = with_suites(&client_provider(&provider), [0x009e]);
        let mut stream = server.start_connection(chosen, &TLS12);
        let error = stream.conn.complete_io(&mut stream.sock).unwrap_err();
        let error = error.downcast::<rustls::Error>().unwrap();
        let expected = PeerMisbehaved::SelectedUnofferedKxGroup;
        assert_eq!(error, expected.into(), "{base}");
    }
}

#[test]
fn every_group_agrees_with_openssl_in_tls_1_3() {
    for (name, group) in [
        ("X25519", NamedGroup::X25519),
        ("P-256", NamedGroup::secp256r1),
        ("P-384", NamedGroup::secp384r1),
        ("P-521", NamedGroup::secp521r1),
        ("ffdhe2048", NamedGroup::FFDHE2048),
        ("ffdhe3072", NamedGroup::FFDHE3072),
    ] {
        let arguments = [&TWO_KEYS[..], &ALL_SUITES, &["-groups", name]].concat();
        let Some(server) = Server::start(&arguments) else {
            return;
        };
        for (base, provider) in bases() {
            let mut stream = server.connect(client_provider(&provider), &TLS13).unwrap();
            assert_reversed(&mut stream, 1000);
            let agreed = stream.conn.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(agreed, group, "{base}");

            let is_dhe = group.key_exchange_algorithm() == KeyExchangeAlgorithm::DHE;
            let config = testdata::server(server_provider(&provider), &TLS13, "p256");
            let echoed = s_client(config, &["-groups", name], 1000);
            assert_eq!(
                echoed.is_none(),
                is_dhe,
                "{base} {name}: a server takes no DHE"
            );
        }
    }
}

#[test]
fn every_kind_of_key_is_understood_on_both_sides() {
    for (name, versions) in testdata::KEYS {
        let (certificate, key) = (
            testdata::path(&format!("{name}.crt")),
            format!("{name}.key"),
        );
        let key = testdata::path(&key);
        let arguments = [
            "-cert",
            certificate.to_str().unwrap(),
            "-key",
            key.to_str().unwrap(),
        ];
        let Some(server) = Server::start(&arguments) else {
            return;
        };
        for (base, provider) in bases() {
            for version in versions {
                let mut stream = server.connect(client_provider(&provider), version).unwrap();
                assert_reversed(&mut stream, 1000);
                let config = testdata::server(server_provider(&provider), version, name);
                assert!(
                    s_client(config, &[], 1000).is_some(),
                    "{base} {name} {version:?}"
                );
            }
        }
    }
}

#[test]
fn s_client_takes_the_hash_of_a_restricted_rsa_pss_key() {
    if !child::is_found("openssl") {
        return;
    }
    for (base, provider) in bases() {
        let config = testdata::server(server_provider(&provider), &TLS13, "rsapss.sha256");
        assert!(s_client(config, &[], 1000).is_some(), "{base}");
    }
}

fn key(suite: &SupportedCipherSuite) -> &'static str {
    if suite.usable_for_signature_algorithm(rustls::SignatureAlgorithm::RSA) {
        "rsa2048"
    } else {
        "p256"
    }
}

/// An `openssl s_server` that sends each line back reversed.
struct Server {
    _program: Running,
    address: SocketAddr,
}

impl Server {
    fn start(arguments: &[&str]) -> Option<Self> {
        if !child::is_found("openssl") {
            return None;
        }
        let mut command = child::command("openssl");
        command
            .args(["s_server", "-accept", "127.0.0.1:0", "-rev"])
            .args(arguments)
            .current_dir(testdata::path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let program = Running::start(&mut command);
        let line = program.stdout.find("ACCEPT ");
        let address = line.trim_start_matches("ACCEPT ").trim_end();
        Some(Self {
            address: address.parse().unwrap(),
            _program: program,
        })
    }

    fn connect(
        &self,
        provider: CryptoProvider,
        version: &'static SupportedProtocolVersion,
    ) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut stream = self.start_connection(provider, version);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    fn start_connection(
        &self,
        provider: CryptoProvider,
        version: &'static SupportedProtocolVersion,
    ) -> StreamOwned<ClientConnection, TcpStream> {
        let config = testdata::client(provider, &[version]);
        let connection = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
        let socket = blocking::connect(self.address);
        socket.set_nodelay(true).unwrap();
        StreamOwned::new(connection, socket)
    }
}

fn assert_reversed(stream: &mut (impl Read + Write), size: usize) {
    let line: Vec<u8> = (0..size).map(|at| b'a' + (at % 23) as u8).collect();
    stream.write_all(&[&line[..], b"\n"].concat()).unwrap();
    let mut answer = vec![0; size + 1];
    stream.read_exact(&mut answer).unwrap();
    let expected: Vec<u8> = line.into_iter().rev().chain([b'\n']).collect();
    assert!(answer == expected, "{size} bytes");
}

/// Runs `openssl s_client` against an echo server of ours. Returns the suite if the client got all the data back.
fn s_client(
    config: Arc<ServerConfig>,
    arguments: &[&str],
    size: usize,
) -> Option<SupportedCipherSuite> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || echo(config, &listener, size));
    let mut command = child::command("openssl");
    command
        .args(["s_client", "-connect", &address, "-quiet", "-nocommands"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut program = Running::start(&mut command);
    // One line.
    let letters = (1..size).map(|at| char::from(b'a' + (at % 23) as u8));
    let message: String = letters.chain(['\n']).collect();
    let mut input = program.stdin();
    let sent = message.clone();
    let writer = thread::spawn(move || input.write_all(sent.as_bytes()).map(|()| input));
    let echoed = program.stdout.next_line();
    drop(program);
    let _ = writer.join();
    let suite = server.join().unwrap().ok();
    suite.filter(|_| echoed == Some(message))
}

fn echo(
    config: Arc<ServerConfig>,
    listener: &TcpListener,
    size: usize,
) -> io::Result<SupportedCipherSuite> {
    let socket = blocking::accept(listener);
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
    let (mut done, mut buffer) = (0, [0; 5000]);
    while done < size {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        stream.write_all(&buffer[..read])?;
        stream.flush()?;
        done += read;
    }
    let suite = stream.conn.negotiated_cipher_suite().unwrap();
    // s_client closes the connection once it has the answer.
    let _ = stream.read(&mut buffer);
    Ok(suite)
}

/// A file of Diffie-Hellman parameters.
struct Parameters(PathBuf);

impl Parameters {
    fn named(group: &str) -> Self {
        let file = format!("sip-tls-{}-{group}.pem", std::process::id());
        let path = std::env::temp_dir().join(file);
        let mut command = child::command("openssl");
        command
            .args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt"])
            .args([&format!("group:{group}"), "-out"])
            .arg(&path);
        let output = child::output(&mut command);
        assert!(output.status.success(), "{output:?}");
        Self(path)
    }
}

impl Drop for Parameters {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const TWO_KEYS: [&str; 8] = [
    "-cert",
    "rsa2048.crt",
    "-key",
    "rsa2048.key",
    "-dcert",
    "p256.crt",
    "-dkey",
    "p256.key",
];

const ALL_SUITES: [&str; 4] = [
    "-cipher",
    "ALL:COMPLEMENTOFALL",
    "-ciphersuites",
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256",
];

const NAMES: [(u16, &str); 23] = [
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    (0x1304, "TLS_AES_128_CCM_SHA256"),
    (0x1305, "TLS_AES_128_CCM_8_SHA256"),
    (0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"),
    (0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"),
    (0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"),
    (0xc030, "ECDHE-RSA-AES256-GCM-SHA384"),
    (0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"),
    (0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    (0xc0ac, "ECDHE-ECDSA-AES128-CCM"),
    (0xc0ad, "ECDHE-ECDSA-AES256-CCM"),
    (0xc0ae, "ECDHE-ECDSA-AES128-CCM8"),
    (0xc0af, "ECDHE-ECDSA-AES256-CCM8"),
    (0xc024, "ECDHE-ECDSA-AES256-SHA384"),
    (0xc028, "ECDHE-RSA-AES256-SHA384"),
    (0xc023, "ECDHE-ECDSA-AES128-SHA256"),
    (0xc027, "ECDHE-RSA-AES128-SHA256"),
    (0xc00a, "ECDHE-ECDSA-AES256-SHA"),
    (0xc014, "ECDHE-RSA-AES256-SHA"),
    (0xc009, "ECDHE-ECDSA-AES128-SHA"),
    (0xc013, "ECDHE-RSA-AES128-SHA"),
];
