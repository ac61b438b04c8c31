//! Tests that both sides do the same work, and that what the topics say about it is true.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::openssl::ssl::{Ssl, SslVersion};
use compat_bench::pki::{End, Files};
use compat_bench::side::openssl::{self, Contexts};
use compat_bench::side::{Cipher, Group, HOST, Sessions, Settings, Version, ours, stock};
use compat_openssl::keys::Kind;
use compat_suites::openssl_pair::OpenSsl;
use compat_suites::ours::Ours;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use rustls::{ClientConfig, HandshakeKind, NamedGroup, ProtocolVersion, ServerConfig};
use sip_tls::crypto::default_base;

type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];
type Configs = (Arc<ClientConfig>, Arc<ServerConfig>);

const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];

fn configs(settings: &Settings, files: &Files) -> Configs {
    ours::configs(&default_base().unwrap(), settings, files)
}

fn connect((client, server): &Configs) -> Result<Ours, rustls::Error> {
    Ours::connect_to(HOST.try_into().unwrap(), client, server)
}

/// All settings that differ from row to row.
fn all_settings() -> Vec<Settings> {
    let mut all = Vec::new();
    for version in VERSIONS {
        for kind in [Kind::P256, Kind::Rsa(2048)] {
            for group in [Group::P256, Group::X25519] {
                for cipher in [Cipher::Aes256Gcm, Cipher::ChaCha20] {
                    all.push(Settings {
                        group,
                        cipher,
                        mutual: group == Group::P256,
                        ..Settings::new(version, kind)
                    });
                }
            }
        }
    }
    all
}

#[test]
fn all_sides_take_the_version_the_group_and_the_suite_of_the_settings() {
    let base = default_base().unwrap();
    for settings in all_settings() {
        let files = settings.pki().files();
        for configs in [
            configs(&settings, &files),
            stock::configs(&base, &settings, &files),
        ] {
            let (client, server) = connect(&configs).unwrap().into_ends();
            let version = match settings.version {
                Version::Tls12 => ProtocolVersion::TLSv1_2,
                Version::Tls13 => ProtocolVersion::TLSv1_3,
            };
            let group = match settings.group {
                Group::P256 => NamedGroup::secp256r1,
                Group::X25519 => NamedGroup::X25519,
            };
            assert_eq!(client.protocol_version(), Some(version), "{settings:?}");
            assert_eq!(
                client.negotiated_key_exchange_group().unwrap().name(),
                group
            );
            let suite = client.negotiated_cipher_suite().unwrap().suite();
            let is_chacha = suite.as_str().unwrap().contains("CHACHA20");
            assert_eq!(is_chacha, settings.cipher == Cipher::ChaCha20, "{suite:?}");
            assert_eq!(client.handshake_kind(), Some(HandshakeKind::Full));
            assert_eq!(server.peer_certificates().is_some(), settings.mutual);
        }
        let (client, server) = Contexts::new(&settings, &files)
            .connect()
            .unwrap()
            .into_ends();
        let version = match settings.version {
            Version::Tls12 => SslVersion::TLS1_2,
            Version::Tls13 => SslVersion::TLS1_3,
        };
        assert_eq!(client.ssl().version2(), Some(version), "{settings:?}");
        assert_eq!(
            client.ssl().current_cipher().unwrap().name(),
            settings.suite()
        );
        assert!(!client.ssl().session_reused());
        assert_eq!(server.ssl().peer_certificate().is_some(), settings.mutual);
    }
}

#[test]
fn a_revoked_end_is_refused_by_all_sides() {
    let base = default_base().unwrap();
    for version in VERSIONS {
        for revoked in [None, Some(End::Server), Some(End::Client)] {
            let settings = Settings {
                mutual: true,
                list: true,
                ..Settings::new(version, Kind::P256)
            };
            let mut pki = settings.pki();
            (pki.list, pki.revoked) = (Some(10), revoked);
            let files = pki.files();
            let good = revoked.is_none();
            assert_eq!(
                connect(&configs(&settings, &files)).is_ok(),
                good,
                "ours, {revoked:?}"
            );
            let stock = stock::configs(&base, &settings, &files);
            assert_eq!(connect(&stock).is_ok(), good, "stock, {revoked:?}");
            let openssl = Contexts::new(&settings, &files).connect();
            assert_eq!(openssl.is_ok(), good, "OpenSSL, {revoked:?}");
        }
    }
}

#[test]
fn the_name_of_the_server_is_checked_by_all_sides() {
    let base = default_base().unwrap();
    let settings = Settings::new(Version::Tls13, Kind::P256);
    let files = settings.pki().files();
    for (client, server) in [
        configs(&settings, &files),
        stock::configs(&base, &settings, &files),
    ] {
        let other = "other.example.com".try_into().unwrap();
        assert!(Ours::connect_to(other, &client, &server).is_err());
    }
    let contexts = Contexts::new(&settings, &files);
    let mut client = openssl::client(&contexts.client);
    client.param_mut().set_host("other.example.com").unwrap();
    let server = Ssl::new(&contexts.server).unwrap();
    assert!(OpenSsl::connect_ends(client, server).is_err());
}

#[test]
fn a_client_without_a_certificate_is_refused_where_the_server_wants_one() {
    let mutual = Settings {
        mutual: true,
        ..Settings::new(Version::Tls12, Kind::P256)
    };
    let plain = Settings {
        mutual: false,
        ..mutual
    };
    let files = mutual.pki().files();
    let (client, _) = configs(&plain, &files);
    let (_, server) = configs(&mutual, &files);
    assert!(connect(&(client, server)).is_err());
    let client = openssl::context(&plain, &files, End::Client);
    let server = openssl::context(&mutual, &files, End::Server);
    let server = Ssl::new(&server).unwrap();
    assert!(OpenSsl::connect_ends(openssl::client(&client), server).is_err());
}

#[test]
fn sessions_are_resumed_where_the_settings_say_so() {
    for version in VERSIONS {
        for sessions in [Sessions::None, Sessions::Server, Sessions::Tickets] {
            let settings = Settings {
                sessions,
                ..Settings::new(version, Kind::P256)
            };
            let wanted = sessions != Sessions::None;
            let files = settings.pki().files();
            let configs = configs(&settings, &files);
            connect(&configs).unwrap();
            let (client, _) = connect(&configs).unwrap().into_ends();
            let resumed = client.handshake_kind() == Some(HandshakeKind::Resumed);
            assert_eq!(resumed, wanted, "ours, {settings:?}");

            let contexts = Contexts::new(&settings, &files);
            for round in 0..2 {
                let (client, server) = contexts.connect().unwrap().into_ends();
                let resumed = client.ssl().session_reused();
                assert_eq!(resumed, wanted && round == 1, "OpenSSL, {settings:?}");
                openssl::end(client.ssl());
                openssl::end(server.ssl());
            }
        }
    }
}

/// Counts the signatures that are verified.
#[derive(Debug)]
struct Counted(&'static dyn SignatureVerificationAlgorithm);

static VERIFIED: AtomicUsize = AtomicUsize::new(0);

impl SignatureVerificationAlgorithm for Counted {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        VERIFIED.fetch_add(1, Ordering::Relaxed);
        self.0.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }
}

fn counting(algorithms: &[&'static dyn SignatureVerificationAlgorithm]) -> Algorithms {
    let counted = |algorithm: &&'static dyn SignatureVerificationAlgorithm| {
        Box::leak(Box::new(Counted(*algorithm))) as &dyn SignatureVerificationAlgorithm
    };
    Box::leak(algorithms.iter().map(counted).collect())
}

#[test]
fn a_peer_that_came_before_is_verified_anew_unless_verdicts_are_kept() {
    let mut base = (*default_base().unwrap()).clone();
    let algorithms = base.signature_verification_algorithms;
    let mapping = algorithms.mapping.iter();
    base.signature_verification_algorithms = WebPkiSupportedAlgorithms {
        all: counting(algorithms.all),
        mapping: Box::leak(
            mapping
                .map(|(scheme, algorithms)| (*scheme, counting(algorithms)))
                .collect(),
        ),
    };
    for keeps_verdicts in [false, true] {
        let settings = Settings {
            keeps_verdicts,
            ..Settings::new(Version::Tls13, Kind::P256)
        };
        let files = settings.pki().files();
        let configs = ours::configs(&base, &settings, &files);
        let verified = [0, 1].map(|_| {
            let before = VERIFIED.load(Ordering::Relaxed);
            connect(&configs).unwrap();
            VERIFIED.load(Ordering::Relaxed) - before
        });
        // Two certificates below the root, and the signature of the handshake.
        assert_eq!(verified, [3, if keeps_verdicts { 1 } else { 3 }]);
    }
}

#[test]
fn chains_and_cas_are_as_many_as_asked_for() {
    let settings = Settings::new(Version::Tls13, Kind::P256);
    let mut pki = settings.pki();
    (pki.cas, pki.chain) = (7, 4);
    let files = pki.files();
    assert_eq!(stock::chain(&files, End::Server).len(), 4);
    let trusted = std::fs::read_to_string(files.trusted()).unwrap();
    assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 7);
    connect(&configs(&settings, &files)).unwrap();
    Contexts::new(&settings, &files).connect().unwrap();
}
