//! Private keys that are accepted, and those that are refused.

use std::time::Duration;

use rustls::SignatureScheme;
use rustls::pki_types::{CertificateDer, UnixTime};
use sip_tls::crypto::client_provider;

use super::{bases, testdata};

#[test]
fn keys_are_loaded_in_every_form() {
    for (base, provider) in bases() {
        let provider = client_provider(&provider);
        for name in [
            "rsa2048",
            "p256",
            "p384",
            "p521",
            "p521.sec1",
            "ed25519",
            "rsapss",
            "rsapss.sha256",
            "rsapss.salt20",
        ] {
            let key = testdata::key(&format!("{name}.key"));
            let loaded = provider.key_provider.load_private_key(key);
            assert!(loaded.is_ok(), "{base} {name}: {loaded:?}");
        }
    }
}

#[test]
fn a_key_that_cannot_be_used_is_refused_by_name() {
    let cases = [
        (
            "rsa1024",
            "RSA keys of 1024 bits are too short: TLS needs at least 2048",
        ),
        (
            "rsa1024.pkcs1",
            "RSA keys of 1024 bits are too short: TLS needs at least 2048",
        ),
        (
            "rsapss.mask",
            "RSA-PSS keys that require another mask or a longer salt than TLS uses are not supported",
        ),
        (
            "ed448",
            "Ed448 keys are not supported; supported kinds are RSA, ECDSA and Ed25519",
        ),
        (
            "secp256k1",
            "keys on the curve secp256k1 are not supported; supported curves are P-256, P-384 and P-521",
        ),
    ];
    for (base, provider) in bases() {
        let provider = client_provider(&provider);
        for (name, expected) in cases {
            let key = testdata::key(&format!("{name}.key"));
            let error = provider.key_provider.load_private_key(key).unwrap_err();
            assert_eq!(
                error,
                rustls::Error::General(expected.into()),
                "{base} {name}"
            );
        }
    }
}

#[test]
fn a_p521_key_signs_for_its_own_scheme_only() {
    for (base, provider) in bases() {
        let key = testdata::key("p521.key");
        let key = client_provider(&provider)
            .key_provider
            .load_private_key(key)
            .unwrap();
        let other = [SignatureScheme::ECDSA_NISTP256_SHA256];
        assert!(key.choose_scheme(&other).is_none(), "{base}");
        let own = [other[0], SignatureScheme::ECDSA_NISTP521_SHA512];
        assert_eq!(key.choose_scheme(&own).unwrap().scheme(), own[1], "{base}");
        assert!(key.public_key().is_some(), "{base}");
    }
}

#[test]
fn certificates_of_p521_keys_are_verified_with_each_hash() {
    for (base, provider) in bases() {
        let algorithms = client_provider(&provider).signature_verification_algorithms;
        let verify = |certificate: &CertificateDer<'_>| {
            // The certificate is self-signed, so its own key made the signature.
            let anchor = testdata::certificate("p521.crt");
            let anchor = webpki::anchor_from_trusted_cert(&anchor)
                .unwrap()
                .to_owned();
            webpki::EndEntityCert::try_from(certificate)
                .unwrap()
                .verify_for_usage(
                    algorithms.all,
                    &[anchor],
                    &[],
                    UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000)),
                    webpki::KeyUsage::server_auth(),
                    None,
                    None,
                )
                .map(|_| ())
        };
        for name in ["p521", "p521.sha384", "p521.sha512"] {
            let certificate = testdata::certificate(&format!("{name}.crt"));
            assert_eq!(verify(&certificate), Ok(()), "{base} {name}");
            let mut forged = certificate.to_vec();
            *forged.last_mut().unwrap() ^= 1;
            let refused = verify(&forged.into()).unwrap_err();
            let expected = webpki::Error::InvalidSignatureForPublicKey;
            assert_eq!(refused, expected, "{base} {name}");
        }
    }
}

#[test]
fn a_key_that_signs_nothing_is_refused_by_name() {
    // PrivateKeyInfo (RFC 8410, section 7).
    let start = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 110, 4, 0x22, 4, 0x20,
    ];
    let der = [&start[..], &[7; 32]].concat();
    for (_, provider) in bases() {
        let key = rustls::pki_types::PrivateKeyDer::try_from(der.clone()).unwrap();
        let loaded = client_provider(&provider)
            .key_provider
            .load_private_key(key);
        let expected = "X25519 keys are not supported; supported kinds are RSA, ECDSA and Ed25519";
        assert_eq!(
            loaded.unwrap_err(),
            rustls::Error::General(expected.to_owned())
        );
    }
}
