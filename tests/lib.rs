//! The integration tests.

mod crypto;
