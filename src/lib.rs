#![doc = include_str!("../README.md")]
//!
//! - [Coming from OpenSSL](manual::coming_from_openssl): what replaces each call, option and command.
//! - [The options in full](manual::options)
//! - [What is refused and why](manual::refused)
//! - [Verification rules, with OpenSSL's numbers](manual::verification)
//! - [Using it in a SIP stack](manual::stacks)
//! - [Reload, lists and expiry](manual::reload)
//! - [Speed](manual::speed)
//! - Where to add an option, a rule, a file format or a suite: the file `.github/CONTRIBUTING.md` of the repository.
//!
//! ## From options to a connection
//!
//! ```text
//! SipEndpoint.config ─► Profile ─┐              files
//!                                │                │
//! TlsOptionsBuilder::set ────────┴─► TlsOptions ──┴─► EndpointBuilder ─► Endpoint
//!                                        │                                  │
//!                                        ▼                                  │
//!                                     Report ◄── what became of each option ┤
//!                                                                           │
//!         Connection ◄── Endpoint::connect, accept, serve ◄─────────────────┤
//!        a SIP stack ◄── connector(), acceptor() ◄──────────────────────────┤
//!             rustls ◄── client_config(), server_config() ◄─────────────────┘
//! ```
//!
//! - [`profile::Profile`] is a configuration file that was read: connections to make, and settings as text.
//! - [`options::TlsOptions`] are the options as typed values. They come from a profile, from code or from both.
//! - [`EndpointBuilder`] has the settings that no option expresses: the crypto provider, passphrases, time-outs.
//! - [`Endpoint`] has read the files. It is cheap to clone, makes and accepts connections, and reloads in place.
//! - [`Connection`] is a stream for tokio that knows its peer, its cipher and the result of the verification.
//! - [`ConnectError`] says why there is no connection; [`Error`] says why there is no endpoint.
//! - [`report::Report`] says what became of each option, and what is in the files.
//! - [`verify::Verifier`] verifies certificate chains as `openssl verify` does, without a connection.
//! - [`check`] lists everything that is wrong with a configuration.
//! - [`Serve`] is a server with limits. [`Endpoints`] chooses an endpoint by the name that the client asks for.
#![cfg_attr(docsrs, feature(doc_cfg))]
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
