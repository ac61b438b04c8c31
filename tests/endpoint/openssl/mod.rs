//! Tests with the program `openssl`: `s_server`, `s_client`. They do not run if it is missing; in CI it has to be
//! installed.

mod alerts;
mod causes;
mod clients;
mod odd_servers;
mod program;
mod servers;

use sip_tls::verify::{PeerIdentities, Purpose};

use crate::child;
use crate::endpoint::test_pki::TestPki;

/// The name of a version in `sec-protocol`, in `openssl`, and in a connection.
const VERSIONS: [(&str, &str, &str); 2] = [
    ("TLSv12", "-tls1_2", "TLSv1.2"),
    ("TLSv13", "-tls1_3", "TLSv1.3"),
];

/// The files of an ECDSA certificate and of an RSA certificate.
const KEYS: [[&str; 2]; 2] = [["good.pem", "good.key"], ["rsa.pem", "rsa.key"]];

#[test]
fn a_fingerprint_is_the_one_that_openssl_prints() {
    if !program::is_found() {
        return;
    }
    let pki = TestPki::get();
    let ours = PeerIdentities::of(&pki.good.chain[0], Purpose::Server).unwrap();
    let mut command = child::command("openssl");
    command.args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]);
    let output = child::output(command.arg(pki.path("good.pem")));
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = format!("Fingerprint={}\n", ours.fingerprint());
    assert!(printed.ends_with(&expected), "{printed} {expected}");
}
