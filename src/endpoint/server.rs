use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::offer::{NoSuites, Offer};
use crate::error::Error;
use crate::verify::ClientVerifier;

/// Builds the configuration of incoming connections. With a verifier, clients must present a certificate.
pub(super) fn config(
    offer: Offer,
    verifier: Option<Arc<ClientVerifier>>,
    credentials: &Arc<CertifiedKey>,
) -> Result<ServerConfig, Error> {
    let resolver = SingleCertAndKey::from(CertifiedKey::clone(credentials));
    let mut config = ServerConfig::builder_with_provider(Arc::new(offer.provider))
        .with_protocol_versions(&offer.versions)?
        .with_client_cert_verifier(match verifier {
            Some(verifier) => verifier,
            None => WebPkiClientVerifier::no_client_auth(),
        })
        .with_cert_resolver(Arc::new(resolver));
    // A store of its own: no session outlives the files it was checked against.
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
    Ok(config)
}

/// Why an endpoint accepts no connections.
#[derive(Clone)]
pub(super) enum NoServer {
    Certificate,
    Suites(NoSuites),
}

impl From<NoServer> for Error {
    fn from(reason: NoServer) -> Self {
        match reason {
            NoServer::Certificate => Self::Missing {
                option: "certificate",
                purpose: "incoming connections need one",
            },
            NoServer::Suites(nothing) => nothing.into(),
        }
    }
}

const SESSIONS: usize = 1024;
