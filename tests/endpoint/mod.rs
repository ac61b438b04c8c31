//! Endpoints: options become connections.

mod connect;
mod handshake;
mod hello;
mod in_memory;
mod messages;
mod openssl;
mod options;
mod resumption;
mod settings;
mod status;
mod test_pki;
