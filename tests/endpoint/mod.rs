//! Endpoints: options become connections.

mod handshake;
mod hello;
mod in_memory;
mod options;
mod settings;
mod test_pki;
