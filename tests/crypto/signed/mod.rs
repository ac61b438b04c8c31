//! Makes `tests/testdata/crypto/signed.txt`: certificates with signatures of every kind, and OpenSSL's verdict on
//! each. The tests that read it are in `src/crypto/signed/tests.rs`.

mod der;
mod ecdsa;
mod maker;
mod rsa;
mod rsa_pss;

use std::fs;

use der::*;
use maker::Maker;

use super::testdata;

#[test]
#[ignore = "remakes tests/testdata/crypto/signed.txt"]
fn remake() {
    let maker = Maker::new();
    rsa::signatures(&maker);
    rsa_pss::salts_and_hashes(&maker);
    rsa_pss::parameters(&maker);
    rsa_pss::keys(&maker);
    rsa::encodings(&maker);
    rsa::keys(&maker);
    ecdsa::signatures_and_keys(&maker);
    edwards(&maker);
    mismatches(&maker);
    fs::write(testdata::path("signed.txt"), maker.into_table()).unwrap();
}

fn edwards(maker: &Maker) {
    for (name, algorithm, oid) in [("ed25519", "ED25519", &ED25519), ("ed448", "ED448", &ED448)] {
        let spki = maker.edwards_key(name, algorithm);
        let issuer = maker.issuer(name, spki);
        let sign = |tbs: &[u8]| {
            let arguments = [
                "pkeyutl", "-sign", "-rawin", "-inkey", name, "-in", "MESSAGE",
            ];
            maker.openssl(&arguments, tbs)
        };
        maker.case(name, &issuer, &sequence(&[oid]), sign);
        maker.case(
            &format!("{name}-null"),
            &issuer,
            &sequence(&[oid, &NULL]),
            sign,
        );
    }
}

fn mismatches(maker: &Maker) {
    let rsa = maker.issuer("rsa2048", rsa_spki(&maker.rsa_key("rsa2048")));
    let p256 = maker.issuer("p256", maker.ec_key("p256", "P-256"));
    let pkcs1 = sequence(&[PKCS1[1].1, &NULL]);
    let ecdsa = sequence(&[ECDSA[1].1]);
    maker.case("rsa-key-ecdsa-signature", &rsa, &ecdsa, |tbs| {
        maker.dgst("p256", "sha256", &[], tbs)
    });
    maker.case("p256-key-pkcs1-signature", &p256, &pkcs1, |tbs| {
        maker.dgst("rsa2048", "sha256", &[], tbs)
    });
    maker.case(
        "p256-key-pss-signature",
        &p256,
        &pss("sha256", "sha256", 20),
        |tbs| maker.pss("rsa2048", "sha256", "sha256", 20, tbs),
    );
    maker.case(
        "unknown-algorithm",
        &rsa,
        &sequence(&[&MGF1, &NULL]),
        |tbs| maker.dgst("rsa2048", "sha256", &[], tbs),
    );
}
