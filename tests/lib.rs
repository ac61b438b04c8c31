//! The integration tests.

mod architecture;
#[cfg(all(feature = "profile", feature = "tokio"))]
mod auto_traits;
#[allow(dead_code, reason = "each feature has tests of its own")]
mod blocking;
#[allow(dead_code, reason = "each feature has tests of its own")]
mod child;
mod cipher_list;
mod crypto;
#[cfg(feature = "tokio")]
#[allow(dead_code, reason = "each feature has tests of its own")]
mod in_time;
mod package;
#[cfg(feature = "profile")]
mod profile;

// These tests need a crypto provider.
#[cfg(all(
    feature = "cli",
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod cli;
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod endpoint;
#[cfg(all(
    feature = "crl-fetch",
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod fetch;
#[cfg(all(
    feature = "tokio",
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod forms;
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod pki;
