use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::{Handler, PATIENCE, SERVER, Served, talk};
use crate::endpoint::settings::endpoint;

#[tokio::test(crate = "crate::in_time")]
async fn a_server_ends_in_order() {
    let (end, ended) = oneshot::channel::<()>();
    let mut served = Served::start(|server| server.until(async { drop(ended.await) })).await;
    let mut connection = served.connect().await;
    talk(&mut connection).await;
    let silent = served.silent().await;
    served.has_in_progress(1).await;
    drop(end);
    // The handler closes the connection with close_notify.
    let read = tokio::time::timeout(PATIENCE, connection.read(&mut [0])).await;
    assert_eq!(read.expect("in time").unwrap(), 0, "close_notify");
    let (peer, text) = served.failure().await;
    assert_eq!(peer, silent.local_addr().unwrap());
    assert_eq!(text, "the server was stopped before the handshake was done");
    let address = served.address;
    let began = Instant::now();
    served.end().await;
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "nobody was waited for"
    );
    TcpListener::bind(address).await.expect("the port is free");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_handler_that_does_not_end_has_the_time_of_grace() {
    let (end, ended) = oneshot::channel::<()>();
    let sleeps: Handler = |connection, _| {
        Box::pin(async move {
            let _connection = connection;
            std::future::pending().await
        })
    };
    let served = Served::of(endpoint(&SERVER), sleeps, |server| {
        let server = server.until(async { drop(ended.await) });
        server.grace(Duration::from_millis(300))
    })
    .await;
    let mut connection = served.connect().await;
    served.has_open(1).await;
    drop(end);
    let began = Instant::now();
    served.end().await;
    assert!(began.elapsed() >= Duration::from_millis(250));
    let read = tokio::time::timeout(PATIENCE, connection.read(&mut [0])).await;
    assert!(!matches!(read.expect("in time"), Ok(1)), "it is closed");
}

#[tokio::test(crate = "crate::in_time")]
async fn so_many_connections_are_taken_and_the_last_is_waited_for() {
    let served = Served::start(|server| server.at_most(2)).await;
    let mut first = served.connect().await;
    let second = served.connect().await;
    served.has_open(2).await;
    drop(second);
    talk(&mut first).await;
    assert!(!served.running.is_finished());
    drop(first);
    served.end().await;
}
