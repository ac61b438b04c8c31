//! The integration tests.

mod crypto;
mod package;
