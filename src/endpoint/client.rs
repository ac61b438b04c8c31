//! Configurations of outgoing connections.
//!
//! An endpoint has up to four of them: with and without DHE, and with and without resumption. They differ in nothing
//! else. The `Manner` of a connection chooses one. rustls supports no group but those it knows, and says so only when
//! the server has chosen another one. Then the handshake is over, and only another try, without DHE, can succeed.
//! OpenSSL accepts any group that is long enough, and needs no second try.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::time_provider::TimeProvider;

use super::additions::Additions;
#[cfg(feature = "tokio")]
use super::manner::Manner;
use super::offer::Offer;
use super::resolver::Resolver;
use super::sessions::{self, Attribution};
use super::state::Shared;
use crate::error::Error;

/// What every configuration of outgoing connections has in common.
pub(super) struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) verifier: Arc<dyn ServerCertVerifier>,
    pub(super) time_provider: Arc<dyn TimeProvider>,
    pub(super) additions: Additions,
    /// Whether sessions are resumed.
    pub(super) resumes: bool,
    /// Whether configurations that are handed out offer DHE beside other suites. rustls does not support every group
    /// that a server may choose, and a caller that connects with such a configuration does not try again.
    pub(super) offers_dhe: bool,
}

/// The configurations of outgoing connections, and how they are made again.
pub(super) struct Clients {
    client: Client,
    /// The configuration with the whole offer, before the caller amends it.
    whole: ClientConfig,
    /// The configuration without DHE. `None` if no DHE suite is offered, or no other suite with TLS 1.2.
    without_dhe: Option<ClientConfig>,
    in_force: ArcSwap<ClientConfigs>,
}

/// The configurations of outgoing connections.
pub(super) struct ClientConfigs {
    /// For callers that make connections themselves, so that we cannot try again.
    handed_out: Arc<ClientConfig>,
    #[cfg(feature = "tokio")]
    whole: Tries,
    #[cfg(feature = "tokio")]
    without_dhe: Option<Tries>,
}

/// The configurations of connections that may be tried again.
#[cfg(feature = "tokio")]
struct Tries {
    /// Offers sessions of earlier connections.
    resuming: Arc<ClientConfig>,
    /// Offers no session.
    fresh: Arc<ClientConfig>,
}

impl Clients {
    /// Makes the configurations.
    pub(super) fn new(client: Client, offer: Offer) -> Result<Self, Error> {
        let without_dhe = offer.without_dhe();
        let without_dhe = without_dhe.map(|offer| client.configuration(offer));
        let (without_dhe, whole) = (without_dhe.transpose()?, client.configuration(offer)?);
        let in_force = client.configurations(&whole, without_dhe.as_ref())?;
        Ok(Self {
            client,
            whole,
            without_dhe,
            in_force: ArcSwap::from_pointee(in_force),
        })
    }

    /// Lets the caller amend the configurations again. Returns `None` if there is nothing to amend.
    pub(super) fn amended(&self) -> Result<Option<ClientConfigs>, Error> {
        let amends = self.client.additions.amend_client.is_some();
        let anew = || {
            let without_dhe = self.without_dhe.as_ref();
            self.client.configurations(&self.whole, without_dhe)
        };
        amends.then(anew).transpose()
    }

    pub(super) fn replace(&self, configs: ClientConfigs) {
        self.in_force.store(Arc::new(configs));
    }

    pub(super) fn to_hand_out(&self) -> Arc<ClientConfig> {
        self.in_force.load().handed_out.clone()
    }
}

impl Client {
    /// Returns a configuration that resumes no session.
    ///
    /// Our certificate is given by the resolver, even if there is none now.
    fn configuration(&self, offer: Offer) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::new(offer.provider))
            .with_protocol_versions(&offer.versions)?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier.clone());
        let resolver = Arc::new(Resolver(self.shared.clone()));
        let mut config = builder.with_client_cert_resolver(resolver);
        config.resumption = Resumption::disabled();
        config.time_provider = self.time_provider.clone();
        self.additions.add_to_client(&mut config);
        Ok(config)
    }

    /// Amends the configurations, and gives them their session stores.
    ///
    /// The caller amends first, and the session stores come after: no amendment can take them away.
    fn configurations(
        &self,
        whole: &ClientConfig,
        without_dhe: Option<&ClientConfig>,
    ) -> Result<ClientConfigs, Error> {
        let amend = |made: &ClientConfig| match &self.additions.amend_client {
            Some(amendment) => amendment.of(made).map(Arc::new),
            None => Ok(Arc::new(made.clone())),
        };
        let (whole, without_dhe) = (amend(whole)?, without_dhe.map(amend).transpose()?);
        let handed_out = match &without_dhe {
            Some(without_dhe) if !self.offers_dhe => without_dhe,
            _ => &whole,
        };
        Ok(ClientConfigs {
            handed_out: self.with_sessions(handed_out.clone(), Attribution::Name),
            #[cfg(feature = "tokio")]
            whole: self.tries(whole),
            #[cfg(feature = "tokio")]
            without_dhe: without_dhe.map(|config| self.tries(config)),
        })
    }

    /// Returns the same configuration with a session store of its own, if sessions are resumed.
    fn with_sessions(
        &self,
        mut config: Arc<ClientConfig>,
        attribution: Attribution,
    ) -> Arc<ClientConfig> {
        if self.resumes {
            let store = self.additions.client_sessions.clone();
            let resumption = sessions::resumption(&self.shared, attribution, store);
            Arc::make_mut(&mut config).resumption = resumption;
        }
        config
    }

    /// The session store of these configurations learns the connection from the task, and not only the name of the
    /// server.
    #[cfg(feature = "tokio")]
    fn tries(&self, fresh: Arc<ClientConfig>) -> Tries {
        Tries {
            resuming: self.with_sessions(fresh.clone(), Attribution::Connection),
            fresh,
        }
    }
}

#[cfg(feature = "tokio")]
impl Clients {
    pub(super) fn verifier(&self) -> &Arc<dyn ServerCertVerifier> {
        &self.client.verifier
    }

    /// Returns the first manner, with everything that is available.
    pub(super) fn first(&self) -> Manner {
        Manner {
            dhe: self.without_dhe.is_some(),
            resumption: self.client.resumes,
        }
    }

    /// Returns the manner of the configuration that is handed out.
    pub(super) fn handed_out(&self) -> Manner {
        let first = self.first();
        Manner {
            dhe: first.dhe && self.client.offers_dhe,
            ..first
        }
    }

    /// Returns the configuration for a manner.
    pub(super) fn configuration(&self, manner: Manner) -> Arc<ClientConfig> {
        let configs = self.in_force.load();
        let tries = match &configs.without_dhe {
            Some(without_dhe) if !manner.dhe => without_dhe,
            _ => &configs.whole,
        };
        match manner.resumption {
            true => tries.resuming.clone(),
            false => tries.fresh.clone(),
        }
    }
}
