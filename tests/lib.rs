//! The integration tests.

#[cfg(feature = "graviola")]
mod pki;
