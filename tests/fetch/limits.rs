//! Limits on the size, the time and the form of answers.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sip_tls::FetchError;

use super::server::Server;
use super::{PATIENCE, error, local};

const SHORT: Duration = Duration::from_secs(1);

/// A time that no fetch takes unless the machine is busy.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(crate = "crate::in_time")]
async fn a_list_is_handed_over_as_it_is() {
    for body in [&b"\x30\x03abc"[..], b"-----BEGIN X509 CRL-----\r\n", b""] {
        let server = Server::of(body);
        assert_eq!(local().fetch(&server.url("/a?b=c")).await.unwrap(), body);
        let requests = server.requests();
        assert!(
            requests[0].starts_with("GET /a?b=c HTTP/1.1\r\n"),
            "{requests:?}"
        );
        assert!(!requests[0].to_lowercase().contains("accept-encoding"));
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_may_come_in_chunks_or_end_with_the_connection() {
    let chunked = "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
    for (head, body) in [
        ("200 OK\nTransfer-Encoding: chunked", chunked),
        ("200 OK\nConnection: close", "abcde"),
        (
            "200 OK\nContent-Length: 5",
            "abcdeand what is not asked for",
        ),
        (
            "100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 5",
            "abcde",
        ),
    ] {
        let server = Server::start(move |client| client.answer(head, body.as_bytes()));
        let list = local().fetch(&server.url("/")).await.unwrap();
        assert_eq!(list, b"abcde", "{head}");
    }
    let old = Server::start(|client| {
        client.send("HTTP/1.0 200 OK\r\n\r\nabcde");
    });
    let list = local().fetch(&old.url("/")).await.unwrap();
    assert_eq!(list, b"abcde");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_that_says_that_it_is_too_long_is_not_read() {
    let server = Server::start(|client| {
        client.answer("200 OK\nContent-Length: 1001", b"");
        client.drip(Duration::from_millis(50));
    });
    let error = error(&local().max_size(1000), &server.url("/")).await;
    assert!(
        matches!(error, FetchError::TooLarge { limit: 1000, .. }),
        "{error}"
    );
    assert!(server.wait_for_end(1) < SOON);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_that_does_not_say_how_long_it_is_is_read_up_to_the_limit() {
    for (head, is_chunked) in [
        ("200 OK\nTransfer-Encoding: chunked", true),
        ("200 OK\nConnection: close", false),
    ] {
        let server = Server::start(move |client| {
            client.answer(head, b"");
            // An answer without an end.
            let piece = [b'x'; 0x400];
            let send = |client: &mut super::server::Client<'_>| match is_chunked {
                true => client.send("400\r\n") && client.send(piece) && client.send("\r\n"),
                false => client.send(piece),
            };
            while send(client) {}
        });
        let error = error(&local().max_size(1_000_000), &server.url("/")).await;
        let is_told = matches!(
            error,
            FetchError::TooLarge {
                limit: 1_000_000,
                ..
            }
        );
        assert!(is_told, "{error}");
        assert!(server.wait_for_end(1) < SOON);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_may_have_as_many_bytes_as_are_allowed() {
    let server = Server::of(b"12345");
    let url = server.url("/");
    assert_eq!(local().max_size(5).fetch(&url).await.unwrap(), b"12345");
    let error = error(&local().max_size(4), &url).await;
    assert!(
        matches!(error, FetchError::TooLarge { limit: 4, .. }),
        "{error}"
    );
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_that_is_cut_short_is_an_error() {
    for (head, body, received) in [
        ("200 OK\nContent-Length: 10", "abcde", 5),
        ("200 OK\nContent-Length: 10", "", 0),
        ("200 OK\nTransfer-Encoding: chunked", "5\r\nabcde\r\n", 5),
        ("200 OK\nTransfer-Encoding: chunked", "a\r\nabcde", 5),
        ("200 OK\nTransfer-Encoding: chunked", "", 0),
    ] {
        let server = Server::start(move |client| client.answer(head, body.as_bytes()));
        let error = error(&local(), &server.url("/")).await;
        let is_told =
            matches!(&error, FetchError::Truncated { received: it, .. } if *it == received);
        assert!(is_told, "{head} {body}: {error}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_drips_is_cut_off_at_the_deadline() {
    for (head, script) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
            "in the body",
        ),
        ("HTTP/1.1 200 OK\r\nX: ", "in a header"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
            "in a chunk's extension",
        ),
        ("HTTP/1.1 200 ", "in the first line"),
    ] {
        let server = Server::start(move |client| {
            client.send(head);
            client.drip(Duration::from_millis(50));
        });
        let began = Instant::now();
        let error = error(&local().timeout(SHORT), &server.url("/")).await;
        assert!(
            matches!(error, FetchError::TimedOut { after: SHORT, .. }),
            "{script}: {error}"
        );
        assert!(
            (SHORT..SOON).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
        // The thread that reads has ended too.
        assert!(server.wait_for_end(1) < SOON);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn redirects_do_not_prolong_the_deadline() {
    let server = Server::start(|client| {
        std::thread::sleep(Duration::from_millis(400));
        client.answer("302 Found\nLocation: /again\nContent-Length: 0", b"");
    });
    let fetch = local().timeout(SHORT).max_redirects(1000);
    let began = Instant::now();
    let error = error(&fetch, &server.url("/")).await;
    assert!(
        matches!(error, FetchError::TimedOut { after: SHORT, .. }),
        "{error}"
    );
    assert!(began.elapsed() < SOON);
    assert!((2..=3).contains(&server.connections()));
}

#[tokio::test(crate = "crate::in_time")]
async fn a_server_that_says_nothing_is_left_at_the_deadline() {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", server.local_addr().unwrap());
    let error = error(&local().timeout(SHORT), &url).await;
    assert!(matches!(error, FetchError::TimedOut { .. }), "{error}");
}

#[test]
fn a_fetch_that_is_dropped_holds_up_neither_its_connection_nor_the_runtime() {
    let server = Server::start(|client| {
        client.answer("200 OK\nContent-Length: 100000", b"");
        client.drip(Duration::from_millis(20));
    });
    let url = server.url("/");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fetching = runtime.spawn(async move { local().fetch(&url).await });
    let began = Instant::now();
    while server.requests().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    fetching.abort();
    let began = Instant::now();
    runtime.shutdown_timeout(PATIENCE);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(server.wait_for_end(1) < SOON);
}

#[tokio::test(crate = "crate::in_time")]
async fn an_answer_without_a_list_is_an_error() {
    for (head, expected) in [
        (
            "404 Not Found\nContent-Length: 3",
            "the server answered with status 404",
        ),
        (
            "500 Oops\nContent-Length: 0",
            "the server answered with status 500",
        ),
        ("204 No Content", "the server answered with status 204"),
        (
            "206 Partial Content\nContent-Length: 3",
            "the server answered with status 206",
        ),
        (
            "302 Found\nContent-Length: 3",
            "the server answered with status 302",
        ),
        ("304 Not Modified", "the server answered with status 304"),
        (
            "200 OK\nContent-Encoding: gzip\nContent-Length: 3",
            "the answer is compressed (`gzip`)",
        ),
    ] {
        let server = Server::start(move |client| client.answer(head, b"abc"));
        let error = error(&local(), &server.url("/")).await;
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn an_answer_that_is_not_http_is_an_error() {
    let many = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(100_000));
    for (answer, expected) in [
        ("", "the server closed the connection without an answer"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "the answer is not valid HTTP: "),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "the answer is not valid HTTP: ",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "the answer is not valid HTTP: ",
        ),
        (&many, "the head of the answer has more than 65536 bytes"),
    ] {
        let sent = answer.to_owned();
        let server = Server::start(move |client| {
            client.send(&sent);
        });
        let error = error(&local(), &server.url("/")).await;
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(matches!(error, FetchError::Io(_)));
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn progress_is_told_from_the_first_byte_to_the_last() {
    let body = vec![7; 1_000_000].leak();
    for (head, total) in [
        ("200 OK\nContent-Length: 1000000", Some(1_000_000)),
        ("200 OK\nConnection: close", None),
    ] {
        let server = {
            let body = &*body;
            Server::start(move |client| client.answer(head, body))
        };
        let told = Arc::new(Mutex::new(Vec::new()));
        let log = told.clone();
        let url = server.url("/");
        let expected = url.clone();
        let fetch = local().progress(move |progress| {
            assert_eq!((progress.url(), progress.total()), (&*expected, total));
            log.lock().unwrap().push(progress.received());
        });
        assert_eq!(fetch.fetch(&url).await.unwrap(), body);
        let told = told.lock().unwrap();
        assert_eq!((told[0], *told.last().unwrap()), (0, 1_000_000));
        assert!(told.is_sorted() && told.len() > 10, "{told:?}");
    }
}

/// Tests the largest list that is fetched by default. Run alone, the test prints how much memory it takes.
#[tokio::test(crate = "crate::in_time")]
async fn a_list_of_64_mib_is_fetched_and_a_longer_one_is_not() {
    const LIMIT: usize = 64 << 20;
    let server = Server::start(|client| {
        let len: usize = client.path[1..].parse().unwrap();
        client.answer(&format!("200 OK\nContent-Length: {len}"), b"");
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..len >> 20 {
            client.send(&piece);
        }
    });
    let began = Instant::now();
    let list = local()
        .fetch(&server.url(&format!("/{LIMIT}")))
        .await
        .unwrap();
    println!("64 MiB took {:?}", began.elapsed());
    #[cfg(target_os = "linux")]
    println!("{}", std::fs::read_to_string("/proc/self/status").unwrap());
    assert_eq!(list.len(), LIMIT);
    let error = error(&local(), &server.url(&format!("/{}", LIMIT + 1))).await;
    assert_eq!(error.to_string(), "the answer has more than 67108864 bytes");
}
