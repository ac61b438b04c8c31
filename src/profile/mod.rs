//! Reads the configuration file of a SIP endpoint, `SipEndpoint.config`.
//!
//! The bytes become text (`text`), a walk over the text finds what is ours, where it stands, and
//! whether the document is within bounds (`survey`), and serde-xml-rs reads the values of that part
//! (`values`).

mod connectivity;
mod error;
mod file;
mod position;
mod quoted;
mod setting;
mod survey;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub use connectivity::{Connectivity, Server, ServerError, Transport, UnknownTransport};
pub use error::ProfileError;
pub use file::Profile;
pub use position::Position;
pub use setting::Setting;
