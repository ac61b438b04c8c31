use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;

use super::additions::Additions;
use super::offer::Offer;
use super::resolver::Resolver;
#[cfg(feature = "tokio")]
use super::sessions::ServerSessions;
use super::state::Shared;
use crate::error::Error;
use crate::verify::{ClientVerifier, Observer};

/// What configurations of incoming connections are made of.
pub(super) struct Server<'a> {
    pub(super) shared: &'a Arc<Shared>,
    /// Hears of clients' certificates. `None` if clients are not asked for one.
    pub(super) observer: Option<&'a Observer>,
    pub(super) time_provider: &'a Arc<dyn TimeProvider>,
    pub(super) additions: &'a Additions,
    pub(super) prefers_own_order: bool,
    pub(super) tls13_tickets: usize,
}

/// The configurations of incoming connections.
pub(super) struct ServerConfigs {
    /// For whoever makes connections that are unknown here. It resumes no session of a client that was verified: nothing
    /// would tell what the client was checked against.
    pub(super) handed_out: Arc<ServerConfig>,
    /// For `Endpoint::accept`.
    #[cfg(feature = "tokio")]
    pub(super) accepting: Arc<ServerConfig>,
}

impl Server<'_> {
    /// Makes the configurations.
    pub(super) fn configurations(&self, offer: Offer) -> Result<ServerConfigs, Error> {
        let mut handed_out = Arc::new(self.configuration(offer)?);
        #[cfg(feature = "tokio")]
        let mut accepting = handed_out.clone();
        if self.observer.is_some() {
            #[cfg(feature = "tokio")]
            {
                let config = Arc::make_mut(&mut accepting);
                let (store, provider) = (&config.session_storage, config.crypto_provider());
                let sessions = ServerSessions::new(self.shared, store.clone(), provider);
                config.session_storage = sessions.map_err(rustls::Error::from)?;
            }
            let config = Arc::make_mut(&mut handed_out);
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(ServerConfigs {
            handed_out,
            #[cfg(feature = "tokio")]
            accepting,
        })
    }

    fn configuration(&self, offer: Offer) -> Result<ServerConfig, Error> {
        let follow = |observer: &Observer| -> Arc<_> {
            ClientVerifier::following(self.shared.clone(), observer.clone())
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(offer.provider))
            .with_protocol_versions(&offer.versions)?
            .with_client_cert_verifier(match self.observer {
                Some(observer) => follow(observer),
                None => WebPkiClientVerifier::no_client_auth(),
            })
            .with_cert_resolver(Arc::new(Resolver(self.shared.clone())));
        config.session_storage = match &self.additions.server_sessions {
            Some(store) => store.clone(),
            // A store of its own: endpoints do not resume each other's sessions.
            None => ServerSessionMemoryCache::new(MOST_SESSIONS),
        };
        config.ignore_client_order = self.prefers_own_order;
        config.send_tls13_tickets = self.tls13_tickets;
        config.time_provider = self.time_provider.clone();
        self.additions.add_to_server(&mut config);
        Ok(config)
    }
}

const MOST_SESSIONS: usize = 1024;
