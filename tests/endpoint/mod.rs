//! Endpoints: options become connections.

mod connect;
mod handshake;
mod hello;
mod in_memory;
mod messages;
mod openssl;
mod options;
mod resumption;
pub(crate) mod settings;
mod status;
mod streams;
pub(crate) mod test_pki;
