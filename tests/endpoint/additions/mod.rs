//! What callers add to an endpoint, and no option can say.

mod alpn;
#[cfg(feature = "tokio")]
mod connected;
mod key_log;
