//! Connections over sockets of this machine, by `Endpoint::connect` and `Endpoint::accept`.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rustls::AlertDescription;
use sip_tls::profile::{Connectivity, Server, Transport};
use sip_tls::verify::{ReferenceName, VerifyCode};
use sip_tls::{ConnectError, Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::endpoint::settings::{builder, endpoint, observed};

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const CHECK: (&str, &str) = ("tls-target-name-check", "host");
const SERVER: [(&str, &str); 3] = [
    CA,
    ("certificate", "local.pem"),
    ("certificate-key", "local.key"),
];
const MUTUAL: (&str, &str) = ("tls-mutual", "1");

pub(crate) type Accepted = Result<Connection<TcpStream>, ConnectError>;

/// A listener on this machine.
pub(crate) struct Listener(TcpListener);

impl Listener {
    pub(crate) async fn new() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The port of the listener, with this host name.
    pub(crate) fn server(&self, host: &str) -> Server {
        format!("{host}:{}", self.address().port()).parse().unwrap()
    }

    pub(crate) async fn accept(&self, endpoint: &Endpoint) -> Accepted {
        let (stream, _) = self.0.accept().await.unwrap();
        endpoint.accept(stream).await
    }

    /// Connects one endpoint to the other, as if the host had the address of the listener.
    pub(crate) async fn connect(
        &self,
        client: &Endpoint,
        server: &Endpoint,
        host: &str,
    ) -> [Accepted; 2] {
        let at = self.server(host);
        let outgoing = client.connect_to(&at, Some(self.address()));
        let (outgoing, incoming) = tokio::join!(outgoing, self.accept(server));
        [outgoing, incoming]
    }
}

fn connectivity(server: Server) -> Connectivity {
    Connectivity::new("4021", server, Transport::Tls)
}

/// Sends a message each way.
pub(crate) async fn exchange(
    client: &mut Connection<TcpStream>,
    server: &mut Connection<TcpStream>,
) {
    let mut buffer = [0; 16];
    client.write_all(b"OPTIONS sip:a@b").await.unwrap();
    client.flush().await.unwrap();
    server.read_exact(&mut buffer[..15]).await.unwrap();
    assert_eq!(&buffer[..15], b"OPTIONS sip:a@b");
    server.write_all(b"SIP/2.0 200 OK\r\n").await.unwrap();
    server.flush().await.unwrap();
    client.read_exact(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"SIP/2.0 200 OK\r\n");
}

#[tokio::test(crate = "crate::in_time")]
async fn endpoints_connect_by_name_and_by_address_with_the_name_check_on() {
    let listener = Listener::new().await;
    let server = endpoint(&[&SERVER[..], &[MUTUAL]].concat());
    let ours = [("certificate", "good.pem"), ("certificate-key", "good.key")];
    let (client, seen) = observed(&[&[CA, CHECK], &ours[..]].concat());
    for host in ["localhost", "127.0.0.1"] {
        let connectivity = connectivity(listener.server(host));
        let outgoing = client.connect(&connectivity);
        let (outgoing, incoming) = tokio::join!(outgoing, listener.accept(&server));
        let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
        exchange(&mut outgoing, &mut incoming).await;
        for connection in [&outgoing, &incoming] {
            assert_eq!(connection.protocol(), "TLSv1.3");
            assert_eq!(connection.cipher(), "TLS_AES_256_GCM_SHA384");
            assert_eq!(connection.group(), Some("X25519"));
            let status = connection.verify_status().expect("both are verified");
            assert_eq!(status.code(), VerifyCode::Ok);
        }
        let status = outgoing.verify_status().unwrap();
        assert_eq!(status.reference(), Some(&ReferenceName::new(host)));
        assert!(status.matched_name().is_some(), "{host}");
        assert_eq!(status.path().len(), 3);
        assert_eq!(outgoing.peer_certificates().len(), 2);
    }
    assert_eq!(seen.count(), 2);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_is_refused_is_told_and_the_error_says_why() {
    let listener = Listener::new().await;
    let client = endpoint(&[CA, CHECK]);
    let server = endpoint(&SERVER);
    let [outgoing, incoming] = listener.connect(&client, &server, "sip.example.com").await;
    let error = outgoing.unwrap_err();
    let status = error.verify_status().expect("the verification's status");
    assert_eq!(status.code(), VerifyCode::HostnameMismatch);
    assert_eq!(
        error.to_string(),
        "the peer's certificate was refused: hostname mismatch (62) at depth 0"
    );
    assert!(std::error::Error::source(&error).is_none());
    let about = status.error().unwrap().about().unwrap();
    assert!(
        about.starts_with("the certificate `CN = local`, issued by `CN = Test Intermediate`, serial ")
            && about.contains(", valid from 2020-01-01 00:00:00 UTC to 2090-01-01 00:00:00 UTC; the expected name is `sip.example.com`, and the certificate has DNS:localhost, IP:127.0.0.1, IP:::1"),
        "{about}"
    );
    assert!(was_alerted(&incoming, AlertDescription::BadCertificate));
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_that_is_refused_learns_it_in_tls_12_while_it_connects() {
    let listener = Listener::new().await;
    let ours = [
        ("certificate", "unknown.pem"),
        ("certificate-key", "unknown.key"),
    ];
    let client = endpoint(&[&[CA, ("sec-protocol", "TLSv12")], &ours[..]].concat());
    let server = endpoint(&[&SERVER[..], &[MUTUAL]].concat());
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    let status = incoming.unwrap_err().verify_status().unwrap().clone();
    assert_eq!(status.code(), VerifyCode::SelfSignedCertInChain);
    assert!(was_alerted(&outgoing, AlertDescription::UnknownCA));
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_that_is_refused_learns_it_in_tls_13_when_it_reads() {
    let listener = Listener::new().await;
    let ours = [
        ("certificate", "unknown.pem"),
        ("certificate-key", "unknown.key"),
    ];
    let client = endpoint(&[&[CA], &ours[..]].concat());
    let server = endpoint(&[&SERVER[..], &[MUTUAL]].concat());
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    assert!(incoming.unwrap_err().verify_status().is_some());
    let mut outgoing = outgoing.unwrap();
    let error = outgoing.read(&mut [0; 1]).await.unwrap_err();
    let expected = error.to_string();
    for part in [
        "the peer refused the connection: TLS alert unknown_ca (48): the server refused our certificate `CN = unknown`, \
         issued by `CN = Stranger`, serial ",
        ": the peer does not trust its CA; it accepts certificates issued by `CN = Test Root`, and none of these CAs issued ours",
    ] {
        assert!(expected.contains(part), "{expected}");
    }
    let failure = outgoing.failure(error);
    assert_eq!(failure.alert(), Some(AlertDescription::UnknownCA));
    assert_eq!(failure.to_string(), expected);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_says_nothing_but_goodbye_may_have_refused_our_certificate() {
    let listener = Listener::new().await;
    let ours = [("certificate", "good.pem"), ("certificate-key", "good.key")];
    let client = endpoint(&[&[CA], &ours[..]].concat());
    let server = endpoint(&[&SERVER[..], &[MUTUAL]].concat());
    for (says, expected) in [(false, true), (true, false)] {
        let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
        let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
        if says {
            exchange(&mut outgoing, &mut incoming).await;
        }
        drop(incoming);
        let error = outgoing.read(&mut [0; 1]).await.unwrap_err();
        let text = outgoing.failure(error).to_string();
        assert!(text.starts_with("the connection broke: "), "{text}");
        assert_eq!(
            text.contains(
                "the server closed it without an alert, and had sent nothing since the handshake; it may have refused our certificate"
            ),
            expected,
            "{text}"
        );
        for (kind, how) in [
            (
                ErrorKind::ConnectionAborted,
                "the server closed it without an alert, and had sent nothing since the handshake",
            ),
            (
                ErrorKind::BrokenPipe,
                "the server closed it, and nothing was received since the handshake",
            ),
        ] {
            let text = outgoing.failure(kind.into()).to_string();
            let part = format!("{how}; it may have refused our certificate");
            assert_eq!(text.contains(&part), expected, "{text}");
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_closes_with_a_close_notify_has_not_refused_our_certificate() {
    let listener = Listener::new().await;
    let ours = [("certificate", "good.pem"), ("certificate-key", "good.key")];
    let client = endpoint(&[&[CA], &ours[..]].concat());
    let server = endpoint(&[&SERVER[..], &[MUTUAL]].concat());
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
    incoming.shutdown().await.unwrap();
    assert_eq!(outgoing.read(&mut [0; 1]).await.unwrap(), 0);
    let text = outgoing
        .failure(ErrorKind::UnexpectedEof.into())
        .to_string();
    assert!(!text.contains("certificate"), "{text}");
}

#[tokio::test(crate = "crate::in_time")]
async fn an_established_connection_that_breaks_is_told_without_a_word_of_its_handshake() {
    let listener = Listener::new().await;
    let (client, server) = (endpoint(&[CA]), endpoint(&SERVER));
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    let mut outgoing = outgoing.unwrap();
    drop(incoming);
    let error = outgoing.read(&mut [0; 1]).await.unwrap_err();
    let text = outgoing.failure(error).to_string();
    assert!(text.starts_with("the connection broke: "), "{text}");
}

#[tokio::test(crate = "crate::in_time")]
async fn without_a_common_protocol_the_handshake_fails_on_both_sides() {
    let listener = Listener::new().await;
    let client = endpoint(&[CA, ("sec-protocol", "TLSv12")]);
    let server = endpoint(&[&SERVER[..], &[("sec-protocol", "TLSv13")]].concat());
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    assert!(was_alerted(&outgoing, AlertDescription::ProtocolVersion));
    assert!(matches!(
        incoming,
        Err(ConnectError::Handshake {
            source: rustls::Error::PeerIncompatible(_),
            ..
        })
    ));
}

/// With `no`, the connection succeeds.
#[tokio::test(crate = "crate::in_time")]
async fn a_host_is_recorded_and_checked_though_rustls_cannot_send_it_so() {
    let server = endpoint(&[
        CA,
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
    ]);
    for (host, check, code) in [
        ("under_score.example", "no", VerifyCode::Ok),
        ("under_score.example", "host", VerifyCode::HostnameMismatch),
        (".leading.example", "no", VerifyCode::Ok),
        (".leading.example", "host", VerifyCode::HostnameMismatch),
        // In OpenSSL, a leading dot matches any name below the domain.
        (".example.com", "host", VerifyCode::Ok),
    ] {
        let listener = Listener::new().await;
        let (client, seen) = observed(&[CA, ("tls-target-name-check", check)]);
        let [outgoing, incoming] = listener.connect(&client, &server, host).await;
        let status = seen.status();
        assert_eq!(status.code(), code, "{host}, {check}");
        assert_eq!(status.reference(), Some(&ReferenceName::new(host)));
        assert_eq!(outgoing.is_ok(), code == VerifyCode::Ok, "{host}, {check}");
        assert_eq!(incoming.is_ok(), code == VerifyCode::Ok, "{host}, {check}");
    }
}

/// The dot of the root, which SNI must not contain. The name is the same with and without it.
#[tokio::test(crate = "crate::in_time")]
async fn a_trailing_dot_is_neither_sent_nor_checked() {
    let server = endpoint(&[
        CA,
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
    ]);
    let target = ("tls-target-name", "sip.example.com.");
    for (host, settings, code) in [
        ("sip.example.com.", &[CA, CHECK][..], VerifyCode::Ok),
        ("127.0.0.1", &[CA, CHECK, target], VerifyCode::Ok),
        ("other.example.", &[CA, CHECK], VerifyCode::HostnameMismatch),
        (
            "sip.example.com..",
            &[CA, CHECK],
            VerifyCode::HostnameMismatch,
        ),
    ] {
        let listener = Listener::new().await;
        let (client, seen) = observed(settings);
        let [outgoing, incoming] = listener.connect(&client, &server, host).await;
        assert_eq!(seen.status().code(), code, "{host}");
        assert_eq!(outgoing.is_ok(), code == VerifyCode::Ok, "{host}");
        if let Ok(connection) = incoming {
            let tokio_rustls::TlsStream::Server(stream) = connection.into_stream() else {
                panic!("an incoming connection");
            };
            assert_eq!(stream.get_ref().1.server_name(), Some("sip.example.com"));
        }
        // A stack that makes the connection itself gets the same result.
        let Some(name) = client.server_name(host) else {
            continue;
        };
        let dialled = TcpStream::connect(listener.address());
        let connecting = async {
            client
                .connector()
                .connect(name, dialled.await.unwrap())
                .await
        };
        let (outgoing, _) = tokio::join!(connecting, listener.accept(&server));
        assert_eq!(outgoing.is_ok(), code == VerifyCode::Ok, "{host}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn tls_target_name_is_sent_and_checked_instead_of_the_host() {
    let listener = Listener::new().await;
    let server = endpoint(&[
        CA,
        ("certificate", "good.pem"),
        ("certificate-key", "good.key"),
    ]);
    let client = endpoint(&[CA, CHECK, ("tls-target-name", "sip.example.com")]);
    let [outgoing, incoming] = listener.connect(&client, &server, "127.0.0.1").await;
    let status = outgoing.unwrap().verify_status().unwrap().clone();
    assert_eq!(
        status.reference(),
        Some(&ReferenceName::new("sip.example.com"))
    );
    let stream = incoming.unwrap().into_stream();
    let tokio_rustls::TlsStream::Server(stream) = stream else {
        panic!("an incoming connection");
    };
    assert_eq!(stream.get_ref().1.server_name(), Some("sip.example.com"));
}

#[tokio::test(crate = "crate::in_time")]
async fn a_silent_peer_takes_no_longer_than_the_time_out() {
    let listener = Listener::new().await;
    let short = |settings| {
        builder(settings)
            .timeout(Duration::from_millis(50))
            .build()
            .unwrap()
    };
    let client = short(&[CA]);
    let error = client.connect_to(&listener.server("127.0.0.1"), None).await;
    assert!(
        matches!(error, Err(ConnectError::TimedOut { .. })),
        "{error:?}"
    );
    let stream = TcpStream::connect(listener.address()).await.unwrap();
    let error = client.connect_stream("localhost", stream).await;
    assert!(
        matches!(error, Err(ConnectError::TimedOut { .. })),
        "{error:?}"
    );

    let listener = Listener::new().await;
    let _silent = TcpStream::connect(listener.address()).await.unwrap();
    let error = listener.accept(&short(&SERVER)).await;
    assert!(
        matches!(error, Err(ConnectError::TimedOut { .. })),
        "{error:?}"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_time_out_may_be_without_end() {
    let listener = Listener::new().await;
    let endless = |settings| builder(settings).timeout(Duration::MAX).build().unwrap();
    let (client, server) = (endless(&[CA]), endless(&SERVER));
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    exchange(&mut outgoing.unwrap(), &mut incoming.unwrap()).await;
}

#[tokio::test(crate = "crate::in_time")]
async fn a_peer_that_speaks_no_tls_is_an_error_on_either_side() {
    let listener = Listener::new().await;
    let (client, server) = (endpoint(&[CA]), endpoint(&SERVER));
    let plain = async {
        let (mut stream, _) = listener.0.accept().await.unwrap();
        let _ = stream.write_all(b"SIP/2.0 400 Bad Request\r\n\r\n").await;
        // Until the client closes the connection.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    };
    let at = listener.server("127.0.0.1");
    let (outgoing, ()) = tokio::join!(client.connect_to(&at, None), plain);
    assert!(
        matches!(outgoing, Err(ConnectError::Handshake { .. })),
        "{outgoing:?}"
    );

    let mut stream = TcpStream::connect(listener.address()).await.unwrap();
    stream
        .write_all(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")
        .await
        .unwrap();
    let incoming = listener.accept(&server).await;
    assert!(
        matches!(incoming, Err(ConnectError::Handshake { .. })),
        "{incoming:?}"
    );

    let stream = TcpStream::connect(listener.address()).await.unwrap();
    drop(stream);
    let incoming = listener.accept(&server).await;
    assert!(
        matches!(incoming, Err(ConnectError::Io { .. })),
        "{incoming:?}"
    );
}

#[test]
fn a_look_up_that_takes_too_long_is_named() {
    let client = builder(&[CA]).timeout(Duration::from_millis(100));
    let client = client.build().unwrap();
    // The only thread that can look a name up is busy.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1);
    let runtime = runtime.build().unwrap();
    let (free, is_free) = std::sync::mpsc::channel::<()>();
    runtime.spawn_blocking(move || is_free.recv());
    let server = "localhost:5061".parse().unwrap();
    let connect = async {
        let connect = client.connect_to(&server, None);
        tokio::time::timeout(Duration::from_secs(30), connect).await
    };
    let error = runtime.block_on(connect).expect("in time").unwrap_err();
    drop(free);
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "no connection after 0.1 seconds: the look-up of `localhost` got no answer"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn what_cannot_be_reached_is_told_apart() {
    let client = endpoint(&[CA]);
    // The port is taken, but by a socket that does not listen.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let server: Server = socket.local_addr().unwrap().to_string().parse().unwrap();
    let error = client.connect_to(&server, None).await;
    assert!(
        matches!(error, Err(ConnectError::Unreachable { .. })),
        "{error:?}"
    );

    // The name is too long for a DNS query.
    let name = ["a"; 150].join(".");
    let error = client
        .connect_to(&format!("{name}:5061").parse().unwrap(), None)
        .await;
    assert!(
        matches!(error, Err(ConnectError::Resolve { .. })),
        "{error:?}"
    );

    for transport in [Transport::Tcp, Transport::Udp] {
        let plain = Connectivity::new("4021", server.clone(), transport);
        let error = client.connect(&plain).await;
        assert!(
            matches!(error, Err(ConnectError::NotTls { .. })),
            "{error:?}"
        );
    }

    let listener = Listener::new().await;
    let _stream = TcpStream::connect(listener.address()).await.unwrap();
    let error = listener.accept(&client).await;
    assert!(
        matches!(error, Err(ConnectError::Configuration(_))),
        "{error:?}"
    );
}

fn was_alerted(outcome: &Accepted, alert: AlertDescription) -> bool {
    matches!(
        outcome,
        Err(ConnectError::Handshake { source: rustls::Error::AlertReceived(received), .. }) if *received == alert
    )
}

#[cfg(not(feature = "cbc"))]
#[tokio::test(crate = "crate::in_time")]
async fn a_handshake_without_a_common_suite_is_explained_on_both_sides() {
    let listener = Listener::new().await;
    let tls12 = ("sec-protocol", "TLSv12");
    let list = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
                ECDHE-RSA-AES128-SHA:AES128-SHA";
    let client = endpoint(&[CA, tls12, ("cipher-list", list)]);
    let other = ("cipher-list", "ECDHE-ECDSA-AES128-GCM-SHA256");
    let server = endpoint(&[&SERVER[..], &[tls12, other]].concat());
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    assert_eq!(
        outgoing.unwrap_err().to_string(),
        "the peer refused the connection: TLS alert handshake_failure (40): the peer refused all of our 2 suites; \
         the cipher list also names ECDHE-RSA-AES128-SHA, which is not offered: CBC mode, needs the feature `cbc` and \
         the suite's own name in the list; \
         the cipher list also names AES128-SHA, which is not offered: static RSA key exchange; \
         or it wants AES-CCM, which `cipher-list` = `DEFAULT:ECDHE+AESCCM` would offer; \
         or it wants TLS 1.3, which `sec-protocol` excludes; \
         or it wants a client certificate, and `certificate` is not given"
    );
    assert_eq!(
        incoming.unwrap_err().to_string(),
        "the TLS handshake failed: the peer offers none of our suites; it offers ECDHE-ECDSA-AES256-GCM-SHA384, \
         ECDHE-RSA-AES256-GCM-SHA384"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_handshake_without_a_common_version_is_explained_on_both_sides() {
    let listener = Listener::new().await;
    let client = endpoint(&[CA, ("sec-protocol", "TLSv13")]);
    let server = endpoint(&[&SERVER[..], &[("sec-protocol", "TLSv12")]].concat());
    let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
    let refused = "the peer refused the connection: TLS alert protocol_version (70)";
    let failed = "the TLS handshake failed";
    for (error, start, ours) in [(outgoing, refused, "1.3"), (incoming, failed, "1.2")] {
        let expected = format!(
            "{start}: there is no common protocol version; `sec-protocol` allows TLS {ours} only"
        );
        assert_eq!(error.unwrap_err().to_string(), expected);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_takes_our_certificate_confirms_it_and_nothing_it_says_is_lost() {
    let ours = [("certificate", "good.pem"), ("certificate-key", "good.key")];
    for (protocol, tickets) in [("TLSv12", 0), ("TLSv13", 0), ("TLSv13", 2)] {
        let listener = Listener::new().await;
        let client = endpoint(&[&[CA, ("sec-protocol", protocol)], &ours[..]].concat());
        let settings = [&SERVER[..], &[MUTUAL]].concat();
        let server = builder(&settings).tls13_tickets(tickets).build().unwrap();
        let [outgoing, incoming] = listener.connect(&client, &server, "localhost").await;
        let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
        let said = b"SIP/2.0 200 OK\r\n\r\n";
        incoming.write_all(said).await.unwrap();
        incoming.flush().await.unwrap();
        for _ in 0..2 {
            outgoing.confirm(Duration::from_millis(200)).await.unwrap();
        }
        let mut heard = [0; 18];
        outgoing.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, said);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn connect_waits_for_the_verdict_if_it_is_asked_to() {
    let ours = [
        ("certificate", "unknown.pem"),
        ("certificate-key", "unknown.key"),
    ];
    let listener = Listener::new().await;
    let settings = [&[CA], &ours[..]].concat();
    let client = builder(&settings).confirm(Duration::from_secs(10));
    let server = endpoint(&[&SERVER[..], &[MUTUAL]].concat());
    let [outgoing, incoming] = listener
        .connect(&client.build().unwrap(), &server, "localhost")
        .await;
    assert!(incoming.is_err());
    let error = outgoing.unwrap_err();
    assert_eq!(error.alert(), Some(AlertDescription::UnknownCA));
    assert!(error.peer_address().is_some());
    assert!(!error.is_timeout());
}
