//! Connections over streams of the caller, and what an observer learns about connections.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use sip_tls::verify::{ConnectionInfo, Direction, Observer, ReferenceName, VerifyCode};
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::endpoint::settings::{builder, endpoint, observed};

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const CHECK: (&str, &str) = ("tls-target-name-check", "host");
const MUTUAL: (&str, &str) = ("tls-mutual", "1");
const GOOD: [(&str, &str); 2] = [("certificate", "good.pem"), ("certificate-key", "good.key")];

/// The connections that an observer was told of.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Option<ConnectionInfo>>>>);

impl Told {
    fn endpoint(&self, settings: &[(&str, &str)]) -> Endpoint {
        let kept = self.0.clone();
        let observer = Observer::new(move |observation| {
            kept.lock().unwrap().push(observation.connection.cloned());
        });
        builder(settings).observer(observer).build().unwrap()
    }

    #[track_caller]
    fn take(&self) -> Option<ConnectionInfo> {
        let mut kept = self.0.lock().unwrap();
        assert_eq!(kept.len(), 1);
        kept.remove(0)
    }
}

type Ends = [Result<Connection<DuplexStream>, ConnectError>; 2];

async fn connect(client: &Endpoint, server: &Endpoint, host: &str) -> Ends {
    let (near, far) = tokio::io::duplex(1 << 14);
    let outgoing = client.connect_stream(host, near);
    let (outgoing, incoming) = tokio::join!(outgoing, server.accept(far));
    [outgoing, incoming]
}

#[tokio::test(crate = "crate::in_time")]
async fn any_stream_carries_a_connection_and_comes_back_unwrapped() {
    let server = endpoint(&[&[CA], &GOOD[..]].concat());
    let [outgoing, incoming] = connect(&endpoint(&[CA, CHECK]), &server, "sip.example.com").await;
    let (mut outgoing, incoming) = (outgoing.unwrap(), incoming.unwrap());
    outgoing.write_all(b"OPTIONS").await.unwrap();
    outgoing.flush().await.unwrap();
    let mut stream = incoming.into_stream();
    let mut message = [0; 7];
    stream.read_exact(&mut message).await.unwrap();
    assert_eq!(&message, b"OPTIONS");
    assert_eq!(outgoing.verify_status().unwrap().code(), VerifyCode::Ok);
    let tokio_rustls::TlsStream::Server(stream) = stream else {
        panic!("an incoming connection");
    };
    let mut bare: DuplexStream = stream.into_inner().0.into_inner();
    bare.write_all(b"plain").await.unwrap();
    assert!(outgoing.read(&mut message).await.is_err());
}

#[tokio::test(crate = "crate::in_time")]
async fn a_host_that_cannot_be_sent_needs_no_address_and_is_checked() {
    let server = endpoint(&[&[CA], &GOOD[..]].concat());
    for (host, check, code) in [
        (".leading.example", "no", VerifyCode::Ok),
        (".leading.example", "host", VerifyCode::HostnameMismatch),
        (".example.com", "host", VerifyCode::Ok),
    ] {
        let (client, seen) = observed(&[CA, ("tls-target-name-check", check)]);
        let [outgoing, incoming] = connect(&client, &server, host).await;
        assert_eq!(seen.status().code(), code, "{host}");
        assert_eq!(seen.status().reference(), Some(&ReferenceName::new(host)));
        assert_eq!(outgoing.is_ok(), code == VerifyCode::Ok, "{host}");
        let Ok(incoming) = incoming else { continue };
        let tokio_rustls::TlsStream::Server(stream) = incoming.into_stream() else {
            panic!("an incoming connection");
        };
        assert_eq!(stream.get_ref().1.server_name(), None, "{host}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn an_observer_is_told_the_direction_and_the_addresses() {
    let (at_client, at_server) = (Told::default(), Told::default());
    let client = at_client.endpoint(&[&[CA], &GOOD[..]].concat());
    let server = at_server.endpoint(&[&[CA, MUTUAL], &GOOD[..]].concat());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accept = async { server.accept(listener.accept().await.unwrap().0).await };
    let to = address.to_string().parse().unwrap();
    let (outgoing, incoming) = tokio::join!(client.connect_to(&to, None), accept);
    let (outgoing, incoming) = (outgoing.unwrap(), incoming.unwrap());
    let (near, far) = (at_client.take().unwrap(), at_server.take().unwrap());
    assert_eq!((&near, &far), (outgoing.info(), incoming.info()));
    assert_eq!(near.direction(), Direction::Outgoing);
    assert_eq!(far.direction(), Direction::Incoming);
    assert_eq!(near.peer_address(), Some(address));
    assert_eq!(far.local_address(), Some(address));
    assert_eq!(near.local_address(), far.peer_address());
    assert_ne!(near.id(), far.id());
}

#[tokio::test(crate = "crate::in_time")]
async fn an_observer_is_told_no_address_of_other_streams() {
    let told = Told::default();
    let server = endpoint(&[&[CA], &GOOD[..]].concat());
    let [outgoing, _incoming] = connect(&told.endpoint(&[CA]), &server, "localhost").await;
    let info = told.take().unwrap();
    assert_eq!(&info, outgoing.unwrap().info());
    assert_eq!((info.peer_address(), info.local_address()), (None, None));
}

#[tokio::test(crate = "crate::in_time")]
async fn an_observer_is_told_no_connection_of_a_handed_out_connector() {
    let told = Told::default();
    let client = told.endpoint(&[CA]);
    let server = endpoint(&[&[CA], &GOOD[..]].concat());
    let (near, far) = tokio::io::duplex(1 << 14);
    let name = client.server_name("localhost").unwrap();
    let connector = client.connector();
    let outgoing = connector.connect(name, near);
    let (outgoing, _incoming) = tokio::join!(outgoing, server.accept(far));
    outgoing.unwrap();
    assert_eq!(told.take(), None);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_cancelled_attempt_closes_its_stream_and_leaves_the_endpoint_usable() {
    let client = endpoint(&[CA]);
    let server = endpoint(&[&[CA], &GOOD[..]].concat());
    let (near, mut far) = tokio::io::duplex(1 << 14);
    let mut attempt = Box::pin(client.connect_stream("localhost", near));
    tokio::select! {
        biased;
        _ = &mut attempt => panic!("nobody answers"),
        read = far.read_u8() => assert_eq!(read.unwrap(), 22, "a handshake record"),
    }
    drop(attempt);
    far.read_to_end(&mut Vec::new()).await.unwrap();
    let [outgoing, incoming] = connect(&client, &server, "localhost").await;
    assert!(outgoing.is_ok() && incoming.is_ok());
}

#[tokio::test(crate = "crate::in_time")]
async fn an_attempt_outlives_the_endpoint_that_it_was_started_with() {
    let server = endpoint(&[&[CA], &GOOD[..]].concat());
    let client = endpoint(&[CA]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let outgoing = tokio::spawn(client.connect_stream("localhost", stream));
    drop(client);
    let (incoming, _) = listener.accept().await.unwrap();
    let incoming = tokio::spawn(server.accept(incoming));
    drop(server);
    assert!(outgoing.await.unwrap().is_ok());
    assert!(incoming.await.unwrap().is_ok());
}

/// A stream that accepts everything, and whose reads fail.
#[derive(Debug)]
struct Broken(io::ErrorKind);

impl AsyncRead for Broken {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(self.0.into()))
    }
}

impl AsyncWrite for Broken {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Windows reports a reset as `ConnectionAborted`, too.
#[tokio::test(crate = "crate::in_time")]
async fn a_connection_that_was_aborted_is_told_like_a_reset() {
    for kind in [
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
    ] {
        let client = endpoint(&[CA]);
        let connecting = client.connect_stream("sip.example.com", Broken(kind));
        let text = connecting.await.unwrap_err().to_string();
        let expected = "the peer reset the connection without an alert; the server sent nothing after our ClientHello";
        assert!(text.contains(expected), "{text}");
    }
}
