//! Endpoints: how options become connections.

mod additions;
#[cfg(feature = "tokio")]
pub(crate) mod connect;
mod counters;
#[cfg(feature = "tokio")]
pub(crate) mod domains;
mod explain;
mod handshake;
mod hello;
mod in_memory;
#[cfg(feature = "tokio")]
mod legacy_servers;
#[cfg(all(feature = "profile", feature = "tokio"))]
mod messages;
#[cfg(feature = "tokio")]
mod objections;
#[cfg(feature = "tokio")]
mod openssl;
mod options;
pub(crate) mod reload;
#[cfg(feature = "tokio")]
mod resumption;
mod rfc5922;
#[cfg(feature = "tokio")]
mod serve;
pub(crate) mod settings;
mod sharing;
mod status;
#[cfg(feature = "tokio")]
mod streams;
#[cfg(feature = "tokio")]
mod tags;
pub(crate) mod test_pki;
