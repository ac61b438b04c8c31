//! What the caller adds to configurations, and no option can say.

use std::sync::Arc;

use rustls::{ClientConfig, KeyLog, NoKeyLog, ServerConfig};

/// What both kinds of configuration are given.
#[derive(Clone, Debug)]
pub(super) struct Additions {
    pub(super) key_log: Arc<dyn KeyLog>,
}

impl Default for Additions {
    fn default() -> Self {
        Self {
            key_log: Arc::new(NoKeyLog),
        }
    }
}

impl Additions {
    pub(super) fn add_to_client(&self, config: &mut ClientConfig) {
        config.key_log = self.key_log.clone();
    }

    pub(super) fn add_to_server(&self, config: &mut ServerConfig) {
        config.key_log = self.key_log.clone();
    }
}
