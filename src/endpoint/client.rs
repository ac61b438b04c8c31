use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::offer::Offer;
use crate::error::Error;
use crate::verify::ServerVerifier;

/// Builds the configuration of outgoing connections.
pub(super) fn config(
    offer: Offer,
    verifier: Arc<ServerVerifier>,
    credentials: Option<&Arc<CertifiedKey>>,
) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(offer.provider))
        .with_protocol_versions(&offer.versions)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match credentials {
        Some(key) => {
            let resolver = SingleCertAndKey::from(CertifiedKey::clone(key));
            builder.with_client_cert_resolver(Arc::new(resolver))
        }
        None => builder.with_no_client_auth(),
    };
    // A store of its own: no session outlives the files it was checked against.
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    Ok(config)
}

/// A phone has fewer servers.
const SESSIONS: usize = 64;
