//! Names that do not exist, and DNS servers that do not answer.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use sip_tls::{ConnectError, NextHop, SrvResolver, Target};
use tokio::net::UdpSocket;

use super::{addresses, connected, hosts, resolve, resolver};
use crate::endpoint::domains::nsd::{self, Nsd};
use crate::endpoint::domains::{DOMAIN, Serving, client, connect};
use crate::in_time::runtime::Runtime;

#[tokio::test(crate = "crate::in_time")]
async fn a_domain_that_does_not_exist_and_one_without_addresses_are_told_apart() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start("empty TXT \"nothing else\"");
    for (domain, text) in [
        ("none", "the name does not exist (NXDOMAIN)"),
        ("empty", "the name has neither A nor AAAA records"),
    ] {
        let domain = format!("{domain}.sip.example.com");
        let error = connected(&nsd, &domain).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot look up `{domain}`: {text}")
        );
        match error {
            ConnectError::Resolve { source, .. } => {
                assert_eq!(source.kind(), io::ErrorKind::NotFound);
            }
            other => panic!("{other}"),
        }
    }
}

/// After a server without an address, the next server is tried.
#[tokio::test(crate = "crate::in_time")]
async fn a_server_whose_name_does_not_exist_is_one_that_failed() {
    if !nsd::is_found() {
        return;
    }
    let good = Serving::with("good.pem").await;
    let nsd = Nsd::start(&format!(
        "_sips._tcp SRV 1 1 5061 none\n_sips._tcp SRV 2 1 {} ns",
        good.port()
    ));
    let connection = connected(&nsd, DOMAIN).await.unwrap();
    let failures = connection.failed_before();
    let text = "cannot look up `none.sip.example.com`: the name does not exist (NXDOMAIN)";
    assert_eq!(failures[0].to_string(), text);
}

/// The DNS server answers with errors. One of the domains has an address, too.
#[tokio::test(crate = "crate::in_time")]
async fn an_error_of_a_dns_server_is_not_taken_for_the_absence_of_records() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start("half A 127.0.0.1");
    for (domain, records, answer) in [
        (
            "half.sip.example.com",
            "SRV records of `_sips._tcp.half.sip.example.com`",
            "SERVFAIL",
        ),
        (
            "broken.example",
            "NAPTR records of `broken.example`",
            "SERVFAIL",
        ),
        (
            "elsewhere.example",
            "NAPTR records of `elsewhere.example`",
            "REFUSED",
        ),
    ] {
        let error = connected(&nsd, domain).await.unwrap_err();
        let text = error.to_string();
        let expected =
            format!("cannot look up `{domain}`: {records}: the DNS server answered {answer}");
        assert_eq!(text, expected);
        assert!(!error.is_timeout());
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_dns_server_that_is_silent_or_gone_is_told() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let resolver = SrvResolver::with_servers([silent.local_addr().unwrap()]).unwrap();
    let resolver = resolver.with_timeout(Duration::from_millis(200)).unwrap();
    let began = Instant::now();
    let client = client(resolver).timeout(Duration::from_secs(30));
    let client = client.build().unwrap();
    let error = connect(&client, DOMAIN, NextHop::Resolve)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot look up `sip.example.com`: NAPTR records of `sip.example.com`: no DNS server answered \
         in time"
    );
    assert!(error.is_timeout());
    // The server is asked twice.
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(400), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    let at = silent.local_addr().unwrap();
    drop(silent);
    let resolver = SrvResolver::with_servers([at]).unwrap();
    let error = resolve(&resolver, DOMAIN).await.unwrap_err().to_string();
    let start = "NAPTR records of `sip.example.com`: no DNS server ";
    assert!(error.starts_with(start), "{error}");
}

#[tokio::test(crate = "crate::in_time")]
async fn the_next_dns_server_is_asked_where_one_is_gone() {
    if !nsd::is_found() {
        return;
    }
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let nsd = Nsd::start("_sips._tcp SRV 1 1 5071 ns");
    let servers = [silent.local_addr().unwrap(), nsd.address()];
    let resolver = SrvResolver::with_servers(servers).unwrap();
    assert_eq!(hosts(&resolver, DOMAIN).await, ["ns.sip.example.com:5071"]);
    assert!(SrvResolver::with_servers([]).is_err());
}

/// Some networks lose queries for AAAA records.
#[tokio::test(crate = "crate::in_time")]
async fn ipv6_addresses_are_not_waited_for_long_where_ipv4_ones_are_there() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start("four A 127.0.0.4\nfour AAAA ::4\nsix AAAA ::6");
    let lossy = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = lossy.local_addr().unwrap();
    let relay = tokio::spawn(without_aaaa(lossy, nsd.address()));
    let resolver = SrvResolver::with_servers([at]).unwrap();
    let resolver = resolver.with_timeout(Duration::from_secs(20)).unwrap();
    let began = Instant::now();
    let four = Target::new("four.sip.example.com", 5061);
    let found = addresses(&resolver, &four).await.unwrap();
    assert_eq!(found, ["127.0.0.4:5061".parse().unwrap()]);
    assert!(began.elapsed() < Duration::from_secs(10));
    relay.abort();
}

/// Relays queries to a server and its answers back, but drops queries for AAAA records.
async fn without_aaaa(clients: UdpSocket, server: SocketAddr) {
    let mut query = [0; 4096];
    loop {
        let (length, client) = clients.recv_from(&mut query).await.unwrap();
        // The type follows the name, whose last label is empty.
        let mut at = 12;
        while query[at] != 0 {
            at += usize::from(query[at]) + 1;
        }
        if query[at + 1..at + 3] == [0, 28] {
            continue;
        }
        let asking = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        asking.send_to(&query[..length], server).await.unwrap();
        let mut answer = [0; 4096];
        let (length, _) = asking.recv_from(&mut answer).await.unwrap();
        clients.send_to(&answer[..length], client).await.unwrap();
    }
}

/// A program may make one runtime for each of its threads.
#[test]
fn a_resolver_goes_on_after_the_runtime_that_it_was_first_used_in_has_ended() {
    if !nsd::is_found() {
        return;
    }
    let large = |domain: &str| -> String {
        let record = |n| format!("_sips._tcp.{domain} SRV {n} 1 5061 a-long-name-of-sbc{n}\n");
        (0..50).map(record).collect()
    };
    let nsd = Nsd::start(&format!("{}{}ns2 A 127.0.0.2", large("one"), large("two")));
    let resolver = resolver(&nsd);
    for (domain, host) in [("one", "ns"), ("two", "ns2")] {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let target = Target::new(format!("{host}.sip.example.com"), 5061);
            assert!(addresses(&resolver, &target).await.is_ok(), "{host}");
            let domain = format!("{domain}.sip.example.com");
            assert_eq!(hosts(&resolver, &domain).await.len(), 32);
        });
    }
}

#[test]
fn the_servers_of_the_system_can_be_asked() {
    // If there are no servers, it is an error, not a panic.
    match SrvResolver::from_system() {
        Ok(resolver) => assert!(format!("{resolver:?}").contains("servers")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
