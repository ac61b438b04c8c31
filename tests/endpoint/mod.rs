//! Endpoints: options become connections.

mod connect;
mod handshake;
mod hello;
mod in_memory;
mod options;
mod settings;
mod test_pki;
