//! Connections over sockets of this machine, in both directions.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConnection, ServerConnection};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::pki::{Authority, HOST, List, URL, certified};
use super::source::Shelf;
use super::{builder_of, options};
use crate::endpoint::{ConnectError, Connection, Endpoint};

const VERSIONS: [&str; 2] = ["TLSv12", "TLSv13"];
const BEING_FETCHED: &str = "the peer's certificate was refused: unable to get certificate CRL (3) at depth 0: it is \
                             being fetched from http://crl.example.com/ca.crl";

type Made = Result<Connection<TcpStream>, ConnectError>;

/// Makes an endpoint that has this certificate, and fetches lists if there is a shelf.
fn endpoint(
    ca: &Authority,
    version: &str,
    own: CertificateDer<'static>,
    shelf: Option<&Arc<Shelf>>,
) -> Endpoint {
    let tls_crl = if shelf.is_some() { "fetch" } else { "" };
    let options = options(&[ca], tls_crl)
        .set("sec-protocol", version)
        .set("tls-mutual", "1")
        .set("tls-target-name-check", "host")
        .build()
        .unwrap();
    let none = Arc::new(Shelf::default());
    let builder = builder_of(options, shelf.unwrap_or(&none));
    let builder = builder.certified_key(Arc::new(certified(own)));
    builder.timeout(Duration::from_secs(10)).build().unwrap()
}

/// A server that accepts connections until the test ends, and their results so far.
struct Peer {
    address: SocketAddr,
    accepted: tokio::sync::mpsc::UnboundedReceiver<Result<(), String>>,
}

impl Peer {
    async fn new(endpoint: Endpoint) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, accepted) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let made = endpoint.accept(stream).await;
                // In TLS 1.3 the client may refuse us after the handshake.
                let said = made.map(drop).map_err(|error| error.to_string());
                if sender.send(said).is_err() {
                    return;
                }
            }
        });
        Self { address, accepted }
    }

    async fn next(&mut self) -> Result<(), String> {
        let next = timeout(Duration::from_secs(20), self.accepted.recv());
        next.await.expect("nobody came in time").unwrap()
    }

    async fn connect(&self, client: &Endpoint, host: &str) -> Made {
        let server = format!("{host}:{}", self.address.port()).parse().unwrap();
        let making = client.connect_to(&server, Some(self.address));
        timeout(Duration::from_secs(20), making).await.unwrap()
    }

    /// Returns how many connections came, once no more come.
    async fn count(mut self) -> usize {
        let mut count = 0;
        while let Ok(Some(_)) = timeout(Duration::from_millis(300), self.accepted.recv()).await {
            count += 1;
        }
        count
    }
}

/// Makes a client with this source, and a server whose list is at `URL`.
async fn client_and_peer(version: &str, shelf: &Arc<Shelf>) -> (Endpoint, Peer) {
    let ca = Authority::root();
    let server = endpoint(&ca, version, ca.issue(10, &[URL]), None);
    let client = endpoint(&ca, version, ca.issue(20, &[]), Some(shelf));
    (client, Peer::new(server).await)
}

fn good_shelf() -> Arc<Shelf> {
    Shelf::with(URL, Authority::root().list(&List::default()))
}

#[tokio::test(crate = "crate::in_time")]
async fn connect_waits_for_the_list_and_tries_once_more() {
    for version in VERSIONS {
        let shelf = good_shelf();
        shelf.delay(Duration::from_millis(200));
        let (client, peer) = client_and_peer(version, &shelf).await;
        let connection = peer.connect(&client, HOST).await.unwrap();
        assert!(connection.verify_status().unwrap().is_accepted());
        // The next connection finds the list.
        peer.connect(&client, HOST).await.unwrap();
        assert_eq!(shelf.gets(), [URL], "{version}");
        assert_eq!(peer.count().await, 3, "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn connect_domain_waits_as_well() {
    let shelf = good_shelf();
    let (client, peer) = client_and_peer("TLSv13", &shelf).await;
    let connecting = client.connect_domain("example.com", peer.address);
    let made = timeout(Duration::from_secs(20), connecting).await.unwrap();
    assert!(made.unwrap().verify_status().unwrap().is_accepted());
    assert_eq!(peer.count().await, 2);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_that_was_fetched_may_revoke_the_server() {
    for version in VERSIONS {
        let list = List {
            revoked: vec![10],
            ..List::default()
        };
        let shelf = Shelf::with(URL, Authority::root().list(&list));
        let (client, peer) = client_and_peer(version, &shelf).await;
        let error = peer.connect(&client, HOST).await.unwrap_err();
        assert_eq!(error.verify_status().unwrap().code().number(), 23);
        assert_eq!(peer.count().await, 2, "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn connect_says_why_there_is_no_list() {
    for version in VERSIONS {
        let shelf = Shelf::with("http://elsewhere/", Vec::new());
        let (client, peer) = client_and_peer(version, &shelf).await;
        let expected = "the peer's certificate was refused: unable to get certificate CRL (3) at depth 0: fetching \
                        http://crl.example.com/ca.crl failed: the server answered with status 404";
        for _ in 0..2 {
            let error = peer.connect(&client, HOST).await.unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        assert_eq!(shelf.gets(), [URL]);
        // Without the list, there was no reason to try again.
        assert_eq!(peer.count().await, 2, "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn waiting_for_a_list_is_within_the_time_out() {
    let shelf = good_shelf();
    shelf.delay(Duration::from_secs(600));
    let ca = Authority::root();
    let server = endpoint(&ca, "TLSv13", ca.issue(10, &[URL]), None);
    let peer = Peer::new(server).await;
    let options = options(&[&ca], "fetch").build().unwrap();
    let key = Arc::new(certified(ca.issue(20, &[])));
    let builder = builder_of(options, &shelf).certified_key(key);
    let client = builder.timeout(Duration::from_secs(3)).build().unwrap();
    let began = Instant::now();
    let error = peer.connect(&client, HOST).await.unwrap_err();
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
    let statement = error.verify_status().unwrap().error().unwrap().statement();
    let expected =
        format!("unable to get certificate CRL (3) at depth 0: fetching {URL} took too long");
    assert_eq!(statement, expected);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_of_another_name_has_nothing_fetched() {
    let shelf = good_shelf();
    let (client, peer) = client_and_peer("TLSv13", &shelf).await;
    let error = peer
        .connect(&client, "other.example.com")
        .await
        .unwrap_err();
    assert_eq!(error.verify_status().unwrap().code().number(), 62);
    assert!(shelf.gets().is_empty());
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_is_refused_and_welcome_once_the_list_is_there() {
    for version in VERSIONS {
        let ca = Authority::root();
        let shelf = good_shelf();
        let server = endpoint(&ca, version, ca.issue(10, &[]), Some(&shelf));
        let client = endpoint(&ca, version, ca.issue(20, &[URL]), None);
        let mut peer = Peer::new(server.clone()).await;
        let _ = peer.connect(&client, HOST).await;
        assert_eq!(
            peer.next().await,
            Err(BEING_FETCHED.to_owned()),
            "{version}"
        );
        await_list(&server).await;
        let _connection = peer.connect(&client, HOST).await.unwrap();
        assert_eq!(peer.next().await, Ok(()), "{version}");
        assert_eq!(shelf.gets(), [URL]);
    }
}

/// Waits until a list was fetched.
async fn await_list(endpoint: &Endpoint) {
    let waiting = async {
        while endpoint.verifier().all_lists().next().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), waiting)
        .await
        .expect("no list came");
}

#[tokio::test(crate = "crate::in_time")]
async fn handed_out_connectors_fail_and_find_the_list_the_next_time() {
    for version in VERSIONS {
        let shelf = good_shelf();
        let (client, peer) = client_and_peer(version, &shelf).await;
        let connector = client.connector();
        let connect = async || {
            let stream = TcpStream::connect(peer.address).await.unwrap();
            let connecting = connector.connect(ServerName::try_from(HOST).unwrap(), stream);
            timeout(Duration::from_secs(20), connecting).await.unwrap()
        };
        assert!(connect().await.is_err());
        let refusal = client.last_refusal(HOST).unwrap();
        let statement = refusal.error().unwrap().statement();
        assert!(BEING_FETCHED.ends_with(&statement), "{statement}");
        await_list(&client).await;
        connect().await.unwrap();
        assert_eq!(shelf.gets(), [URL], "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn handed_out_acceptors_do_so_as_well() {
    for version in VERSIONS {
        let ca = Authority::root();
        let shelf = good_shelf();
        let server = endpoint(&ca, version, ca.issue(10, &[]), Some(&shelf));
        let client = endpoint(&ca, version, ca.issue(20, &[URL]), None);
        let acceptor = server.acceptor().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let shake = async || {
            let to = format!("{HOST}:{}", at.port()).parse().unwrap();
            let accepting = async {
                let (stream, _) = listener.accept().await.unwrap();
                acceptor.accept(stream).await
            };
            let both = async { tokio::join!(accepting, client.connect_to(&to, Some(at))) };
            timeout(Duration::from_secs(20), both).await.unwrap().0
        };
        assert!(shake().await.is_err());
        await_list(&server).await;
        assert!(shake().await.is_ok(), "{version}");
    }
}

/// A stack that does not use tokio.
#[test]
fn without_a_runtime_nothing_is_fetched_and_the_refusal_says_so() {
    for version in VERSIONS {
        let ca = Authority::root();
        let shelf = good_shelf();
        let server = endpoint(&ca, version, ca.issue(10, &[URL]), None);
        let client = endpoint(&ca, version, ca.issue(20, &[]), Some(&shelf));
        let name = ServerName::try_from(HOST).unwrap();
        let mut outgoing = ClientConnection::new(client.client_config(), name).unwrap();
        let mut incoming = ServerConnection::new(server.server_config().unwrap()).unwrap();
        let flight = |_| {
            let mut bytes = Vec::new();
            outgoing.write_tls(&mut bytes).unwrap();
            incoming.read_tls(&mut &bytes[..]).unwrap();
            incoming.process_new_packets().unwrap();
            bytes.clear();
            while incoming.wants_write() {
                incoming.write_tls(&mut bytes).unwrap();
            }
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                outgoing.read_tls(&mut rest).unwrap();
            }
            outgoing.process_new_packets().err()
        };
        let error = (0..10).find_map(flight).expect("a refusal");
        assert!(
            matches!(error, rustls::Error::InvalidCertificate(_)),
            "{error}"
        );
        let refusal = client.last_refusal(HOST).unwrap();
        let expected = format!(
            "unable to get certificate CRL (3) at depth 0: fetching {URL} failed: there is no tokio runtime to fetch \
             it"
        );
        assert_eq!(refusal.error().unwrap().statement(), expected);
        assert!(shelf.gets().is_empty());
    }
}
