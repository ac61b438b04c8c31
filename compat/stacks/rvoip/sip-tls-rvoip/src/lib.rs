#![doc = include_str!("../README.md")]
#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_errors_doc,
    clippy::unwrap_used
)]

mod builder;
mod dial;
mod failure;
mod flow;
mod frame;
mod listen;
mod pool;
mod shared;
mod transport;

pub use builder::Builder;
pub use failure::{Cause, Failure};
pub use transport::EndpointTransport;
