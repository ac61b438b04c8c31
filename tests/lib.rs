//! The integration tests.

mod architecture;
#[cfg(all(feature = "profile", feature = "tokio"))]
mod auto_traits;
mod cipher_list;
mod crypto;
#[cfg(all(
    any(feature = "crl-fetch", feature = "srv"),
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod daemon;
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
