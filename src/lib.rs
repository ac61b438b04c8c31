//! Runs the TLS options of a SIP endpoint that were written for OpenSSL on rustls.

#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_errors_doc,
    clippy::unwrap_used
)]

mod crypto;

pub use crypto::{
    ProviderError, client_provider, default_base, explain_client_error, server_provider,
    with_suites,
};

/// What weakens security, for peers that leave no choice.
#[cfg(feature = "cbc")]
pub mod danger {
    pub use crate::crypto::cbc_suites;
}
