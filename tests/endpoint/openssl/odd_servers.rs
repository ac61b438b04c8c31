//! Our client at servers with settings that rustls does not support and OpenSSL's client does.

use sip_tls::profile::Server;
use sip_tls::verify::VerifyCode;
use sip_tls::{ConnectError, Connection, Endpoint, EndpointBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::program::{self, PATIENCE, Program};
use super::{KEYS, VERSIONS};
use crate::endpoint::settings::builder;
use crate::endpoint::test_pki::{HOST, TestPki};

fn client(settings: &[(&str, &str)]) -> EndpointBuilder {
    builder(&[&[("trusted-ca", "root.pem")], settings].concat())
}

/// Starts a server with this certificate. Returns it with its address.
fn start([certificate, key]: [&str; 2], more: &[&str]) -> (Program, String) {
    let words = [
        &[
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-cert",
            certificate,
            "-key",
            key,
        ][..],
        &["-cert_chain", "intermediate.pem"],
        more,
    ];
    let mut server = Program::start(&words.concat());
    let line = server.wait_for("ACCEPT 127.0.0.1:");
    let address = line.trim_start_matches("ACCEPT ").to_owned();
    (server, address)
}

type Outcome = Result<Connection<TcpStream>, ConnectError>;

async fn connect(client: &Endpoint, at: &str) -> Outcome {
    client.connect_to(&at.parse().unwrap(), None).await
}

async fn connect_stream(client: &Endpoint, at: &str) -> Outcome {
    let stream = TcpStream::connect(at).await.unwrap();
    client.connect_stream("127.0.0.1", stream).await
}

/// A group made by `openssl dhparam 2048`, as an administrator makes it for a server with DHE.
const OWN_GROUP: &[u8] = include_bytes!("../../testdata/endpoint/dh2048.pem");
const DHE: &str = "DHE-RSA-AES128-GCM-SHA256";
const ECDHE: &str = "ECDHE-RSA-AES128-GCM-SHA256";
const RSA: [&str; 2] = KEYS[1];

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_prefers_dhe_with_a_group_of_its_own_is_connected_to_without_dhe() {
    if !program::is_found() {
        return;
    }
    TestPki::get().add("dh2048.pem", OWN_GROUP);
    let both = format!("{DHE}:{ECDHE}");
    let prefers = ["-serverpref", "-dhparam", "dh2048.pem", "-cipher", &both];
    let (mut server, at) = start(RSA, &[&prefers[..], &["-tls1_2", "-naccept", "6"]].concat());
    let anew = || client(&[]).build().unwrap();
    let client = anew();
    let connection = connect(&client, &at).await.unwrap();
    assert_eq!(connection.cipher(), ECDHE);
    assert_eq!(connection.verify_status().unwrap().code(), VerifyCode::Ok);
    server.wait_for("SSL alert number 47");
    drop(connection);
    // The server is remembered, so one handshake is enough. The fourth handshake is over a stream.
    let connection = connect(&client, &at).await.unwrap();
    assert_eq!(connection.cipher(), ECDHE);
    drop(connection);
    let connection = connect_stream(&client, &at).await.unwrap();
    assert_eq!(connection.cipher(), ECDHE);
    drop(connection);
    // A new endpoint remembers nothing, and needs two handshakes.
    let connection = connect(&anew(), &at).await.unwrap();
    assert_eq!(connection.cipher(), ECDHE);
    drop(connection);
    // The server ends after the sixth connection, and not before.
    server.wait_for_end();
}

/// The client remembers the server, and checks the domain.
#[tokio::test(crate = "crate::in_time")]
async fn a_server_of_a_domain_that_prefers_dhe_with_a_group_of_its_own_is_connected_to_without_dhe()
{
    if !program::is_found() {
        return;
    }
    TestPki::get().add("dh2048.pem", OWN_GROUP);
    let both = format!("{DHE}:{ECDHE}");
    let prefers = ["-serverpref", "-dhparam", "dh2048.pem", "-cipher", &both];
    let (mut server, at) = start(RSA, &[&prefers[..], &["-tls1_2", "-naccept", "3"]].concat());
    let client = client(&[("tls-target-name-check", "host")]);
    let client = client.build().unwrap();
    let at: Server = at.parse().unwrap();
    for _ in 0..2 {
        let connection = client.connect_domain(HOST, &at).await.unwrap();
        assert_eq!(connection.cipher(), ECDHE);
        assert_eq!(connection.verify_status().unwrap().code(), VerifyCode::Ok);
        assert!(connection.failed_before().is_empty());
    }
    // The server ends after the third connection, and not before.
    server.wait_for_end();
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_with_nothing_but_dhe_is_connected_to_if_its_group_is_a_named_one() {
    if !program::is_found() {
        return;
    }
    // Without parameters, OpenSSL's server uses a group of RFC 3526.
    let (_server, at) = start(RSA, &["-cipher", DHE, "-tls1_2"]);
    let plain = client(&[]).build().unwrap();
    let connection = connect(&plain, &at).await.unwrap();
    assert_eq!(connection.cipher(), DHE);
    drop(connection);
    // Over a stream of the caller there is only one handshake, so DHE is offered only on request.
    let error = connect_stream(&plain, &at).await.unwrap_err().to_string();
    let why = "or it wants DHE, which only `Endpoint::connect` and `EndpointBuilder::offer_dhe` offer here";
    assert!(
        error.contains("handshake_failure") && error.ends_with(why),
        "{error}"
    );
    for told in [
        client(&[]).offer_dhe(true),
        client(&[("cipher-list", "DEFAULT:!ECDHE")]),
    ] {
        let connection = connect_stream(&told.build().unwrap(), &at).await.unwrap();
        assert_eq!(connection.cipher(), DHE);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_with_nothing_but_dhe_in_a_group_of_its_own_is_explained() {
    if !program::is_found() {
        return;
    }
    TestPki::get().add("dh2048.pem", OWN_GROUP);
    let (_server, at) = start(RSA, &["-dhparam", "dh2048.pem", "-cipher", DHE, "-tls1_2"]);
    for list in ["DEFAULT", "DEFAULT:!ECDHE"] {
        let client = client(&[("cipher-list", list)]).build().unwrap();
        // A server for which no retry helped is not remembered.
        for _ in 0..2 {
            let error = connect(&client, &at).await.unwrap_err().to_string();
            let why = "the server uses a Diffie-Hellman group of its own";
            assert!(error.contains(why), "{list}: {error}");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_renegotiation_that_rustls_refuses_is_named_as_the_cause() {
    if !program::is_found() {
        return;
    }
    let (mut server, at) = start(RSA, &["-tls1_2"]);
    let client = client(&[]).build().unwrap();
    let mut connection = connect(&client, &at).await.unwrap();
    connection.write_all(b"OPTIONS sip:a@b\n").await.unwrap();
    connection.flush().await.unwrap();
    server.wait_for("OPTIONS sip:a@b");
    // The command of `s_server` for a renegotiation.
    server.say("r");
    let mut rest = Vec::new();
    let read = connection.read_to_end(&mut rest);
    let error = tokio::time::timeout(PATIENCE, read)
        .await
        .expect("an end")
        .unwrap_err();
    let text = "the peer asked to renegotiate, which rustls does not support";
    assert_eq!(error.to_string(), text);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "received fatal alert: HandshakeFailure");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_certificate_message_that_is_too_long_for_rustls_is_named_as_the_cause() {
    if !program::is_found() {
        return;
    }
    let pki = TestPki::get();
    let intermediate = std::fs::read(pki.path("intermediate.pem")).unwrap();
    pki.add("many-intermediates.pem", &intermediate.repeat(200));
    for (protocol, version, _) in VERSIONS {
        let more = [version, "-cert_chain", "many-intermediates.pem"];
        let (_server, at) = start(RSA, &more);
        let client = client(&[("sec-protocol", protocol)]).build().unwrap();
        let error = connect(&client, &at).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the TLS handshake failed: a message of the peer, probably Certificate, is longer than 64 KiB, the limit \
             of rustls"
        );
        assert!(std::error::Error::source(&error).is_none());
    }
}
