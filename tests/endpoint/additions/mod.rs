//! What callers add to an endpoint, and no option can say.

mod alpn;
mod amend;
mod certified_key;
#[cfg(feature = "tokio")]
mod connected;
mod danger;
mod extra_trusted_ca;
mod fragments;
mod key_log;
