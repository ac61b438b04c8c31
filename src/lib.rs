#![doc = include_str!("../README.md")]
#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_errors_doc,
    clippy::unwrap_used
)]

pub mod check;
pub mod crypto;
#[cfg(all(any(doc, doctest), feature = "profile", feature = "tokio"))]
pub mod manual;
pub mod options;
pub mod pki;
pub mod profile;
pub mod report;
pub mod verify;

mod endpoint;
mod error;
#[cfg(feature = "crl-fetch")]
mod fetch;
#[cfg(feature = "tokio")]
mod serve;
mod shared;
mod x509;

#[cfg(test)]
#[path = "../tests/child.rs"]
#[allow(dead_code, reason = "the integration tests have it too")]
mod child;
#[cfg(test)]
#[cfg(feature = "tokio")]
#[path = "../tests/in_time.rs"]
#[allow(dead_code, reason = "the integration tests have it too")]
mod in_time;

#[cfg(feature = "srv")]
pub use endpoint::SrvResolver;
#[cfg(feature = "watch")]
pub use endpoint::Watcher;
#[cfg(feature = "tokio")]
pub use endpoint::{
    Alias, Aliases, ConnectError, Connection, Endpoints, NextHop, Resolver, Tap, Target,
    TargetFailure, Timing, alert_name,
};
pub use endpoint::{
    Counters, Danger, DirectionCounters, Endpoint, EndpointBuilder, Expiry, ServingCounters,
};
#[cfg(feature = "crl-fetch")]
pub use endpoint::{ListError, ListFailure};
pub use error::Error;
#[cfg(feature = "crl-fetch")]
pub use fetch::{
    CachedList, CachedLists, CrlFetch, FetchError, FetchLimits, FetchProgress, HttpClient,
};
#[cfg(feature = "tokio")]
pub use serve::{Serve, ServeError, Stopping};

/// The parts of the reader that fuzz targets use; not part of the interface.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use x509::oracle;
