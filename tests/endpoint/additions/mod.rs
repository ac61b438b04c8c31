//! What callers add to an endpoint, and no option can say.

mod alpn;
mod certified_key;
#[cfg(feature = "tokio")]
mod connected;
mod extra_trusted_ca;
mod fragments;
mod key_log;
