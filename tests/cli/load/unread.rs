//! A server whose output is not read.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use super::{Load, PATIENCE, ask, size};

#[tokio::test(crate = "crate::in_time", flavor = "multi_thread", worker_threads = 2)]
async fn a_server_goes_on_though_nobody_reads_what_it_prints() {
    let load = Load::start(&["--json"]).await;
    // A pipe takes 64 KiB, which are some 300 lines.
    for _ in 0..size(1_000, 10_000) {
        let mut stranger = load.stranger().await;
        stranger
            .write_all(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")
            .await
            .unwrap();
    }
    let (mut connection, _) = timeout(PATIENCE, load.connect()).await.expect("in time");
    ask(&mut connection).await;
    load.listener.signal("-TERM");
    let began = Instant::now();
    let (exit, rest) = tokio::task::spawn_blocking(|| load.listener.wait())
        .await
        .unwrap();
    assert_eq!(exit, 0);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "it ends in order"
    );
    let left_out = rest.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["left_out"].as_u64()
    });
    let (left_out, lines) = (left_out.sum::<u64>(), rest.lines().count());
    println!("{lines} lines, {left_out} connections left out");
    assert!(lines > 300, "{lines}");
}
