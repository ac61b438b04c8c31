//! Our client at `openssl s_server`.

use rustls::AlertDescription;
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::program::{self, PATIENCE, Program};
use super::{KEYS, VERSIONS};
use crate::endpoint::settings::endpoint;

const CA: (&str, &str) = ("trusted-ca", "root.pem");

/// Starts a server that requires client certificates, with this certificate. Returns it with its address.
fn start(version: &str, [certificate, key]: [&str; 2], more: &[&str]) -> (Program, String) {
    let words = [
        &["s_server", "-accept", "127.0.0.1:0", version],
        &["-cert", certificate, "-key", key][..],
        &["-cert_chain", "intermediate.pem", "-CAfile", "root.pem"],
        &["-Verify", "2", "-verify_return_error", "-naccept", "1"],
        more,
    ];
    let mut server = Program::start(&words.concat());
    let line = server.wait_for("ACCEPT 127.0.0.1:");
    let address = line.trim_start_matches("ACCEPT ").to_owned();
    (server, address)
}

async fn connect(client: &Endpoint, at: &str) -> Result<Connection<TcpStream>, ConnectError> {
    client.connect_to(&at.parse().unwrap(), None).await
}

#[tokio::test(crate = "crate::in_time")]
async fn our_client_talks_to_openssl_with_certificates_on_both_sides() {
    if !program::is_found() {
        return;
    }
    for (protocol, version, name) in VERSIONS {
        for theirs in KEYS {
            for ours in KEYS {
                let client = endpoint(&[
                    CA,
                    ("tls-crl", "current.crl"),
                    ("tls-target-name-check", "host"),
                    ("tls-target-name", "sip.example.com"),
                    ("sec-protocol", protocol),
                    ("certificate", ours[0]),
                    ("certificate-key", ours[1]),
                ]);
                let lists = ["-CRL", "current.crl", "-crl_check"];
                let (mut server, at) = start(version, theirs, &lists);
                let mut connection = connect(&client, &at).await.unwrap();
                assert_eq!(connection.protocol(), name);
                assert_eq!(connection.verify_status().unwrap().code(), VerifyCode::Ok);
                let cipher = server.wait_for("CIPHER is ");
                assert_eq!(cipher, format!("CIPHER is {}", connection.cipher()));

                connection.write_all(b"OPTIONS sip:a@b\n").await.unwrap();
                connection.flush().await.unwrap();
                server.wait_for("OPTIONS sip:a@b");
                server.say("200 OK");
                let mut answer = [0; 7];
                connection.read_exact(&mut answer).await.unwrap();
                assert_eq!(&answer, b"200 OK\n");
            }
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn openssl_hears_why_our_client_refuses_it() {
    if !program::is_found() {
        return;
    }
    for (_, version, _) in VERSIONS {
        for (theirs, code, alert) in [
            (["revoked.pem", "revoked.key"], VerifyCode::CertRevoked, 44),
            (
                ["expired.pem", "expired.key"],
                VerifyCode::CertHasExpired,
                45,
            ),
            (
                ["unknown.pem", "unknown.key"],
                VerifyCode::UnableToGetIssuerCertLocally,
                48,
            ),
            (
                ["self-signed.pem", "self-signed.key"],
                VerifyCode::DepthZeroSelfSignedCert,
                48,
            ),
            (
                ["client-only.pem", "client-only.key"],
                VerifyCode::InvalidPurpose,
                43,
            ),
            (
                ["cn-overruled.pem", "cn-overruled.key"],
                VerifyCode::HostnameMismatch,
                42,
            ),
        ] {
            let client = endpoint(&[
                CA,
                ("tls-crl", "current.crl"),
                ("tls-target-name-check", "host"),
                ("tls-target-name", "sip.example.com"),
            ]);
            let (mut server, at) = start(version, theirs, &[]);
            let error = connect(&client, &at).await.unwrap_err();
            let status = error.verify_status().expect("a refusal");
            assert_eq!(status.code(), code, "{theirs:?}");
            server.wait_for(&format!("SSL alert number {alert}"));
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn our_client_hears_why_openssl_refuses_it() {
    if !program::is_found() {
        return;
    }
    let lists = ["-CRL", "current.crl", "-crl_check"];
    for (protocol, version, _) in VERSIONS {
        for (ours, alert) in [
            (
                ["revoked.pem", "revoked.key"],
                AlertDescription::CertificateRevoked,
            ),
            (["unknown.pem", "unknown.key"], AlertDescription::UnknownCA),
            (
                ["server-only.pem", "server-only.key"],
                AlertDescription::UnsupportedCertificate,
            ),
        ] {
            let client = endpoint(&[
                CA,
                ("sec-protocol", protocol),
                ("certificate", ours[0]),
                ("certificate-key", ours[1]),
            ]);
            let (_server, at) = start(version, KEYS[0], &lists);
            let error = match connect(&client, &at).await {
                // In TLS 1.3 the client's handshake ends before the server checks its certificate.
                Ok(mut connection) => connection.confirm(PATIENCE).await.unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(error.alert(), Some(alert), "{ours:?}: {error}");
            let words = "the server refused our certificate `CN = ";
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn the_suites_that_are_named_are_those_that_openssl_agrees_to() {
    if !program::is_found() {
        return;
    }
    for (option, suite, version) in [
        ("cipher-list", "ECDHE-RSA-AES128-GCM-SHA256", "-tls1_2"),
        ("cipher-list", "ECDHE-RSA-CHACHA20-POLY1305", "-tls1_2"),
        ("cipher-list", "DHE-RSA-AES256-GCM-SHA384", "-tls1_2"),
        ("ciphersuites", "TLS_AES_128_CCM_SHA256", "-tls1_3"),
    ] {
        let client = endpoint(&[
            CA,
            (option, suite),
            ("certificate", "good.pem"),
            ("certificate-key", "good.key"),
        ]);
        let more = [
            "-ciphersuites",
            "TLS_AES_256_GCM_SHA384:TLS_AES_128_CCM_SHA256",
        ];
        let (mut server, at) = start(version, KEYS[1], &more);
        let connection = connect(&client, &at).await.unwrap();
        assert_eq!(connection.cipher(), suite);
        server.wait_for(&format!("CIPHER is {suite}"));
    }
}

/// OpenSSL completes a chain from `trusted-ca` only if the chain is our own certificate alone.
#[tokio::test(crate = "crate::in_time")]
async fn a_chain_of_one_certificate_is_completed_from_trusted_ca_as_by_openssl() {
    if !program::is_found() {
        return;
    }
    let both = "root-and-intermediate.pem";
    for (protocol, version, _) in VERSIONS {
        for (ours, trusted, is_complete) in [
            ("lone.pem", both, true),
            ("lone.pem", "root.pem", false),
            ("jumbled.pem", both, true),
        ] {
            let (mut server, at) = start(version, KEYS[0], &[]);
            let words = [
                "s_client", "-connect", &at, "-cert", ours, "-key", "lone.key",
            ];
            let mut theirs = Program::start(&[&words[..], &["-CAfile", trusted]].concat());
            let expected = match is_complete {
                true => "subject=CN = good",
                false => "unable to get local issuer certificate",
            };
            server.wait_for(expected);
            theirs.wait_for("Verification");

            let client = endpoint(&[
                ("trusted-ca", trusted),
                ("sec-protocol", protocol),
                ("certificate", ours),
                ("certificate-key", "lone.key"),
            ]);
            let (mut server, at) = start(version, KEYS[0], &[]);
            let connection = connect(&client, &at).await;
            server.wait_for(expected);
            drop(connection);
        }
    }
}
