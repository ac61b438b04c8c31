use std::path::{Path, PathBuf};

use super::tools;
use crate::child;

/// Returns the path of a file that the `openssl` program made.
pub(super) fn path(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/pki")).join(name)
}

pub(super) fn read(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

#[test]
#[ignore = "writes into the source folder"]
fn testdata_is_remade_by_openssl() {
    for command in COMMANDS {
        tools::openssl(&path(""), command);
    }
    std::fs::remove_file(path("rsa.csr")).unwrap();
}

/// A certificate without extensions is an X.509 v1 certificate.
const COMMANDS: &[&str] = &[
    "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pkcs8.pem",
    "rsa -in rsa.pkcs8.pem -traditional -out rsa.pkcs1.pem",
    "pkey -in rsa.pkcs8.pem -aes256 -passout pass:password -out rsa.encrypted.pem",
    "rsa -in rsa.pkcs8.pem -traditional -aes256 -passout pass:password -out rsa.encrypted-pkcs1.pem",
    "req -new -key rsa.pkcs8.pem -subj /CN=v1.example -out rsa.csr",
    "x509 -req -in rsa.csr -signkey rsa.pkcs8.pem -days 36500 -out rsa.pem",
    "pkcs12 -export -in rsa.pem -inkey rsa.pkcs8.pem -passout pass:password -out rsa.p12",
    "crl2pkcs7 -nocrl -certfile rsa.pem -outform DER -out rsa.p7b",
    "x509 -in rsa.pem -trustout -addtrust clientAuth -addreject serverAuth -setalias alias -out trusted.pem",
    "ecparam -name prime256v1 -genkey -out ec.sec1.pem",
    "req -x509 -key ec.sec1.pem -subj /CN=ec.example -days 36500 -out ec.pem",
];

#[test]
#[ignore = "writes into the source folder"]
fn testdata_is_remade_by_other_programs() {
    let script = path("pkcs12/make.sh");
    let made = child::output_within(child::LONG, child::command("sh").arg(script));
    assert!(made.status.success(), "{made:?}");
}
