//! The places that servers may redirect to.

use sip_tls::FetchError;

use super::server::Server;
use super::{error, local};

/// Redirects each path to a location, and serves a list at `/list`.
fn redirecting(location: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
    Server::start(move |client| match &*client.path {
        "/list" | "/folder/list" => client.answer("200 OK\nContent-Length: 4", b"list"),
        path => {
            let to = location(path);
            client.answer(
                &format!("302 Found\nLocation: {to}\nContent-Length: 0"),
                b"",
            );
        }
    })
}

#[tokio::test(crate = "crate::in_time")]
async fn redirects_are_followed_relative_and_absolute_ones() {
    let other = Server::of(b"list");
    let absolute = other.url("/elsewhere");
    for (from, to, at_last) in [
        ("/a", "/list", "GET /list "),
        ("/folder/a", "list", "GET /folder/list "),
        ("/folder/a", "../list?x#y", "GET /list?x "),
    ] {
        let server = Server::start(move |client| match client.path == from {
            true => client.answer(
                &format!("301 Moved\nLocation: {to}\nContent-Length: 0"),
                b"",
            ),
            false => client.answer("200 OK\nContent-Length: 4", b"list"),
        });
        assert_eq!(local().fetch(&server.url(from)).await.unwrap(), b"list");
        let requests = server.requests();
        assert!(requests[1].starts_with(at_last), "{requests:?}");
    }
    let server = redirecting(move |_| absolute.clone());
    assert_eq!(local().fetch(&server.url("/a")).await.unwrap(), b"list");
    let requests = other.requests();
    let host = format!("host: 127.0.0.1:{}\r\n", other.port());
    assert!(requests[0].to_lowercase().contains(&host), "{requests:?}");
}

#[tokio::test(crate = "crate::in_time")]
async fn each_status_that_redirects_is_followed_whatever_its_body() {
    for code in [301, 302, 303, 307, 308] {
        let server = Server::start(move |client| match &*client.path {
            "/list" => client.answer("200 OK\nContent-Length: 4", b"list"),
            // The client does not read the body.
            _ => {
                let head = format!("{code} Moved\nLocation: /list\nContent-Length: 1000000000");
                client.answer(&head, b"it has moved");
            }
        });
        assert_eq!(local().fetch(&server.url("/a")).await.unwrap(), b"list");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn redirects_are_followed_as_often_as_is_allowed() {
    // `/3` leads to `/2`, `/2` to `/1`, and `/1` to the list.
    let server = redirecting(|path| match path[1..].parse::<u32>() {
        Ok(1) => "/list".to_owned(),
        Ok(left) => format!("/{}", left - 1),
        Err(_) => "/loop".to_owned(),
    });
    assert_eq!(local().fetch(&server.url("/5")).await.unwrap(), b"list");
    for (path, allowed, requests) in [("/6", 5, 6), ("/1", 0, 1), ("/loop", 5, 6)] {
        let before = server.requests().len();
        let error = error(&local().max_redirects(allowed), &server.url(path)).await;
        let is_told =
            matches!(error, FetchError::TooManyRedirects { limit, .. } if limit == allowed);
        assert!(is_told, "{path}: {error}");
        assert_eq!(server.requests().len() - before, requests, "{path}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn redirects_lead_to_http_only() {
    for to in [
        "https://crl.example.com/list",
        "ftp://crl.example.com/list",
        "file:///etc/passwd",
        "http://user@crl.example.com/",
    ] {
        let server = redirecting(move |_| to.to_owned());
        let error = error(&local(), &server.url("/a")).await;
        let expected = format!(
            "the server redirects to `{to}`, which cannot be fetched: it must be a valid `http:` URL (no spaces) \
             with a host, a valid port and no user name"
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn nothing_is_sent_to_a_forbidden_address_that_a_server_redirects_to() {
    let mut addresses = vec!["127.0.0.2:0"];
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        addresses.extend(["[::1]:0"]);
    }
    for address in addresses {
        let forbidden = Server::at(address, |client| {
            client.answer("200 OK\nContent-Length: 4", b"list");
        });
        let to = forbidden.url("/list");
        let server = redirecting(move |_| to.clone());
        let error = error(&local(), &server.url("/a")).await;
        assert!(matches!(error, FetchError::Forbidden { .. }), "{error}");
        assert_eq!(server.requests().len(), 1);
        assert_eq!(forbidden.connections(), 0);

        let everywhere = local()
            .allow("127.0.0.0/8".parse().unwrap())
            .allow("::1/128".parse().unwrap());
        assert_eq!(everywhere.fetch(&server.url("/a")).await.unwrap(), b"list");
        assert_eq!(forbidden.connections(), 1);
    }
}
