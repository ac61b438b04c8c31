//! Connections of sip-tls under protocols other than plain SIP.

pub mod domains;
pub mod http;
pub mod sip;
pub mod websocket;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;
