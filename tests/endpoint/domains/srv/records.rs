//! How records become servers.

use std::collections::BTreeMap;
use std::time::Duration;

use sip_tls::verify::ReferenceName;
use sip_tls::{ConnectError, Target};

use super::{addresses, connected, hosts, resolve, resolver};
use crate::endpoint::domains::nsd::{self, Nsd};
#[cfg(target_os = "linux")]
use crate::endpoint::domains::port_5061;
use crate::endpoint::domains::{DOMAIN, Serving};

#[tokio::test(crate = "crate::in_time")]
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

#[tokio::test(crate = "crate::in_time")]
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

#[cfg(target_os = "linux")]
#[tokio::test(crate = "crate::in_time")]
async fn without_srv_records_the_domain_is_the_server() {
    if !nsd::is_found() {
        return;
    }
    let address = port_5061(62);
    let good = Serving::at(&address.to_string(), "good.pem").await;
    let nsd = Nsd::start(&format!(
        "@ A {}\nboth A 192.0.2.1\nboth AAAA 2001:db8::1",
        address.ip()
    ));
    let connection = connected(&nsd, DOMAIN).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    let targets = resolve(&resolver(&nsd), "both.sip.example.com").await;
    let expected = ["192.0.2.1:5061", "[2001:db8::1]:5061"].map(|at| at.parse().unwrap());
    let mut found = targets.unwrap().remove(0).addresses().to_vec();
    found.sort();
    assert_eq!(found, expected);
}

#[tokio::test(crate = "crate::in_time")]
async fn naptr_records_are_not_asked_for_if_they_are_not_wanted() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start(
        r#"
@ NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.farm
_sips._tcp.farm SRV 1 1 5061 farm
_sips._tcp SRV 1 1 5061 own
"#,
    );
    let resolver = resolver(&nsd);
    let own = resolver.clone().without_naptr();
    assert_eq!(
        hosts(&resolver, DOMAIN).await,
        ["farm.sip.example.com:5061"]
    );
    assert_eq!(hosts(&own, DOMAIN).await, ["own.sip.example.com:5061"]);
}

#[tokio::test(crate = "crate::in_time")]
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

#[tokio::test(crate = "crate::in_time")]
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

#[tokio::test(crate = "crate::in_time")]
async fn a_target_that_is_the_root_says_that_there_is_no_such_service() {
    if !nsd::is_found() {
        return;
    }
    let nsd = Nsd::start("@ A 127.0.0.1\n_sips._tcp SRV 0 0 0 .");
    let error = connected(&nsd, DOMAIN).await.unwrap_err();
    assert!(matches!(error, ConnectError::Resolve { .. }));
    assert_eq!(
        error.to_string(),
        "cannot look up `sip.example.com`: the SRV records of `_sips._tcp.sip.example.com` name no \
         usable server: their target is `.` or their port is 0 (RFC 2782)"
    );
}

#[tokio::test(crate = "crate::in_time")]
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
    assert!(shut.contains("name no usable server"), "{shut}");
    let sbc = Target::new("sbc.sip.example.com", 5071);
    let expected = ["127.0.0.9:5071".parse().unwrap()];
    assert_eq!(addresses(&resolver, &sbc).await.unwrap(), expected);
    let dangling = Target::new("dangling.sip.example.com", 5061);
    let error = addresses(&resolver, &dangling).await.unwrap_err();
    let text = "the name is an alias that leads to no address";
    assert_eq!(error.to_string(), text);
    // Aliases in a loop give no SRV record or an error. The query must end.
    let _ = resolve(&resolver, "loop.sip.example.com").await;
}

#[tokio::test(crate = "crate::in_time")]
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
    // No more servers than are tried.
    assert_eq!(priorities, (0..32).collect::<Vec<_>>());
}
