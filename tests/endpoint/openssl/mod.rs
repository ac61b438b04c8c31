//! Against the program `openssl`: `s_server`, `s_client`. Without it there is nothing to run; in CI it must be there.

mod alerts;
mod causes;
mod clients;
mod odd_servers;
mod program;
mod servers;

use std::process::Command;

use sip_tls::verify::{PeerIdentities, Purpose};

use crate::endpoint::test_pki::TestPki;

/// A version as `sec-protocol` and as `openssl` call it, and what a connection says of it.
const VERSIONS: [(&str, &str, &str); 2] = [
    ("TLSv12", "-tls1_2", "TLSv1.2"),
    ("TLSv13", "-tls1_3", "TLSv1.3"),
];

/// Files of an ECDSA and of an RSA certificate.
const KEYS: [[&str; 2]; 2] = [["good.pem", "good.key"], ["rsa.pem", "rsa.key"]];

#[test]
fn a_fingerprint_is_the_one_that_openssl_prints() {
    if !program::is_found() {
        return;
    }
    let pki = TestPki::get();
    let ours = PeerIdentities::of(&pki.good.chain[0], Purpose::Server).unwrap();
    let output = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(pki.path("good.pem"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = format!("Fingerprint={}\n", ours.fingerprint());
    assert!(printed.ends_with(&expected), "{printed} {expected}");
}
