//! `SrvResolver` with a real DNS server.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use sip_tls::verify::ReferenceName;
use sip_tls::{ConnectError, Connection, NextHop, Resolver, SrvResolver, Target};
use tokio::net::{TcpStream, UdpSocket};

use super::nsd::{self, Nsd};
use super::{DOMAIN, PATIENCE, Serving, client, connect};

/// A resolver that asks this server. A query takes a millisecond; it is the machine that may be slow.
fn resolver(nsd: &Nsd) -> SrvResolver {
    let resolver = SrvResolver::with_servers([nsd.address()]).unwrap();
    resolver.with_timeout(Duration::from_secs(10)).unwrap()
}

async fn resolve(resolver: &SrvResolver, domain: &str) -> io::Result<Vec<Target>> {
    let resolving = resolver.resolve(domain);
    let found = tokio::time::timeout(PATIENCE, resolving).await;
    found.expect("queries end")
}

async fn addresses(resolver: &SrvResolver, target: &Target) -> io::Result<Vec<SocketAddr>> {
    let looking_up = resolver.addresses(target);
    let found = tokio::time::timeout(PATIENCE, looking_up).await;
    found.expect("queries end")
}

/// Host and port of each target.
async fn hosts(resolver: &SrvResolver, domain: &str) -> Vec<String> {
    let targets = resolve(resolver, domain).await;
    let targets = targets.unwrap_or_else(|error| panic!("{domain}: {error}"));
    targets.iter().map(Target::to_string).collect()
}

async fn connected(nsd: &Nsd, domain: &str) -> Result<Connection<TcpStream>, ConnectError> {
    let client = client(resolver(nsd)).build().unwrap();
    connect(&client, domain, NextHop::Resolve).await
}

#[tokio::test]
async fn naptr_leads_to_srv_to_addresses_and_the_certificate_is_that_of_the_domain() {
    if !nsd::is_found() {
        return;
    }
    let good = Serving::with("good.pem").await;
    let nsd = Nsd::start(&format!(
        r#"
@ NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp
@ NAPTR 20 50 "s" "SIPS+D2T" "" _sips._tcp.farm
@ NAPTR 30 50 "s" "SIPS+D2T" "" _sips._tcp.reserve
_sips._tcp SRV 1 1 1 wrong
_sip._tcp SRV 1 1 1 wrong
_sips._tcp.farm SRV 2 1 1 wrong
_sips._tcp.farm SRV 1 1 {} SBC1
sbc1 A 127.0.0.1
wrong A 127.0.0.1
"#,
        good.port()
    ));
    let connection = connected(&nsd, DOMAIN).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    assert!(connection.failed_before().is_empty());
    let status = connection.verify_status().unwrap();
    assert_eq!(status.reference(), Some(&ReferenceName::new(DOMAIN)));
    assert!(connection.timing().look_up.unwrap() > Duration::ZERO);
    let expected = [
        format!("sbc1.sip.example.com:{}", good.port()),
        "wrong.sip.example.com:1".to_owned(),
    ];
    for domain in [DOMAIN, "SIP.eXample.COM"] {
        assert_eq!(hosts(&resolver(&nsd), domain).await, expected);
    }
}

#[tokio::test]
async fn without_naptr_for_tls_the_srv_records_of_the_domain_count() {
    if !nsd::is_found() {
        return;
    }
    let (good, foreign) = (
        Serving::with("good.pem").await,
        Serving::with("local.pem").await,
    );
    let nsd = Nsd::start(&format!(
        r#"
@ NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp
@ NAPTR 10 50 "s" "SIPS+D2T" "" _sips._tcp.empty
@ A 192.0.2.1
_sips._tcp SRV 1 1 {} foreign
_sips._tcp SRV 2 1 {} good
empty TXT "there is no SRV record below"
foreign A 127.0.0.1
good A 127.0.0.1
"#,
        foreign.port(),
        good.port()
    ));
    let connection = connected(&nsd, DOMAIN).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    let failure = &connection.failed_before()[0];
    assert_eq!(failure.target().host(), "foreign.sip.example.com");
    assert_eq!(failure.target().priority(), 1);
    assert!(failure.error().verify_status().is_some());
}

/// Port 5061 of addresses that nobody else uses.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_srv_records_the_domain_is_the_server() {
    if !nsd::is_found() {
        return;
    }
    let good = Serving::at("127.61.50.2:5061", "good.pem").await;
    let nsd = Nsd::start("@ A 127.61.50.2\nboth A 192.0.2.1\nboth AAAA 2001:db8::1");
    let connection = connected(&nsd, DOMAIN).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    let targets = resolve(&resolver(&nsd), "both.sip.example.com").await;
    let expected = ["192.0.2.1:5061", "[2001:db8::1]:5061"].map(|at| at.parse().unwrap());
    let mut found = targets.unwrap().remove(0).addresses().to_vec();
    found.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_server_with_ipv6_only_is_reached() {
    if !nsd::is_found() {
        return;
    }
    let good = Serving::at("[::1]:0", "good.pem").await;
    let port = good.port();
    let nsd = Nsd::start(&format!("_sips._tcp SRV 1 1 {port} six\nsix AAAA ::1"));
    let connection = connected(&nsd, DOMAIN).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(good.address));
}

#[tokio::test]
async fn lower_priorities_go_first_and_weights_share_the_load() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start(
        "
_sips._tcp SRV 20 65535 5061 late
_sips._tcp SRV 10 100 5061 one
_sips._tcp SRV 10 300 5061 three
_sips._tcp SRV 10 600 5061 six
_sips._tcp SRV 10 0 5061 rare
",
    );
    let resolver = resolver(&nsd);
    let mut first = BTreeMap::<String, usize>::new();
    const TIMES: usize = 2000;
    for _ in 0..TIMES {
        let targets = resolve(&resolver, DOMAIN).await.unwrap();
        assert_eq!(targets.len(), 5);
        assert_eq!(targets[4].host(), "late.sip.example.com");
        assert_eq!((targets[4].priority(), targets[4].weight()), (20, 65535));
        let host = targets[0].host().split('.').next().unwrap();
        *first.entry(host.to_owned()).or_default() += 1;
    }
    // Six standard deviations are 80, 123 and 131.
    for (host, expected, deviation) in [("one", 200, 80), ("three", 600, 123), ("six", 1200, 132)] {
        let times = first[host];
        let allowed = expected - deviation..=expected + deviation;
        assert!(allowed.contains(&times), "{host}: {first:?}");
    }
    assert!(first.get("rare").is_none_or(|times| *times < 20));
}

#[tokio::test]
async fn a_target_that_is_the_root_says_that_there_is_no_such_service() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start("@ A 127.0.0.1\n_sips._tcp SRV 0 0 0 .");
    let error = connected(&nsd, DOMAIN).await.unwrap_err();
    assert!(matches!(error, ConnectError::Resolve { .. }));
    assert_eq!(
        error.to_string(),
        "cannot look up `sip.example.com`: the SRV record of `_sips._tcp.sip.example.com` says that \
         there is no such service (RFC 2782)"
    );
}

#[tokio::test]
async fn aliases_are_followed_at_every_step() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start(
        r#"
farm NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.hosted
alias CNAME farm
_sips._tcp.hosted CNAME _sips._tcp.real
_sips._tcp.real SRV 1 1 5071 sbc
sbc CNAME machine
machine A 127.0.0.9
_sips._tcp.lone CNAME _sips._tcp.hosted
_sips._tcp.loop CNAME _sips._tcp.pool
_sips._tcp.pool CNAME _sips._tcp.loop
loop A 127.0.0.7
dangling CNAME nowhere
_sips._tcp.away CNAME _sips._tcp.far
_sips._tcp.far SRV 1 1 5071 sbc.elsewhere.example.
_sips._tcp.shut CNAME _sips._tcp.none
_sips._tcp.none SRV 0 0 0 .
"#,
    );
    let resolver = resolver(&nsd);
    for domain in ["farm", "alias", "lone"] {
        let domain = format!("{domain}.sip.example.com");
        assert_eq!(
            hosts(&resolver, &domain).await,
            ["sbc.sip.example.com:5071"],
            "{domain}"
        );
    }
    let away = hosts(&resolver, "away.sip.example.com").await;
    assert_eq!(away, ["sbc.elsewhere.example:5071"]);
    let shut = resolve(&resolver, "shut.sip.example.com").await;
    let shut = shut.unwrap_err().to_string();
    assert!(
        shut.contains("says that there is no such service"),
        "{shut}"
    );
    let sbc = Target::new("sbc.sip.example.com", 5071);
    let expected = ["127.0.0.9:5071".parse().unwrap()];
    assert_eq!(addresses(&resolver, &sbc).await.unwrap(), expected);
    let dangling = Target::new("dangling.sip.example.com", 5061);
    let error = addresses(&resolver, &dangling).await.unwrap_err();
    let text = "the name is an alias that leads to no address";
    assert_eq!(error.to_string(), text);
    // Aliases that lead to nothing are no SRV record, or an error; but they end.
    let _ = resolve(&resolver, "loop.sip.example.com").await;
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_again_over_tcp() {
    if !nsd::is_found() {
        return;
    }
    let records: Vec<_> = (0..100)
        .rev()
        .map(|n| {
            format!("_sips._tcp SRV {n} 1 5061 sbc{n}.a-name-that-takes-its-place-in-an-answer")
        })
        .collect();
    let nsd = Nsd::start(&records.join("\n"));
    let found = resolve(&resolver(&nsd), DOMAIN).await.unwrap();
    let priorities: Vec<_> = found.iter().map(Target::priority).collect();
    // As many servers as are tried.
    assert_eq!(priorities, (0..32).collect::<Vec<_>>());
}

#[tokio::test]
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

/// A server without an address is followed by the next.
#[tokio::test]
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

/// The domains have addresses, and SRV records that nobody can read.
#[tokio::test]
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

#[tokio::test]
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
    // It is asked twice.
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

#[tokio::test]
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
#[tokio::test]
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

/// Hands queries on to a server, but for those for AAAA records, and the answers back.
async fn without_aaaa(clients: UdpSocket, server: SocketAddr) {
    let mut query = [0; 4096];
    loop {
        let (length, client) = clients.recv_from(&mut query).await.unwrap();
        // The type stands behind the name, whose labels end with an empty one.
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

/// As in a program that makes one for each of its threads.
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
        let runtime = tokio::runtime::Runtime::new().unwrap();
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
    // Where there is none, it is an error, and no panic.
    match SrvResolver::from_system() {
        Ok(resolver) => assert!(format!("{resolver:?}").contains("servers")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
