//! Against the program `openssl`: `s_server`, `s_client`. Without it there is nothing to run; in CI it must be there.

mod alerts;
mod causes;
mod clients;
mod odd_servers;
mod program;
mod servers;

/// A version as `sec-protocol` and as `openssl` call it, and what a connection says of it.
const VERSIONS: [(&str, &str, &str); 2] = [
    ("TLSv12", "-tls1_2", "TLSv1.2"),
    ("TLSv13", "-tls1_3", "TLSv1.3"),
];

/// Files of an ECDSA and of an RSA certificate.
const KEYS: [[&str; 2]; 2] = [["good.pem", "good.key"], ["rsa.pem", "rsa.key"]];
