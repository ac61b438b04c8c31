//! The traits through which rustls uses a [`Verifier`](super::Verifier).
//!
//! They translate, and decide nothing: each asks the verifier in force, tells the observer, and gives rustls an error
//! from which it makes OpenSSL's alert. rustls calls them within the handshake. A release of rustls that changes
//! these traits changes only this folder and the endpoint.
//!
//! rustls' own verifiers are not used, and neither is webpki, except for the signature of the handshake: webpki
//! cannot read all certificates that OpenSSL accepts, such as those of version 1.

mod client;
mod hints;
mod server;
mod signature;
#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests;

pub use client::ClientVerifier;
pub use server::ServerVerifier;
