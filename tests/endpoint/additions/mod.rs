//! What callers can add to an endpoint in code, and no option can express.

mod alpn;
mod amend;
mod certified_key;
#[cfg(feature = "tokio")]
mod connected;
mod danger;
mod extra_trusted_ca;
mod fragments;
mod key_log;
