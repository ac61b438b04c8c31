//! Reads the configuration file of a SIP endpoint, `SipEndpoint.config`.
//!
//! Without the feature `profile` there are only the types that describe a connection to be made.
//!
//! The bytes are decoded to text (`text`). A first pass over the text finds our elements and their
//! positions, and checks that the document is within bounds (`survey`). Then serde-xml-rs reads the
//! values of our elements (`values`).
//!
//! `Profile` is what comes out: strings with their positions, and no judgement about TLS. The next
//! stage, [`options`](crate::options), reads the settings; the connectivities say where to connect.
//! A file that is wrong somewhere is an error with line and column, because an option that is lost
//! without a word may be one that protects.

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
