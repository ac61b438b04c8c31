//! The integration tests.

// They cannot do without a crypto provider.
#![cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]

mod handshake;
mod in_memory;
mod settings;
mod test_pki;
