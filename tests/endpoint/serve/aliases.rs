//! Aliases: the connection on which the peer has proved a domain.

use std::net::Ipv4Addr;
use std::sync::Arc;

use sip_tls::{Alias, Aliases, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::PATIENCE;
use crate::endpoint::connect::Listener;
use crate::endpoint::in_memory::Credulous;
use crate::endpoint::settings::{builder, endpoint};
use crate::endpoint::test_pki::HOST;

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const SERVER: [(&str, &str); 4] = [
    CA,
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
    ("tls-mutual", "1"),
];

/// A client's connection with this certificate, and the server's end of it.
async fn connect(identity: &str, server: &[(&str, &str)]) -> [Connection<TcpStream>; 2] {
    let (certificate, key) = (format!("{identity}.pem"), format!("{identity}.key"));
    let own = [("certificate", &*certificate), ("certificate-key", &*key)];
    let client = endpoint(&[&[CA], &own[..]].concat());
    let listener = Listener::new().await;
    let ends = listener.connect(&client, &endpoint(server), HOST).await;
    ends.map(Result::unwrap)
}

/// A server with the name check `sip`, which also accepts SIP's extended key usage.
fn sip_server() -> Vec<(&'static str, &'static str)> {
    [&SERVER[..], &[("tls-target-name-check", "sip")]].concat()
}

#[tokio::test(crate = "crate::in_time")]
async fn a_connection_is_found_by_each_domain_that_its_certificate_names() {
    let aliases = Aliases::new();
    let [ours, theirs] = connect("sip-domain", &SERVER).await;
    let alias = aliases.keep(&theirs, "client");
    assert_eq!(alias.domains(), ["example.com"]);
    for domain in ["example.com", "EXAMPLE.com", "example.com."] {
        assert_eq!(aliases.find(domain), Some("client"), "{domain}");
    }
    for domain in ["edge7.provider.net", "sip.example.com", "com", ""] {
        assert_eq!(aliases.find(domain), None, "{domain}");
    }
    // The client's end belongs to the domain of the server.
    let ours = aliases.keep(&ours, "server");
    assert_eq!(ours.domains(), [HOST]);
    assert_eq!(aliases.find(HOST), Some("server"));
}

#[tokio::test(crate = "crate::in_time")]
async fn the_youngest_is_found_first_and_one_that_ended_no_more() {
    let aliases = Aliases::new();
    let [_, first] = connect("sip-domain", &SERVER).await;
    let [_, second] = connect("sip-purpose", &sip_server()).await;
    let first = aliases.keep(&first, 1);
    let second = aliases.keep(&second, 2);
    assert_eq!(aliases.find("example.com"), Some(2));
    assert_eq!(aliases.find_all("example.com"), [1, 2]);
    drop(second);
    assert_eq!(aliases.find("example.com"), Some(1));
    drop(first);
    assert_eq!(aliases.find("example.com"), None);
    assert!(aliases.find_all("example.com").is_empty());
    assert_eq!(format!("{aliases:?}"), "Aliases([])");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_without_a_certificate_is_found_by_no_domain() {
    let aliases = Aliases::new();
    let [_, theirs] = connect("sip-domain", &SERVER[..3]).await;
    let alias = aliases.keep(&theirs, ());
    assert!(alias.domains().is_empty());
    assert_eq!(aliases.find("example.com"), None);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_wildcard_stands_for_no_domain_but_itself() {
    let aliases = Aliases::new();
    let [_, theirs] = connect("wildcard", &SERVER).await;
    let alias = aliases.keep(&theirs, ());
    assert_eq!(alias.domains(), ["*.example.com"]);
    assert_eq!(aliases.find("sip.example.com"), None);
}

#[tokio::test(crate = "crate::in_time")]
async fn what_another_verifier_believed_proves_no_domain() {
    let server = builder(&SERVER).danger();
    let server = server.replace_client_verifier(Arc::new(Credulous)).build();
    let own = [
        CA,
        ("certificate", "sip-domain.pem"),
        ("certificate-key", "sip-domain.key"),
    ];
    let listener = Listener::new().await;
    let (client, server) = (endpoint(&own), server.unwrap());
    let ends = listener.connect(&client, &server, HOST).await;
    let [_outgoing, incoming] = ends.map(Result::unwrap);
    assert!(incoming.peer_identities().is_some());
    let aliases = Aliases::new();
    assert!(aliases.keep(&incoming, ()).domains().is_empty());
}

/// A server can work like this: the handler keeps its connection, and writes what is sent to the domain.
#[tokio::test(crate = "crate::in_time")]
async fn a_server_sends_a_request_to_a_domain_on_the_connection_from_it() {
    let aliases: Aliases<mpsc::Sender<Vec<u8>>> = Aliases::new();
    let kept = aliases.clone();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let handler = move |mut connection: Connection<TcpStream>, _| {
        let (kept, tell) = (kept.clone(), tell.clone());
        async move {
            let (sender, mut to_send) = mpsc::channel(1);
            let alias: Alias<_> = kept.keep(&connection, sender);
            tell.send(alias.domains().to_vec()).unwrap();
            let mut end = [0];
            tokio::select! {
                request = to_send.recv() => {
                    connection.write_all(&request.unwrap()).await.unwrap();
                    connection.flush().await.unwrap();
                }
                _ = connection.read(&mut end) => {}
            }
        }
    };
    let server = endpoint(&SERVER).serve(listener, handler).unwrap();
    tokio::spawn(server.into_future());
    let mut clients = Vec::new();
    for identity in ["good", "sip-domain"] {
        let (certificate, key) = (format!("{identity}.pem"), format!("{identity}.key"));
        let own = [("certificate", &*certificate), ("certificate-key", &*key)];
        let client = endpoint(&[&[CA], &own[..]].concat());
        let server = format!("{HOST}:{}", address.port()).parse().unwrap();
        let connection = client.connect_to(&server, Some(address)).await.unwrap();
        clients.push(connection);
        let domains = tokio::time::timeout(PATIENCE, told.recv()).await.unwrap();
        assert_eq!(domains.unwrap().len(), 1);
    }
    let sender = aliases.find("example.com").unwrap();
    sender.send(b"OPTIONS".to_vec()).await.unwrap();
    let mut request = [0; 7];
    let reading = clients[1].read_exact(&mut request);
    tokio::time::timeout(PATIENCE, reading)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&request, b"OPTIONS");
    // The handler has ended, and its alias with it. The other alias is still there.
    let gone = async {
        while aliases.find("example.com").is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    assert!(aliases.find(HOST).is_some());
}
