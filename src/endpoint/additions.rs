//! What the caller adds to configurations, and no option can say.

use std::sync::Arc;

use rustls::{ClientConfig, KeyLog, NoKeyLog, ServerConfig};

use crate::error::Error;

/// What both kinds of configuration are given.
#[derive(Clone, Debug)]
pub(super) struct Additions {
    /// The names of protocols, in order of preference.
    pub(super) alpn: Vec<Vec<u8>>,
    pub(super) key_log: Arc<dyn KeyLog>,
}

impl Default for Additions {
    fn default() -> Self {
        Self {
            alpn: Vec::new(),
            key_log: Arc::new(NoKeyLog),
        }
    }
}

impl Additions {
    /// Refuses what rustls would stumble over in a handshake.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refused = |method, reason| Err(Error::Setting { method, reason });
        let is_name = |name: &Vec<u8>| (1..=MOST_NAME_BYTES).contains(&name.len());
        let on_the_wire = |name: &Vec<u8>| 1 + name.len();
        if !self.alpn.iter().all(is_name) {
            return refused("alpn", "the name of a protocol has 1 to 255 bytes");
        }
        if self.alpn.iter().map(on_the_wire).sum::<usize>() > MOST_ALPN_BYTES {
            return refused("alpn", "there are more names than fit into a hello");
        }
        Ok(())
    }

    pub(super) fn add_to_client(&self, config: &mut ClientConfig) {
        config.alpn_protocols = self.alpn.clone();
        config.key_log = self.key_log.clone();
    }

    pub(super) fn add_to_server(&self, config: &mut ServerConfig) {
        config.alpn_protocols = self.alpn.clone();
        config.key_log = self.key_log.clone();
    }
}

/// `opaque ProtocolName<1..2^8-1>` (RFC 7301, section 3.1).
const MOST_NAME_BYTES: usize = 255;

/// A quarter of what its list may hold by RFC 7301: a hello has more extensions, and few servers take long ones.
const MOST_ALPN_BYTES: usize = 1 << 14;
