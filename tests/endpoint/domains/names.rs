//! The name that is sent and checked is the domain.

use std::net::IpAddr;

use sip_tls::profile::Server;
use sip_tls::verify::{ReferenceName, VerifyCode};
use sip_tls::{ConnectError, NextHop};

#[cfg(target_os = "linux")]
use super::port_5061;
use super::{DOMAIN, Serving, Table, client, connect};
use crate::endpoint::settings::builder;

fn check(code: VerifyCode, error: &ConnectError) {
    let status = error.verify_status().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(status.code(), code);
}

#[tokio::test(crate = "crate::in_time")]
async fn the_domain_is_sent_and_checked_and_never_the_server_that_dns_names() {
    let good = Serving::with("good.pem").await;
    // The server of an attacker who forges DNS. It has a certificate of a trusted CA for its own name.
    let foreign = Serving::with("local.pem").await;
    let client = |target| client(Table(vec![target])).build().unwrap();
    let with_good = client(good.target("sbc.example.net"));
    for domain in [
        DOMAIN,
        "SIP.Example.COM",
        "sip.example.com.",
        " sip.example.com ",
    ] {
        let connection = connect(&with_good, domain, NextHop::Resolve).await;
        let connection = connection.unwrap_or_else(|error| panic!("{domain}: {error}"));
        let status = connection.verify_status().unwrap();
        assert_eq!(status.reference(), Some(&ReferenceName::new(DOMAIN)));
    }
    let with_foreign = client(foreign.target("localhost"));
    let error = connect(&with_foreign, DOMAIN, NextHop::Resolve).await;
    check(VerifyCode::HostnameMismatch, &error.unwrap_err());
    // The server's own name is accepted for its own domain.
    assert!(
        connect(&with_foreign, "localhost", NextHop::Resolve)
            .await
            .is_ok()
    );
    let names = good.names(4).await;
    assert_eq!(names, vec![Some(DOMAIN.to_owned()); 4]);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_next_hop_may_be_an_address_or_a_server_of_either_family() {
    let client = client(Table(Vec::new())).build().unwrap();
    for (at, ip) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")] {
        let good = Serving::at(at, "good.pem").await;
        let ip: IpAddr = ip.parse().unwrap();
        let server: Server = good.address.to_string().parse().unwrap();
        for next_hop in [
            NextHop::from(good.address),
            NextHop::from(Some(good.address)),
            NextHop::from((ip, good.port())),
            NextHop::from(&server),
            NextHop::from(server.clone()),
        ] {
            let connection = connect(&client, DOMAIN, next_hop).await.unwrap();
            let reference = connection.verify_status().unwrap().reference();
            assert_eq!(reference, Some(&ReferenceName::new(DOMAIN)));
            assert_eq!(connection.info().peer_address(), Some(good.address));
            assert_eq!(connection.timing().look_up, None);
        }
        let names = good.names(5).await;
        assert_eq!(names, vec![Some(DOMAIN.to_owned()); 5]);
    }
    assert_eq!(NextHop::from(None), NextHop::Resolve);
    assert_eq!(NextHop::default(), NextHop::Resolve);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_domain_that_is_an_address_is_compared_with_addresses() {
    let (good, local) = (
        Serving::with("good.pem").await,
        Serving::with("local.pem").await,
    );
    let client = client(Table(Vec::new())).build().unwrap();
    for domain in ["127.0.0.1", "::1", "[::1]"] {
        let connection = connect(&client, domain, local.address).await;
        let connection = connection.unwrap_or_else(|error| panic!("{domain}: {error}"));
        let reference = connection.verify_status().unwrap().reference();
        assert_eq!(reference, Some(&ReferenceName::new(domain)));
        let error = connect(&client, domain, good.address).await.unwrap_err();
        check(VerifyCode::IpAddressMismatch, &error);
    }
    // An address is not sent as SNI.
    assert_eq!(local.names(3).await, [None, None, None]);
    let error = connect(&client, "192.0.2.7", local.address).await;
    check(VerifyCode::IpAddressMismatch, &error.unwrap_err());
}

#[cfg(target_os = "linux")]
#[tokio::test(crate = "crate::in_time")]
async fn a_domain_that_is_an_address_is_its_own_next_hop_at_port_5061() {
    let client = client(Table(Vec::new())).build().unwrap();
    let address = port_5061(61);
    let local = Serving::at(&address.to_string(), "local.pem").await;
    let domain = address.ip().to_string();
    let error = connect(&client, &domain, NextHop::Resolve).await;
    let error = error.unwrap_err();
    assert_eq!(error.peer_address(), Some(local.address));
    check(VerifyCode::IpAddressMismatch, &error);
}

#[tokio::test(crate = "crate::in_time")]
async fn tls_target_name_overrides_the_domain() {
    let good = Serving::with("good.pem").await;
    let client = builder(&[
        ("trusted-ca", "root.pem"),
        ("tls-target-name-check", "host"),
        ("tls-target-name", DOMAIN),
    ]);
    let client = client
        .resolver(Table(vec![good.target("sbc.example.net")]))
        .build()
        .unwrap();
    for next_hop in [NextHop::Resolve, NextHop::Address(good.address)] {
        let connection = connect(&client, "other.example.org", next_hop).await;
        let connection = connection.unwrap();
        let reference = connection.verify_status().unwrap().reference();
        assert_eq!(reference, Some(&ReferenceName::new(DOMAIN)));
    }
    let names = good.names(2).await;
    assert_eq!(names, vec![Some(DOMAIN.to_owned()); 2]);
}

#[tokio::test(crate = "crate::in_time")]
async fn what_is_no_domain_is_refused_before_anything_is_looked_up() {
    let client = client(Table(Vec::new())).build().unwrap();
    for (given, text) in [
        (
            "sip:sip.example.com",
            "`sip:sip.example.com` is not a domain: it is a URI; give only the domain",
        ),
        (
            "sip.example.com:5061",
            "`sip.example.com:5061` is not a domain: a domain has no port; a next hop may have one",
        ),
        ("", "`` is not a domain: it is empty"),
        (
            "alice@example.com",
            "`alice@example.com` is not a domain: it is neither a host name nor an IP address",
        ),
    ] {
        let error = connect(&client, given, NextHop::Resolve).await.unwrap_err();
        assert!(matches!(error, ConnectError::NotADomain { .. }), "{error}");
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(client.counters().outgoing.failed, 0, "nothing was begun");
}

/// The future owns everything that it needs.
#[tokio::test(crate = "crate::in_time")]
async fn a_connection_can_be_made_in_a_task_of_its_own() {
    let good = Serving::with("good.pem").await;
    let client = client(Table(vec![good.target("sbc.example.net")]));
    let client = client.build().unwrap();
    let connecting = {
        let domain = DOMAIN.to_owned();
        let server: Server = good.address.to_string().parse().unwrap();
        [
            tokio::spawn(client.connect_domain(&domain, &server)),
            tokio::spawn(client.connect_domain(&domain, None)),
        ]
    };
    drop(client);
    for connecting in connecting {
        assert!(connecting.await.unwrap().is_ok());
    }
}
