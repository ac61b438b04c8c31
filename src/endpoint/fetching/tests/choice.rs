//! Which lists are wanted, and which certificates may choose a URL.

use rcgen::{ExtendedKeyUsagePurpose, GeneralSubtree, NameConstraints, date_time_ymd};
use rustls::pki_types::CertificateDer;

use super::pki::{Authority, DAY, List, URL};
use super::source::Shelf;
use super::{builder, builder_of, code, endpoint, fetch_for, options, verify};
use crate::endpoint::Endpoint;
use crate::options::Source;
use crate::verify::RevocationDepth;

fn urls(endpoint: &Endpoint, chain: &[CertificateDer<'_>]) -> Vec<String> {
    let status = verify(endpoint, chain);
    let lists = status.wanted_lists().iter();
    lists.flat_map(|list| list.urls().to_vec()).collect()
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_missing_list_is_wanted_from_where_the_certificate_says() {
    let ca = Authority::root();
    let endpoint = endpoint(&[&ca], &Shelf::with(URL, Vec::new()));
    let status = verify(&endpoint, &[ca.issue(10, &[URL])]);
    assert_eq!(status.code().number(), 3);
    let [wanted] = status.wanted_lists() else {
        panic!("{status:?}");
    };
    assert_eq!(
        (wanted.issuer(), wanted.urls()),
        ("CN = Root", &[URL.to_owned()][..])
    );
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn nobody_but_a_proven_certificate_chooses_a_url() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let endpoint = endpoint(&[&ca], &shelf);
    let forged = Authority::impostor().issue(10, &[URL]);
    let mut damaged = ca.issue(10, &[URL]).to_vec();
    // This is not the URL that the CA signed.
    let at = damaged
        .windows(3)
        .position(|octets| octets == b"crl")
        .unwrap();
    damaged[at] = b'x';
    let unknown = Authority::stranger().issue(10, &[URL]);
    let expired = ca.issue_with(10, &[URL], |params| {
        params.not_after = date_time_ymd(2029, 1, 1)
    });
    let for_servers = ca.issue_with(10, &[URL], |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    for (certificate, codes) in [
        (forged, vec![3, 7]),
        (damaged.into(), vec![3, 7]),
        (unknown, vec![20, 21]),
        (expired, vec![3, 10]),
        (for_servers, vec![26, 3]),
    ] {
        let status = verify(&endpoint, std::slice::from_ref(&certificate));
        let found: Vec<_> = status
            .findings()
            .iter()
            .map(|found| found.code().number())
            .collect();
        assert_eq!(found, codes);
        assert!(status.wanted_lists().is_empty(), "{status:?}");
        assert!(endpoint.fetch_lists(&status).await.is_ok());
    }
    assert!(shelf.gets().is_empty());
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_certificate_outside_of_name_constraints_chooses_no_url() {
    let root = Authority::root();
    let constrained = root.constrained(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    let endpoint = endpoint(&[&root], &Shelf::with(URL, Vec::new()));
    let chain = [
        constrained.issue(10, &[URL]),
        constrained.certificate.clone(),
    ];
    assert_eq!(code(&endpoint, &chain), 3);
    assert!(urls(&endpoint, &chain).is_empty());
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn only_http_counts_and_no_more_than_four_urls_of_bounded_length() {
    let ca = Authority::root();
    let endpoint = endpoint(&[&ca], &Shelf::with(URL, Vec::new()));
    let of = |urls_given: &[&str]| urls(&endpoint, &[ca.issue(10, urls_given)]);
    let long = format!("http://a/{}", "x".repeat(1016));
    let longest = &long[..1024];
    for (given, expected) in [
        (
            vec!["https://a/", "ldap://b/", "file:///c", "http:", "/d"],
            vec![],
        ),
        (
            vec!["HTTP://a/", "https://b/", "http://c/"],
            vec!["HTTP://a/", "http://c/"],
        ),
        (
            vec!["http://a/ b", "http://a/\u{7f}", "http://a/\n"],
            vec![],
        ),
        (vec![&long, longest], vec![longest]),
        (
            vec![
                "http://a", "http://b", "http://a", "http://c", "http://d", "http://e",
            ],
            vec!["http://a", "http://b", "http://c", "http://d"],
        ),
        (vec![], vec![]),
    ] {
        assert_eq!(of(&given), expected);
    }
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn urls_are_tried_in_order_until_one_has_a_good_list() {
    let ca = Authority::root();
    let shelf = Shelf::with("http://b/", Authority::stranger().list(&List::default()));
    shelf.put("http://c/", ca.list(&List::default()));
    let endpoint = endpoint(&[&ca], &shelf);
    let chain = [ca.issue(10, &["http://a/", "http://b/", "http://c/", "http://d/"])];
    assert_eq!(fetch_for(&endpoint, &chain).await, (3, 0, None));
    assert_eq!(shelf.gets(), ["http://a/", "http://b/", "http://c/"]);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn a_failure_names_every_url_with_its_reason() {
    let ca = Authority::root();
    let shelf = Shelf::with("http://b/", Authority::stranger().list(&List::default()));
    let endpoint = endpoint(&[&ca], &shelf);
    let outcome = fetch_for(&endpoint, &[ca.issue(10, &["http://a/", "http://b/"])]).await;
    let failure = "fetching http://a/ failed: the server answered with status 404; \
                   fetching http://b/ failed: another CA issued the list";
    assert_eq!(outcome, (3, 3, Some(failure.to_owned())));
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn the_whole_chain_has_each_list_fetched_once() {
    let root = Authority::root();
    let (above, below) = ("http://root/", "http://intermediate/");
    let intermediate = root.intermediate(above);
    let shelf = Shelf::with(above, root.list(&List::default()));
    shelf.put(below, intermediate.list(&List::default()));
    let builder = builder(&[&root], &shelf).revocation_depth(RevocationDepth::Chain);
    let endpoint = builder.build().unwrap();
    let chain = [
        intermediate.issue(10, &[below]),
        intermediate.certificate.clone(),
    ];
    assert_eq!(urls(&endpoint, &chain), [below, above]);
    assert_eq!(fetch_for(&endpoint, &chain).await, (3, 0, None));
    let mut gets = shelf.gets();
    gets.sort();
    assert_eq!(gets, [below, above]);
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn an_expired_list_of_a_file_is_replaced_and_one_that_runs_out_is_in_time() {
    let ca = Authority::root();
    let path = std::env::temp_dir().join(format!("sip-tls-fetching-{}.crl", std::process::id()));
    for (until, expected) in [(0, (12, 0, None)), (DAY / 20, (0, 0, None))] {
        let old = List {
            number: 1,
            from: -DAY,
            until,
            ..List::default()
        };
        let new = List {
            number: 2,
            from: -60,
            ..List::default()
        };
        std::fs::write(&path, ca.list(&old)).unwrap();
        let shelf = Shelf::with(URL, ca.list(&new));
        let tls_crl = format!("{}, fetch", path.display());
        let built = builder_of(options(&[&ca], &tls_crl).build().unwrap(), &shelf).build();
        std::fs::remove_file(&path).unwrap();
        let endpoint = built.unwrap();
        let of_files = endpoint.verifier().lists().as_ptr();
        let chain = [ca.issue(10, &[URL])];
        assert_eq!(fetch_for(&endpoint, &chain).await, expected);
        assert_eq!(shelf.gets(), [URL]);
        assert_eq!(endpoint.verifier().all_lists().count(), 2);
        assert_eq!(
            endpoint.verifier().lists().as_ptr(),
            of_files,
            "it was copied"
        );
        // The list in the file is still valid, but the fetched one counts.
        let next = endpoint.next_expiry().unwrap();
        assert_eq!(next.origin().url(), Some(URL));
    }
}

#[tokio::test(crate = "crate::in_time", start_paused = true)]
async fn without_the_word_nothing_is_wanted() {
    let ca = Authority::root();
    let shelf = Shelf::with(URL, ca.list(&List::default()));
    let expired = List {
        until: 0,
        ..List::default()
    };
    let list = Source::bytes("old.crl", ca.list(&expired));
    let options = options(&[&ca], "").tls_crl(list).build().unwrap();
    let endpoint = builder_of(options, &shelf).build().unwrap();
    assert_eq!(
        fetch_for(&endpoint, &[ca.issue(10, &[URL])]).await,
        (12, 12, None)
    );
    assert!(shelf.gets().is_empty());
}
