//! Asks OpenSSL and sip-tls the same questions and compares the answers.

pub mod answer;
pub mod build;
pub mod cases;
pub mod compare;
pub mod der;
pub mod divergence;
pub mod dn;
pub mod edit;
pub mod ext;
pub mod fixed;
pub mod handshake;
pub mod keys;
pub mod limbo;
pub mod oracle;
pub mod ours;
pub mod plan;
pub mod policy;
pub mod protocol;
pub mod random;
pub mod rng;
pub mod seeds;
pub mod tls;
pub mod tree;

#[path = "../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod child;
