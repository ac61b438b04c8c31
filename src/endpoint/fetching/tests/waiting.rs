//! One fetch for all connections, kept lists, and what follows a failure.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;

use super::pki::{Authority, DAY, List, URL};
use super::source::Shelf;
use super::{builder_of, code, endpoint, fetch_for, fetched, options, verify};
use crate::endpoint::Endpoint;
use crate::in_time::runtime::Builder;
use crate::verify::{Validity, VerifyStatus};

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn ten_thousand_connections_wait_for_one_fetch() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    shelf.delay(Duration::from_secs(5));
    let endpoint = endpoint(&[&ca], &shelf);
    let chain = [ca.issue(10, &[URL])];
    let mut waiting = JoinSet::new();
    for _ in 0..10_000 {
        let (status, statement) = verify_as_a_connection(&endpoint, &chain);
        assert_eq!(
            statement,
            format!("unable to get certificate CRL (3) at depth 0: it is being fetched from {URL}")
        );
        waiting.spawn(endpoint.fetch_lists(&status));
    }
    let outcomes = waiting.join_all().await;
    assert_eq!(outcomes.len(), 10_000);
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(shelf.gets(), [URL]);
    assert_eq!(code(&endpoint, &chain), 0);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn ten_thousand_connections_share_one_failure() {
    let ca = Authority::root();
    let shelf = Shelf::with("http://elsewhere/", Vec::new());
    shelf.delay(Duration::from_secs(5));
    let endpoint = endpoint(&[&ca], &shelf);
    let chain = [ca.issue(10, &[URL])];
    let status = verify(&endpoint, &chain);
    let mut waiting = JoinSet::new();
    for _ in 0..10_000 {
        waiting.spawn(endpoint.fetch_lists(&status));
    }
    assert!(waiting.join_all().await.iter().all(Result::is_err));
    assert_eq!(shelf.gets(), [URL]);
}

/// Verifies as the verifier of a handshake does, and returns the statement about the peer, too.
fn verify_as_a_connection(
    endpoint: &Endpoint,
    chain: &[CertificateDer<'_>],
) -> (VerifyStatus, String) {
    let mut status = verify(endpoint, chain);
    endpoint.0.shared.see_to_lists(&mut status);
    let statement = status.error().unwrap().statement();
    (status, statement)
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_kept_list_that_is_good_needs_no_network() {
    let ca = Authority::root();
    let shelf = Shelf::with("http://elsewhere/", Vec::new());
    shelf.put_kept(URL, ca.list(&List::default()));
    fetched(&ca, &shelf).await;
    assert!(shelf.gets().is_empty());
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_kept_list_is_checked_like_any() {
    let ca = Authority::root();
    let expired = List {
        until: 0,
        ..List::default()
    };
    for kept in [
        ca.list(&expired),
        Authority::impostor().list(&List::default()),
        vec![1, 2],
    ] {
        let shelf = Shelf::with(URL, ca.list(&List::default()));
        shelf.put_kept(URL, kept);
        fetched(&ca, &shelf).await;
        assert_eq!(shelf.gets(), [URL]);
    }
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_failure_is_followed_by_a_pause_that_doubles() {
    let ca = Authority::root();
    let shelf = Shelf::with("http://elsewhere/", Vec::new());
    let endpoint = endpoint(&[&ca], &shelf);
    let chain = [ca.issue(10, &[URL])];
    let failed = format!("fetching {URL} failed: the server answered with status 404");
    let mut tries = 0;
    for pause in [10, 20, 40, 80] {
        let outcome = fetch_for(&endpoint, &chain).await;
        assert_eq!(outcome, (3, 3, Some(failed.clone())));
        tries += 1;
        assert_eq!(shelf.gets().len(), tries);
        tokio::time::advance(Duration::from_millis(pause * 1000 - 100)).await;
        assert_eq!(
            fetch_for(&endpoint, &chain).await,
            (3, 3, Some(failed.clone()))
        );
        assert_eq!(shelf.gets().len(), tries, "too early");
        tokio::time::advance(Duration::from_secs(pause / 4 + 1)).await;
    }
    shelf.put(URL, ca.list(&List::default()));
    assert_eq!(fetch_for(&endpoint, &chain).await, (3, 0, None));
    // The pause is of the process, and another endpoint begins anew.
    shelf.remove(URL);
    let other = super::endpoint(
        &[&Authority::root()],
        &Shelf::with("http://elsewhere/", Vec::new()),
    );
    assert_eq!(fetch_for(&other, &chain).await, (3, 3, Some(failed)));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn only_the_source_limits_how_long_a_fetch_takes() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    shelf.delay(Duration::from_secs(3_600));
    let endpoint = endpoint(&[&ca], &shelf);
    let fetched = fetch_for(&endpoint, &[ca.issue(10, &[URL])]).await;
    assert_eq!(fetched, (3, 0, None));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_reload_keeps_what_was_fetched_unless_the_word_is_gone() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = fetched(&ca, &shelf).await;
    let chain = [ca.issue(10, &[URL])];
    endpoint.reload().unwrap();
    assert_eq!((endpoint.generation(), code(&endpoint, &chain)), (2, 0));
    let expired = List {
        until: 0,
        ..List::default()
    };
    let old = crate::options::Source::bytes("old.crl", ca.list(&expired));
    let without = options(&[&ca], "").tls_crl(old).build().unwrap();
    endpoint.reload_with(without).unwrap();
    assert_eq!(code(&endpoint, &chain), 12);
    endpoint
        .reload_with(options(&[&ca], "fetch").build().unwrap())
        .unwrap();
    assert_eq!(code(&endpoint, &chain), 0);
    assert_eq!(shelf.gets(), [URL]);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_new_list_ends_sessions_and_counts_as_no_reload() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = endpoint(&[&ca], &shelf);
    let shared = endpoint.0.shared.clone();
    let checked = Validity {
        generation: shared.generation(),
        until: i64::MAX,
    };
    assert!(shared.holds(checked));
    fetch_for(&endpoint, &[ca.issue(10, &[URL])]).await;
    assert!(!shared.holds(checked));
    assert_eq!(endpoint.generation(), 1);
    endpoint.reload().unwrap();
    assert_eq!(endpoint.generation(), 2);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_list_is_never_copied() {
    let (ca, other) = (Authority::root(), Authority::stranger());
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    shelf.put("http://other/", other.list(&List::default()));
    let of_options = options(&[&ca, &other], "fetch").build().unwrap();
    let endpoint = builder_of(of_options, &shelf).build().unwrap();
    fetch_for(&endpoint, &[ca.issue(10, &[URL])]).await;
    let first = address_of_list(&endpoint);
    fetch_for(&endpoint, &[other.issue(10, &["http://other/"])]).await;
    endpoint.reload().unwrap();
    assert_eq!(endpoint.verifier().all_lists().count(), 2);
    assert_eq!(address_of_list(&endpoint), first);
}

fn address_of_list(endpoint: &Endpoint) -> *const crate::verify::Crl {
    let verifier = endpoint.verifier();
    let mut lists = verifier.all_lists();
    let of_url = lists.find(|list| list.origin.url() == Some(URL));
    std::ptr::from_ref(of_url.unwrap())
}

#[test]
fn a_fetch_that_ends_with_its_runtime_can_be_made_again() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    shelf.delay(Duration::from_secs(DAY.unsigned_abs()));
    let runtime = || {
        let builder = Builder::new_current_thread();
        builder.enable_all().start_paused(true).build().unwrap()
    };
    let first = runtime();
    let endpoint = first.block_on(async { endpoint(&[&ca], &shelf) });
    let chain = [ca.issue(10, &[URL])];
    first.block_on(async {
        verify_as_a_connection(&endpoint, &chain);
        tokio::task::yield_now().await;
    });
    drop(first);
    shelf.delay(Duration::ZERO);
    let outcome = runtime().block_on(async {
        let status = endpoint.fetch_lists(&verify(&endpoint, &chain)).await;
        status.map_err(|failure| failure.to_string())
    });
    assert_eq!(outcome, Ok(()));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn two_certificates_that_share_a_list_are_both_served() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    shelf.delay(Duration::from_secs(1));
    let endpoint = endpoint(&[&ca], &shelf);
    let chains = [
        [ca.issue(10, &[URL])],
        [ca.issue(11, &[URL, "http://second/"])],
    ];
    let [first, second] = chains.each_ref().map(|chain| verify(&endpoint, chain));
    let both = tokio::join!(endpoint.fetch_lists(&first), endpoint.fetch_lists(&second));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    assert_eq!(endpoint.verifier().all_lists().count(), 1);
    assert_eq!(shelf.gets(), [URL, URL]);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_kept_list_near_its_end_serves_while_it_is_renewed() {
    let ca = Authority::root();
    let near = List {
        until: DAY / 20,
        ..List::default()
    };
    let shelf = Shelf::with("http://elsewhere/", Vec::new());
    shelf.put_kept(URL, ca.list(&near));
    shelf.delay(Duration::from_secs(1));
    let endpoint = endpoint(&[&ca], &shelf);
    let status = verify(&endpoint, &[ca.issue(10, &[URL])]);
    for _ in 0..3 {
        // These connections were refused before the list was there.
        assert!(endpoint.fetch_lists(&status).await.is_ok());
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert_eq!(code(&endpoint, &[ca.issue(10, &[URL])]), 0);
    assert_eq!(shelf.gets(), [URL, URL]);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn no_more_than_256_lists_are_remembered() {
    let ca = Authority::root();
    let shelf = Shelf::with("http://elsewhere/", Vec::new());
    let endpoint = endpoint(&[&ca], &shelf);
    let status = |number: u32| {
        let url = format!("http://crl.example.com/{number}");
        verify(&endpoint, &[ca.issue(10, &[&url])])
    };
    for number in 0..300 {
        assert!(endpoint.fetch_lists(&status(number)).await.is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    assert_eq!(endpoint.0.shared.fetching.records().len(), 256);
    // The first lists were forgotten, with their pauses, and the last lists were not.
    for (number, gets) in [(299, 300), (100, 300), (0, 301)] {
        assert!(endpoint.fetch_lists(&status(number)).await.is_err());
        assert_eq!(shelf.gets().len(), gets, "{number}");
    }
    // If all lists are being fetched, there is no room.
    shelf.delay(Duration::from_secs(60));
    tokio::time::advance(Duration::from_secs(20)).await;
    let mut waiting: JoinSet<_> = (1000..1257)
        .map(|number| endpoint.fetch_lists(&status(number)))
        .collect();
    let mut reasons = Vec::new();
    while let Some(outcome) = waiting.join_next().await {
        reasons.extend(outcome.unwrap().err().map(|failure| failure.to_string()));
    }
    let crowded = reasons
        .iter()
        .filter(|reason| reason.ends_with("256 lists are being fetched already"));
    assert_eq!(crowded.count(), 1);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn an_accepted_peer_has_a_list_renewed_that_runs_out() {
    let ca = Authority::root();
    let near = List {
        until: DAY / 20,
        ..List::default()
    };
    let file = std::env::temp_dir().join(format!("sip-tls-near-{}.crl", std::process::id()));
    std::fs::write(&file, ca.list(&near)).unwrap();
    let newer = List {
        number: 2,
        from: -60,
        ..List::default()
    };
    let shelf = Shelf::with(URL, ca.list(&newer));
    let tls_crl = format!("fetch,{}", file.display());
    let built = builder_of(options(&[&ca], &tls_crl).build().unwrap(), &shelf).build();
    std::fs::remove_file(&file).unwrap();
    let endpoint = built.unwrap();
    let mut status = verify(&endpoint, &[ca.issue(10, &[URL])]);
    endpoint.0.shared.see_to_lists(&mut status);
    assert!(status.is_accepted() && status.findings().is_empty());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(endpoint.verifier().all_lists().count(), 2);
    assert_eq!(shelf.gets(), [URL]);
}
