//! The integration tests.

mod profile;
