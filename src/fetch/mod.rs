//! Fetches revocation lists from the URLs that certificates name.

mod cache;
mod client;
mod crl_fetch;
mod error;
mod plain;
mod policy;
mod source;
mod url;

pub use cache::{CachedList, CachedLists};
pub use client::{FetchLimits, FetchProgress, HttpClient};
pub use crl_fetch::CrlFetch;
pub use error::FetchError;
pub(crate) use source::{Kept, Source};
