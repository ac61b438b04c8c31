//! TLS 1.2 servers without secure renegotiation (RFC 5746), which OpenSSL 3 refuses.

use std::time::Duration;

use sip_tls::ConnectError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::endpoint::settings::endpoint;

/// A record with a ServerHello that has these extensions.
fn server_hello(extensions: &[u8]) -> Vec<u8> {
    let length = extensions.len() as u8;
    let body = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0, 0, length]].concat();
    let message = [&[2, 0, 0, body.len() as u8 + length][..], &body, extensions].concat();
    [&[22, 3, 3, 0, message.len() as u8][..], &message].concat()
}

/// Returns the client's error at such a server, and the bytes that the client answers.
async fn meet(hello: Vec<u8>) -> (ConnectError, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let client = endpoint(&[("trusted-ca", "root.pem")]);
    let at = at.parse().unwrap();
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut header = [0; 5];
        stream.read_exact(&mut header).await.unwrap();
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        stream.read_exact(&mut vec![0; length]).await.unwrap();
        stream.write_all(&hello).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        read.expect("an end").unwrap();
        answer
    };
    let (outgoing, answer) = tokio::join!(client.connect_to(&at, None), serving);
    (outgoing.unwrap_err(), answer)
}

const PATIENCE: Duration = Duration::from_secs(20);
const HANDSHAKE_FAILURE: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

#[tokio::test(crate = "crate::in_time")]
async fn such_a_server_gets_an_alert_and_no_certificate_of_ours() {
    let mismatched = [0xff, 1, 0, 2, 1, 5];
    for extensions in [&[][..], &[0, 23, 0, 0], &mismatched] {
        let (error, answer) = meet(server_hello(extensions)).await;
        assert_eq!(
            error.to_string(),
            "the TLS handshake failed: the TLS 1.2 server does not support secure renegotiation \
             (RFC 5746); OpenSSL 3 refuses it, too: `unsafe legacy renegotiation disabled`"
        );
        assert_eq!(answer, HANDSHAKE_FAILURE, "{extensions:?}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_hello_in_small_records_is_read_all_the_same() {
    let whole = server_hello(&[]);
    let records = whole[5..]
        .chunks(1)
        .map(|octet| [&[22, 3, 3, 0, 1], octet].concat());
    let (error, answer) = meet(records.collect::<Vec<_>>().concat()).await;
    assert!(error.to_string().contains("RFC 5746"), "{error}");
    assert_eq!(answer, HANDSHAKE_FAILURE);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_with_it_goes_on() {
    // An application data record follows instead of a handshake message, so that the handshake ends.
    let hello = [server_hello(&[0xff, 1, 0, 1, 0]), vec![23, 3, 3, 0, 1, 0]].concat();
    let (error, _) = meet(hello).await;
    assert!(!error.to_string().contains("RFC 5746"), "{error}");
}
