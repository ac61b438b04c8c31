//! Reads the configuration file of a SIP endpoint, `SipEndpoint.config`.
//!
//! Without the feature `profile` only the types of a connection to be made are here.
//!
//! The bytes become text (`text`), a walk over the text finds what is ours, where it stands, and
//! whether the document is within bounds (`survey`), and serde-xml-rs reads the values of that part
//! (`values`).

mod connectivity;
#[cfg(feature = "profile")]
mod error;
#[cfg(feature = "profile")]
mod file;
mod near;
mod position;
mod quoted;
#[cfg(feature = "profile")]
mod setting;
#[cfg(feature = "profile")]
mod survey;
#[cfg(test)]
#[cfg(feature = "profile")]
mod tests;
#[cfg(feature = "profile")]
mod text;
#[cfg(feature = "profile")]
mod values;

pub(crate) use connectivity::without_zone;
pub use connectivity::{
    Connectivity, ConnectivityError, Server, ServerError, Transport, UnknownTransport,
    UnusableConnectivity,
};
#[cfg(feature = "profile")]
pub use error::ProfileError;
#[cfg(feature = "profile")]
pub use file::Profile;
pub(crate) use near::is_nearly;
pub use position::Position;
#[cfg(feature = "tokio")]
pub(crate) use quoted::Quoted;
#[cfg(feature = "profile")]
pub use setting::Setting;
