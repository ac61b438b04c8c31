//! Fail-over: if one server fails, the next is tried.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, NextHop, Target};
use tokio::net::TcpListener;

#[cfg(target_os = "linux")]
use super::black_hole;
use super::{DOMAIN, Serving, Table, client, connect, refusing};
use crate::endpoint::settings::builder;

#[tokio::test(crate = "crate::in_time")]
async fn servers_are_tried_in_their_order_until_one_is_good() {
    let (_busy, closed) = refusing();
    let foreign = Serving::with("local.pem").await;
    let (good, spare) = (
        Serving::with("good.pem").await,
        Serving::with("good.pem").await,
    );
    let targets = vec![
        Target::new("closed.test", closed.port()).with_addresses([closed]),
        foreign.target("foreign.test"),
        Target::new("unknown.test", 5061),
        good.target("good.test"),
        spare.target("spare.test"),
    ];
    let client = client(Table(targets.clone())).build().unwrap();
    let connection = connect(&client, DOMAIN, NextHop::Resolve).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    assert!(connection.timing().look_up.is_some());
    assert!(spare.names.lock().unwrap().is_empty());
    let failures = connection.failed_before();
    let failed: Vec<_> = failures.iter().map(|failure| failure.target()).collect();
    assert_eq!(failed, [&targets[0], &targets[1], &targets[2]]);
    assert!(matches!(
        failures[0].error(),
        ConnectError::Unreachable { failures, .. } if failures[0].0 == closed
    ));
    assert_eq!(failures[0].address(), None);
    let status = failures[1].error().verify_status().unwrap();
    assert_eq!(status.code(), VerifyCode::HostnameMismatch);
    assert_eq!(failures[1].address(), Some(foreign.address));
    assert!(matches!(
        failures[2].error(),
        ConnectError::Resolve { host, .. } if host == "unknown.test"
    ));
    // It counts as one connection, which succeeded.
    let counters = client.counters().outgoing;
    assert_eq!((counters.succeeded, counters.failed), (1, 0));
    assert_eq!(counters.refused[&VerifyCode::HostnameMismatch], 1);
}

/// In TLS 1.3, the server refuses the certificate after the handshake, and `confirm` waits for that.
#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_refuses_our_certificate_is_followed_by_the_next() {
    for version in ["TLSv12", "TLSv13"] {
        let mutual = builder(&[
            ("trusted-ca", "root.pem"),
            ("certificate", "good.pem"),
            ("certificate-key", "good.key"),
            ("tls-mutual", "1"),
            ("sec-protocol", version),
        ]);
        let strict = Serving::start("127.0.0.1:0", mutual.build().unwrap()).await;
        let good = Serving::with("good.pem").await;
        let targets = vec![strict.target("strict.test"), good.target("good.test")];
        let client = client(Table(targets)).confirm(Duration::from_secs(10));
        let client = client.build().unwrap();
        let connection = connect(&client, DOMAIN, NextHop::Resolve).await.unwrap();
        assert_eq!(connection.info().peer_address(), Some(good.address));
        let failure = &connection.failed_before()[0];
        assert!(failure.error().alert().is_some(), "{version}: {failure}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn after_a_failed_handshake_the_other_addresses_of_the_server_are_tried_first() {
    let foreign = Serving::with("local.pem").await;
    let (_busy, closed) = refusing();
    let (second, next) = (
        Serving::with("good.pem").await,
        Serving::with("good.pem").await,
    );
    let addresses = [foreign.address, closed, second.address];
    let targets = vec![
        Target::new("both.test", 5061).with_addresses(addresses),
        next.target("next.test"),
    ];
    let client = client(Table(targets)).build().unwrap();
    let connection = connect(&client, DOMAIN, NextHop::Resolve).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(second.address));
    let failures = connection.failed_before();
    assert_eq!(failures[0].address(), Some(foreign.address));
    assert!(failures[1].to_string().starts_with(&format!(
        "cannot reach both.test:5061; {closed}: Connection refused"
    )));
}

/// With a time-out of six seconds and four servers, each server gets one and a half seconds.
#[cfg(target_os = "linux")]
#[tokio::test(crate = "crate::in_time")]
async fn a_silent_server_takes_no_more_than_its_share_of_the_time() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = mute.local_addr().unwrap();
    let (_listener, _queued, hole) = black_hole().await;
    let good = Serving::with("good.pem").await;
    let targets = vec![
        Target::new("mute.test", at.port()).with_addresses([at]),
        Target::new("hole.test", hole.port()).with_addresses([hole]),
        Target::new("silent.test", 5061),
        good.target("good.test"),
    ];
    let client = client(Table(targets)).timeout(Duration::from_secs(6));
    let client = client.build().unwrap();
    let began = Instant::now();
    let connection = connect(&client, DOMAIN, NextHop::Resolve).await.unwrap();
    let took = began.elapsed();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    let failures = connection.failed_before();
    assert_eq!(failures.len(), 3);
    for failure in failures {
        assert!(failure.error().is_timeout(), "{failure}");
    }
    let text = failures[0].to_string();
    let expected = format!(
        "mute.test:{} at 127.0.0.1: no connection after 1.",
        at.port()
    );
    assert!(text.starts_with(&expected), "{text}");
    assert!(took >= Duration::from_millis(4400), "{took:?}");
}

#[tokio::test(crate = "crate::in_time")]
async fn everything_together_takes_no_longer_than_the_time_out() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = mute.local_addr().unwrap();
    let target = |host: &str| Target::new(host, at.port()).with_addresses([at]);
    let targets = ["a", "b", "c", "d", "e"].map(|host| target(&format!("{host}.test")));
    let client = client(Table(targets.to_vec())).timeout(Duration::from_secs(2));
    let client = client.build().unwrap();
    let began = Instant::now();
    let error = connect(&client, DOMAIN, NextHop::Resolve).await;
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(10) && took >= Duration::from_millis(1900),
        "{took:?}"
    );
    let error = error.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    // The first server gets one second, and the second server gets the rest.
    match &error {
        ConnectError::Domain {
            failures, untried, ..
        } => assert_eq!((failures.len(), *untried), (2, 3), "{error}"),
        other => panic!("{other}"),
    }
    let text = error.to_string();
    assert!(text.ends_with("; 3 more servers were not tried"), "{text}");
}

/// A resolver of the caller may return any number of them.
#[tokio::test(crate = "crate::in_time")]
async fn no_more_than_32_servers_and_64_addresses_are_tried() {
    let (_busy, closed) = refusing();
    let good = Serving::with("good.pem").await;
    let refused = |number| Target::new(format!("{number}.test"), 5061).with_addresses([closed]);
    let mut targets: Vec<_> = (0..32).map(refused).collect();
    targets.push(good.target("good.test"));
    let connecting = |targets| async {
        let client = client(Table(targets)).build().unwrap();
        connect(&client, DOMAIN, NextHop::Resolve).await
    };
    match connecting(targets.clone()).await.unwrap_err() {
        ConnectError::Domain { failures, .. } => assert_eq!(failures.len(), 32),
        other => panic!("{other}"),
    }
    targets.remove(0);
    assert!(connecting(targets).await.is_ok());
    let many: Vec<SocketAddr> = vec![closed; 100];
    let crowd = Target::new("crowd.test", 5061).with_addresses(many);
    match connecting(vec![crowd, good.target("good.test")])
        .await
        .unwrap_err()
    {
        ConnectError::Domain {
            failures, untried, ..
        } => {
            assert_eq!(untried, 1);
            match failures[0].error() {
                ConnectError::Unreachable { failures, .. } => assert_eq!(failures.len(), 64),
                other => panic!("{other}"),
            }
        }
        other => panic!("{other}"),
    }
}

/// Linux drops connections that do not fit into the queue of a listener.
#[cfg(target_os = "linux")]
#[tokio::test(crate = "crate::in_time")]
async fn an_address_that_is_silent_holds_up_neither_the_other_addresses_nor_their_handshake() {
    let (_listener, _queued, hole) = black_hole().await;
    let good = Serving::with("good.pem").await;
    let both = Target::new("both.test", 5061).with_addresses([hole, good.address]);
    let client = client(Table(vec![both]))
        .timeout(Duration::from_secs(30))
        .build();
    let client = client.unwrap();
    let began = Instant::now();
    let connection = connect(&client, DOMAIN, NextHop::Resolve).await.unwrap();
    let took = began.elapsed();
    assert_eq!(connection.info().peer_address(), Some(good.address));
    assert!(connection.failed_before().is_empty());
    let allowed = Duration::from_millis(250)..Duration::from_secs(10);
    assert!(allowed.contains(&took), "{took:?}");
}

#[tokio::test(crate = "crate::in_time")]
async fn the_families_of_addresses_take_turns_and_ipv6_begins() {
    let (four, six) = (
        Serving::with("good.pem").await,
        Serving::at("[::1]:0", "good.pem").await,
    );
    let both = Target::new("both.test", 5061).with_addresses([four.address, six.address]);
    let client = client(Table(vec![both])).build().unwrap();
    let connection = connect(&client, DOMAIN, NextHop::Resolve).await.unwrap();
    assert_eq!(connection.info().peer_address(), Some(six.address));
}
