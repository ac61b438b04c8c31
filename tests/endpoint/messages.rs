//! The messages that users read if something is wrong. Each error in a chain states its own fact; the program joins
//! them.

use sip_tls::Error;
use sip_tls::crypto::ProviderError;
use sip_tls::options::TlsOptions;
use sip_tls::profile::Profile;

use crate::endpoint::settings::{built, endpoint};
use crate::endpoint::test_pki::{HOST, TestPki};

const CA: (&str, &str) = ("trusted-ca", "root.pem");

/// Each variant of [`Error`] that can result from options, with its causes.
#[test]
fn configuration_errors_read_well() {
    let of_code = |pair: &str| match TlsOptions::builder().pair(pair) {
        Ok(builder) => Error::from(builder.build().unwrap_err()),
        Err(error) => Error::from(error),
    };
    let profile = |text: &str| text.parse::<Profile>().unwrap_err();
    let key = TestPki::get().path("good.key").display().to_string();
    let no_certificate =
        format!("`trusted-ca`: {key} holds a private key instead of a certificate");
    let cases: Vec<(Error, &str)> = vec![
        (
            built(&[("trusted-ca", "good.key")]).unwrap_err(),
            &no_certificate,
        ),
        (
            built(&[]).unwrap_err(),
            "`trusted-ca` is not given: without it no peer can be verified",
        ),
        (
            built(&[CA, ("certificate-key", "good.key")]).unwrap_err(),
            "`certificate` is not given: `certificate-key` needs it",
        ),
        (
            built(&[CA]).unwrap().server_config().unwrap_err(),
            "`certificate` is not given: incoming connections need one",
        ),
        (
            of_code("sec-protocol=TLSv1"),
            "unusable option `sec-protocol`: `TLSv1` asks for a protocol older than TLS 1.2, which rustls does not \
             support",
        ),
        (
            of_code("sec-protocol=TLS"),
            "unusable option `sec-protocol`: `TLS` is not one of `SSLv23`, `TLSv12`, `TLSv13`",
        ),
        (
            of_code("tls-target-name-check=yes"),
            "unusable option `tls-target-name-check`: `yes` is not one of `no`, `host`, `sip`",
        ),
        (
            of_code("tls-mutual=yes"),
            "unusable option `tls-mutual`: `yes` is not one of `0`, `1`",
        ),
        (
            of_code("cipher-list=NONSENSE"),
            "unusable option `cipher-list`: no cipher match: no word of the list is known: `NONSENSE`",
        ),
        (
            of_code("trust-ca=x"),
            "unusable option `trust-ca`: no such option; the nearest are `trusted-ca` and \
             `tls-crl`",
        ),
        (
            of_code("trusted-ca"),
            "unusable option `trusted-ca`: not of the form NAME=VALUE",
        ),
        (
            Error::from(profile("<SipEndpoint>")),
            "line 1, column 14: unreadable XML, unexpected end of stream: still inside the root \
             element",
        ),
        (
            Error::from(ProviderError::NoneBuiltIn),
            "no crypto provider is built in: enable one of the cargo features `graviola`, `ring` \
             and `aws-lc-rs`, or pass a provider",
        ),
        (
            Error::from(rustls::Error::NoCertificatesPresented),
            "rustls refused the configuration: peer sent no certificates",
        ),
        (
            built(&[CA, ("cipher-list", "kRSA"), ("sec-protocol", "TLSv12")]).unwrap_err(),
            "unusable option `cipher-list`: no suite of the list can be used: static RSA key \
             exchange (16 suites), no encryption (3 suites); a list that works is `ECDHE+AESGCM:ECDHE+CHACHA20`",
        ),
        (
            built(&[CA, ("cipher-list", "SUITEB128")]).unwrap_err(),
            "unusable option `cipher-list`: Suite B also restricts certificates, which is not supported; list the \
             suites by name",
        ),
        (
            built(&[
                CA,
                ("certificate", "rsa.pem"),
                ("certificate-key", "rsa.key"),
                ("cipher-list", "ALL:@SECLEVEL=3"),
            ])
            .unwrap_err(),
            "unusable option `certificate`: error 66 at depth 0: EE certificate key too weak \
             (X509_V_ERR_EE_KEY_TOO_SMALL)",
        ),
    ];
    for (error, text) in cases {
        assert_eq!(chain(&error), text);
    }
}

/// The variants of [`ConnectError`] that hold another error of the crate. The tests of the others are elsewhere.
#[tokio::test(crate = "crate::in_time")]
async fn connection_errors_read_well() {
    let expired = [
        ("certificate", "expired.pem"),
        ("certificate-key", "expired.key"),
    ];
    let (client, server) = (endpoint(&[CA]), endpoint(&[&[CA], &expired[..]].concat()));
    let (near, far) = tokio::io::duplex(1 << 14);
    let (refused, _) = tokio::join!(client.connect_stream(HOST, near), server.accept(far));
    assert_eq!(
        chain(&refused.unwrap_err()),
        "the peer's certificate was refused: certificate has expired (10) at depth 0"
    );
    let (near, _far) = tokio::io::duplex(1);
    assert_eq!(
        chain(&client.accept(near).await.unwrap_err()),
        "`certificate` is not given: incoming connections need one"
    );
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
