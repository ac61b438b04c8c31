//! The addresses that connections may be made to.

use std::net::{Ipv4Addr, TcpListener};

use sip_tls::{CrlFetch, FetchError};

use super::server::Server;
use super::{error, itself, local};
use crate::child;

#[tokio::test(crate = "crate::in_time")]
async fn this_host_is_not_connected_to_unless_it_is_allowed() {
    let server = Server::of(b"list");
    let port = server.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        // IPv4 addresses in forms that the system accepts.
        "2130706433",
        "0x7f.1",
        "127.1",
    ] {
        let error = error(&CrlFetch::new(), &format!("http://{host}:{port}/")).await;
        let is_told = matches!(error, FetchError::Forbidden { address, .. } if is_here(address));
        assert!(is_told, "{host}: {error}");
    }
    assert_eq!(server.connections(), 0);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1"] {
        let url = format!("http://{host}:{port}/");
        assert_eq!(local().fetch(&url).await.unwrap(), b"list", "{host}");
    }
    assert_eq!(server.connections(), 4);
}

const PROXIED: &str = "SIP_TLS_FETCH_URL";

#[test]
fn proxies_of_the_environment_are_not_used() {
    let server = Server::of(b"list");
    let proxy = Server::of(b"proxied");
    let mut command = itself("fetch::addresses::fetches_as_its_environment_says");
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, proxy.url("/"));
    }
    for name in ["no_proxy", "NO_PROXY"] {
        command.env_remove(name);
    }
    let output = child::output(command.env(PROXIED, server.url("/a")));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("fetched: list"), "{text}");
    assert_eq!((server.connections(), proxy.connections()), (1, 0));
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /a "), "{requests:?}");
}

#[tokio::test(crate = "crate::in_time")]
#[ignore = "what another test runs as a process of its own"]
async fn fetches_as_its_environment_says() {
    let Ok(url) = std::env::var(PROXIED) else {
        return;
    };
    let list = local().fetch(&url).await.unwrap();
    println!("\nfetched: {}", String::from_utf8(list).unwrap());
}

fn is_here(address: std::net::IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback() || address.is_unspecified()
}

#[tokio::test(crate = "crate::in_time")]
async fn the_metadata_service_of_clouds_is_not_connected_to() {
    for host in ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]"] {
        let error = error(&local(), &format!("http://{host}/latest")).await;
        assert!(matches!(error, FetchError::Forbidden { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(" is a link-local address: "), "{message}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_port_that_nobody_listens_on_is_an_error_that_names_the_address() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = error(&local(), &format!("http://{address}/")).await;
    let message = error.to_string();
    assert!(matches!(error, FetchError::Connect { .. }), "{message}");
    assert!(
        message.starts_with(&format!("cannot connect to {address}: ")),
        "{message}"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_name_that_does_not_exist_is_an_error_that_names_it() {
    let error = error(&local(), "http://crl.invalid/a.crl").await;
    let message = error.to_string();
    assert!(matches!(error, FetchError::Resolve { .. }), "{message}");
    assert!(
        message.starts_with("cannot look up `crl.invalid`: "),
        "{message}"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn only_urls_of_http_are_fetched() {
    for url in [
        "https://crl.example.com/a.crl",
        "ldap:///CN=Root?certificateRevocationList",
        "file:///etc/passwd",
        "a.crl",
        "http://user:password@crl.example.com/",
        "http://crl.example.com/My CA.crl",
    ] {
        let error = error(&local(), url).await;
        let expected = format!(
            "`{url}` cannot be fetched: it must be a valid `http:` URL (no spaces) with a host, a valid port and no user name"
        );
        assert_eq!(error.to_string(), expected);
    }
}
