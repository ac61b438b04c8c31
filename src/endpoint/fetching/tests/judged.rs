//! Which lists are accepted.

use super::pki::{Authority, DAY, List, URL, pem};
use super::source::Shelf;
use super::{code, endpoint, fetch_for, fetched};

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_good_list_is_fetched_kept_and_asked() {
    let ca = Authority::root();
    let list = ca.list(&List {
        revoked: vec![11],
        ..List::default()
    });
    let shelf = Shelf::with(URL, list.clone());
    let endpoint = fetched(&ca, &shelf).await;
    assert_eq!(code(&endpoint, &[ca.issue(11, &[URL])]), 23);
    assert!(shelf.is_kept(URL, &list));
    assert_eq!(shelf.gets(), [URL]);
    let origins: Vec<_> = endpoint
        .verifier()
        .all_lists()
        .map(|list| list.origin.url() == Some(URL))
        .collect();
    assert_eq!(origins, [true]);
    let expiry = endpoint.next_expiry().unwrap();
    assert_eq!((expiry.is_list(), expiry.origin().url()), (true, Some(URL)));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_list_in_pem_is_taken_and_kept_in_der() {
    let ca = Authority::root();
    let list = ca.list(&List::default());
    let shelf = Shelf::with(URL, pem(&list));
    fetched(&ca, &shelf).await;
    assert!(shelf.is_kept(URL, &list));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_bad_list_is_refused_with_the_reason_and_not_kept() {
    let ca = Authority::root();
    let list = List::default();
    let expired = List {
        from: -2 * DAY,
        until: 0,
        ..List::default()
    };
    let early = List {
        from: DAY,
        ..List::default()
    };
    let cases = [
        (
            Authority::stranger().list(&list),
            "another CA issued the list",
        ),
        (
            Authority::impostor().list(&list),
            "the list is not signed with the key of the CA",
        ),
        (ca.list(&expired), "CRL has expired (12)"),
        (ca.list(&early), "CRL is not yet valid (11)"),
    ];
    for (list, reason) in cases {
        refuses(&ca, list, &format!("fetching {URL} failed: {reason}")).await;
    }
    let mut cut = ca.list(&list);
    cut.truncate(40);
    let unreadable = format!("fetching {URL} failed: the list cannot be used: ");
    for octets in [cut, b"<html>not found</html>".to_vec(), Vec::new()] {
        refuses(&ca, octets, &unreadable).await;
    }
    let block = b"-----BEGIN X509 CRL-----\nMIIB\n".to_vec();
    refuses(&ca, block, &format!("fetching {URL} failed: ")).await;
    let mute = Authority::without_list_usage();
    let reason = "the key usage of the CA does not allow it to sign lists";
    refuses(
        &mute,
        mute.list(&list),
        &format!("fetching {URL} failed: {reason}"),
    )
    .await;
}

async fn refuses(ca: &Authority, list: Vec<u8>, reason: &str) {
    let shelf = Shelf::with(URL, list);
    let endpoint = endpoint(&[ca], &shelf);
    let chain = [ca.issue(10, &[URL])];
    let (before, after, failure) = fetch_for(&endpoint, &chain).await;
    assert_eq!((before, after), (3, 3));
    let failure = failure.unwrap();
    assert!(failure.starts_with(reason), "{failure}");
    assert!(shelf.keeps_nothing(), "{reason}");
    // The next try gets the same failure, and nothing is fetched again.
    let again = fetch_for(&endpoint, &chain).await;
    assert_eq!(again, (3, 3, Some(failure)));
    assert_eq!(shelf.gets().len(), 1);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_list_that_is_older_than_the_one_in_use_is_refused() {
    let ca = Authority::root();
    let newer = List {
        number: 0x100,
        revoked: vec![11],
        ..List::default()
    };
    let older_date = List {
        number: 0x101,
        from: -2 * DAY,
        until: 90 * DAY,
        ..List::default()
    };
    let older_number = List {
        number: 0xff,
        from: -DAY / 2,
        until: 90 * DAY,
        ..List::default()
    };
    let newest = List {
        number: 0x101,
        from: -DAY / 2,
        until: 90 * DAY,
        revoked: vec![11],
    };
    let shelf = Shelf::with(URL, ca.list(&newer));
    let endpoint = fetched(&ca, &shelf).await;
    // Another certificate has a URL of its own, so its list counts as another list.
    let (other, third) = ("http://other.example.com/", "http://third.example.com/");
    let wanted = |url| {
        let fresh = super::endpoint(&[&ca], &shelf);
        super::verify(&fresh, &[ca.issue(12, &[url])])
    };
    for (url, list, is_taken) in [
        (other, &older_date, false),
        (third, &older_number, false),
        ("http://fourth.example.com/", &newest, true),
    ] {
        shelf.put(url, ca.list(list));
        let failure = endpoint.fetch_lists(&wanted(url)).await.err();
        let failure = failure.map(|failure| failure.to_string());
        let expected = format!("fetching {url} failed: the list is not newer than the one in use");
        assert_eq!(failure, (!is_taken).then_some(expected));
        assert_eq!(code(&endpoint, &[ca.issue(11, &[URL])]), 23);
    }
}
