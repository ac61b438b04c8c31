//! Handshakes in memory, at a fixed time, between our side and a plain rustls peer.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, DistinguishedName,
    Error, ServerConfig, ServerConnection, SideData, SignatureScheme, SupportedProtocolVersion,
};
use sip_tls::crypto;
use sip_tls::verify::{Observer, VerifyStatus};

use crate::endpoint::test_pki::Identity;

pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// Both ends after a handshake and, if it succeeded, a message each way.
pub(crate) struct Ends {
    pub(crate) client: End<ClientConnection>,
    pub(crate) server: End<ServerConnection>,
}

/// One end: the connection, and its first error.
pub(crate) struct End<C> {
    pub(crate) connection: C,
    pub(crate) outcome: Result<(), Error>,
}

/// Makes a handshake until neither side has anything left to send. If it succeeds, a message is sent each way.
pub(crate) fn shake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>, name: &str) -> Ends {
    let mut ends = Ends::new(client, server, name);
    let mut flights = 0;
    while ends.client.send(&mut ends.server) + ends.server.send(&mut ends.client) > 0 {
        flights += 1;
        assert!(flights < 100, "the handshake does not end");
    }
    if ends.succeeded() {
        ends.exchange(
            b"OPTIONS sip:example.com SIP/2.0\r\n",
            b"SIP/2.0 200 OK\r\n",
        );
    }
    ends
}

impl Ends {
    /// Both ends before anything is sent.
    pub(crate) fn new(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>, name: &str) -> Self {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        Self {
            client: End::new(ClientConnection::new(client.clone(), name).unwrap()),
            server: End::new(ServerConnection::new(server.clone()).unwrap()),
        }
    }

    /// The kind of the handshake, which must be the same at both ends.
    #[cfg(feature = "tokio")]
    pub(crate) fn kind(&self) -> Option<rustls::HandshakeKind> {
        let kind = self.client.connection.handshake_kind();
        assert_eq!(kind, self.server.connection.handshake_kind());
        kind
    }

    pub(crate) fn succeeded(&self) -> bool {
        let is_done =
            !self.client.connection.is_handshaking() && !self.server.connection.is_handshaking();
        is_done && self.client.outcome.is_ok() && self.server.outcome.is_ok()
    }

    fn exchange(&mut self, request: &[u8], answer: &[u8]) {
        self.client.connection.writer().write_all(request).unwrap();
        self.client.send(&mut self.server);
        assert_eq!(self.server.read(request.len()), request);
        self.server.connection.writer().write_all(answer).unwrap();
        self.server.send(&mut self.client);
        assert_eq!(self.client.read(answer.len()), answer);
    }
}

impl<C, D: SideData> End<C>
where
    C: std::ops::DerefMut<Target = rustls::ConnectionCommon<D>>,
{
    fn new(connection: C) -> Self {
        let outcome = Ok(());
        Self {
            connection,
            outcome,
        }
    }

    /// The alert with which the other end refused this one, if it did.
    pub(crate) fn alert(&self) -> Option<AlertDescription> {
        match self.outcome {
            Err(Error::AlertReceived(alert)) => Some(alert),
            _ => None,
        }
    }

    /// Sends everything that is ready to the other end, and returns the number of bytes.
    pub(crate) fn send<P, E: SideData>(&mut self, to: &mut End<P>) -> usize
    where
        P: std::ops::DerefMut<Target = rustls::ConnectionCommon<E>>,
    {
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut bytes).unwrap();
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() && to.outcome.is_ok() {
            to.connection.read_tls(&mut rest).unwrap();
            to.outcome = to.connection.process_new_packets().map(|_| ());
        }
        bytes.len()
    }

    fn read(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.connection.reader().read_exact(&mut bytes).unwrap();
        bytes
    }
}

/// A server that requests no client certificate.
pub(crate) fn peer_server(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(WebPkiClientVerifier::no_client_auth())
        .with_cert_resolver(resolver(identity));
    Arc::new(config)
}

/// A server that requests a client certificate, and accepts any or none.
pub(crate) fn curious_server(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(Arc::new(Credulous))
        .with_cert_resolver(resolver(identity));
    Arc::new(config)
}

/// A client that accepts any server, and presents a certificate if it has one.
pub(crate) fn peer_client(
    identity: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous));
    Arc::new(match identity {
        Some(identity) => builder.with_client_cert_resolver(resolver(identity)),
        None => builder.with_no_client_auth(),
    })
}

fn resolver(identity: &Identity) -> Arc<SingleCertAndKey> {
    let key = identity.certified_key();
    Arc::new(SingleCertAndKey::from((*key).clone()))
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    crypto::default_base().unwrap()
}

/// Keeps every status that an observer receives.
#[derive(Clone, Default)]
pub(crate) struct Observed(Arc<Mutex<Vec<VerifyStatus>>>);

impl Observed {
    pub(crate) fn observer(&self) -> Observer {
        let kept = self.0.clone();
        Observer::new(move |observation| kept.lock().unwrap().push(observation.status.clone()))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The last status.
    pub(crate) fn last(&self) -> VerifyStatus {
        self.0.lock().unwrap().last().cloned().unwrap()
    }

    /// The only status.
    #[track_caller]
    pub(crate) fn status(&self) -> VerifyStatus {
        let kept = self.0.lock().unwrap();
        assert_eq!(kept.len(), 1, "verifications");
        kept[0].clone()
    }
}

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct FixedTime(pub(crate) u64);

impl TimeProvider for FixedTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

/// A clock that is set by hand.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    pub(crate) fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        FixedTime(self.0.load(Ordering::SeqCst)).current_time()
    }
}

/// The last minute of 2030, and the minute after.
pub(crate) const BEFORE: u64 = 1_924_991_940;
pub(crate) const AFTER: u64 = BEFORE + 120;

/// A verifier that accepts every certificate.
#[derive(Debug)]
pub(crate) struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = provider().signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Credulous {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ServerCertVerifier::verify_tls12_signature(self, message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ServerCertVerifier::verify_tls13_signature(self, message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ServerCertVerifier::supported_verify_schemes(self)
    }
}
