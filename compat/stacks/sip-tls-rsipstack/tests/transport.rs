//! Tests of the transport that the runs of the programs do not cover: the bytes that are sent, and the ends of
//! connections.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rsipstack::EndpointBuilder;
use rsipstack::dialog::registration::Registration;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::typed::{From, To};
use rsipstack::sip::{Method, Response, SipMessage, StatusCode, Uri};
use rsipstack::transaction::Endpoint as Sip;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::make_tag;
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::TransportLayer;
use sip_tls::options::TlsOptions;
use sip_tls::profile::Server;
use sip_tls::{Connection, Endpoint};
use sip_tls_rsipstack::{End, TlsTransport};
use stack_pki::{Identity, Lists, Pki};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

#[tokio::test]
async fn a_request_has_our_own_address_in_its_via() {
    let pki = pki("via");
    let (address, mut requests) = peer(&pki, Conduct::Answer).await;
    let (transport, sip) = Stack::default().start(&client(&pki, Some(Identity::Good)));
    in_time(transport.connect(&server(address))).await.unwrap();
    let mut registration = Registration::new(sip.inner.clone(), None);
    let registering = registration.register(uri(address), Some(300));
    let response = in_time(registering).await.unwrap();
    assert_eq!(response.status_code, StatusCode::OK);
    let request = in_time(requests.recv()).await.unwrap();
    let via = request.lines().find(|line| line.starts_with("Via: "));
    let via = via.unwrap();
    assert!(via.starts_with("Via: SIP/2.0/TLS 192.0.2.1:5061;"), "{via}");
}

#[tokio::test]
async fn a_refusal_after_the_handshake_answers_the_request_and_is_not_asked_for_twice() {
    let pki = pki("refusal");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let refusals = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refusals);
    let mutual = endpoint(&pki, Some(Identity::Good), &[("tls-mutual", "1")]);
    let serving = mutual.serve(listener, |_, _| async {}).unwrap();
    let serving = serving.on_failure(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    tokio::spawn(serving.into_future());
    let (transport, sip) = Stack::default().start(&client(&pki, None));
    in_time(transport.connect(&server(address))).await.unwrap();
    for wait in [0, 200] {
        // The alert arrives before the second request.
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let response = in_time(ask(&sip, address)).await.unwrap();
        assert_eq!(response.status_code, StatusCode::ServiceUnavailable);
        let reason = response.reason_phrase().unwrap();
        assert!(reason.starts_with("TLS;cause=116;text=\""), "{reason}");
        assert!(reason.contains("certificate_required (116)"), "{reason}");
    }
    assert_eq!(refusals.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_error_of_a_request_says_why_its_server_was_refused() {
    let pki = pki("revoked");
    let (address, _requests) = peer(&pki, Conduct::Answer).await;
    let lists = pki.lists(Lists::All).display().to_string();
    let client = endpoint(&pki, None, &[("tls-crl", &lists)]);
    let (_, sip) = Stack::default().start(&client);
    let error = in_time(ask(&sip, address)).await.unwrap_err();
    assert!(
        error.to_string().contains("certificate revoked (23)"),
        "{error}"
    );
}

#[tokio::test]
async fn those_who_connect_at_the_same_time_share_one_attempt() {
    let pki = pki("shared");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (failures, mut failed) = mpsc::unbounded_channel();
    let tls = endpoint(&pki, Some(Identity::Good), &[]);
    let serving = tls.serve(listener, |_, _| async {}).unwrap();
    let serving = serving.on_failure(move |_, _| failures.send(()).unwrap());
    tokio::spawn(serving.into_future());
    let lists = pki.lists(Lists::All).display().to_string();
    let client = endpoint(&pki, None, &[("tls-crl", &lists)]);
    let (transport, _sip) = Stack::default().start(&client);
    for _ in 0..2 {
        let server = server(address);
        let (first, second) = tokio::join!(transport.connect(&server), transport.connect(&server));
        for error in [first.unwrap_err(), second.unwrap_err()] {
            let status = error.verify_status().unwrap();
            assert_eq!(status.code().number(), 23);
        }
    }
    // One failed attempt for each round.
    in_time(failed.recv()).await.unwrap();
    in_time(failed.recv()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(failed.try_recv().is_err());
}

#[tokio::test]
async fn a_request_is_answered_at_once_when_its_connection_is_closed() {
    let pki = pki("closed");
    let (address, _requests) = peer(&pki, Conduct::Close).await;
    let (_, sip) = Stack::default().start(&client(&pki, None));
    let response = in_time(ask(&sip, address)).await.unwrap();
    assert_eq!(response.status_code, StatusCode::ServiceUnavailable);
    let reason = response.reason_phrase().unwrap();
    assert_eq!(reason, "TLS;text=\"the peer closed the connection\"");
}

#[tokio::test]
async fn a_connection_that_is_there_is_used_and_one_that_has_ended_is_made_again() {
    let pki = pki("again");
    let (address, mut requests) = peer(&pki, Conduct::Answer).await;
    let (ends, mut ended) = mpsc::unbounded_channel();
    let stack = Stack {
        ends: Some(ends),
        idle: Some(Duration::from_millis(700)),
        ..Stack::default()
    };
    let (transport, sip) = stack.start(&client(&pki, None));
    let mut clients = Vec::new();
    for round in 0..2 {
        for _ in 0..2 {
            let response = in_time(ask(&sip, address)).await.unwrap();
            assert_eq!(response.status_code, StatusCode::OK);
            let request = in_time(requests.recv()).await.unwrap();
            clients.push(request.lines().last().unwrap().to_owned());
        }
        assert!(transport.is_live(address));
        let end = in_time(ended.recv()).await.unwrap();
        assert_eq!(end, "the peer sent nothing for 0.7 s", "round {round}");
    }
    assert_eq!(clients[0], clients[1]);
    assert_ne!(clients[1], clients[2]);
    assert_eq!(clients[2], clients[3]);
}

#[tokio::test]
async fn a_server_answers_keepalives_and_requests_until_its_stack_ends() {
    let pki = pki("server");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let token = CancellationToken::new();
    let stack = Stack {
        token: token.clone(),
        ..Stack::default()
    };
    let (transport, sip) = stack.start(&endpoint(&pki, Some(Identity::Good), &[]));
    tokio::spawn(transport.serve(listener).unwrap().into_future());
    let mut incoming = sip.incoming_transactions().unwrap();
    tokio::spawn(async move {
        while let Some(mut request) = incoming.recv().await {
            request.reply(StatusCode::OK).await.unwrap();
        }
    });
    let connecting = client(&pki, None).connect_to(&server(address), None);
    let mut connection = in_time(connecting).await.unwrap();
    in_time(connection.write_all(b"\r\n\r\n")).await.unwrap();
    let mut pong = [0; 2];
    in_time(connection.read_exact(&mut pong)).await.unwrap();
    assert_eq!(&pong, b"\r\n");
    in_time(connection.write_all(OPTIONS.as_bytes()))
        .await
        .unwrap();
    let mut answer = [0; 14];
    in_time(connection.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"SIP/2.0 200 OK");
    token.cancel();
    let mut rest = Vec::new();
    let ended = in_time(connection.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "it was not ended in order");
}

#[tokio::test]
async fn a_client_with_the_address_of_a_server_does_not_take_its_place() {
    let pki = pki("place");
    let (address, mut requests) = peer(&pki, Conduct::Answer).await;
    let (transport, sip) = Stack::default().start(&endpoint(&pki, Some(Identity::Good), &[]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap();
    tokio::spawn(transport.serve(listener).unwrap().into_future());
    in_time(ask(&sip, address)).await.unwrap();
    in_time(requests.recv()).await.unwrap();
    let socket = shared_socket(address);
    let stream = in_time(socket.connect(own)).await.unwrap();
    let connecting = client(&pki, None).connect_stream("localhost", stream);
    let mut connection = in_time(connecting).await.unwrap();
    let ended = in_time(connection.read(&mut [0])).await;
    assert!(!matches!(ended, Ok(1..)), "the client was asked");
    in_time(ask(&sip, address)).await.unwrap();
    in_time(requests.recv()).await.unwrap();
}

#[tokio::test]
async fn a_request_to_the_address_of_a_client_goes_over_its_connection() {
    let pki = pki("client");
    let (transport, sip) = Stack::default().start(&endpoint(&pki, Some(Identity::Good), &[]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap();
    tokio::spawn(transport.serve(listener).unwrap().into_future());
    let connecting = client(&pki, None).connect_to(&server(own), None);
    let mut connection = in_time(connecting).await.unwrap();
    let address = connection.transport().local_addr().unwrap();
    // The stack knows the connection once a keep-alive is answered.
    in_time(connection.write_all(b"\r\n\r\n")).await.unwrap();
    in_time(connection.read_exact(&mut [0; 2])).await.unwrap();
    let asking = tokio::spawn(async move {
        ask(&sip, address)
            .await
            .map(|response| response.status_code)
    });
    let mut method = [0; 8];
    in_time(connection.read_exact(&mut method)).await.unwrap();
    assert_eq!(&method, b"OPTIONS ");
    drop(connection);
    let status = in_time(asking).await.unwrap().unwrap();
    assert_eq!(status, StatusCode::ServiceUnavailable);
}

#[tokio::test]
async fn what_is_no_sip_ends_the_connection() {
    let pki = pki("no-sip");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ends, mut ended) = mpsc::unbounded_channel();
    let stack = Stack {
        ends: Some(ends),
        ..Stack::default()
    };
    let (transport, _sip) = stack.start(&endpoint(&pki, Some(Identity::Good), &[]));
    tokio::spawn(transport.serve(listener).unwrap().into_future());
    let connecting = client(&pki, None).connect_to(&server(address), None);
    let mut connection = in_time(connecting).await.unwrap();
    in_time(connection.write_all(&[b'x'; 70_000]))
        .await
        .unwrap();
    let end = in_time(ended.recv()).await.unwrap();
    assert!(end.starts_with("what the peer sent is not SIP: "), "{end}");
}

/// The conduct of a peer after it has received a request.
#[derive(Clone, Copy)]
enum Conduct {
    Answer,
    Close,
}

/// A server without a SIP stack. It reports each request with the address of its client.
async fn peer(pki: &Pki, conduct: Conduct) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = shared_socket(([127, 0, 0, 1], 0).into())
        .listen(64)
        .unwrap();
    let address = listener.local_addr().unwrap();
    let (requests, received) = mpsc::unbounded_channel();
    let serving = endpoint(pki, Some(Identity::Good), &[]).serve(listener, move |connection, _| {
        let requests = requests.clone();
        async move { converse(connection, conduct, requests).await }
    });
    tokio::spawn(serving.unwrap().into_future());
    (address, received)
}

/// A socket whose address another socket may use, too.
fn shared_socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

async fn converse(
    mut connection: Connection<TcpStream>,
    conduct: Conduct,
    requests: mpsc::UnboundedSender<String>,
) {
    let client = connection.info().peer_address().unwrap();
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = connection.read(&mut buffer).await {
        let request = String::from_utf8_lossy(&buffer[..count]);
        let _ = requests.send(format!("{request}{client}"));
        if let Conduct::Close = conduct {
            let _ = connection.shutdown().await;
            return;
        }
        let copied = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
        let is_copied = |line: &&str| copied.iter().any(|name| line.starts_with(name));
        let headers: Vec<_> = request.lines().filter(is_copied).collect();
        let answer = format!(
            "SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n",
            headers.join("\r\n")
        );
        connection.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[derive(Default)]
struct Stack {
    token: CancellationToken,
    ends: Option<mpsc::UnboundedSender<String>>,
    idle: Option<Duration>,
}

impl Stack {
    fn start(self, tls: &Endpoint) -> (TlsTransport, Sip) {
        let mut transport = TlsTransport::new(tls.clone(), "192.0.2.1:5061".parse().unwrap());
        if let Some(ends) = self.ends {
            transport = transport.on_end(move |_, end: &End| {
                let _ = ends.send(end.to_string());
            });
        }
        let layer = TransportLayer::new(self.token.clone());
        if let Some(idle) = self.idle {
            layer.set_stream_idle_timeout(idle);
        }
        let mut builder = EndpointBuilder::new();
        builder.with_cancel_token(self.token);
        let sip = transport.install(&mut builder, layer);
        let serving = sip.inner.clone();
        tokio::spawn(async move { serving.serve().await });
        (transport, sip)
    }
}

/// Sends OPTIONS.
async fn ask(sip: &Sip, server: SocketAddr) -> rsipstack::Result<Response> {
    let sip = &sip.inner;
    let from = From {
        display_name: None,
        uri: uri(server),
        params: Vec::new(),
    };
    let to = To {
        display_name: None,
        uri: uri(server),
        params: Vec::new(),
    };
    let (via, from) = (sip.get_via(None, None)?, from.with_tag(make_tag()));
    let request = sip.make_request(Method::Options, uri(server), via, from, to, 1, None);
    let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
    let mut transaction = Transaction::new_client(key, request, sip.clone(), None);
    transaction.send().await?;
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message {
            return Ok(response);
        }
    }
    panic!("no answer")
}

fn uri(server: SocketAddr) -> Uri {
    format!("sip:{server};transport=tls").try_into().unwrap()
}

fn server(address: SocketAddr) -> Server {
    address.to_string().parse().unwrap()
}

fn pki(name: &str) -> Pki {
    let folder = format!("sip-tls-rsipstack-{}-{name}", std::process::id());
    Pki::create(std::env::temp_dir().join(folder)).unwrap()
}

fn client(pki: &Pki, identity: Option<Identity>) -> Endpoint {
    endpoint(pki, identity, &[("tls-target-name-check", "host")])
}

/// An endpoint with TLS 1.3, in which refusals come late.
fn endpoint(pki: &Pki, identity: Option<Identity>, options: &[(&str, &str)]) -> Endpoint {
    let mut builder = TlsOptions::builder()
        .set("trusted-ca", pki.root().display().to_string())
        .set("sec-protocol", "TLSv13");
    if let Some(identity) = identity {
        builder = builder
            .set("certificate", pki.chain(identity).display().to_string())
            .set("certificate-key", pki.key(identity).display().to_string());
    }
    for (name, value) in options {
        builder = builder.set(*name, *value);
    }
    Endpoint::builder(builder.build().unwrap()).build().unwrap()
}

/// Limits the time. The stack itself would wait for 32 seconds.
async fn in_time<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(8);
    timeout(limit, future).await.expect("it takes too long")
}

const OPTIONS: &str = "OPTIONS sip:localhost SIP/2.0\r\n\
    Via: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bKtest\r\n\
    Max-Forwards: 70\r\n\
    From: <sip:test@localhost>;tag=test\r\n\
    To: <sip:localhost>\r\n\
    Call-ID: test\r\n\
    CSeq: 1 OPTIONS\r\n\
    Content-Length: 0\r\n\r\n";
