//! Changes that a caller makes to a configuration after everything else.
//!
//! The caller gets a draft. Afterwards the fields that may change are copied from the draft to the configuration that
//! was made before, one by one. What else the function has changed is either an error, if it can be seen, or has no
//! effect. So no amendment can take the verifier, the resolver of our certificate or the clock away.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};

use super::additions::{unusable_alpn, unusable_size};
use crate::error::Error;

/// A function that changes a configuration of this type.
#[derive(Clone)]
pub(super) struct Amendment<C>(Arc<dyn Amend<C>>);

trait Amend<C>: Fn(&mut C) + Send + Sync {}

impl<C, F: Fn(&mut C) + Send + Sync> Amend<C> for F {}

impl<C> Amendment<C> {
    pub(super) fn new(amend: impl Fn(&mut C) + Send + Sync + 'static) -> Self {
        Self(Arc::new(amend))
    }
}

impl<C> fmt::Debug for Amendment<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Amendment").finish_non_exhaustive()
    }
}

impl Amendment<ClientConfig> {
    /// Returns the amended configuration. Only the fields that may change are taken over, so that neither a whole
    /// other configuration nor a field that a later version of rustls adds changes anything else.
    ///
    /// rustls does not show the verifier of a configuration. So the draft has a placeholder, whose reference count
    /// tells whether it was replaced.
    pub(super) fn of(&self, made: &ClientConfig) -> Result<ClientConfig, Error> {
        let (mut draft, verifier) = (made.clone(), Arc::new(Placeholder));
        draft.dangerous().set_certificate_verifier(verifier.clone());
        (self.0)(&mut draft);
        let is_replaced = Arc::strong_count(&verifier) == 1;
        if let Some(reason) = forbidden_to_client(made, &draft, is_replaced) {
            let setter = "EndpointBuilder::amend_client";
            return Err(Error::Setting { setter, reason });
        }
        let mut config = made.clone();
        config.alpn_protocols = draft.alpn_protocols;
        config.cert_compression_cache = draft.cert_compression_cache;
        config.cert_compressors = draft.cert_compressors;
        config.cert_decompressors = draft.cert_decompressors;
        config.check_selected_alpn = draft.check_selected_alpn;
        config.enable_secret_extraction = draft.enable_secret_extraction;
        config.enable_sni = draft.enable_sni;
        config.key_log = draft.key_log;
        config.max_fragment_size = draft.max_fragment_size;
        config.require_ems = draft.require_ems;
        config.send_ticket_request = draft.send_ticket_request;
        Ok(config)
    }
}

/// Returns the first thing that the caller changed and must not change.
fn forbidden_to_client(
    made: &ClientConfig,
    draft: &ClientConfig,
    is_verifier_replaced: bool,
) -> Option<&'static str> {
    let is_other_provider = !Arc::ptr_eq(made.crypto_provider(), draft.crypto_provider());
    let (ours, theirs) = (
        &made.client_auth_cert_resolver,
        &draft.client_auth_cert_resolver,
    );
    let is_other_resolver = !Arc::ptr_eq(ours, theirs);
    let is_other_clock = !Arc::ptr_eq(&made.time_provider, &draft.time_provider);
    // rustls shows nothing else of `resumption`.
    let resumption = |config: &ClientConfig| format!("{:?}", config.resumption);
    let is_other_resumption = resumption(made) != resumption(draft);
    None.or_else(|| is_other_provider.then_some(PROVIDER))
        .or_else(|| is_verifier_replaced.then_some(SERVER_VERIFIER))
        .or_else(|| is_other_resolver.then_some(CERTIFICATE))
        .or_else(|| is_other_resumption.then_some(RESUMPTION))
        .or_else(|| is_other_clock.then_some(CLOCK))
        .or_else(|| draft.enable_early_data.then_some(EARLY_DATA))
        .or_else(|| unusable_alpn(&draft.alpn_protocols))
        .or_else(|| unusable_size(draft.max_fragment_size))
}

impl Amendment<ServerConfig> {
    /// Returns the amended configuration of a server.
    pub(super) fn of(
        &self,
        made: &ServerConfig,
        verifies_clients: bool,
    ) -> Result<ServerConfig, Error> {
        let mut draft = made.clone();
        (self.0)(&mut draft);
        if let Some(reason) = forbidden_to_server(made, &draft, verifies_clients) {
            let setter = "EndpointBuilder::amend_server";
            return Err(Error::Setting { setter, reason });
        }
        let mut config = made.clone();
        config.alpn_protocols = draft.alpn_protocols;
        config.cert_compression_cache = draft.cert_compression_cache;
        config.cert_compressors = draft.cert_compressors;
        config.cert_decompressors = draft.cert_decompressors;
        config.enable_secret_extraction = draft.enable_secret_extraction;
        config.ignore_client_order = draft.ignore_client_order;
        config.key_log = draft.key_log;
        config.max_fragment_size = draft.max_fragment_size;
        config.max_tls13_tickets = draft.max_tls13_tickets;
        config.require_ems = draft.require_ems;
        config.send_half_rtt_data = draft.send_half_rtt_data;
        config.send_tls13_tickets = draft.send_tls13_tickets;
        config.ticketer = draft.ticketer;
        Ok(config)
    }
}

/// Returns the first thing that the caller changed and must not change. `verifies_clients` is whether `tls-mutual` is
/// on: tickets would carry a session past what the client was checked against.
fn forbidden_to_server(
    made: &ServerConfig,
    draft: &ServerConfig,
    verifies_clients: bool,
) -> Option<&'static str> {
    let is_other_provider = !Arc::ptr_eq(made.crypto_provider(), draft.crypto_provider());
    let is_other_resolver = !Arc::ptr_eq(&made.cert_resolver, &draft.cert_resolver);
    let is_other_store = !Arc::ptr_eq(&made.session_storage, &draft.session_storage);
    let is_other_clock = !Arc::ptr_eq(&made.time_provider, &draft.time_provider);
    let is_other_ticketer = !Arc::ptr_eq(&made.ticketer, &draft.ticketer);
    let has_early_data = draft.max_early_data_size > 0;
    None.or_else(|| is_other_provider.then_some(PROVIDER))
        .or_else(|| is_other_resolver.then_some(CERTIFICATE))
        .or_else(|| is_other_store.then_some(STORE))
        .or_else(|| is_other_clock.then_some(CLOCK))
        .or_else(|| (is_other_ticketer && verifies_clients).then_some(TICKETER))
        .or_else(|| has_early_data.then_some(EARLY_DATA))
        .or_else(|| unusable_alpn(&draft.alpn_protocols))
        .or_else(|| unusable_size(draft.max_fragment_size))
}

/// The reasons, as texts of [`Error::Setting`].
const PROVIDER: &str = "it replaces the crypto provider or the whole configuration; use `EndpointBuilder::provider` \
                        and the options instead";
const SERVER_VERIFIER: &str =
    "it replaces the server verifier; only `Danger::replace_server_verifier` may do this";
const CERTIFICATE: &str = "it replaces the resolver of our certificate, which a reload could not change then; use \
                           `EndpointBuilder::certified_key` instead";
const RESUMPTION: &str = "it changes resumption: sessions could be resumed after the files that verified the server \
                          were replaced or expired; use `EndpointBuilder::resumption` and `client_sessions` instead";
const STORE: &str = "it replaces the store of sessions: they could be resumed after the files that verified the client \
                     were replaced or expired; use `EndpointBuilder::server_sessions` instead";
const TICKETER: &str = "it issues tickets: sessions could be resumed after the files that verified the client were \
                        replaced or expired; `tls-mutual` allows no tickets";
const CLOCK: &str = "it replaces the clock; use `EndpointBuilder::time_provider` instead";
const EARLY_DATA: &str = "it turns early data on, which an attacker can replay";

/// Takes the place of our verifier while a configuration is amended, and refuses every server.
#[derive(Debug)]
struct Placeholder;

impl ServerCertVerifier for Placeholder {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(not_in_force())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(not_in_force())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(not_in_force())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Vec::new()
    }
}

fn not_in_force() -> rustls::Error {
    rustls::Error::General(
        "this configuration is still being amended and verifies no peer".to_owned(),
    )
}
