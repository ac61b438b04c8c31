//! The messages for an administrator if a handshake with `openssl` fails.

use std::net::Ipv4Addr;

use sip_tls::{ConnectError, Endpoint};
use tokio::net::TcpListener;

use super::program::{self, PATIENCE, Program};
use crate::endpoint::settings::endpoint;

const CA: (&str, &str) = ("trusted-ca", "root.pem");

/// The error of our client at `s_server` with these words.
async fn at_server(settings: &[(&str, &str)], words: &[&str]) -> String {
    let start = ["s_server", "-accept", "127.0.0.1:0", "-naccept", "1"];
    let mut server = Program::start(&[&start[..], words].concat());
    let line = server.wait_for("ACCEPT 127.0.0.1:");
    let at = line.trim_start_matches("ACCEPT ").parse().unwrap();
    let client = endpoint(&[&[CA], settings].concat());
    let error = match client.connect_to(&at, None).await {
        Ok(mut connection) => connection.confirm(PATIENCE).await.unwrap_err(),
        Err(error) => error,
    };
    error.to_string()
}

/// The error of our server for `s_client` with these words.
async fn of_client(settings: &[(&str, &str)], words: &[&str]) -> String {
    let server: Endpoint = endpoint(&[&[CA], settings].concat());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let _client = Program::start(&[&["s_client", "-connect", &at][..], words].concat());
    let (stream, _) = listener.accept().await.unwrap();
    let error: ConnectError = server.accept(stream).await.unwrap_err();
    error.to_string()
}

const SERVER: [&str; 6] = [
    "-cert",
    "good.pem",
    "-key",
    "good.key",
    "-cert_chain",
    "intermediate.pem",
];
const GOOD: [(&str, &str); 2] = [("certificate", "good.pem"), ("certificate-key", "good.key")];
const RSA: [(&str, &str); 2] = [("certificate", "rsa.pem"), ("certificate-key", "rsa.key")];
const RSA_PSS: [(&str, &str); 2] = [
    (
        "certificate",
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/testdata/crypto/rsapss.crt"
        ),
    ),
    (
        "certificate-key",
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/testdata/crypto/rsapss.key"
        ),
    ),
];

#[tokio::test(crate = "crate::in_time")]
async fn our_client_says_what_the_server_wants() {
    if !program::is_found() {
        return;
    }
    let verify = [
        "-Verify",
        "2",
        "-verify_return_error",
        "-CAfile",
        "root.pem",
    ];
    let asked = "the server asked for a client certificate issued by `CN = Test Root`; `certificate` is not given";
    for (settings, words, parts) in [
        (
            &[][..],
            [&verify[..], &["-tls1_2"]].concat(),
            &[asked, "TLS alert handshake_failure (40)"][..],
        ),
        (
            &[],
            [&verify[..], &["-tls1_3"]].concat(),
            &[asked, "TLS alert certificate_required (116)"],
        ),
        (
            &GOOD,
            [
                &verify[..],
                &["-tls1_3", "-client_sigalgs", "RSA-PSS+SHA256"],
            ]
            .concat(),
            &[
                "asked for a client certificate with a key for RSA_PSS_SHA256; our key is ECDSA, so no certificate was sent",
            ],
        ),
        (
            &[
                ("certificate", "unknown.pem"),
                ("certificate-key", "unknown.key"),
            ],
            [&verify[..], &["-tls1_3"]].concat(),
            &[
                "the server refused our certificate `CN = unknown`, issued by `CN = Stranger`, serial ",
                ": the peer does not trust its CA; it accepts certificates issued by `CN = Test Root`, and none of these CAs issued ours",
            ],
        ),
        (
            &[("sec-protocol", "TLSv12")],
            vec!["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"],
            &[
                "TLS alert handshake_failure (40)",
                "or it wants AES-CCM, which `cipher-list` = `DEFAULT:ECDHE+AESCCM` would offer",
            ],
        ),
        (
            &[("sec-protocol", "TLSv13")],
            vec!["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"],
            &["or it wants AES-CCM, which `ciphersuites` = "],
        ),
        (
            &[("sec-protocol", "TLSv12")],
            vec!["-tls1_3"],
            &["there is no common protocol version; `sec-protocol` allows TLS 1.2 only"],
        ),
        (
            &[],
            vec!["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"],
            &["TLS alert protocol_version (70)"],
        ),
    ] {
        let text = at_server(settings, &[&SERVER[..], &words].concat()).await;
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn our_server_says_what_the_client_wants() {
    if !program::is_found() {
        return;
    }
    for (settings, words, parts) in [
        (
            &GOOD[..],
            &["-groups", "X448"][..],
            &["the client offers none of our groups; it offers X448; ours are X25519, "][..],
        ),
        (
            &GOOD,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-CAMELLIA128-SHA256"],
            &["the peer offers none of our suites; it offers ECDHE-ECDSA-CAMELLIA128-SHA256"],
        ),
        (
            &RSA,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
            &["it accepts only ECDSA certificates, and ours is RSA"],
        ),
        (
            &GOOD,
            &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],
            &["it accepts only RSA certificates, and ours is ECDSA"],
        ),
        (
            &GOOD,
            &["-tls1_3", "-sigalgs", "RSA-PSS+SHA256"],
            &["the client accepts no signature that our key (ECDSA) can make"],
        ),
        (
            &GOOD,
            &["-tls1_2", "-sigalgs", "ECDSA+SHA512"],
            &["the client accepts no signature that our key (ECDSA) can make"],
        ),
        (
            &RSA,
            &["-tls1_2", "-sigalgs", "ECDSA+SHA256:rsa_pss_pss_sha256"],
            &["the client accepts no signature that our key (RSA) can make"],
        ),
        (
            &RSA_PSS,
            &["-tls1_2"],
            &["the client accepts no signature that our key (RSA) can make; an RSA-PSS key can"],
        ),
        (
            &[RSA_PSS[0], RSA_PSS[1], ("sec-protocol", "TLSv12")],
            &[],
            &["the client accepts no signature that our key (RSA) can make; an RSA-PSS key can"],
        ),
        (
            &RSA_PSS,
            &["-tls1_3", "-sigalgs", "ECDSA+SHA256"],
            &["the client accepts no signature that our key (RSA) can make"],
        ),
        (
            &GOOD,
            &["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"],
            &["the client speaks TLS 1.1 at most, and rustls supports nothing older than TLS 1.2"],
        ),
        (
            &[GOOD[0], GOOD[1], ("tls-mutual", "1")],
            &["-tls1_3"],
            &["the client sent no certificate, and `tls-mutual` = `1` requires one"],
        ),
        (
            &[GOOD[0], GOOD[1], ("tls-mutual", "1")],
            &["-tls1_2"],
            &["the client sent no certificate, and `tls-mutual` = `1` requires one"],
        ),
        (
            &GOOD,
            &["-CAfile", "stranger.pem", "-verify_return_error"],
            &[
                "TLS alert unknown_ca (48): the client refused our certificate `CN = good`, issued by `CN = Test Intermediate`, serial ",
                ": the peer does not trust its CA",
            ],
        ),
        (
            &GOOD,
            &[
                "-CAfile",
                "root.pem",
                "-verify_return_error",
                "-servername",
                "other.example",
                "-verify_hostname",
                "other.example",
            ],
            &[
                "TLS alert bad_certificate (42): the client refused our certificate `CN = good`",
                ": the client expects `other.example` (SNI), and our certificate has DNS:sip.example.com",
            ],
        ),
        (
            &RSA,
            &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
            &[
                "the peer offers none of our suites; it offers DHE-RSA-AES128-GCM-SHA256; ",
                "names DHE-RSA-AES128-GCM-SHA256, which is not offered: DHE for a server, needs parameters that no option sets",
            ],
        ),
        (
            &RSA,
            &["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
            &[
                "the peer offers none of our suites; it offers AES128-GCM-SHA256; ",
                "names AES128-GCM-SHA256, which is not offered: static RSA key exchange",
            ],
        ),
    ] {
        let text = of_client(settings, words).await;
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
        assert_eq!(
            text.contains("; an RSA-PSS key can sign only in TLS 1.3"),
            settings.starts_with(&RSA_PSS) && !words.contains(&"-tls1_3"),
            "{text}"
        );
        assert!(text.len() < 500, "one line: {text}");
    }
}
