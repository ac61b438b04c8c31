//! Several domains on one port.

use std::time::Duration;

use sip_tls::{Connection, Endpoint, Endpoints};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::{PATIENCE, SERVER, Served, echo, talk};
use crate::endpoint::settings::{builder, endpoint};
use crate::endpoint::test_pki::{Identity, TestPki};

const CA: (&str, &str) = ("trusted-ca", "root.pem");

/// Three endpoints: one with TLS 1.2 only, one that requires client certificates, and one for all other names.
fn endpoints() -> Endpoints {
    let of = |name: &'static str, key: &'static str| {
        [CA, ("certificate", name), ("certificate-key", key)]
    };
    let old = [
        &of("good.pem", "good.key")[..],
        &[("sec-protocol", "TLSv12")],
    ]
    .concat();
    let mutual = [
        &of("wildcard.pem", "wildcard.key")[..],
        &[("tls-mutual", "1")],
    ]
    .concat();
    let named = [
        ("SIP.example.com.", endpoint(&old)),
        ("*.example.com", endpoint(&mutual)),
    ];
    Endpoints::by_name(named, endpoint(&SERVER))
}

async fn ask<IO>(client: &Endpoint, name: &str, stream: IO) -> Connection<IO>
where
    IO: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let asking = client.connect_stream(name, stream);
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    asked.expect("in time").unwrap()
}

#[track_caller]
fn assert_from<IO>(connection: &Connection<IO>, identity: &Identity, name: &str) {
    let shown = connection.peer_certificates();
    assert_eq!(shown[0], identity.chain[0], "{name}");
}

#[tokio::test(crate = "crate::in_time")]
async fn the_name_that_a_client_asks_for_chooses_the_endpoint() {
    let pki = TestPki::get();
    let served = Served::by_name(endpoints()).await;
    let own = [
        CA,
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
    ];
    let client = endpoint(&own);
    for (name, identity, version) in [
        ("sip.example.com", &pki.good, "TLSv1.2"),
        ("sip.EXAMPLE.com", &pki.good, "TLSv1.2"),
        ("sips.example.com", &pki.wildcard, "TLSv1.3"),
        ("a.b.example.com", &pki.local, "TLSv1.3"),
        ("example.com", &pki.local, "TLSv1.3"),
        ("elsewhere.test", &pki.local, "TLSv1.3"),
        // For an address, the client sends no name.
        ("127.0.0.1", &pki.local, "TLSv1.3"),
    ] {
        let mut connection = ask(&client, name, served.silent().await).await;
        assert_from(&connection, identity, name);
        assert_eq!(connection.protocol(), version, "{name}");
        talk(&mut connection).await;
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn each_name_has_its_own_rules() {
    let mut served = Served::by_name(endpoints()).await;
    let nobody = endpoint(&[CA]);
    let mut connection = ask(&nobody, "sip.example.com", served.silent().await).await;
    talk(&mut connection).await;
    let _ = nobody
        .connect_stream("sips.example.com", served.silent().await)
        .await;
    let (_, text) = served.failure().await;
    assert!(text.contains("the client sent no certificate"), "{text}");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_hello_is_read_however_it_is_cut() {
    let (near, far) = tokio::io::duplex(1);
    let endpoints = endpoints();
    let client = endpoint(&[CA]);
    let (accepted, connected) = tokio::join!(
        tokio::time::timeout(PATIENCE, endpoints.accept(far)),
        ask(&client, "sip.example.com", near),
    );
    accepted.expect("in time").unwrap();
    assert_from(&connected, &TestPki::get().good, "byte by byte");
}

#[tokio::test(crate = "crate::in_time")]
async fn what_is_no_hello_is_told_as_ever() {
    let impatient = builder(&SERVER).timeout(Duration::from_millis(300));
    let named = [("sip.example.com", endpoint(&SERVER))];
    let mut served = Served::by_name(Endpoints::by_name(named, impatient.build().unwrap())).await;
    for (sent, expected) in [
        (
            &b"OPTIONS sip:a@b SIP/2.0\r\n\r\n"[..],
            "it is a SIP request without TLS",
        ),
        (b"\x16\x03\x01\x02\0\x01\0\x01", "after 0.3 seconds"),
        (b"", "after 0.3 seconds"),
    ] {
        let mut stranger = served.silent().await;
        stranger.write_all(sent).await.unwrap();
        let (peer, text) = served.failure().await;
        assert_eq!(peer, stranger.local_addr().unwrap());
        assert!(text.contains(expected), "{text}");
    }
    drop(served.silent().await);
    let (_, text) = served.failure().await;
    assert!(text.contains("closed"), "{text}");
}

#[tokio::test(crate = "crate::in_time")]
async fn all_of_them_need_a_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoints = Endpoints::by_name([("a.test", endpoint(&[CA]))], endpoint(&SERVER));
    let text = endpoints.serve(listener, echo).unwrap_err().to_string();
    assert!(text.contains("`certificate`"), "{text}");
}
