use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

#[cfg(feature = "tokio")]
use super::attempt::{self, Answer, Asked};
use super::state::Shared;

/// Tells rustls our certificate and key, whichever are in force; none, if there is none.
#[derive(Debug)]
pub(super) struct Resolver(pub(super) Arc<Shared>);

impl Resolver {
    fn key(&self) -> Option<Arc<CertifiedKey>> {
        self.0.use_state().key.clone()
    }
}

impl ResolvesClientCert for Resolver {
    fn resolve(&self, cas: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let key = self.key();
        #[cfg(feature = "tokio")]
        attempt::asks(|| Asked {
            cas: cas.iter().map(|name| (*name).into()).collect(),
            schemes: schemes.to_vec(),
            answer: match &key {
                None => Answer::Nothing,
                Some(key) if key.key.choose_scheme(schemes).is_none() => Answer::WrongKey,
                Some(_) => Answer::Certificate,
            },
        });
        #[cfg(not(feature = "tokio"))]
        let _ = (cas, schemes);
        key
    }

    fn has_certs(&self) -> bool {
        self.0.load().key.is_some()
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.key()
    }
}
