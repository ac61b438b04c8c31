//! The traits through which rustls uses a [`Verifier`](super::Verifier).

mod client;
mod hints;
mod server;
mod signature;

pub use client::ClientVerifier;
pub use server::ServerVerifier;
