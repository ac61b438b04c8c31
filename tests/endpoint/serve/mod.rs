//! `Endpoint::serve`: which connections are served, wait, or are closed.

mod aliases;
mod limits;
mod names;
mod proxies;
mod stopping;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sip_tls::{Connection, Endpoint, Endpoints, Serve, ServeError, Stopping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::endpoint::settings::endpoint;

const SERVER: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "local.pem"),
    ("certificate-key", "local.key"),
];
/// The time after which a test fails. No step takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server in its own task, which echoes what it receives.
struct Served {
    endpoint: Endpoint,
    address: SocketAddr,
    failures: Arc<Mutex<Vec<String>>>,
    failed: mpsc::UnboundedReceiver<SocketAddr>,
    running: JoinHandle<()>,
}

type Handler = fn(Connection<TcpStream>, Stopping) -> Echo;
type Echo = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn echo(mut connection: Connection<TcpStream>, mut stopping: Stopping) -> Echo {
    Box::pin(async move {
        let mut buffer = [0; 64];
        loop {
            let read = tokio::select! {
                read = connection.read(&mut buffer) => read,
                () = stopping.requested() => break,
            };
            match read {
                Ok(count) if count > 0 => {
                    let _ = connection.write_all(&buffer[..count]).await;
                    let _ = connection.flush().await;
                }
                _ => return,
            }
        }
        let _ = connection.shutdown().await;
    })
}

impl Served {
    async fn start(configure: impl FnOnce(Serve<Handler>) -> Serve<Handler>) -> Self {
        let endpoint = endpoint(&SERVER);
        Self::of(endpoint, echo, configure).await
    }

    async fn of(
        endpoint: Endpoint,
        handler: Handler,
        configure: impl FnOnce(Serve<Handler>) -> Serve<Handler>,
    ) -> Self {
        let endpoints = Endpoints::from(endpoint.clone());
        Self::of_all(endpoints, endpoint, handler, configure).await
    }

    async fn by_name(endpoints: Endpoints) -> Self {
        let fallback = endpoints.choose(None).clone();
        Self::of_all(endpoints, fallback, echo, |server| server).await
    }

    async fn of_all(
        endpoints: Endpoints,
        endpoint: Endpoint,
        handler: Handler,
        configure: impl FnOnce(Serve<Handler>) -> Serve<Handler>,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let failures = Arc::<Mutex<Vec<String>>>::default();
        let texts = failures.clone();
        let (tell, failed) = mpsc::unbounded_channel();
        let server = endpoints.serve(listener, handler).unwrap();
        let server = configure(server).on_failure(move |peer, error: ServeError| {
            texts.lock().unwrap().push(error.to_string());
            let _ = tell.send(peer);
        });
        Self {
            endpoint,
            address,
            failures,
            failed,
            running: tokio::spawn(server.into_future()),
        }
    }

    /// A peer that connects and sends nothing.
    async fn silent(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn connect(&self) -> Connection<TcpStream> {
        let client = endpoint(&SERVER[..1]);
        let at = format!("localhost:{}", self.address.port())
            .parse()
            .unwrap();
        let connecting = client.connect_to(&at, Some(self.address));
        let connection = tokio::time::timeout(PATIENCE, connecting).await;
        connection.expect("in time").unwrap()
    }

    /// Waits for the next connection that fails, and returns its peer and the error.
    async fn failure(&mut self) -> (SocketAddr, String) {
        let peer = tokio::time::timeout(PATIENCE, self.failed.recv()).await;
        let text = self.failures.lock().unwrap().pop().unwrap();
        (peer.expect("in time").unwrap(), text)
    }

    /// Waits until this number of connections is open.
    async fn has_open(&self, count: u64) {
        let waiting = async {
            while self.endpoint.counters().serving.open != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("{count} open: {:?}", self.endpoint.counters()));
    }

    /// Waits until this number of handshakes is in progress.
    async fn has_in_progress(&self, count: u64) {
        let waiting = async {
            while self.endpoint.counters().incoming.in_progress != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("{count} begun: {:?}", self.endpoint.counters()));
    }

    async fn end(mut self) {
        let running = tokio::time::timeout(PATIENCE, &mut self.running).await;
        running.expect("in time").unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Sends a message, and reads the echo.
async fn talk(connection: &mut Connection<TcpStream>) {
    let talking = async {
        connection.write_all(b"OPTIONS").await?;
        connection.flush().await?;
        let mut answer = [0; 7];
        connection.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"OPTIONS");
        std::io::Result::Ok(())
    };
    let talked = tokio::time::timeout(PATIENCE, talking).await;
    talked.expect("in time").unwrap();
}

#[tokio::test(crate = "crate::in_time")]
async fn connections_are_served_side_by_side_and_counted() {
    let served = Served::start(|server| server).await;
    let mut connections = Vec::new();
    for _ in 0..20 {
        connections.push(served.connect().await);
    }
    for connection in &mut connections {
        talk(connection).await;
    }
    assert_eq!(served.endpoint.counters().serving.open, 20);
    drop(connections);
    served.has_open(0).await;
    assert_eq!(served.endpoint.counters().incoming.succeeded, 20);
}

#[tokio::test(crate = "crate::in_time")]
async fn without_a_certificate_nothing_is_served() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let served = endpoint(&SERVER[..1]).serve(listener, echo);
    let text = served.unwrap_err().to_string();
    assert!(text.contains("`certificate`"), "{text}");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_handler_that_panics_ends_its_own_connection_only() {
    let panics: Handler = |_, _| panic!("by the handler");
    let served = Served::of(endpoint(&SERVER), panics, |server| server).await;
    for _ in 0..3 {
        let mut connection = served.connect().await;
        let read = tokio::time::timeout(PATIENCE, connection.read(&mut [0])).await;
        assert!(!matches!(read.expect("in time"), Ok(1)));
    }
    assert!(!served.running.is_finished());
    assert_eq!(served.endpoint.counters().incoming.succeeded, 3);
}

#[tokio::test(crate = "crate::in_time")]
async fn what_fails_is_told_with_the_address_and_the_reason() {
    let mut served = Served::start(|server| server).await;
    let mut stranger = served.silent().await;
    stranger
        .write_all(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")
        .await
        .unwrap();
    let (peer, text) = served.failure().await;
    assert_eq!(peer, stranger.local_addr().unwrap());
    assert!(text.contains("it is a SIP request without TLS"), "{text}");
}
