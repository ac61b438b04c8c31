//! Lists are renewed before they expire.

use std::sync::Arc;
use std::time::Duration;

use super::pki::{Authority, DAY, List, START, URL};
use super::source::Shelf;
use super::{code, endpoint, fetched, verify};

/// Returns the time in seconds since the start.
fn now(endpoint: &crate::endpoint::Endpoint) -> i64 {
    endpoint.0.shared.seconds().unwrap() - START
}

/// Lets an hour pass, in steps that background tasks can follow.
async fn pass_an_hour() {
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_secs(300)).await;
    }
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_list_is_renewed_in_the_second_to_last_tenth_of_its_life() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = fetched(&ca, &shelf).await;
    let second = List {
        number: 2,
        from: DAY,
        until: 18 * DAY,
        revoked: vec![11],
    };
    shelf.put(URL, ca.list(&second));
    while shelf.gets().len() < 2 {
        pass_an_hour().await;
        assert!(now(&endpoint) < 9 * DAY, "too late");
    }
    // The life is ten days, and its second to last tenth begins seven days after the start.
    assert!(
        (7 * DAY..=8 * DAY + 7200).contains(&now(&endpoint)),
        "{}",
        now(&endpoint)
    );
    pass_an_hour().await;
    assert_eq!(
        endpoint.verifier().all_lists().count(),
        1,
        "the old one is gone"
    );
    assert_eq!(code(&endpoint, &[ca.issue(10, &[URL])]), 0);
    assert_eq!(code(&endpoint, &[ca.issue(11, &[URL])]), 23);
    while now(&endpoint) < 10 * DAY {
        pass_an_hour().await;
    }
    assert_eq!(
        code(&endpoint, &[ca.issue(10, &[URL])]),
        0,
        "the first list has expired"
    );
    assert_eq!(shelf.gets().len(), 2);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_renewal_that_fails_is_tried_again_with_pauses_and_the_list_stays_in_use() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = fetched(&ca, &shelf).await;
    let chain = [ca.issue(10, &[URL])];
    // The server still has the same list.
    while now(&endpoint) < 8 * DAY + 12 * 3600 {
        pass_an_hour().await;
        assert_eq!(code(&endpoint, &chain), 0);
    }
    let tries = shelf.gets().len();
    assert!((13..=60).contains(&tries), "{tries}");
    let second = List {
        number: 2,
        from: 8 * DAY,
        until: 18 * DAY,
        ..List::default()
    };
    shelf.put(URL, ca.list(&second));
    pass_an_hour().await;
    pass_an_hour().await;
    while now(&endpoint) < 10 * DAY {
        pass_an_hour().await;
    }
    assert_eq!(code(&endpoint, &chain), 0);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_list_of_an_hour_is_renewed_some_minutes_before_its_end() {
    let ca = Authority::root();
    let first = List {
        from: 0,
        until: 1800,
        ..List::default()
    };
    let shelf = Shelf::with(URL, ca.list(&first));
    let endpoint = fetched(&ca, &shelf).await;
    let second = List {
        number: 2,
        from: 60,
        ..List::default()
    };
    shelf.put(URL, ca.list(&second));
    while shelf.gets().len() < 2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(
        (1200..=1502).contains(&now(&endpoint)),
        "{}",
        now(&endpoint)
    );
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn nothing_is_renewed_once_a_list_has_expired_until_it_is_wanted() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = fetched(&ca, &shelf).await;
    shelf.remove(URL);
    while now(&endpoint) < 9 * DAY + 7200 {
        pass_an_hour().await;
    }
    let tries = shelf.gets().len();
    for _ in 0..100 {
        pass_an_hour().await;
    }
    assert_eq!(shelf.gets().len(), tries);
    let chain = [ca.issue(10, &[URL])];
    let second = List {
        number: 2,
        from: 9 * DAY,
        until: 100 * DAY,
        ..List::default()
    };
    shelf.put(URL, ca.list(&second));
    assert_eq!(super::fetch_for(&endpoint, &chain).await, (12, 0, None));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn tasks_end_with_the_endpoint_and_what_it_handed_out() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = fetched(&ca, &shelf).await;
    let config = endpoint.client_config();
    drop(endpoint);
    pass_an_hour().await;
    assert!(
        Arc::strong_count(&shelf) > 1,
        "the configuration needs lists"
    );
    drop(config);
    pass_an_hour().await;
    assert_eq!(Arc::strong_count(&shelf), 1);
    while_flying(&ca).await;
}

/// Checks that a fetch in progress ends with the endpoint, too.
async fn while_flying(ca: &Authority) {
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    shelf.delay(Duration::from_secs(60));
    let endpoint = endpoint(&[ca], &shelf);
    let status = verify(&endpoint, &[ca.issue(10, &[URL])]);
    let waiting = tokio::spawn(endpoint.fetch_lists(&status));
    tokio::time::sleep(Duration::from_secs(1)).await;
    waiting.abort();
    drop(endpoint);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(Arc::strong_count(&shelf), 1);
}
