//! Runs the TLS options of a SIP endpoint that were written for OpenSSL on rustls.

#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_errors_doc,
    clippy::unwrap_used
)]

pub mod crypto;
