//! Connections that need a list, with web servers that answer in different ways.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use sip_tls::options::Source;
use sip_tls::verify::{Purpose, VerifyCode};
use sip_tls::{ConnectError, CrlFetch, Endpoint};

use super::nginx::{self, Nginx};
use super::server::{Client, Server};
use super::{Folder, PATIENCE, local};
use crate::endpoint::connect::Listener;
use crate::endpoint::settings::{builder, endpoint};
use crate::endpoint::test_pki::{HOST, NOW, TestPki};

const CA: (&str, &str) = ("trusted-ca", "root.pem");

/// A file of the test PKI.
fn list(name: &str) -> Vec<u8> {
    std::fs::read(TestPki::get().path(name)).unwrap()
}

/// A TLS server whose certificate says that its list is on the web server.
fn tls_server(name: &'static str, web: &Server) -> Endpoint {
    tls_server_with(name, web.url("/ca.crl"))
}

fn tls_server_with(name: &'static str, url: String) -> Endpoint {
    TestPki::get().with_list_at(name, url);
    let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
    endpoint(&[CA, ("certificate", &certificate), ("certificate-key", &key)])
}

fn client(fetch: CrlFetch, timeout: Duration) -> Endpoint {
    let settings = [CA, ("tls-crl", "fetch"), ("tls-target-name-check", "host")];
    let builder = builder(&settings).crl_fetch(fetch).timeout(timeout);
    builder.build().unwrap()
}

/// Returns the result of a connection, and how many connections the web server got.
async fn connect(
    name: &'static str,
    settings: fn(CrlFetch) -> CrlFetch,
    script: impl Fn(&mut Client<'_>) + Send + Sync + 'static,
) -> (Result<(), String>, usize) {
    let web = Server::start(script);
    let (server, folder) = (tls_server(name, &web), Folder::new(name));
    let listener = Listener::new().await;
    let fetch = settings(local().cache(folder.path()));
    let client = client(fetch, Duration::from_secs(5));
    let made = connect_to(&client, &server, &listener).await;
    (made.map_err(|error| error.to_string()), web.connections())
}

/// Connects once. The client and the listener may be used again.
async fn connect_to(
    client: &Endpoint,
    server: &Endpoint,
    listener: &Listener,
) -> Result<(), ConnectError> {
    let at = listener.server(HOST);
    let serving = async {
        loop {
            // Only the client's result is of interest.
            drop(listener.accept(server).await);
        }
    };
    tokio::select! {
        made = client.connect_to(&at, Some(listener.address())) => made.map(drop),
        () = serving => unreachable!("it goes on"),
    }
}

fn answer(list: Vec<u8>) -> impl Fn(&mut Client<'_>) + Send + Sync + 'static {
    move |client| client.answer(&format!("200 OK\nContent-Length: {}", list.len()), &list)
}

#[tokio::test(crate = "crate::in_time")]
async fn a_good_list_is_waited_for() {
    let (made, requests) = connect("web-good", |fetch| fetch, answer(list("current.crl"))).await;
    assert_eq!((made, requests), (Ok(()), 1));
}

#[tokio::test(crate = "crate::in_time")]
async fn a_redirected_list_is_found() {
    let good = list("current.crl");
    let script = move |client: &mut Client<'_>| match client.path.contains("/ca.crl") {
        true => client.answer("302 Found\nLocation: /other.crl\nContent-Length: 0", b""),
        false => client.answer(&format!("200 OK\nContent-Length: {}", good.len()), &good),
    };
    let (made, requests) = connect("web-redirected", |fetch| fetch, script).await;
    assert_eq!((made, requests), (Ok(()), 2));
}

/// Checks that the connection is refused as by OpenSSL without a list, and that the error gives the reason.
#[track_caller]
fn assert_refused((made, _): (Result<(), String>, usize), why: &str) {
    let error = made.unwrap_err();
    assert!(
        error.contains("unable to get certificate CRL (3) at depth 0: fetching http://127.0.0.1:")
            && error.contains(why),
        "{error}"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_that_is_not_good_is_refused_with_the_reason() {
    for (name, file, why) in [
        ("web-stranger", "stranger.crl", "another CA issued the list"),
        (
            "web-forged",
            "forged.crl",
            "the list is not signed with the key of the CA",
        ),
        ("web-expired", "expired.crl", "CRL has expired"),
        ("web-early", "not-yet-valid.crl", "CRL is not yet valid"),
        ("web-certificate", "good.pem", ""),
    ] {
        let made = connect(name, |fetch| fetch, answer(list(file))).await;
        assert_refused(made, why);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_that_does_not_come_is_told_with_the_reason() {
    let good = list("current.crl");
    let missing = |client: &mut Client<'_>| client.answer("404 Not Found\nContent-Length: 0", b"");
    assert_refused(connect("web-missing", |fetch| fetch, missing).await, "404");
    let bytes = good.clone();
    let truncated = move |client: &mut Client<'_>| {
        client.answer(
            &format!("200 OK\nContent-Length: {}", bytes.len()),
            &bytes[..100],
        );
    };
    assert_refused(connect("web-truncated", |fetch| fetch, truncated).await, "");
    let huge = connect("web-huge", |fetch| fetch.max_size(100), answer(good)).await;
    assert_refused(huge, "100");
    let forbidden = |client: &mut Client<'_>| {
        client.answer(
            "302 Found\nLocation: http://127.0.0.2/ca.crl\nContent-Length: 0",
            b"",
        );
    };
    assert_refused(
        connect("web-forbidden", |fetch| fetch, forbidden).await,
        "127.0.0.2",
    );
    let slow = |client: &mut Client<'_>| {
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        client.drip(Duration::from_millis(50));
    };
    let fast = |fetch: CrlFetch| fetch.timeout(Duration::from_millis(300));
    assert_refused(connect("web-slow", fast, slow).await, "");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_kept_list_needs_no_web_server() {
    let folder = Folder::new("web-offline");
    let web = Server::start(answer(list("current.crl")));
    let server = tls_server("web-offline", &web);
    let listener = Listener::new().await;
    let fetch = || local().cache(folder.path());
    let first = client(fetch(), Duration::from_secs(5));
    connect_to(&first, &server, &listener).await.unwrap();
    drop(web);
    let second = client(fetch(), Duration::from_secs(5));
    connect_to(&second, &server, &listener).await.unwrap();
}

#[tokio::test(crate = "crate::in_time")]
async fn a_revoked_server_is_refused_by_the_list_that_was_fetched() {
    let folder = Folder::new("web-revoked");
    let web = Server::start(answer(list("current.crl")));
    let server = tls_server("web-revoked", &web);
    let listener = Listener::new().await;
    let client = client(local().cache(folder.path()), Duration::from_secs(5));
    connect_to(&client, &server, &listener).await.unwrap();
    let revoked = [
        ("certificate", "revoked.pem"),
        ("certificate-key", "revoked.key"),
    ];
    let revoked = endpoint(&[&[CA], &revoked[..]].concat());
    let error = connect_to(&client, &revoked, &listener).await.unwrap_err();
    assert_eq!(
        error.verify_status().unwrap().code(),
        VerifyCode::CertRevoked
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn connections_that_wait_for_one_list_fetch_it_once() {
    let folder = Folder::new("web-crowd");
    let good = list("current.crl");
    let web = Server::start(move |client| {
        std::thread::sleep(Duration::from_millis(500));
        client.answer(&format!("200 OK\nContent-Length: {}", good.len()), &good);
    });
    let server = tls_server("web-crowd", &web);
    let listener = Arc::new(Listener::new().await);
    let client = client(local().cache(folder.path()), Duration::from_secs(30));
    let serving = {
        let listener = listener.clone();
        tokio::spawn(async move {
            loop {
                drop(listener.accept(&server).await);
            }
        })
    };
    let at = listener.server(HOST);
    let making: Vec<_> = (0..200)
        .map(|_| tokio::spawn(client.connect_to(&at, Some(listener.address()))))
        .collect();
    for made in making {
        made.await.unwrap().unwrap();
    }
    serving.abort();
    assert_eq!(web.connections(), 1);
}

#[tokio::test(crate = "crate::in_time")]
async fn ten_thousand_that_wait_for_one_list_fetch_it_once() {
    let folder = Folder::new("web-thousands");
    let good = list("current.crl");
    let web = Server::start(move |client| {
        std::thread::sleep(Duration::from_secs(1));
        client.answer(&format!("200 OK\nContent-Length: {}", good.len()), &good);
    });
    TestPki::get().with_list_at("web-thousands", web.url("/ca.crl"));
    let client = client(local().cache(folder.path()), PATIENCE);
    let chain = chain("web-thousands.pem");
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW));
    let verify = || client.verifier().verify(&chain, Purpose::Server, None, now);
    let status = verify();
    assert_eq!(status.wanted_lists().len(), 1);
    let waiting = (0..10_000).map(|_| tokio::spawn(client.fetch_lists(&status)));
    for waiting in waiting.collect::<Vec<_>>() {
        waiting.await.unwrap().unwrap();
    }
    assert_eq!(web.connections(), 1);
    assert!(verify().is_accepted());
}

fn chain(name: &str) -> Vec<CertificateDer<'static>> {
    let path = TestPki::get().path(name);
    let path = path.to_str().unwrap();
    let found = sip_tls::pki::roots::load(Source::path(path)).unwrap();
    let certificates = found.certificates().iter();
    certificates.map(|found| found.der().clone()).collect()
}

#[tokio::test(crate = "crate::in_time")]
async fn lists_on_nginx_decide_about_connections() {
    if !nginx::is_found() {
        return;
    }
    let nginx = Nginx::start("nginx-connections");
    for (name, file, why) in [
        ("nginx-good", Some("current.crl"), None),
        (
            "nginx-stranger",
            Some("stranger.crl"),
            Some("another CA issued the list"),
        ),
        (
            "nginx-expired",
            Some("expired.crl"),
            Some("CRL has expired"),
        ),
        (
            "nginx-missing",
            None,
            Some("the server answered with status 404"),
        ),
    ] {
        let path = format!("/{name}.crl");
        if let Some(file) = file {
            nginx.put(&path[1..], &list(file));
        }
        let (server, folder) = (tls_server_with(name, nginx.url(&path)), Folder::new(name));
        let listener = Listener::new().await;
        let client = client(local().cache(folder.path()), PATIENCE);
        let made = connect_to(&client, &server, &listener).await;
        match why {
            None => made.unwrap(),
            Some(why) => {
                let error = made.unwrap_err().to_string();
                assert!(error.contains(why), "{name}: {error}");
            }
        }
    }
}
