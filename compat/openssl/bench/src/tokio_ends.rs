//! Connections through tokio: ours by an endpoint, OpenSSL's by `tokio-openssl`. Both ends run in one thread.

use std::pin::Pin;

use openssl::ssl::Ssl;
use sip_tls::{Connection, Endpoint};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_openssl::SslStream;

use crate::side::HOST;
use crate::side::openssl::Contexts;

/// A runtime in this thread.
pub fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// Two ends of a stream in memory.
pub fn in_memory() -> (DuplexStream, DuplexStream) {
    tokio::io::duplex(64 * 1024)
}

/// Two ends of a connection over loopback. Nagle's algorithm is off, as in SIP stacks.
pub async fn over_tcp(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let address = listener.local_addr().expect("bound");
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (client, (server, _)) = (client.expect("loopback"), server.expect("loopback"));
    for end in [&client, &server] {
        end.set_nodelay(true).expect("loopback");
    }
    (client, server)
}

/// Makes a connection with our endpoints.
pub async fn ours<S>(
    (client, server): &(Endpoint, Endpoint),
    (near, far): (S, S),
) -> (Connection<S>, Connection<S>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let ends = tokio::join!(client.connect_stream(HOST, near), server.accept(far));
    (
        ends.0.expect("nothing is in the way"),
        ends.1.expect("nothing is in the way"),
    )
}

/// Makes a connection with OpenSSL.
pub async fn openssl<S>(contexts: &Contexts, (near, far): (S, S)) -> (SslStream<S>, SslStream<S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (client, server) = contexts.ends();
    let stream = |ssl: Ssl, end| SslStream::new(ssl, end).expect("memory");
    let (mut client, mut server) = (stream(client, near), stream(server, far));
    let ends = tokio::join!(
        Pin::new(&mut client).connect(),
        Pin::new(&mut server).accept()
    );
    ends.0.expect("nothing is in the way");
    ends.1.expect("nothing is in the way");
    (client, server)
}

/// Sends a message to the server, and one of the same length back.
pub async fn there_and_back<C, S>(client: &mut C, server: &mut S, message: &[u8], buffer: &mut [u8])
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    send(client, server, message, buffer).await;
    send(server, client, message, buffer).await;
}

/// Sends a message from one end to the other.
pub async fn send<C, S>(from: &mut C, to: &mut S, message: &[u8], buffer: &mut [u8])
where
    C: AsyncWrite + Unpin,
    S: AsyncRead + Unpin,
{
    from.write_all(message).await.expect("it is open");
    from.flush().await.expect("it is open");
    to.read_exact(buffer).await.expect("it is open");
}
