//! Lists on nginx.

use std::time::Duration;

use super::nginx::{self, Nginx};
use super::{Folder, error, list, local};

#[tokio::test(crate = "crate::in_time")]
async fn a_list_is_fetched_from_nginx_kept_and_there_when_nginx_is_not() {
    if !nginx::is_found() {
        return;
    }
    let mut nginx = Nginx::start("nginx");
    let root = list(b'r', 3_000_000);
    nginx.put("root.crl", &root);
    let folder = Folder::new("of-nginx");
    let fetch = local().cache(folder.path());
    let url = nginx.url("/root.crl");
    let fetched = fetch.fetch(&url).await.unwrap();
    assert!(fetched == root);
    fetch.put_cached(&url, &fetched).unwrap();
    nginx.stop();
    let message = error(&fetch, &url).await.to_string();
    assert!(
        message.starts_with("cannot connect to 127.0.0.1:"),
        "{message}"
    );
    assert!(fetch.cached(&url).unwrap().der() == root);
}

#[tokio::test(crate = "crate::in_time")]
async fn what_nginx_redirects_refuses_or_sends_slowly_is_told() {
    if !nginx::is_found() {
        return;
    }
    let nginx = Nginx::start("nginx-faults");
    nginx.put("root.crl", &list(b'r', 5000));
    nginx.put("slow/root.crl", &list(b's', 50_000));
    let moved = local().fetch(&nginx.url("/moved")).await.unwrap();
    assert_eq!(moved, list(b'r', 5000));
    // nginx sends this page in chunks. It would compress the page for a client that allows it.
    let listing = local().fetch(&nginx.url("/listing/")).await.unwrap();
    let listing = String::from_utf8(listing).unwrap();
    assert!(listing.contains("root.crl"), "{listing}");
    for (path, expected) in [
        ("/missing.crl", "the server answered with status 404"),
        (
            "/secure",
            "the server redirects to `https://127.0.0.1/root.crl`, which cannot be fetched: it must be a valid `http:` URL (no spaces) with a host, a valid port and no user name",
        ),
        ("/loop", "the server redirects more than 5 times"),
        (
            "/neighbour",
            "127.0.0.2 is a loopback address: lists are not fetched from 127.0.0.2 unless it is allowed",
        ),
    ] {
        let error = error(&local(), &nginx.url(path)).await;
        assert_eq!(error.to_string(), expected);
    }
    let url = nginx.url("/slow/root.crl");
    let slow = error(&local().timeout(Duration::from_secs(2)), &url).await;
    assert_eq!(slow.to_string(), "no complete answer after 2 seconds");
    let long = error(&local().max_size(5005), &nginx.url("/root.crl")).await;
    assert_eq!(long.to_string(), "the answer has more than 5005 bytes");
}
