//! Peers that send one byte a second.

use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Load, OPTIONS, ask, size, worst};

#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn slow_peers_hold_up_nobody() {
    let load = Load::start(&[]).await;
    let mut slow = JoinSet::new();
    for _ in 0..100 {
        slow.spawn(drip(load.stranger().await, CLIENT_HELLO));
        slow.spawn(drip(load.connect().await.0, OPTIONS));
    }
    let mut times = Vec::new();
    for _ in 0..size(100, 2_000) {
        let (mut connection, took) = load.connect().await;
        ask(&mut connection).await;
        times.push(took);
        sleep(Duration::from_millis(10)).await;
    }
    let (p99, longest) = worst(times);
    println!(
        "100 peers that send a byte a second in their handshakes, and 100 afterwards: p99 of good handshakes {p99:?}, longest \
         {longest:?}"
    );
    assert!(p99 <= Duration::from_secs(1), "{p99:?}");
}

/// Sends one byte a second, until the stream refuses it.
async fn drip(mut stream: impl AsyncWrite + Unpin, bytes: &'static [u8]) {
    for byte in bytes.chunks(1) {
        if stream.write_all(byte).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// The start of a record with a ClientHello of 508 bytes.
const CLIENT_HELLO: &[u8] =
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03abcdefghijklmnopqrstuvwxyzabcdef\x20";
