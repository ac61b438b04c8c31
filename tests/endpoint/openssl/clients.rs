//! `openssl s_client` at our server.

use std::net::Ipv4Addr;

use rustls::AlertDescription;
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::program::{self, Program};
use super::{KEYS, VERSIONS};
use crate::endpoint::settings::{builder, endpoint};

/// Our server, with this certificate and our list of revoked clients.
fn server(protocol: &str, [certificate, key]: [&str; 2]) -> Endpoint {
    endpoint(&[
        ("trusted-ca", "root.pem"),
        ("tls-crl", "current.crl"),
        ("tls-mutual", "1"),
        ("sec-protocol", protocol),
        ("certificate", certificate),
        ("certificate-key", key),
    ])
}

/// Has `s_client` connect to our server.
async fn meet(
    server: &Endpoint,
    words: &[&str],
) -> (Program, Result<Connection<TcpStream>, ConnectError>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let client = Program::start(
        &[
            &["s_client", "-connect", &at, "-quiet", "-CAfile", "root.pem"],
            &[
                "-verify_return_error",
                "-verify_hostname",
                "sip.example.com",
            ][..],
            words,
        ]
        .concat(),
    );
    let (stream, _) = listener.accept().await.unwrap();
    (client, server.accept(stream).await)
}

fn with([certificate, key]: [&'static str; 2]) -> [&'static str; 6] {
    let chain = ["-cert_chain", "intermediate.pem"];
    ["-cert", certificate, "-key", key, chain[0], chain[1]]
}

#[tokio::test(crate = "crate::in_time")]
async fn openssl_talks_to_our_server_with_certificates_on_both_sides() {
    if !program::is_found() {
        return;
    }
    for (protocol, version, name) in VERSIONS {
        for ours in KEYS {
            for theirs in KEYS {
                let lists = ["-CRL", "current.crl", "-crl_check"];
                let words = [&with(theirs)[..], &lists, &[version]].concat();
                let (mut client, connection) = meet(&server(protocol, ours), &words).await;
                let mut connection = connection.unwrap();
                assert_eq!(connection.protocol(), name);
                assert_eq!(connection.verify_status().unwrap().code(), VerifyCode::Ok);

                client.say("OPTIONS sip:a@b");
                let mut request = [0; 16];
                connection.read_exact(&mut request).await.unwrap();
                assert_eq!(&request, b"OPTIONS sip:a@b\n");
                connection.write_all(b"SIP/2.0 200 OK\n").await.unwrap();
                connection.flush().await.unwrap();
                client.wait_for("SIP/2.0 200 OK");
            }
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn openssl_hears_why_our_server_refuses_it() {
    if !program::is_found() {
        return;
    }
    for (protocol, version, _) in VERSIONS {
        for (theirs, code, alert) in [
            (["revoked.pem", "revoked.key"], VerifyCode::CertRevoked, 44),
            (
                ["expired.pem", "expired.key"],
                VerifyCode::CertHasExpired,
                45,
            ),
            (
                ["self-signed.pem", "self-signed.key"],
                VerifyCode::DepthZeroSelfSignedCert,
                48,
            ),
            (
                ["server-only.pem", "server-only.key"],
                VerifyCode::InvalidPurpose,
                43,
            ),
        ] {
            let words = [&with(theirs)[..], &[version]].concat();
            let (mut client, outcome) = meet(&server(protocol, KEYS[0]), &words).await;
            let error = outcome.unwrap_err();
            let status = error.verify_status().expect("a refusal");
            assert_eq!(status.code(), code, "{theirs:?}");
            client.wait_for(&format!("SSL alert number {alert}"));
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn our_server_hears_why_openssl_refuses_it() {
    if !program::is_found() {
        return;
    }
    for (protocol, version, _) in VERSIONS {
        for (ours, alert) in [
            (
                ["revoked.pem", "revoked.key"],
                AlertDescription::CertificateRevoked,
            ),
            (["local.pem", "local.key"], AlertDescription::BadCertificate),
            (["unknown.pem", "unknown.key"], AlertDescription::UnknownCA),
        ] {
            let lists = ["-CRL", "current.crl", "-crl_check", version];
            let (_client, outcome) = meet(&server(protocol, ours), &lists).await;
            match outcome.unwrap_err() {
                ConnectError::Handshake { source: error, .. } => {
                    assert_eq!(error, rustls::Error::AlertReceived(alert), "{ours:?}");
                }
                error => panic!("{ours:?}: {error:?}"),
            }
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn openssl_without_a_certificate_is_refused() {
    if !program::is_found() {
        return;
    }
    for (protocol, version, _) in VERSIONS {
        let (mut client, outcome) = meet(&server(protocol, KEYS[0]), &[version]).await;
        let error = outcome.unwrap_err();
        assert!(
            matches!(
                error,
                ConnectError::Handshake {
                    source: rustls::Error::NoCertificatesPresented,
                    ..
                }
            ),
            "{error:?}"
        );
        client.wait_for("SSL alert number 116");
    }
}

/// OpenSSL's server accepts any text as SNI.
#[tokio::test(crate = "crate::in_time")]
async fn a_server_name_that_rustls_cannot_read_is_named_as_the_cause() {
    if !program::is_found() {
        return;
    }
    let server = endpoint(&[
        ("trusted-ca", "root.pem"),
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
    ]);
    for (_, version, _) in VERSIONS {
        for name in [
            "[sip.example.com]",
            "sip.example.com:5061",
            "sip:sip.example.com",
            "m\u{fc}nchen.example",
            "-sip.example.com",
        ] {
            let (_client, connection) = meet(&server, &["-servername", name, version]).await;
            let error = connection.unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "the TLS handshake failed: the client sends `{}` as server name (SNI), which is neither a DNS \
                     name nor an IP address",
                    name.as_bytes().escape_ascii()
                )
            );
            assert!(std::error::Error::source(&error).is_none());
        }
        // An address is not a name either, and is ignored.
        for name in ["127.0.0.1", "::1", "sip.example.com."] {
            let (_client, connection) = meet(&server, &["-servername", name, version]).await;
            assert!(connection.is_ok(), "{name}: {connection:?}");
        }
    }
}

/// RFC 7507, as OpenSSL's server implements it.
#[tokio::test(crate = "crate::in_time")]
async fn a_client_that_fell_back_though_both_sides_speak_tls_13_is_refused() {
    if !program::is_found() {
        return;
    }
    for (protocol, words, is_refused) in [
        ("", &["-fallback_scsv", "-tls1_2"][..], true),
        ("", &["-fallback_scsv"], false),
        ("", &["-tls1_2"], false),
        ("TLSv12", &["-fallback_scsv", "-tls1_2"], false),
    ] {
        let server = endpoint(&[
            ("trusted-ca", "root.pem"),
            ("sec-protocol", protocol),
            ("certificate", "good.pem"),
            ("certificate-key", "good.key"),
        ]);
        let (mut client, connection) = meet(&server, words).await;
        assert_eq!(connection.is_err(), is_refused, "{words:?}: {connection:?}");
        if let Err(error) = connection {
            assert!(
                error.to_string().ends_with("`inappropriate fallback`"),
                "{error}"
            );
            client.wait_for("SSL alert number 86");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn our_server_goes_by_the_order_of_the_client_unless_it_is_told_to_go_by_its_own() {
    if !program::is_found() {
        return;
    }
    const ONE: &str = "ECDHE-ECDSA-AES256-GCM-SHA384";
    const OTHER: &str = "ECDHE-ECDSA-AES128-GCM-SHA256";
    let list = format!("{ONE}:{OTHER}");
    let settings = [
        ("trusted-ca", "root.pem"),
        ("cipher-list", &list),
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
    ];
    let theirs = format!("{OTHER}:{ONE}");
    for (prefers_own, chosen) in [(false, OTHER), (true, ONE)] {
        let builder = builder(&settings).server_preference(prefers_own);
        let server = builder.build().unwrap();
        let (_client, connection) = meet(&server, &["-cipher", &theirs, "-tls1_2"]).await;
        assert_eq!(connection.unwrap().cipher(), chosen);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn our_server_completes_a_chain_of_one_certificate_from_trusted_ca() {
    if !program::is_found() {
        return;
    }
    for (protocol, version, _) in VERSIONS {
        for (trusted, is_complete) in [("root-and-intermediate.pem", true), ("root.pem", false)] {
            let server = endpoint(&[
                ("trusted-ca", trusted),
                ("sec-protocol", protocol),
                ("certificate", "lone.pem"),
                ("certificate-key", "lone.key"),
            ]);
            let (mut client, connection) = meet(&server, &[version]).await;
            match is_complete {
                true => {
                    let mut connection = connection.unwrap();
                    connection.write_all(b"SIP/2.0 200 OK\n").await.unwrap();
                    connection.flush().await.unwrap();
                    client.wait_for("SIP/2.0 200 OK");
                }
                false => drop(client.wait_for("unable to get local issuer certificate")),
            }
        }
    }
}
