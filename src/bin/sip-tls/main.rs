//! The program `sip-tls`.
fn main() {}
