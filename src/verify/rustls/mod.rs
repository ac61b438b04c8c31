//! The traits by which rustls asks a [`Verifier`](super::Verifier).

mod client;
mod hints;
mod server;
mod signature;

pub use client::ClientVerifier;
pub use server::ServerVerifier;
