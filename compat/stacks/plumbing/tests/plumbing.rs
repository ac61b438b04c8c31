//! Tests of each server with its own client, with a PKI that is made in the run.

use std::time::Duration;

use sip_tls::Endpoint;
use sip_tls::options::TlsOptions;
use sip_tls::profile::Server;
use stack_pki::{Identity, Lists, Pki};
use stack_plumbing::domains::Domains;
use stack_plumbing::{Failure, http, sip, websocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

fn pki(name: &str) -> Pki {
    let folder = format!("sip-tls-plumbing-{}-{name}", std::process::id());
    Pki::create(std::env::temp_dir().join(folder)).unwrap()
}

fn server(pki: &Pki, identity: Identity) -> Endpoint {
    endpoint(pki, Some(identity), &[("tls-mutual", "1")])
}

fn client(pki: &Pki, identity: Option<Identity>, name: &str) -> Endpoint {
    let check = [("tls-target-name-check", "host"), ("tls-target-name", name)];
    endpoint(pki, identity, &check)
}

fn endpoint(pki: &Pki, identity: Option<Identity>, options: &[(&str, &str)]) -> Endpoint {
    let mut builder = TlsOptions::builder()
        .set("trusted-ca", pki.root().display().to_string())
        .set("tls-crl", pki.lists(Lists::Current).display().to_string());
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

async fn listen() -> (TcpListener, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    (listener, server.parse().unwrap())
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(20);
    timeout(limit, future).await.expect("it takes too long")
}

fn said(result: Result<String, Failure>) -> String {
    let mut text = String::new();
    let error = result.expect_err("there was a connection");
    let mut error: Option<&dyn std::error::Error> = Some(&*error);
    while let Some(cause) = error {
        text += &format!("{cause}; ");
        error = cause.source();
    }
    text
}

#[tokio::test]
async fn sip_goes_over_a_websocket_and_a_refused_client_learns_why() {
    let pki = pki("websocket");
    let (listener, address) = listen().await;
    let endpoint = server(&pki, Identity::Good);
    tokio::spawn(async move { websocket::serve(&endpoint, listener).await });
    let good = client(&pki, Some(Identity::Good), "localhost");
    let answer = in_time(websocket::ask(&good, &address)).await.unwrap();
    assert!(answer.starts_with("SIP/2.0 200 OK\r\n"), "{answer}");
    assert!(answer.contains("CSeq: 1 OPTIONS\r\n"), "{answer}");
    let revoked = client(&pki, Some(Identity::Revoked), "localhost");
    let refused = said(in_time(websocket::ask(&revoked, &address)).await);
    assert!(refused.contains("certificate_revoked (44)"), "{refused}");
}

#[tokio::test]
async fn a_websocket_without_the_sub_protocol_sip_is_refused() {
    let pki = pki("protocol");
    let (listener, address) = listen().await;
    let endpoint = server(&pki, Identity::Good);
    tokio::spawn(async move { websocket::serve(&endpoint, listener).await });
    let client = client(&pki, Some(Identity::Good), "localhost");
    let mut connection = in_time(client.connect_to(&address, None)).await.unwrap();
    let upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
                   Sec-WebSocket-Protocol: chat\r\n\r\n";
    in_time(connection.write_all(upgrade.as_bytes()))
        .await
        .unwrap();
    let mut answer = [0; 12];
    in_time(connection.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400");
}

#[tokio::test]
async fn axum_learns_who_the_client_is_and_a_client_without_a_certificate_is_refused() {
    let pki = pki("http");
    let (listener, address) = listen().await;
    let endpoint = server(&pki, Identity::Good);
    tokio::spawn(async move { http::serve(&endpoint, listener).await });
    let good = client(&pki, Some(Identity::Good), "localhost");
    let page = in_time(http::fetch(&good, &address, "/whoami")).await;
    assert_eq!(page.unwrap(), "CN = good");
    let missing = in_time(http::fetch(&good, &address, "/nothing")).await;
    assert!(said(missing).contains("404"));
    let nobody = client(&pki, None, "localhost");
    let refused = said(in_time(http::fetch(&nobody, &address, "/whoami")).await);
    assert!(refused.contains("certificate_required (116)"), "{refused}");
}

#[tokio::test]
async fn the_name_that_the_client_sends_chooses_the_endpoint() {
    let pki = pki("domains");
    let (listener, address) = listen().await;
    let domains = Domains::default()
        .with("localhost", server(&pki, Identity::Good))
        .with("Elsewhere.example.com", server(&pki, Identity::Elsewhere));
    tokio::spawn(async move { domains.serve(listener).await });
    for (name, subject) in [
        ("localhost", "good"),
        ("elsewhere.example.com", "elsewhere"),
    ] {
        let client = client(&pki, Some(Identity::Good), name);
        let mut connection = in_time(client.connect_to(&address, None)).await.unwrap();
        let path = connection.verify_status().unwrap().path();
        assert_eq!(path[0], format!("CN = {subject}"));
        let options = sip::options("TLS");
        let sent = in_time(connection.write_all(options.as_bytes())).await;
        sent.unwrap();
        let mut answer = [0; 14];
        in_time(connection.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"SIP/2.0 200 OK");
    }
    let lost = client(&pki, Some(Identity::Good), "nobody.example.com");
    let refused = in_time(lost.connect_to(&address, None)).await.unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("_name (112)"), "{refused}");
}
