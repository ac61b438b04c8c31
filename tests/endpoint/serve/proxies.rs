use std::net::SocketAddr;

use sip_tls::verify::Direction;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Echo, Handler, PATIENCE, SERVER, Served};
use crate::endpoint::settings::endpoint;

/// A handler that answers with the addresses of the connection.
fn addresses(mut connection: sip_tls::Connection<TcpStream>, _: sip_tls::Stopping) -> Echo {
    Box::pin(async move {
        let info = connection.info().clone();
        assert_eq!(info.direction(), Direction::Incoming);
        let text = format!("{:?} {:?}", info.peer_address(), info.local_address());
        let _ = connection.write_all(text.as_bytes()).await;
        let _ = connection.shutdown().await;
    })
}

async fn behind_proxy(networks: &[&str]) -> Served {
    let networks: Vec<_> = networks
        .iter()
        .map(|network| network.parse().unwrap())
        .collect();
    let handler: Handler = addresses;
    Served::of(endpoint(&SERVER), handler, |server| {
        server.proxies(networks).max_per_address(1)
    })
    .await
}

/// The answer to a client whose connection starts with this header.
async fn hear(served: &Served, header: &[u8]) -> String {
    use tokio::io::AsyncReadExt;

    let mut stream = served.silent().await;
    stream.write_all(header).await.unwrap();
    let client = endpoint(&SERVER[..1]);
    let hearing = async {
        let mut connection = client.connect_stream("localhost", stream).await.unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).await.unwrap();
        text
    };
    tokio::time::timeout(PATIENCE, hearing)
        .await
        .expect("in time")
}

const VERSION_1: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 12345 5061\r\n";
const VERSION_2: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x30\x39\x13\xc5";
/// The header of the LOCAL command, with which a proxy checks whether the server is reachable.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

#[tokio::test(crate = "crate::in_time")]
async fn a_connection_has_the_addresses_that_the_proxy_names() {
    let served = behind_proxy(&["10.0.0.0/8", "127.0.0.0/8"]).await;
    for header in [VERSION_1, VERSION_2] {
        let expected = "Some(192.0.2.7:12345) Some(192.0.2.1:5061)";
        assert_eq!(hear(&served, header).await, expected);
    }
    let own = hear(&served, LOCAL).await;
    assert!(own.starts_with("Some(127.0.0.1:"), "{own}");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_proxy_without_a_header_is_not_served() {
    let mut served = behind_proxy(&["127.0.0.1/32"]).await;
    let mut stream = served.silent().await;
    stream
        .write_all(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\x01\x02\x03\x04")
        .await
        .unwrap();
    let (peer, text) = served.failure().await;
    assert_eq!(peer, stream.local_addr().unwrap());
    assert!(
        text.contains("no usable header of the PROXY protocol"),
        "{text}"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_header_of_anybody_else_is_no_tls() {
    for header in [VERSION_1, VERSION_2] {
        let mut served = behind_proxy(&["192.0.2.0/24"]).await;
        let mut stream = served.silent().await;
        stream.write_all(header).await.unwrap();
        let (_, text) = served.failure().await;
        let words =
            "it is a header of the PROXY protocol; if this is your load balancer, name its address";
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn failures_and_limits_are_those_of_the_client_and_not_of_the_proxy() {
    let mut served = behind_proxy(&["127.0.0.1/32"]).await;
    let client: SocketAddr = "192.0.2.7:12345".parse().unwrap();
    // The first connection keeps its place, because its handshake is in progress.
    let mut first = served.silent().await;
    first.write_all(VERSION_1).await.unwrap();
    served.has_in_progress(1).await;
    let mut second = served.silent().await;
    second.write_all(VERSION_2).await.unwrap();
    let (peer, text) = served.failure().await;
    assert_eq!(peer, client);
    assert!(
        text.contains("already has 1 connection, the limit"),
        "{text}"
    );
    let other = hear(&served, b"PROXY TCP4 192.0.2.8 192.0.2.1 12345 5061\r\n").await;
    assert!(other.starts_with("Some(192.0.2.8:12345)"), "{other}");
}
