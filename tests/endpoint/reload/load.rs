//! Reloads under load: no connection is lost, and no memory is leaked.

use std::net::Ipv4Addr;
use std::time::Duration;

use sip_tls::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{Folder, MUTUAL, builder};
#[cfg(target_os = "linux")]
use crate::child;
#[cfg(target_os = "linux")]
use crate::endpoint::in_memory::{VERSIONS, peer_client, shake};
#[cfg(target_os = "linux")]
use crate::endpoint::test_pki::{HOST, TestPki};

/// Replaces the files. Two sets, which are both good, take turns.
fn change(folder: &Folder, round: usize) {
    folder.identify(["good", "rsa"][round % 2]);
    folder.put(
        "ca.crl",
        ["current.crl", "older-then-current.crl"][round % 2],
    );
    folder.put(
        "ca.pem",
        ["root.pem", "root-and-intermediate.pem"][round % 2],
    );
}

#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn reloads_under_load_lose_no_connection() {
    let load = Load::from_environment();
    let folder = Folder::of("load", "good", "current.crl");
    let builder = builder(&folder.settings(&[MUTUAL])).timeout(Duration::from_secs(60));
    let endpoint = builder.build().unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, endpoint.clone()));

    let mut connections = JoinSet::new();
    let mut ticks = interval(load.pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let started = Instant::now();
    let reloading = tokio::spawn(reload(endpoint.clone(), folder, load));
    for _ in 0..load.connections {
        ticks.tick().await;
        connections.spawn(connect(endpoint.clone(), address));
    }
    let lost: Vec<_> = connections.join_all().await.into_iter().flatten().collect();
    let taken = started.elapsed();
    reloading.await.unwrap();
    serving.abort();
    let (connections, reloads) = (load.connections, endpoint.generation() - 1);
    println!("{connections} connections, {reloads} reloads, {taken:?}");
    assert!(lost.is_empty(), "{} lost: {lost:?}", lost.len());
    assert_eq!(reloads, load.reloads as u64);
}

/// Makes the reloads, spread over the time in which connections are started.
async fn reload(endpoint: Endpoint, folder: Folder, load: Load) {
    let time = load.pause * u32::try_from(load.connections / load.reloads).unwrap();
    let mut ticks = interval(time);
    for round in 0..load.reloads {
        ticks.tick().await;
        change(&folder, round);
        endpoint.reload_async().await.unwrap();
    }
}

/// The size of the load. A debug build makes 50 connections a second, so the default is small.
#[derive(Clone, Copy)]
struct Load {
    connections: usize,
    pause: Duration,
    reloads: usize,
}

impl Load {
    fn from_environment() -> Self {
        match std::env::var_os("SIP_TLS_FULL_LOAD") {
            Some(_) => Self {
                connections: 10_000,
                pause: Duration::from_millis(1),
                reloads: 100,
            },
            None => Self {
                connections: 200,
                pause: Duration::from_millis(10),
                reloads: 50,
            },
        }
    }
}

async fn serve(listener: TcpListener, endpoint: Endpoint) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let accepting = endpoint.accept(stream);
        tokio::spawn(async move {
            let mut connection = accepting.await.unwrap();
            let mut message = [0; 4];
            connection.read_exact(&mut message).await.unwrap();
            connection.write_all(&message).await.unwrap();
            connection.shutdown().await.unwrap();
        });
    }
}

/// The reason why a connection was lost, if it was.
async fn connect(endpoint: Endpoint, address: std::net::SocketAddr) -> Option<String> {
    let server = "sip.example.com:5061".parse().unwrap();
    let exchange = async {
        let connected = endpoint.connect_to(&server, Some(address)).await;
        let mut connection = connected.map_err(|error| format!("{error:?}"))?;
        let broken = |error: std::io::Error| error.to_string();
        connection.write_all(b"ping").await.map_err(broken)?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.map_err(broken)?;
        match answer == b"ping" {
            true => Ok(()),
            false => Err(format!("{answer:?}")),
        }
    };
    let result = timeout(Duration::from_secs(60), exchange).await;
    result.unwrap_or_else(|late| Err(late.to_string())).err()
}

/// A thousand reloads of changing files take no more memory than the first two hundred.
#[cfg(target_os = "linux")]
#[test]
fn reloads_leak_no_memory() {
    // Other tests of this process need memory too, so the test runs in a separate process.
    const ALONE: &str = "SIP_TLS_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "endpoint::reload::load::reloads_leak_no_memory";
        let mut command = child::command(std::env::current_exe().unwrap());
        command
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1");
        let output = child::output_within(child::LONG, &mut command);
        let text = String::from_utf8_lossy(&output.stdout);
        println!("{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && text.contains("1 passed"));
        return;
    }
    let folder = Folder::of("memory", "good", "current.crl");
    let endpoint = builder(&folder.settings(&[MUTUAL])).build().unwrap();
    let server = endpoint.server_config().unwrap();
    let client = peer_client(Some(&TestPki::get().good), &VERSIONS[1..]);
    let reload = |rounds: usize| {
        for round in 0..rounds {
            change(&folder, round);
            endpoint.reload().unwrap();
            if round % 100 < 2 {
                assert!(shake(&client, &server, HOST).succeeded());
            }
        }
    };
    reload(200);
    let before = resident();
    reload(1000);
    let growth = resident().saturating_sub(before);
    println!("{before} KiB after 200 reloads, {growth} KiB more after 1200");
    // The files that are read have about 20 KiB each time.
    assert!(growth < 2048, "{growth} KiB more");
}

/// The resident memory of this process in KiB.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.unwrap().trim().trim_end_matches(" kB");
    number.parse().unwrap()
}
