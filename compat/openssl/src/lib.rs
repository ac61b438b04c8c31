//! Asks OpenSSL and sip-tls the same questions and compares the answers.

pub mod answer;
pub mod build;
pub mod cases;
pub mod der;
pub mod dn;
pub mod ext;
pub mod keys;
pub mod oracle;
pub mod plan;
