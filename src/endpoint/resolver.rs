//! Our certificate for rustls, in both directions.
//!
//! The key is read from the state in each handshake, so that a reload reaches it. A client sends
//! its certificate whatever CAs the server names, as OpenSSL does: the names are only noted, for
//! the explanation of a refusal.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

#[cfg(feature = "tokio")]
use super::attempt::{self, Answer, Asked};
use super::state::Shared;
#[cfg(feature = "tokio")]
use super::steps;

/// Gives rustls our certificate and key that are in force, if there are any.
#[derive(Debug)]
pub(super) struct Resolver(pub(super) Arc<Shared>);

impl Resolver {
    /// The key in force, with its chain. The use also warns once of what has expired.
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
            answer: match key.as_ref().map(|key| key.key.choose_scheme(schemes)) {
                None => Answer::Nothing,
                Some(None) => Answer::WrongKey,
                Some(Some(signer)) => {
                    attempt::we_sign_with(signer.scheme());
                    Answer::Certificate
                }
            },
        });
        #[cfg(not(feature = "tokio"))]
        let _ = (cas, schemes);
        key
    }

    /// rustls asks before a handshake.
    fn has_certs(&self) -> bool {
        self.0.load().key.is_some()
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = self.key();
        #[cfg(feature = "tokio")]
        if let Some(key) = key.as_ref().filter(|_| steps::are_told())
            && let Some(signer) = key.key.choose_scheme(hello.signature_schemes())
        {
            attempt::we_sign_with(signer.scheme());
        }
        #[cfg(not(feature = "tokio"))]
        let _ = hello;
        key
    }
}
