//! Endpoints: options become connections.

mod handshake;
mod in_memory;
pub(crate) mod settings;
pub(crate) mod test_pki;
