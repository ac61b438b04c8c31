//! Tests of the connection that a message uses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use rvoip_sip_core::builder::SimpleResponseBuilder;
use rvoip_sip_core::{Message, StatusCode};
use rvoip_sip_transport::{Transport, TransportAuthority, TransportEvent, TransportRoute};
use sip_tls::Endpoints;
use sip_tls_rvoip::EndpointTransport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ends::{End, LIMIT, Pki, options, route};

#[tokio::test]
async fn many_requests_to_a_server_make_one_handshake() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counting = count.clone();
    let endpoint = pki.client(true).build().unwrap();
    let client = End::start(
        EndpointTransport::builder(endpoint).on_connection(move |_, _| {
            counting.fetch_add(1, Ordering::Relaxed);
        }),
    );
    let mut requests = JoinSet::new();
    for number in 1..=20 {
        let (transport, route) = (client.transport.clone(), route(server.address()));
        let message = Message::Request(options(number));
        requests.spawn(async move { transport.prepare_message_route(&message, route).await });
    }
    let routes = timeout(LIMIT, requests.join_all()).await.unwrap();
    let mut flows: Vec<_> = routes
        .into_iter()
        .map(|route| route.unwrap().flow_id.unwrap().as_u64())
        .collect();
    flows.dedup();
    assert_eq!(flows.len(), 1);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_request_for_another_host_takes_another_connection() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let client = End::client(&pki);
    let address = TransportAuthority::ip(server.address().ip());
    let by_name = route(server.address());
    let by_address = TransportRoute::new(server.address()).with_authority(address);
    let message = Message::Request(options(1));
    let mut flows = Vec::new();
    for route in [&by_name, &by_address, &by_name] {
        let route = client
            .transport
            .prepare_message_route(&message, route.clone());
        flows.push(timeout(LIMIT, route).await.unwrap().unwrap().flow_id);
    }
    assert_eq!(flows[0], flows[2]);
    assert_ne!(flows[0], flows[1]);
    assert_eq!(client.transport.flow_id_for_route(&by_name), flows[0]);
    assert_eq!(client.transport.flow_id_for_route(&by_address), flows[1]);
    let nameless = TransportRoute::new(server.address());
    assert_eq!(
        client.transport.flow_id_for_route(&nameless),
        None,
        "there are two"
    );
    let sent = client.transport.send_message_via(message, nameless);
    let sent = timeout(LIMIT, sent).await.unwrap();
    sent.expect_err("nobody says for whom the server is to be checked");
}

#[tokio::test]
async fn a_response_takes_the_connection_of_its_request_and_no_other() {
    let pki = Pki::new();
    let mut server = End::server(&pki, |builder| builder).await;
    let mut client = End::client(&pki);
    let request = Message::Request(options(1));
    let sent = client
        .transport
        .send_message_via(request, route(server.address()));
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let (Message::Request(request), back) = server.message().await else {
        panic!("no request");
    };
    let response = SimpleResponseBuilder::response_from_request(&request, StatusCode::Ok, None);
    let response = Message::Response(response.build());
    let nowhere = TransportRoute::new(back.destination);
    let elsewhere = TransportRoute {
        destination: server.address(),
        ..back.clone()
    };
    for wrong in [nowhere, elsewhere] {
        let sent = server.transport.send_message_via(response.clone(), wrong);
        let sent = timeout(LIMIT, sent).await.unwrap();
        sent.expect_err("that is not where the request came from");
    }
    let sent = server.transport.send_message_via(response, back);
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let (answer, _) = client.message().await;
    assert!(matches!(answer, Message::Response(response) if response.status_code() == 200));
}

#[tokio::test]
async fn after_a_reload_new_requests_take_a_new_connection() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let endpoint = pki.client(true).build().unwrap();
    let client = End::start(EndpointTransport::builder(endpoint.clone()));
    let message = Message::Request(options(1));
    let prepared = || async {
        let route = client
            .transport
            .prepare_message_route(&message, route(server.address()));
        timeout(LIMIT, route).await.unwrap().unwrap()
    };
    let before = prepared().await;
    endpoint.reload().unwrap();
    let after = prepared().await;
    assert_ne!(before.flow_id, after.flow_id);
    assert_eq!(
        client.transport.flow_id_for_route(&before),
        before.flow_id,
        "dialogues go on"
    );
}

#[tokio::test]
async fn a_ping_is_answered_with_a_pong() {
    let pki = Pki::new();
    let server = End::server(&pki, |builder| builder).await;
    let mut client = End::client(&pki);
    let message = Message::Request(options(1));
    let route = client
        .transport
        .prepare_message_route(&message, route(server.address()));
    let route = timeout(LIMIT, route).await.unwrap().unwrap();
    let ping = Bytes::from_static(b"\r\n\r\n");
    let sent = client.transport.send_raw_via(route.clone(), ping);
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let pong = |event| match event {
        TransportEvent::KeepAlivePongReceived { flow_id, .. } => Some(flow_id),
        _ => None,
    };
    assert_eq!(client.event(pong).await, route.flow_id);
}

#[tokio::test]
async fn a_reader_that_is_slow_loses_nothing_and_holds_up_no_answer() {
    let pki = Pki::new();
    let mut server = End::server(&pki, |builder| builder.event_capacity(1)).await;
    let mut client = End::client(&pki);
    let all = async {
        for number in 1..=200 {
            let request = Message::Request(options(number));
            loop {
                let sent = client
                    .transport
                    .send_message_via(request.clone(), route(server.address()));
                match sent.await {
                    Ok(()) => break,
                    // No more than 64 messages can wait, and the server does not read yet.
                    Err(rvoip_sip_transport::Error::BufferCapacityExceeded) => {
                        tokio::task::yield_now().await
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    timeout(LIMIT, all).await.unwrap();
    let (_, back) = server.message().await;
    let ping = Bytes::from_static(b"\r\n");
    let sent = server.transport.send_raw_via(back, ping);
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let pong = |event| matches!(event, TransportEvent::KeepAlivePongReceived { .. }).then_some(());
    client.event(pong).await;
    for number in 2..=200 {
        let (message, _) = server.message().await;
        let id = message.call_id().unwrap().value().to_owned();
        assert_eq!(id, format!("call-{number}"));
    }
}

#[tokio::test]
async fn closing_sends_what_is_queued_and_frees_the_port() {
    let pki = Pki::new();
    let mut server = End::server(&pki, |builder| builder).await;
    let client = End::client(&pki);
    let address = server.address();
    let request = Message::Request(options(1));
    let sent = client
        .transport
        .send_message_via(request.clone(), route(address));
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let closing = client.transport.close();
    timeout(LIMIT, closing).await.unwrap().unwrap();
    server.message().await;
    let closed = |event| matches!(event, TransportEvent::ConnectionClosed { .. }).then_some(());
    server.event(closed).await;
    let sent = client.transport.send_message_via(request, route(address));
    assert!(matches!(
        timeout(LIMIT, sent).await.unwrap(),
        Err(rvoip_sip_transport::Error::TransportClosed)
    ));
    // A transport is also closed when its last owner is dropped.
    drop(server.transport);
    let bind = async {
        while TcpListener::bind(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, bind).await.unwrap();
}

#[tokio::test]
async fn rvoip_is_told_which_certificate_a_client_has() {
    let pki = Pki::new();
    let mut server = End::server(&pki, |builder| builder).await;
    let client = End::client(&pki);
    let request = Message::Request(options(1));
    let sent = client
        .transport
        .send_message_via(request, route(server.address()));
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let identity = |event| match event {
        TransportEvent::MessageReceived {
            connection_metadata,
            ..
        } => Some(connection_metadata),
        _ => None,
    };
    let identity = server.event(identity).await.unwrap().tls_peer_identity;
    assert_eq!(identity.presented_chain_len, 1);
    assert_eq!(identity.leaf_certificate_sha256.len(), 64);
}

#[tokio::test]
async fn a_client_that_asks_for_a_domain_is_served_by_its_endpoint() {
    let (pki, other) = (Pki::new(), Pki::new());
    let endpoints = Endpoints::by_name([("localhost", pki.server())], other.server());
    let mut server = End::server(&other, |builder| builder.domains(endpoints)).await;
    let client = End::client(&pki);
    let request = Message::Request(options(1));
    let sent = client
        .transport
        .send_message_via(request, route(server.address()));
    timeout(LIMIT, sent).await.unwrap().unwrap();
    server.message().await;
}

#[tokio::test]
async fn behind_a_proxy_a_client_has_the_address_that_the_proxy_names() {
    let pki = Pki::new();
    let proxies = ["127.0.0.1/32".parse().unwrap()];
    let mut server = End::server(&pki, |builder| builder.proxies(proxies)).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let header = b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 5061\r\n";
    stream.write_all(header).await.unwrap();
    let endpoint = pki.client(true).build().unwrap();
    let connecting = endpoint.connect_stream("localhost", stream);
    let mut connection = timeout(LIMIT, connecting).await.unwrap().unwrap();
    let request = Message::Request(options(1)).to_bytes();
    let sent = async {
        connection.write_all(&request).await?;
        connection.flush().await
    };
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let (_, back) = server.message().await;
    assert_eq!(back.destination, "192.0.2.7:40000".parse().unwrap());
    let pong = Bytes::from_static(b"\r\n");
    let sent = server.transport.send_raw_via(back, pong);
    timeout(LIMIT, sent).await.unwrap().unwrap();
    let mut bytes = [0; 2];
    let read = connection.read_exact(&mut bytes);
    timeout(LIMIT, read).await.unwrap().unwrap();
    assert_eq!(&bytes, b"\r\n");
}
