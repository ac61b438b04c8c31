//! The error if no server of a domain is good.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use rustls::AlertDescription;
use sip_tls::profile::Server;
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, NextHop, Resolver, Target};

use super::{DOMAIN, Serving, Table, client, connect, refusing};
use crate::endpoint::settings::endpoint;

#[tokio::test(crate = "crate::in_time")]
async fn every_server_is_told_with_its_address_and_reason_in_one_line() {
    let foreign = Serving::with("local.pem").await;
    let other_versions = endpoint(&[
        ("trusted-ca", "root.pem"),
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
        ("sec-protocol", "TLSv12"),
    ]);
    let old = Serving::start("127.0.0.1:0", other_versions).await;
    let (_busy, closed) = refusing();
    let targets = vec![
        foreign.target("foreign.test"),
        old.target("127.0.0.1"),
        Target::new("unknown.test", 5061),
        Target::new("closed.test", closed.port()).with_addresses([closed]),
    ];
    let settings = [
        ("trusted-ca", "root.pem"),
        ("tls-target-name-check", "host"),
        ("sec-protocol", "TLSv13"),
    ];
    let client = crate::endpoint::settings::builder(&settings).resolver(Table(targets));
    let client = client.build().unwrap();
    let error = connect(&client, DOMAIN, NextHop::Resolve)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(!text.contains('\n') && std::error::Error::source(&error).is_none());
    let parts = [
        format!(
            "cannot connect to `{DOMAIN}`; foreign.test:{} at 127.0.0.1: the peer's certificate was \
             refused: hostname mismatch (62) at depth 0",
            foreign.port()
        ),
        format!(
            "; {}: the peer refused the connection: TLS alert protocol_version (70)",
            old.address
        ),
        "; cannot look up `unknown.test`: nobody knows unknown.test; ".to_owned(),
        format!("; cannot reach closed.test:{0}; {closed}: ", closed.port()),
    ];
    for part in parts {
        assert!(text.contains(&part), "{part} in {text}");
    }
    // Each value is that of the last server that has one.
    let status = error.verify_status().unwrap();
    assert_eq!(status.code(), VerifyCode::HostnameMismatch);
    assert_eq!(error.alert(), Some(AlertDescription::ProtocolVersion));
    assert_eq!(error.peer_address(), Some(old.address));
    assert!(!error.is_timeout());
    let counters = client.counters().outgoing;
    assert_eq!((counters.succeeded, counters.failed), (0, 1));
    assert_eq!(counters.alerts[&70], 1);
}

/// The error is that of `connect_to`.
#[tokio::test(crate = "crate::in_time")]
async fn a_next_hop_that_is_given_and_fails_once_needs_no_word_about_the_domain() {
    let (_busy, closed) = refusing();
    let client = client(Table(Vec::new())).build().unwrap();
    let server: Server = closed.to_string().parse().unwrap();
    let expected = client.connect_to(&server, None).await.unwrap_err();
    for next_hop in [NextHop::Address(closed), NextHop::Server(server)] {
        let error = connect(&client, DOMAIN, next_hop).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }));
        assert_eq!(error.to_string(), expected.to_string());
    }
    let foreign = Serving::with("local.pem").await;
    let error = connect(&client, DOMAIN, foreign.address).await.unwrap_err();
    assert!(matches!(error, ConnectError::Refused { .. }), "{error}");
    assert_eq!(error.peer_address(), Some(foreign.address));
    let unknown: Server = "unknown.test:5071".parse().unwrap();
    let error = connect(&client, DOMAIN, unknown).await.unwrap_err();
    let text = "cannot look up `unknown.test`: nobody knows unknown.test";
    assert_eq!(error.to_string(), text);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_domain_without_servers_cannot_be_looked_up() {
    let client = client(Table(Vec::new())).build().unwrap();
    let error = connect(&client, DOMAIN, NextHop::Resolve)
        .await
        .unwrap_err();
    let text = "cannot look up `sip.example.com`: the domain has no servers";
    assert_eq!(error.to_string(), text);
}

/// A resolver that never answers.
#[derive(Debug)]
struct Silent;

impl Resolver for Silent {
    fn resolve<'a>(
        &'a self,
        _domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_look_up_that_is_not_answered_is_what_took_too_long() {
    let client = client(Silent).timeout(Duration::from_millis(100));
    let client = client.build().unwrap();
    let error = connect(&client, DOMAIN, NextHop::Resolve)
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "no connection after 0.1 seconds: the look-up of `sip.example.com` got no answer"
    );
}

/// By default the system resolves the name, as in the SIP Endpoint SDK.
#[tokio::test(crate = "crate::in_time")]
async fn without_a_resolver_the_domain_is_the_server() {
    let settings = [("trusted-ca", "root.pem")];
    let client = endpoint(&settings);
    // No server listens at port 5061 of this machine, or one whose certificate is not trusted.
    let error = connect(&client, "localhost", NextHop::Resolve).await;
    let text = error.unwrap_err().to_string();
    assert!(
        text.starts_with("cannot connect to `localhost`; ") && text.contains("localhost:5061"),
        "{text}"
    );
}
