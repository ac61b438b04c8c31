//! What callers add, in connections that an endpoint makes itself.

use sip_tls::{Connection, Endpoint, EndpointBuilder};
use tokio::net::TcpStream;

use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::settings::builder;

pub(super) const SETTINGS: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
];
pub(super) const VERSIONS: [&str; 2] = ["TLSv12", "TLSv13"];

/// An endpoint of one version, as it is changed.
#[track_caller]
pub(super) fn endpoint(
    version: &str,
    change: impl FnOnce(EndpointBuilder) -> EndpointBuilder,
) -> Endpoint {
    let settings = [&SETTINGS[..], &[("sec-protocol", version)]].concat();
    change(builder(&settings)).build().unwrap()
}

/// Connects one endpoint to the other, and sends a message each way.
pub(super) async fn connect(client: &Endpoint, server: &Endpoint) -> [Connection<TcpStream>; 2] {
    let listener = Listener::new().await;
    let at = listener.server("127.0.0.1");
    let outgoing = client.connect_to(&at, None);
    let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(server));
    let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
    exchange(&mut outgoing, &mut incoming).await;
    [outgoing, incoming]
}

#[tokio::test]
async fn a_connection_says_which_protocol_was_agreed_on() {
    for version in VERSIONS {
        let plain = endpoint(version, |builder| builder);
        let ours = endpoint(version, |builder| builder.alpn(["msrp", "sip/2"]));
        let peer = endpoint(version, |builder| builder.alpn(["sip/2", "http/1.1"]));
        for connection in connect(&ours, &peer).await {
            assert_eq!(connection.alpn(), Some(&b"sip/2"[..]), "{version}");
        }
        for connection in connect(&ours, &plain).await {
            assert_eq!(connection.alpn(), None, "{version}");
        }
    }
}
