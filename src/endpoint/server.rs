//! Configurations of incoming connections.
//!
//! There are two: one for [`Endpoint::accept`](crate::Endpoint::accept), whose sessions carry what the client was
//! checked against, and one to hand out. With `tls-mutual`, a session that somebody else resumes could be that of a
//! client which is no longer accepted: rustls does not verify its certificate again. So the configuration that is
//! handed out resumes none then.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;

use super::additions::Additions;
use super::offer::Offer;
use super::resolver::Resolver;
#[cfg(feature = "tokio")]
use super::sessions::ServerSessions;
use super::sessions::SessionMemory;
use super::state::Shared;
use crate::error::Error;

/// What configurations of incoming connections are made of.
pub(super) struct Server {
    pub(super) shared: Arc<Shared>,
    /// `None` if clients are not asked for a certificate.
    pub(super) verifier: Option<Arc<dyn ClientCertVerifier>>,
    pub(super) time_provider: Arc<dyn TimeProvider>,
    pub(super) additions: Additions,
    pub(super) prefers_own_order: bool,
    pub(super) tls13_tickets: usize,
}

/// The configurations of incoming connections, and how they are made again.
pub(super) struct Servers {
    server: Server,
    /// The configuration before the caller amends it.
    made: ServerConfig,
    /// The sessions of clients that were verified.
    #[cfg(feature = "tokio")]
    sessions: Arc<ServerSessions>,
    in_force: ArcSwap<ServerConfigs>,
}

/// The configurations of incoming connections.
pub(super) struct ServerConfigs {
    /// For callers that make connections which are unknown here. It resumes no session of a client that was verified,
    /// because it would not be known what the client was checked against.
    handed_out: Arc<ServerConfig>,
    /// For `Endpoint::accept`.
    #[cfg(feature = "tokio")]
    accepting: Arc<ServerConfig>,
}

impl Servers {
    /// Makes the configurations.
    pub(super) fn new(server: Server, offer: Offer) -> Result<Self, Error> {
        let made = server.configuration(offer)?;
        let servers = Self {
            #[cfg(feature = "tokio")]
            sessions: server.sessions(&made)?,
            in_force: ArcSwap::from_pointee(ServerConfigs::of(&made)),
            server,
            made,
        };
        servers.replace(servers.configurations()?);
        Ok(servers)
    }

    /// Lets the caller amend the configurations again. Returns `None` if there is nothing to amend.
    pub(super) fn amended(&self) -> Result<Option<ServerConfigs>, Error> {
        let amends = self.server.additions.amend_server.is_some();
        amends.then(|| self.configurations()).transpose()
    }

    pub(super) fn replace(&self, configs: ServerConfigs) {
        self.in_force.store(Arc::new(configs));
    }

    pub(super) fn to_hand_out(&self) -> Arc<ServerConfig> {
        self.in_force.load().handed_out.clone()
    }

    #[cfg(feature = "tokio")]
    pub(super) fn accepting(&self) -> Arc<ServerConfig> {
        self.in_force.load().accepting.clone()
    }

    /// Amends the configuration, and then puts the session stores in, which no amendment may replace.
    fn configurations(&self) -> Result<ServerConfigs, Error> {
        let verifies_clients = self.server.verifier.is_some();
        let config = match &self.server.additions.amend_server {
            Some(amendment) => &amendment.of(&self.made, verifies_clients)?,
            None => &self.made,
        };
        let mut configs = ServerConfigs::of(config);
        if verifies_clients {
            #[cfg(feature = "tokio")]
            {
                let accepting = Arc::make_mut(&mut configs.accepting);
                accepting.session_storage = self.sessions.clone();
            }
            let handed_out = Arc::make_mut(&mut configs.handed_out);
            handed_out.session_storage = Arc::new(NoServerSessionStorage {});
            handed_out.send_tls13_tickets = 0;
            handed_out.max_tls13_tickets = 0;
        }
        Ok(configs)
    }
}

impl ServerConfigs {
    /// Both configurations, the same.
    fn of(config: &ServerConfig) -> Self {
        let config = Arc::new(config.clone());
        Self {
            #[cfg(feature = "tokio")]
            accepting: config.clone(),
            handed_out: config,
        }
    }
}

impl Server {
    /// The configuration before any amendment. Without a verifier no client is asked for a certificate.
    fn configuration(&self, offer: Offer) -> Result<ServerConfig, Error> {
        let verifier = self.verifier.clone();
        let mut config = ServerConfig::builder_with_provider(Arc::new(offer.provider))
            .with_protocol_versions(&offer.versions)?
            .with_client_cert_verifier(
                verifier.unwrap_or_else(WebPkiClientVerifier::no_client_auth),
            )
            .with_cert_resolver(Arc::new(Resolver(self.shared.clone())));
        config.session_storage = match &self.additions.server_sessions {
            Some(store) => store.clone(),
            // A store of its own: endpoints do not resume each other's sessions.
            None => Arc::new(SessionMemory::default()),
        };
        config.ignore_client_order = self.prefers_own_order;
        config.send_tls13_tickets = self.tls13_tickets;
        config.time_provider = self.time_provider.clone();
        self.additions.add_to_server(&mut config);
        Ok(config)
    }

    /// The store of the sessions of verified clients, on top of the store of the configuration.
    #[cfg(feature = "tokio")]
    fn sessions(&self, made: &ServerConfig) -> Result<Arc<ServerSessions>, Error> {
        let store = made.session_storage.clone();
        let sessions = ServerSessions::new(&self.shared, store, made.crypto_provider());
        Ok(sessions.map_err(rustls::Error::from)?)
    }
}
