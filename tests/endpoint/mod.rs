//! Endpoints: options become connections.

mod handshake;
mod in_memory;
mod settings;
mod test_pki;
