//! Sessions that may be resumed, in both directions.
//!
//! A resumed session does not outlive what it was checked against: the files of that time, and the first of them to
//! expire.

mod client;
mod memory;
mod notes;
#[cfg(feature = "tokio")]
mod server;

pub(super) use client::{Attribution, resumption};
pub(super) use memory::SessionMemory;
pub(super) use notes::Notes;
#[cfg(feature = "tokio")]
pub(super) use server::ServerSessions;
