//! Tags tell which connection was refused and why, if a stack makes the connections and does not report errors.

use std::sync::{Arc, Mutex};

use rustls::pki_types::ServerName;
use sip_tls::Endpoint;
use sip_tls::verify::{Observer, Purpose, ReferenceName, VerifyCode};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::endpoint::connect::Listener;
use crate::endpoint::settings::{builder, endpoint};

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const GOOD: [&str; 2] = ["local.pem", "local.key"];
const STRANGER: [&str; 2] = ["unknown.pem", "unknown.key"];

type Heard = Arc<Mutex<Vec<(Option<String>, VerifyCode)>>>;

/// A client, and the events that its observer receives.
fn client() -> (Endpoint, Heard) {
    let heard = Heard::default();
    let ears = heard.clone();
    let observer = Observer::new(move |observation| {
        assert!(
            observation.connection.is_none(),
            "a stack makes the connection"
        );
        let status = observation.status;
        assert_eq!(status.purpose(), Purpose::Server);
        assert_eq!(status.reference(), Some(&ReferenceName::new("localhost")));
        let tag = observation.tag.map(str::to_owned);
        ears.lock().unwrap().push((tag, status.code()));
    });
    let client = builder(&[CA]).observer(observer).build().unwrap();
    (client, heard)
}

/// Uses a connector like a stack that it was given to. Returns whether the handshake succeeded.
async fn connect(connector: TlsConnector, [certificate, key]: [&str; 2]) -> bool {
    let listener = Listener::new().await;
    let server = endpoint(&[CA, ("certificate", certificate), ("certificate-key", key)]);
    let address = listener.address();
    let connecting = async {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        connector.connect(name, stream).await.is_ok()
    };
    tokio::join!(connecting, listener.accept(&server)).0
}

#[tokio::test(crate = "crate::in_time")]
async fn what_happens_within_a_scope_is_told_with_its_tag() {
    let (client, heard) = client();
    let first = Endpoint::scope("call 1", connect(client.connector(), GOOD));
    let second = Endpoint::scope(
        String::from("call 2"),
        connect(client.connector(), STRANGER),
    );
    assert_eq!(tokio::join!(first, second), (true, false));
    assert!(connect(client.connector(), GOOD).await);
    let mut heard = heard.lock().unwrap();
    assert_eq!(heard.pop(), Some((None, VerifyCode::Ok)));
    heard.sort_by(|a, b| a.0.cmp(&b.0));
    let unknown = VerifyCode::SelfSignedCertInChain;
    let expected = [("call 1", VerifyCode::Ok), ("call 2", unknown)];
    assert_eq!(
        *heard,
        expected.map(|(tag, code)| (Some(tag.to_owned()), code))
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_connector_with_a_tag_takes_it_along_into_other_tasks() {
    let (client, heard) = client();
    let connectors = ["4021", "4022"].map(|tag| client.connector_tagged(tag));
    for connector in connectors {
        let connected = tokio::spawn(connect(connector, GOOD)).await;
        assert!(connected.unwrap());
    }
    let expected = ["4021", "4022"].map(|tag| (Some(tag.to_owned()), VerifyCode::Ok));
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[tokio::test(crate = "crate::in_time")]
async fn the_last_refusal_of_a_server_is_known_by_its_name() {
    let (client, _) = client();
    assert!(client.last_refusal("localhost").is_none());
    assert!(!connect(client.connector(), STRANGER).await);
    let refusal = client.last_refusal("localhost").expect("a refusal");
    assert_eq!(refusal.code(), VerifyCode::SelfSignedCertInChain);
    let about = refusal.error().unwrap().about().unwrap();
    assert!(
        about.contains("`CN = Stranger`, issued by `CN = Stranger`"),
        "{about}"
    );
    assert!(client.last_refusal("example.com").is_none());
    assert!(connect(client.connector(), GOOD).await);
    assert!(client.last_refusal("localhost").is_none());
}

#[tokio::test(crate = "crate::in_time")]
async fn the_name_that_is_checked_is_that_of_the_option() {
    let client = endpoint(&[CA, ("tls-target-name", "localhost")]);
    assert!(!connect(client.connector(), STRANGER).await);
    assert!(client.last_refusal("sbc.example.com").is_some());
}
