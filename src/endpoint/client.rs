//! Configurations of outgoing connections.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::time_provider::TimeProvider;

use super::additions::Additions;
#[cfg(feature = "tokio")]
use super::manner::Manner;
use super::offer::Offer;
use super::resolver::Resolver;
use super::sessions::{self, Attribution};
use super::state::Shared;
use crate::error::Error;
use crate::verify::ServerVerifier;

/// What every configuration of outgoing connections has in common.
pub(super) struct Client<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) verifier: Arc<ServerVerifier>,
    pub(super) time_provider: &'a Arc<dyn TimeProvider>,
    pub(super) additions: &'a Additions,
    /// Whether sessions are resumed.
    pub(super) resumes: bool,
    /// Whether configurations that are handed out offer DHE beside other suites. rustls does not take every group that
    /// a server may choose, and whoever connects with such a configuration does not try again.
    pub(super) offers_dhe: bool,
}

/// The configurations of outgoing connections.
pub(super) struct Clients {
    /// For whoever makes connections, and cannot be told to try again.
    pub(super) handed_out: Arc<ClientConfig>,
    #[cfg(feature = "tokio")]
    pub(super) by_manner: ByManner,
}

/// The configurations of connections that may be tried again.
#[cfg(feature = "tokio")]
pub(super) struct ByManner {
    whole: Tries,
    /// `None` if nothing is offered with DHE, or nothing else with TLS 1.2.
    without_dhe: Option<Tries>,
    hands_out_dhe: bool,
    resumes: bool,
}

#[cfg(feature = "tokio")]
struct Tries {
    resuming: Arc<ClientConfig>,
    fresh: Arc<ClientConfig>,
}

impl Client<'_> {
    /// Makes the configurations.
    pub(super) fn configurations(&self, offer: Offer) -> Result<Clients, Error> {
        let make = |offer| Ok::<_, Error>(Arc::new(self.configuration(offer)?));
        let without_dhe = offer.without_dhe().map(make).transpose()?;
        let whole = make(offer)?;
        let handed_out = match &without_dhe {
            Some(without_dhe) if !self.offers_dhe => without_dhe,
            _ => &whole,
        };
        Ok(Clients {
            handed_out: self.with_sessions(handed_out.clone(), Attribution::Name),
            #[cfg(feature = "tokio")]
            by_manner: ByManner {
                whole: self.tries(whole),
                without_dhe: without_dhe.map(|config| self.tries(config)),
                hands_out_dhe: self.offers_dhe,
                resumes: self.resumes,
            },
        })
    }

    /// A configuration that resumes no session.
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

    /// The same configuration with a store of its own, if sessions are resumed.
    fn with_sessions(
        &self,
        mut config: Arc<ClientConfig>,
        attribution: Attribution,
    ) -> Arc<ClientConfig> {
        if self.resumes {
            let store = self.additions.client_sessions.clone();
            let resumption = sessions::resumption(self.shared, attribution, store);
            Arc::make_mut(&mut config).resumption = resumption;
        }
        config
    }

    #[cfg(feature = "tokio")]
    fn tries(&self, fresh: Arc<ClientConfig>) -> Tries {
        Tries {
            resuming: self.with_sessions(fresh.clone(), Attribution::Connection),
            fresh,
        }
    }
}

#[cfg(feature = "tokio")]
impl ByManner {
    /// The first manner: whatever there is.
    pub(super) fn first(&self) -> Manner {
        Manner {
            dhe: self.without_dhe.is_some(),
            resumption: self.resumes,
        }
    }

    /// The manner of the configuration that is handed out.
    pub(super) fn handed_out(&self) -> Manner {
        let first = self.first();
        Manner {
            dhe: first.dhe && self.hands_out_dhe,
            ..first
        }
    }

    pub(super) fn configuration(&self, manner: Manner) -> &Arc<ClientConfig> {
        let tries = match &self.without_dhe {
            Some(without_dhe) if !manner.dhe => without_dhe,
            _ => &self.whole,
        };
        match manner.resumption {
            true => &tries.resuming,
            false => &tries.fresh,
        }
    }
}
