//! Many connections at once, and many one after the other.

use std::time::{Duration, Instant};

use sip_tls::Connection;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{Load, PATIENCE, ask, size, worst};

#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn silent_peers_leave_descriptors_to_others() {
    let load = Load::with_descriptors(64).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(load.stranger().await);
    }
    let mut times = Vec::new();
    for _ in 0..20 {
        let (mut connection, took) = load.connect().await;
        ask(&mut connection).await;
        times.push(took);
    }
    let (_, longest) = worst(times);
    println!("64 descriptors, 100 silent peers: the longest of 20 good handshakes {longest:?}");
    assert!(longest < Duration::from_secs(5), "{longest:?}");
}

/// The allocator keeps memory for the next crowd. The memory before is therefore measured after the first crowds.
#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_kept_side_by_side_and_leave_nothing_behind() {
    let count = size(150, 10_000);
    let mut load = Load::start(&["--idle", "600"]).await;
    load.listener.drain();
    let fresh = load.memory();
    let mut resting = Vec::new();
    for _ in 0..CROWDS {
        drop(crowd(&load, count).await);
        resting.push(settled(&load).await);
    }
    let before = resting[1];
    let began = Instant::now();
    let mut connections = crowd(&load, count).await;
    let (took, full) = (began.elapsed(), load.memory());
    for connection in connections.iter_mut().step_by(count / 50) {
        ask(connection).await;
    }
    drop(connections);
    let after = settled(&load).await;
    println!(
        "{count} connections in {took:?}: {fresh} KiB at the start, {resting:?} KiB after others, {full} KiB with them, \
         {after} KiB afterwards"
    );
    assert!(
        after * 10 <= before * 11,
        "{before} KiB before, {after} KiB afterwards"
    );
}

/// Makes this number of connections.
async fn crowd(load: &Load, count: usize) -> Vec<Connection<TcpStream>> {
    let (mut connecting, mut connections) = (JoinSet::new(), Vec::new());
    while connections.len() < count {
        while connecting.len() < 100 && connecting.len() + connections.len() < count {
            connecting.spawn(load.connect());
        }
        connections.push(connecting.join_next().await.unwrap().unwrap().0);
    }
    connections
}

/// The memory of the server once all connections have ended.
async fn settled(load: &Load) -> u64 {
    let ended = async {
        while load.sockets() > load.own_sockets {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, ended).await.expect("connections end");
    sleep(Duration::from_secs(1)).await;
    load.memory()
}

#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn connections_come_and_go() {
    let (rate, seconds) = (size(20, 500), size(3, 30));
    let load = Load::start(&[]).await;
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(rate).unwrap());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut connecting = JoinSet::new();
    let began = Instant::now();
    for _ in 0..rate * seconds {
        ticks.tick().await;
        let connect = load.connect();
        connecting.spawn(async {
            let (mut connection, took) = connect.await;
            ask(&mut connection).await;
            took
        });
    }
    let times = connecting.join_all().await;
    let took = began.elapsed();
    let (p99, longest) = worst(times);
    println!(
        "{rate} connections a second for {seconds} s, in {took:?}: p99 {p99:?}, longest {longest:?}"
    );
    assert!(took < Duration::from_secs(seconds as u64 + 2), "{took:?}");
}

#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes_end_their_own_connection_only() {
    let count = size(100, 5_000);
    let load = Load::start(&[]).await;
    for _ in 0..2 {
        send_noise(&load, count).await;
    }
    let before = settled(&load).await;
    send_noise(&load, count).await;
    ask(&mut load.connect().await.0).await;
    let after = settled(&load).await;
    println!(
        "random bytes on {count} connections, three times: {before} KiB after the second, {after} KiB afterwards"
    );
    assert!(
        after * 10 <= before * 11,
        "{before} KiB before, {after} KiB afterwards"
    );
}

async fn send_noise(load: &Load, count: usize) {
    for seed in 1..=count {
        let mut stranger = load.stranger().await;
        // It may be closed before all is sent.
        let _ = stranger.write_all(&noise(seed as u64)).await;
    }
}

/// Up to 2,000 random bytes. Every other time they begin like a TLS record.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let length = 1 + (next() % 2000) as usize;
    let mut bytes: Vec<u8> = (0..length).map(|_| next() as u8).collect();
    if seed.is_multiple_of(2) {
        bytes.splice(..bytes.len().min(3), [0x16, 3, 1]);
    }
    bytes
}

/// The number of crowds that come and go before the one that is measured.
const CROWDS: usize = 4;
