//! Tests of the failures that are reported for connections that fail or break.

use std::time::Duration;

use bytes::Bytes;
use rvoip_sip_core::Message;
use rvoip_sip_transport::{Error, Transport};
use sip_tls::verify::Direction;
use sip_tls_rvoip::{Cause, EndpointTransport, Failure};
use tokio::time::timeout;

use crate::ends::{End, LIMIT, Pki, options, route};

async fn next(
    failures: &mut tokio::sync::broadcast::Receiver<std::sync::Arc<Failure>>,
) -> std::sync::Arc<Failure> {
    let failure = timeout(LIMIT, failures.recv()).await;
    failure.expect("a failure in time").unwrap()
}

#[tokio::test]
async fn a_server_that_is_refused_is_told_with_the_status() {
    let pki = Pki::new();
    let server = End::server(&Pki::new(), |builder| builder).await;
    let client = End::client(&pki);
    let (mut ours, mut theirs) = (client.transport.failures(), server.transport.failures());
    let message = Message::Request(options(1));
    let route = client
        .transport
        .prepare_message_route(&message, route(server.address()));
    let error = timeout(LIMIT, route).await.unwrap().unwrap_err();
    let Error::TlsCertificateError(text) = error else {
        panic!("{error}");
    };
    let failure = next(&mut ours).await;
    assert_eq!(text, failure.to_string());
    assert!(
        text.contains("unable to get local issuer certificate (20)"),
        "{text}"
    );
    assert_eq!(failure.verify_status().unwrap().code().number(), 20);
    assert_eq!(
        (failure.server(), failure.flow_id()),
        (Some("localhost"), None)
    );
    let last = client.transport.last_failure(server.address()).unwrap();
    assert_eq!(last.to_string(), text);
    let failure = next(&mut theirs).await;
    assert_eq!(
        (failure.alert(), failure.direction()),
        (Some(48), Direction::Incoming)
    );
}

#[tokio::test]
async fn a_refusal_after_the_handshake_is_told_with_its_alert() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let endpoint = pki.client(false).build().unwrap();
    let client = End::start(EndpointTransport::builder(endpoint));
    let mut failures = client.transport.failures();
    let request = Message::Request(options(1));
    let sent = client
        .transport
        .send_message_via(request, route(server.address()));
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let failure = next(&mut failures).await;
    assert_eq!(failure.alert(), Some(116));
    assert!(failure.flow_id().is_some(), "the handshake was done");
    let text = failure.to_string();
    assert!(text.contains("`certificate` is not given"), "{text}");
    assert!(client.transport.last_failure(server.address()).is_some());
}

#[tokio::test]
async fn with_confirm_the_request_itself_fails() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let endpoint = pki.client(false).confirm(Duration::from_secs(5));
    let client = End::start(EndpointTransport::builder(endpoint.build().unwrap()));
    let message = Message::Request(options(1));
    let route = client
        .transport
        .prepare_message_route(&message, route(server.address()));
    let error = timeout(LIMIT, route).await.unwrap().unwrap_err();
    let Error::TlsHandshakeFailed(text) = error else {
        panic!("{error}");
    };
    assert!(text.contains("certificate_required (116)"), "{text}");
}

#[tokio::test]
async fn a_failure_is_forgotten_with_the_next_connection() {
    let pki = Pki::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = End::client(&pki);
    let message = Message::Request(options(1));
    let prepare = || {
        client
            .transport
            .prepare_message_route(&message, route(address))
    };
    let error = timeout(LIMIT, prepare()).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::ConnectFailed(..)));
    assert!(client.transport.last_failure(address).is_some());
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let _server = End::start(EndpointTransport::builder(pki.server()).listen(listener));
    timeout(LIMIT, prepare()).await.unwrap().unwrap();
    assert!(client.transport.last_failure(address).is_none());
}

#[tokio::test]
async fn what_is_no_sip_closes_the_connection_and_is_told() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let client = End::client(&pki);
    let mut failures = server.transport.failures();
    let message = Message::Request(options(1));
    let route = client
        .transport
        .prepare_message_route(&message, route(server.address()));
    let route = timeout(LIMIT, route).await.unwrap().unwrap();
    let text = Bytes::from_static(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let sent = client.transport.send_raw_via(route.clone(), text);
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let failure = next(&mut failures).await;
    assert!(matches!(failure.cause(), Cause::NotSip(_)), "{failure}");
    let gone = async {
        while client.transport.flow_id_for_route(&route).is_some() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, gone).await.unwrap();
}

#[tokio::test]
async fn a_server_that_closes_without_an_answer_is_told() {
    let pki = Pki::new();
    let mut server = End::server(&pki, |builder| builder).await;
    let client = End::client(&pki);
    let mut failures = client.transport.failures();
    let request = Message::Request(options(1));
    let sent = client
        .transport
        .send_message_via(request, route(server.address()));
    timeout(LIMIT, sent).await.unwrap().unwrap();
    server.message().await;
    let closing = server.transport.close();
    timeout(LIMIT, closing).await.unwrap().unwrap();
    let failure = next(&mut failures).await;
    assert!(matches!(failure.cause(), Cause::Closed), "{failure}");
}

#[tokio::test]
async fn a_server_that_closes_right_after_the_handshake_may_have_refused_us() {
    let pki = Pki::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let endpoint = pki.server();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let connection = endpoint.accept(stream).await.unwrap();
        // The connection ends without close_notify.
        drop(connection);
    });
    let client = End::client(&pki);
    let mut failures = client.transport.failures();
    let message = Message::Request(options(1));
    let prepared = client
        .transport
        .prepare_message_route(&message, route(address));
    timeout(LIMIT, prepared).await.unwrap().unwrap();
    let text = next(&mut failures).await.to_string();
    let expected = "it may have refused our certificate";
    assert!(text.contains(expected), "{text}");
}

#[tokio::test]
async fn a_peer_that_reads_nothing_is_left() {
    let pki = Pki::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let endpoint = pki.server();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _connection = endpoint.accept(stream).await.unwrap();
        std::future::pending::<()>().await;
    });
    let endpoint = pki.client(true).build().unwrap();
    let builder = EndpointTransport::builder(endpoint);
    let client = End::start(builder.max_write_time(Duration::from_millis(300)));
    let mut failures = client.transport.failures();
    let large = Bytes::from(vec![b'a'; 1 << 20]);
    let full = async {
        let send = || {
            let sent = client
                .transport
                .send_message_raw_via(large.clone(), route(address));
            timeout(LIMIT, sent)
        };
        while send().await.unwrap().is_ok() {}
    };
    timeout(LIMIT, full).await.unwrap();
    let failure = next(&mut failures).await;
    assert!(matches!(failure.cause(), Cause::Stalled), "{failure}");
}
