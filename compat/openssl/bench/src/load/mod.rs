//! A SIP server under load.

pub mod cores;
pub mod generator;
pub mod server;
