//! Plain rustls with its own verifiers, on the same provider, group and suite.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use sip_tls::crypto::with_suites;

use super::ours::with_group;
use super::{Settings, Version};
use crate::pki::{End, Files};

/// The configurations of both ends. Nothing is resumed.
pub fn configs(
    base: &CryptoProvider,
    settings: &Settings,
    files: &Files,
) -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let provider = with_group(base, settings.group);
    let provider = Arc::new(with_suites(&provider, [settings.suite_number()]));
    let client = client(&provider, settings, files);
    (
        Arc::new(client),
        Arc::new(server(&provider, settings, files)),
    )
}

fn client(provider: &Arc<CryptoProvider>, settings: &Settings, files: &Files) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[version(settings)])
        .expect("a suite of this version")
        .with_webpki_verifier(server_verifier(provider, settings, files));
    let mut config = match settings.mutual {
        true => builder
            .with_client_auth_cert(chain(files, End::Client), key(files, End::Client))
            .expect("a usable key"),
        false => builder.with_no_client_auth(),
    };
    config.resumption = rustls::client::Resumption::disabled();
    config
}

/// Makes the server verifier of plain rustls.
pub fn server_verifier(
    provider: &Arc<CryptoProvider>,
    settings: &Settings,
    files: &Files,
) -> Arc<WebPkiServerVerifier> {
    let builder = WebPkiServerVerifier::builder_with_provider(roots(files), provider.clone());
    builder
        .with_crls(lists(settings, files, End::Client))
        .only_check_end_entity_revocation()
        .build()
        .expect("usable roots and lists")
}

fn server(provider: &Arc<CryptoProvider>, settings: &Settings, files: &Files) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[version(settings)])
        .expect("a suite of this version");
    let builder = match settings.mutual {
        true => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(roots(files), provider.clone());
            let verifier = verifier
                .with_crls(lists(settings, files, End::Server))
                .only_check_end_entity_revocation();
            builder.with_client_cert_verifier(verifier.build().expect("usable roots and lists"))
        }
        false => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(chain(files, End::Server), key(files, End::Server))
        .expect("a usable key");
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config
}

fn version(settings: &Settings) -> &'static SupportedProtocolVersion {
    match settings.version {
        Version::Tls12 => &TLS12,
        Version::Tls13 => &TLS13,
    }
}

fn roots(files: &Files) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(files.trusted()).expect("a file") {
        roots
            .add(root.expect("a certificate"))
            .expect("a usable root");
    }
    Arc::new(roots)
}

fn lists(
    settings: &Settings,
    files: &Files,
    end: End,
) -> Vec<CertificateRevocationListDer<'static>> {
    let files = settings.list_of(files, end);
    let list = files.map(|files| CertificateRevocationListDer::from_pem_file(files.list()));
    list.map(|list| list.expect("a list")).into_iter().collect()
}

/// The certificates that an end sends.
pub fn chain(files: &Files, end: End) -> Vec<CertificateDer<'static>> {
    let certificates = CertificateDer::pem_file_iter(files.certificate(end)).expect("a file");
    certificates.map(|c| c.expect("a certificate")).collect()
}

fn key(files: &Files, end: End) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_file(files.key(end)).expect("a key")
}
