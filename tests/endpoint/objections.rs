//! The hints that our side gives if a peer refuses our certificate with an alert that does not explain the reason.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use crate::endpoint::connect::Listener;
use crate::endpoint::in_memory::Credulous;
use crate::endpoint::settings::{builder, endpoint};

#[tokio::test(crate = "crate::in_time")]
async fn what_is_known_of_our_certificate_is_told() {
    const GOOD: [&str; 2] = ["good.pem", "good.key"];
    for (ours, host, parts) in [
        (
            GOOD,
            "sip.example.com",
            &[
                "the client refused our certificate `CN = good`, issued by `CN = Test Intermediate`, serial ",
            ][..],
        ),
        (
            GOOD,
            "other.example",
            &[
                ": the client expects `other.example` (SNI), and our certificate has DNS:sip.example.com",
            ],
        ),
        (
            ["expired.pem", "expired.key"],
            "sip.example.com",
            &[": `CN = expired` expired on 20"],
        ),
        (
            ["not-yet-valid.pem", "not-yet-valid.key"],
            "sip.example.com",
            &[": `CN = not-yet-valid` is not valid before 20"],
        ),
        (
            ["revoked.pem", "revoked.key"],
            "sip.example.com",
            &[": `CN = revoked` is revoked by the list in ", "current.crl"],
        ),
        (
            ["revoked.pem", "revoked.key"],
            "other.example",
            &["; the client expects `other.example` (SNI)"],
        ),
    ] {
        let text = refused(ours, host).await;
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn of_a_good_certificate_nothing_is_made_up() {
    let text = refused(["good.pem", "good.key"], "sip.example.com").await;
    assert!(text.ends_with(" UTC"), "{text}");
}

/// The error of our server for a client that refuses its certificate.
async fn refused([certificate, key]: [&str; 2], host: &str) -> String {
    let listener = Listener::new().await;
    let server = endpoint(&[
        ("trusted-ca", "root.pem"),
        ("tls-crl", "current.crl"),
        ("certificate", certificate),
        ("certificate-key", key),
    ]);
    let client = builder(&[("trusted-ca", "root.pem")])
        .danger()
        .replace_server_verifier(Arc::new(Suspicious))
        .build()
        .unwrap();
    let [_, incoming] = listener.connect(&client, &server, host).await;
    let error = incoming.unwrap_err();
    assert_eq!(error.alert(), Some(AlertDescription::BadCertificate));
    error.to_string()
}

/// A verifier that accepts no server. Its alert does not give the reason.
#[derive(Debug)]
struct Suspicious;

impl ServerCertVerifier for Suspicious {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Err(CertificateError::NotValidForName.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ServerCertVerifier::verify_tls12_signature(&Credulous, message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ServerCertVerifier::verify_tls13_signature(&Credulous, message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ServerCertVerifier::supported_verify_schemes(&Credulous)
    }
}
