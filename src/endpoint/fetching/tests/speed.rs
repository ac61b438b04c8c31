//! The cost of long lists.

use std::time::Instant;

use super::pki::{Authority, List, URL};
use super::source::Shelf;
use super::{builder_of, code, fetch_for, options};

#[tokio::test(crate = "crate::in_time")]
#[ignore = "takes long, and is about a release build"]
async fn a_million_entries_are_shared_and_not_copied() {
    let (ca, other) = (Authority::root(), Authority::stranger());
    let revoked: Vec<u64> = (1_000_000..2_000_000).collect();
    let million = ca.list(&List {
        revoked,
        ..List::default()
    });
    let octets = million.len();
    let shelf = Shelf::with(URL, million);
    shelf.put("http://other/", other.list(&List::default()));
    let of_options = options(&[&ca, &other], "fetch").build().unwrap();
    let endpoint = builder_of(of_options, &shelf).build().unwrap();
    let began = Instant::now();
    let first = fetch_for(&endpoint, &[ca.issue(10, &[URL])]).await;
    assert_eq!(first, (3, 0, None));
    let long = began.elapsed();
    let began = Instant::now();
    fetch_for(&endpoint, &[other.issue(10, &["http://other/"])]).await;
    let short = began.elapsed();
    println!("{octets} octets: {long:?}, then a short list beside it: {short:?}");
    assert!(short * 10 < long);
    assert_eq!(code(&endpoint, &[ca.issue(1_500_000, &[URL])]), 23);
}
