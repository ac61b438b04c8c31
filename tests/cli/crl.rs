//! `crl`: what there is to say of revocation lists.

use serde_json::json;

use super::program::{file, run};
use crate::endpoint::test_pki::TestPki;

#[test]
fn each_list_of_each_file_is_shown() {
    let path = |name: &str| TestPki::get().path(name).display().to_string();
    let (two, expired) = (path("older-then-current.crl"), path("expired.crl"));
    let run = run(["crl", "show", &two, &expired]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    for part in [
        &format!("block 1 (line 1) of {two}\n  issuer       CN = Test Intermediate\n"),
        "  number       0x01\n  made         2020-01-01\n  next update  2090-01-01, in ",
        "  entries      0\n",
        "  entries      2\n",
        &format!("block 1 (line 1) of {expired}\n"),
        "  next update  2025-01-01, EXPIRED ",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part:?} is not in\n{}",
            run.stdout
        );
    }
    assert_eq!(run.stdout.matches("issuer").count(), 3);
}

#[test]
fn json_has_an_object_for_each_list() {
    let path = TestPki::get().path("current.crl").display().to_string();
    let run = run(["crl", "show", "--json", &path]);
    let expected = json!({
        "file": format!("block 1 (line 1) of {path}"),
        "issuer": "CN = Test Intermediate",
        "number": "0x01",
        "this_update": 1_609_459_200,
        "next_update": 3_786_912_000_i64,
        "entries": 2,
    });
    assert_eq!(run.json(), expected);
}

#[test]
fn what_is_no_list_is_an_error() {
    let no_list = TestPki::get().path("root.pem").display().to_string();
    for (file, text) in [
        ("/nonexistent/ca.crl", "/nonexistent/ca.crl"),
        (no_list.as_str(), "root.pem"),
        (file("empty.crl", "").to_str().unwrap(), "empty.crl"),
    ] {
        let failed = run(["crl", "show", file]);
        assert_eq!(failed.exit, 2, "{failed:?}");
        assert!(failed.error().contains(text), "{failed:?}");
        assert!(failed.error().starts_with("`FILE`: "), "{failed:?}");
        let failed = run(["crl", "show", "--json", file]);
        assert!(failed.json()["error"].as_str().unwrap().contains(text));
    }
}
