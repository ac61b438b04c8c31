//! Connections to the servers of a domain, by `Endpoint::connect_domain`.

mod fail_over;
mod names;
#[cfg(feature = "srv")]
pub(crate) mod nsd;
mod report;
#[cfg(feature = "srv")]
mod srv;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sip_tls::{ConnectError, Connection, Endpoint, EndpointBuilder, NextHop, Resolver, Target};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::endpoint::settings::{builder, endpoint};

/// The domain in the certificate `good.pem`.
const DOMAIN: &str = crate::endpoint::test_pki::HOST;

/// A client that checks names.
fn client(resolver: impl Resolver + 'static) -> EndpointBuilder {
    let settings = [
        ("trusted-ca", "root.pem"),
        ("tls-target-name-check", "host"),
    ];
    builder(&settings).resolver(resolver)
}

/// Connects. The time limit is much longer than the client's time-out.
async fn connect(
    client: &Endpoint,
    domain: &str,
    next_hop: impl Into<NextHop>,
) -> Result<Connection<TcpStream>, ConnectError> {
    let connecting = client.connect_domain(domain, next_hop);
    let connecting = tokio::time::timeout(PATIENCE, connecting).await;
    connecting.expect("the endpoint's time-out is shorter")
}

/// A server that runs until it is dropped.
struct Serving {
    address: SocketAddr,
    /// The server names of the clients whose handshakes succeeded.
    names: Arc<Mutex<Vec<Option<String>>>>,
    accepting: AbortHandle,
}

impl Serving {
    /// Serves with this certificate of the test PKI.
    async fn with(certificate: &str) -> Self {
        Self::at("127.0.0.1:0", certificate).await
    }

    async fn at(address: &str, certificate: &str) -> Self {
        let key = certificate.replace(".pem", ".key");
        let settings = [
            ("trusted-ca", "root.pem"),
            ("certificate", certificate),
            ("certificate-key", &key),
        ];
        Self::start(address, endpoint(&settings)).await
    }

    async fn start(address: &str, endpoint: Endpoint) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let names = Arc::<Mutex<Vec<_>>>::default();
        let seen = names.clone();
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (endpoint, seen) = (endpoint.clone(), seen.clone());
                connections.spawn(async move {
                    let Ok(connection) = endpoint.accept(stream).await else {
                        return;
                    };
                    let mut stream = connection.into_stream();
                    if let tokio_rustls::TlsStream::Server(stream) = &stream {
                        let name = stream.get_ref().1.server_name().map(str::to_owned);
                        seen.lock().unwrap().push(name);
                    }
                    while matches!(stream.read(&mut [0; 100]).await, Ok(1..)) {}
                });
            }
        });
        Self {
            address,
            names,
            accepting: accepting.abort_handle(),
        }
    }

    /// Waits until the server has seen this number of clients, and returns their server names.
    async fn names(&self, count: usize) -> Vec<Option<String>> {
        let came = async {
            while self.names.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, came).await;
        let names = self.names.lock().unwrap();
        assert!(came.is_ok() && names.len() == count, "{names:?}");
        names.clone()
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    /// The server as a target with a name.
    fn target(&self, host: &str) -> Target {
        Target::new(host, self.port()).with_addresses([self.address])
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// An address that refuses connections: a socket is bound to it, but does not listen.
fn refusing() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A listener whose queue is full. Linux drops further connections.
#[cfg(target_os = "linux")]
async fn black_hole() -> (TcpListener, TcpStream, SocketAddr) {
    let (socket, address) = refusing();
    let listener = socket.listen(0).unwrap();
    let queued = TcpStream::connect(address).await.unwrap();
    (listener, queued, address)
}

/// Port 5061 at an address that no other run of the tests uses. Linux has all of 127.0.0.0/8.
#[cfg(target_os = "linux")]
fn port_5061(number: u8) -> SocketAddr {
    let [.., high, low] = std::process::id().to_be_bytes();
    (Ipv4Addr::new(127, number, high, low), 5061).into()
}

/// A resolver that returns these servers for every domain.
#[derive(Debug)]
struct Table(Vec<Target>);

impl Resolver for Table {
    fn resolve<'a>(
        &'a self,
        _domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn addresses<'a>(
        &'a self,
        target: &'a Target,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        Box::pin(async move {
            match target.host() {
                "silent.test" => std::future::pending().await,
                host => Err(io::Error::other(format!("nobody knows {host}"))),
            }
        })
    }
}

/// The time after which a test fails. No step takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(60);
