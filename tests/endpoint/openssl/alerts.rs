//! For the same server, `openssl s_client` and our client must send the same alert.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use rustls::{AlertDescription, Error, ServerConfig, ServerConnection};

use super::program::{self, Program};
use crate::blocking;
use crate::endpoint::in_memory::{VERSIONS, peer_server, shake};
use crate::endpoint::settings::endpoint;
use crate::endpoint::test_pki::{HOST, Identity, NOW, TestPki};

/// A server, the words for `s_client` in addition to the trusted CA, and the same as our options.
struct Case<'a> {
    server: &'a Identity,
    words: &'a [&'a str],
    settings: &'a [(&'a str, &'a str)],
}

#[test]
fn our_alerts_are_those_of_openssl() {
    if !program::is_found() {
        return;
    }
    for case in cases(TestPki::get()) {
        for version in VERSIONS {
            let server = peer_server(case.server, &[version]);
            let settings = [&[("trusted-ca", "root.pem")], case.settings].concat();
            let ends = shake(&endpoint(&settings).client_config(), &server, HOST);
            let ours = ends.server.alert();
            assert!(ours.is_some(), "{}: accepted", case.server.name);
            let theirs = alert_of_openssl(&server, case.words);
            assert_eq!(ours, theirs, "{} {:?}", case.server.name, case.settings);
        }
    }
}

fn cases(pki: &TestPki) -> Vec<Case<'_>> {
    let plain = |server| Case {
        server,
        words: &[],
        settings: &[],
    };
    let mut cases: Vec<_> = [
        &pki.expired,
        &pki.not_yet_valid,
        &pki.unknown,
        &pki.lone,
        &pki.self_signed,
        &pki.v1,
        &pki.client_only,
    ]
    .map(plain)
    .into();
    cases.extend([
        Case {
            server: &pki.cn_overruled,
            words: &["-verify_hostname", HOST],
            settings: &[("tls-target-name-check", "host")],
        },
        Case {
            server: &pki.cn_address,
            words: &["-verify_ip", "192.0.2.7"],
            settings: &[
                ("tls-target-name-check", "host"),
                ("tls-target-name", "192.0.2.7"),
            ],
        },
        Case {
            server: &pki.rsa,
            words: &["-cipher", "DEFAULT:@SECLEVEL=3"],
            settings: &[("cipher-list", "DEFAULT:@SECLEVEL=3")],
        },
        Case {
            server: &pki.revoked,
            words: &["-crl_check", "-CRL", "current.crl"],
            settings: &[("tls-crl", "current.crl")],
        },
        Case {
            server: &pki.good,
            words: &["-crl_check", "-CRL", "expired.crl"],
            settings: &[("tls-crl", "expired.crl")],
        },
        Case {
            server: &pki.good,
            words: &["-crl_check", "-CRL", "not-yet-valid.crl"],
            settings: &[("tls-crl", "not-yet-valid.crl")],
        },
        Case {
            server: &pki.good,
            words: &["-crl_check", "-CRL", "forged.crl"],
            settings: &[("tls-crl", "forged.crl")],
        },
        Case {
            server: &pki.good,
            words: &["-crl_check", "-CRL", "stranger.crl"],
            settings: &[("tls-crl", "stranger.crl")],
        },
    ]);
    cases
}

/// The alert with which `s_client` refuses the server.
fn alert_of_openssl(server: &Arc<ServerConfig>, words: &[&str]) -> Option<AlertDescription> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let now = NOW.to_string();
    let _client = Program::start(
        &[
            &["s_client", "-connect", &at, "-CAfile", "root.pem"],
            &["-verify_return_error", "-attime", &now][..],
            words,
        ]
        .concat(),
    );
    let mut stream = blocking::accept(&listener);
    let mut connection = ServerConnection::new(server.clone()).unwrap();
    let error = connection.complete_io(&mut stream).err()?;
    match error.downcast::<Error>() {
        Ok(Error::AlertReceived(alert)) => Some(alert),
        other => panic!("{other:?}"),
    }
}
