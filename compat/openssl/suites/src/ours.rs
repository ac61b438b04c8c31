//! Connections of sip-tls' providers.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection,
    SignatureScheme, SupportedProtocolVersion,
};
use sip_tls::crypto::{client_provider, danger, default_base, with_suites};

use crate::memory::{End, Pair, wire};
use crate::suites::Suite;

/// The file of a key or certificate.
pub fn file(name: &str) -> PathBuf {
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/testdata/crypto"
    );
    [root, name].iter().collect()
}

/// A provider with nothing but this suite, DHE for servers included.
pub fn provider(suite: &Suite) -> Arc<CryptoProvider> {
    let base = default_base().expect("a built-in provider");
    let mut provider = client_provider(&base);
    provider.cipher_suites.extend(danger::cbc_suites(&base));
    Arc::new(with_suites(&provider, [suite.number]))
}

pub fn server(suite: &Suite) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(file(&format!("{}.crt", suite.key)));
    let key = PrivateKeyDer::from_pem_file(file(&format!("{}.key", suite.key)));
    let mut config = ServerConfig::builder_with_provider(provider(suite))
        .with_protocol_versions(&[version(suite)])
        .expect("a suite of this version")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.expect("a certificate")],
            key.expect("a key"),
        )
        .expect("a usable key");
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Arc::new(config)
}

pub fn client(suite: &Suite) -> Arc<ClientConfig> {
    let provider = provider(suite);
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version(suite)])
        .expect("a suite of this version")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

fn version(suite: &Suite) -> &'static SupportedProtocolVersion {
    if suite.is_tls13() { &TLS13 } else { &TLS12 }
}

/// Both ends of a connection.
pub struct Ours {
    client: ClientConnection,
    server: ServerConnection,
    ends: (End, End),
}

impl Ours {
    pub fn connect(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Self {
        let name = "localhost".try_into().expect("a name");
        Self::connect_to(name, client, server).expect("nothing is in the way")
    }

    /// Connects to a server of this name.
    ///
    /// # Errors
    ///
    /// One side refuses the other.
    pub fn connect_to(
        name: ServerName<'static>,
        client: &Arc<ClientConfig>,
        server: &Arc<ServerConfig>,
    ) -> Result<Self, Error> {
        let mut pair = Self {
            client: ClientConnection::new(Arc::clone(client), name)?,
            server: ServerConnection::new(Arc::clone(server))?,
            ends: wire(),
        };
        // No handshake has more flights.
        for _ in 0..20 {
            pair.there()?;
            pair.back()?;
            if !pair.client.is_handshaking() && !pair.server.is_handshaking() {
                break;
            }
        }
        assert!(
            !pair.client.is_handshaking() && !pair.server.is_handshaking(),
            "the handshake does not end"
        );
        // What comes after the handshake: tickets, if there are any.
        pair.back()?;
        Ok(pair)
    }

    /// Both connections.
    pub fn into_ends(self) -> (ClientConnection, ServerConnection) {
        (self.client, self.server)
    }

    fn there(&mut self) -> Result<(), Error> {
        while self.client.wants_write() {
            self.client.write_tls(&mut self.ends.0).expect("memory");
        }
        while self.server.read_tls(&mut self.ends.1).is_ok() {
            self.server.process_new_packets()?;
        }
        Ok(())
    }

    fn back(&mut self) -> Result<(), Error> {
        while self.server.wants_write() {
            self.server.write_tls(&mut self.ends.1).expect("memory");
        }
        while self.client.read_tls(&mut self.ends.0).is_ok() {
            self.client.process_new_packets()?;
        }
        Ok(())
    }
}

impl Pair for Ours {
    fn send(&mut self, message: &[u8], buffer: &mut [u8]) {
        self.client.writer().write_all(message).expect("memory");
        self.there().expect("what the client wrote");
        self.server
            .reader()
            .read_exact(buffer)
            .expect("what was sent");
    }
}

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
