//! What the bench and the tests have in common: suites, configurations, connections in memory.

pub mod memory;
pub mod openssl_pair;
pub mod ours;
pub mod suites;
