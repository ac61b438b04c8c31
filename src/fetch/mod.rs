//! Revocation lists from where certificates say that they are found.

mod error;
mod source;

pub use error::FetchError;
pub(crate) use source::{Kept, Source};
