use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{PATIENCE, Served, talk};

#[tokio::test(crate = "crate::in_time")]
async fn silent_peers_yield_to_those_who_come_later() {
    let mut served = Served::start(|server| server.max_handshakes(4)).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(served.silent().await);
    }
    let began = Instant::now();
    talk(&mut served.connect().await).await;
    // The oldest connection has half a second before it is displaced.
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    let (peer, text) = served.failure().await;
    assert_eq!(peer, silent[0].local_addr().unwrap());
    assert!(
        text.contains("there was no room for the next connection"),
        "{text}"
    );
    assert_eq!(served.endpoint.counters().serving.displaced, 1);
    let closed = tokio::time::timeout(PATIENCE, silent[0].read(&mut [0])).await;
    assert!(!matches!(closed.expect("in time"), Ok(1)));
}

#[tokio::test(crate = "crate::in_time")]
async fn nobody_yields_as_long_as_there_is_room() {
    let served = Served::start(|server| server.max_handshakes(8)).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(served.silent().await);
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    for _ in 0..10 {
        talk(&mut served.connect().await).await;
    }
    assert_eq!(served.endpoint.counters().serving.displaced, 0);
    assert_eq!(served.endpoint.counters().incoming.in_progress, 4);
}

#[tokio::test(crate = "crate::in_time")]
async fn who_finds_no_place_waits_until_one_is_given_back() {
    let served = Served::start(|server| server.max_connections(2)).await;
    let mut first = served.connect().await;
    let mut second = served.connect().await;
    served.has_open(2).await;
    {
        let third = served.connect();
        let mut third = std::pin::pin!(third);
        let waits = tokio::time::timeout(Duration::from_millis(800), &mut third).await;
        assert!(waits.is_err(), "two places, and three connections");
        // The open connections are not disturbed.
        talk(&mut first).await;
        talk(&mut second).await;
        drop(first);
        talk(&mut third.await).await;
    }
    assert_eq!(served.endpoint.counters().serving.displaced, 0);
}

#[tokio::test(crate = "crate::in_time")]
async fn one_address_has_so_many_connections_and_no_more() {
    let mut served = Served::start(|server| server.max_per_address(2)).await;
    let first = served.connect().await;
    let mut second = served.connect().await;
    served.has_open(2).await;
    let mut third = served.silent().await;
    let (peer, text) = served.failure().await;
    assert_eq!(peer, third.local_addr().unwrap());
    assert!(
        text.ends_with(
            "this address (for IPv6: its /64) already has 2 connections, the limit (`Serve::max_per_address`, \
             `--max-per-address`)"
        ),
        "{text}"
    );
    let closed = tokio::time::timeout(PATIENCE, third.read(&mut [0])).await;
    assert!(!matches!(closed.expect("in time"), Ok(1)));
    talk(&mut second).await;
    assert_eq!(served.endpoint.counters().serving.turned_away, 1);
    drop(first);
    served.has_open(1).await;
    talk(&mut served.connect().await).await;
}

#[tokio::test(crate = "crate::in_time")]
async fn what_failed_is_told_for_what_it_is_and_keeps_nobody_out() {
    let mut served = Served::start(|server| server.max_connections(1)).await;
    let mut stranger = served.silent().await;
    stranger
        .write_all(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")
        .await
        .unwrap();
    // The stranger keeps its connection open, and reads nothing.
    talk(&mut served.connect().await).await;
    let (_, text) = served.failure().await;
    assert!(text.contains("it is a SIP request without TLS"), "{text}");
    assert_eq!(served.endpoint.counters().serving.displaced, 0);
}
