//! Measures sip-tls beside OpenSSL and beside plain rustls.

pub mod allocations;
pub mod avx512;
pub mod child;
pub mod clock;
pub mod heap;
pub mod limits;
pub mod load;
pub mod measure;
pub mod pki;
pub mod program;
pub mod report;
pub mod row;
pub mod scratch;
pub mod side;
pub mod tokio_ends;
pub mod topic;

#[path = "../../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod bounded;
