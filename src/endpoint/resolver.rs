use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::state::Shared;

/// Tells rustls our certificate and key, whichever are in force. An endpoint that has none does not use it.
#[derive(Debug)]
pub(super) struct Resolver(pub(super) Arc<Shared>);

impl Resolver {
    fn key(&self) -> Option<Arc<CertifiedKey>> {
        self.0.use_state().key.clone()
    }
}

impl ResolvesClientCert for Resolver {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.key()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.key()
    }
}
