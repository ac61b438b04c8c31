//! Fetches revocation lists from the URLs that certificates name.
//!
//! A certificate says in its cRLDistributionPoints where the list is that may revoke it ([RFC 5280,
//! section 4.2.1.13](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.13)). OpenSSL never
//! fetches it: its callback `X509_STORE_set_lookup_crls` leaves that to the program. This folder
//! has what is needed for it, and knows nothing of certificates: bytes come from URLs, and are kept
//! in a cache.
//!
//! - `crl_fetch` has the settings, the interface and the time limit of a fetch.
//! - `client` is the trait of HTTP clients, and `plain` the client of this crate.
//! - `url` and `policy` decide which URLs and addresses are fetched from.
//! - `cache` keeps lists in a folder that processes share.
//!
//! When a list is fetched, whether it is accepted, and when it is renewed is decided in
//! `endpoint::fetching`.

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
