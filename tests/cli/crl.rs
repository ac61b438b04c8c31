//! Tests of the command `crl`.

use serde_json::json;

use super::program::{Listener, Run, arguments, config, connect, file, run, with};
use crate::endpoint::test_pki::TestPki;
use crate::fetch::server::Server;

/// Starts a web server with the current list, and makes a certificate of this name that contains its URL.
fn web(name: &'static str) -> Server {
    let list = std::fs::read(TestPki::get().path("current.crl")).unwrap();
    let server = Server::of(list.leak());
    TestPki::get().with_list_at(name, server.url("/ca.crl"));
    server
}

/// Returns the path of an empty cache.
fn cache(name: &str) -> String {
    let folder = file(&format!("{name}.url"), "").with_extension("cache");
    let _ = std::fs::remove_dir_all(&folder);
    folder.display().to_string()
}

/// Runs a command that may fetch from the servers of the test.
fn fetching(words: &[&str], options: &[(&str, &str)], cache: &str) -> Run {
    let more = ["--crl-cache", cache, "--crl-allow", "127.0.0.1"];
    run(arguments(&[words, &more].concat(), options))
}

const CA: [(&str, &str); 1] = [("trusted-ca", "root.pem")];

#[test]
fn the_lists_of_a_certificate_are_fetched_once_and_listed() {
    let (server, cache) = (web("crl-fetched"), cache("crl-fetched"));
    let path = TestPki::get().path("crl-fetched.pem").display().to_string();
    let url = server.url("/ca.crl");
    for _ in 0..2 {
        let run = fetching(&["crl", "fetch", &path], &CA, &cache);
        let line = format!("{path}: the list of CN = Test Intermediate, from {url}\n");
        assert_eq!((run.exit, run.stdout), (0, line));
    }
    assert_eq!(
        server.requests().len(),
        1,
        "the second time it is in the cache"
    );
    let run = run(["crl", "list", "--crl-cache", &cache]);
    let mut lines = run.stdout.lines();
    let head = lines.next().unwrap_or_default();
    assert!(head.ends_with("fetched  from"), "{run:?}");
    let row = lines.next().unwrap_or_default();
    assert!(
        row.starts_with("  CN = Test Intermediate  0x01    2        2090-01-01, in "),
        "{run:?}"
    );
    assert!(row.ends_with(&url), "{run:?}");
    let json = super::program::run(["crl", "list", "--crl-cache", &cache, "--json"]).json();
    assert_eq!(json["url"], url);
    assert_eq!(json["entries"], 2);
    assert!(json["fetched"].as_i64().unwrap() > 1_700_000_000);
}

/// Whether a bar is shown at a terminal for a list of this size from a web server.
#[cfg(target_os = "linux")]
fn is_shown_with_a_bar(name: &'static str, bytes: usize) -> bool {
    let cache = cache(name);
    let server = Server::start(move |client| {
        client.answer(
            &format!("200 OK\nContent-Length: {bytes}"),
            &vec![0; bytes / 2],
        );
        std::thread::sleep(std::time::Duration::from_millis(300));
        client.send(vec![0; bytes - bytes / 2]);
    });
    TestPki::get().with_list_at(name, server.url("/ca.crl"));
    let path = TestPki::get().path(&format!("{name}.pem"));
    let words = ["crl", "fetch", path.to_str().unwrap()];
    let more = ["--crl-cache", &*cache, "--crl-allow", "127.0.0.1"];
    let command = super::program::command(arguments(&[&words[..], &more].concat(), &CA));
    let (text, exit) = super::terminal::run(&command, (120, 24), || ());
    // The bytes that were sent are no list.
    assert_eq!(exit, Some(3), "{text}");
    text.contains("MiB of ")
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_list_has_a_bar_at_a_terminal_and_a_short_one_has_none() {
    assert!(is_shown_with_a_bar("crl-long", 3 << 20));
    assert!(!is_shown_with_a_bar("crl-short", 1 << 19));
}

#[test]
fn an_empty_cache_has_no_lists() {
    let run = run(["crl", "list", "--crl-cache", &cache("crl-empty")]);
    let expected = (0, "there is no list in the cache\n");
    assert_eq!((run.exit, run.stdout.as_str()), expected);
}

#[test]
fn a_list_that_cannot_be_fetched_is_exit_code_3_with_the_reason() {
    let (server, cache) = (web("crl-forbidden"), cache("crl-forbidden"));
    let path = TestPki::get()
        .path("crl-forbidden.pem")
        .display()
        .to_string();
    let words = ["crl", "fetch", &path, "--crl-cache", &cache];
    let run = run(arguments(&words, &CA));
    assert_eq!(run.exit, 3, "{run:?}");
    assert!(
        run.stdout.contains("127.0.0.1 is a loopback address")
            && run.stdout.contains("CN = Test Intermediate"),
        "{run:?}"
    );
    assert_eq!(server.connections(), 0);
    let json = super::program::run(arguments(&[&words[..], &["--json"]].concat(), &CA));
    assert!(json.json()["error"].as_str().unwrap().contains("loopback"));
}

#[test]
fn what_fetches_nothing_says_so() {
    let path = TestPki::get().path("good.pem").display().to_string();
    let cache = cache("crl-nothing");
    let without_word = config("crl-nothing.config", &[], &CA);
    for (file, text) in [
        (without_word.as_str(), "`tls-crl` does not contain `fetch`"),
        (
            "/nonexistent/SipEndpoint.config",
            "/nonexistent/SipEndpoint.config",
        ),
    ] {
        let failed = fetching(&["crl", "fetch", file], &[], &cache);
        assert_eq!(failed.exit, 2, "{failed:?}");
        assert!(failed.error().contains(text), "{failed:?}");
    }
    // The certificate does not say where its list is.
    let failed = fetching(&["crl", "fetch", &path], &CA, &cache);
    assert_eq!(failed.exit, 3, "{failed:?}");
    assert!(
        failed.stdout.contains("unable to get certificate CRL (3)"),
        "{failed:?}"
    );
}

#[test]
fn connect_fetches_what_it_lacks_and_says_so_if_it_cannot() {
    let (server, cache) = (web("crl-connect"), cache("crl-connect"));
    let identity = [
        ("certificate", "crl-connect.pem"),
        ("certificate-key", "crl-connect.key"),
    ];
    let listener = Listener::start(&[], &with(&super::program::SERVER, &identity));
    let fetches = [("tls-crl", "fetch")];
    let words = ["--crl-cache", &*cache, "--crl-allow", "127.0.0.1"];
    for _ in 0..2 {
        let made = connect(
            listener.address,
            &[&words[..], &["--json"]].concat(),
            &fetches,
        );
        assert_eq!(made.exit, 0, "{made:?}");
        assert_eq!(made.json()["revocation_list"], "CN = Test Intermediate");
    }
    assert_eq!(server.requests().len(), 1);
    std::fs::remove_dir_all(&cache).unwrap();
    let refused = connect(listener.address, &words[..2], &fetches);
    assert_eq!(refused.exit, 1, "{refused:?}");
    assert!(
        refused
            .error()
            .contains("unable to get certificate CRL (3)")
            && refused.error().contains("loopback"),
        "{refused:?}"
    );
}

#[test]
fn the_servers_of_a_configuration_fill_the_cache_which_check_shows() {
    let (server, cache) = (web("crl-config"), cache("crl-config"));
    let own = [
        ("certificate", "crl-config.pem"),
        ("certificate-key", "crl-config.key"),
    ];
    let listener = Listener::start(&[], &with(&super::program::SERVER, &own));
    let line = format!(
        "user=\"1\" server=\"{}\" protocol=\"tls\"",
        listener.address
    );
    let settings = [&CA[..], &own, &[("tls-crl", "fetch")]].concat();
    let config = config("crl-config.config", &[&line], &settings);
    let check = |words: &[&str]| fetching(&[&["check", &config], words].concat(), &[], &cache);
    let before = check(&["--json"]).json();
    let url = server.url("/ca.crl");
    let row = &before["fetched_lists"][0];
    assert_eq!((&row["cached"], &row["url"]), (&json!(false), &json!(url)));
    assert!(check(&[]).stdout.contains("would be fetched"));
    assert_eq!(server.connections(), 0, "check has no network");
    let fetched = fetching(&["crl", "fetch", &config], &[], &cache);
    assert_eq!(fetched.exit, 0, "{fetched:?}");
    assert_eq!(server.requests().len(), 1);
    let after = check(&["--json"]).json();
    let row = &after["fetched_lists"][0];
    assert_eq!((&row["cached"], &row["entries"]), (&json!(true), &json!(2)));
    std::fs::remove_dir_all(&cache).unwrap();
    let connected = check(&["--connect", "--json"]);
    assert_eq!(connected.exit, 0, "{connected:?}");
    assert_eq!(connected.json()["fetched_lists"][0]["cached"], true);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn each_list_of_each_file_is_shown() {
    let path = |name: &str| TestPki::get().path(name).display().to_string();
    let (two, expired) = (path("older-then-current.crl"), path("expired.crl"));
    let run = run(["crl", "show", &two, &expired]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    for part in [
        &format!("block 1 (line 1) of {two}\n  issuer       CN = Test Intermediate\n"),
        "  number       0x01\n  issued       2020-01-01\n  next update  2090-01-01, in ",
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
        assert!(!failed.error().starts_with('`'), "{failed:?}");
        let failed = run(["crl", "show", "--json", file]);
        assert!(failed.json()["error"].as_str().unwrap().contains(text));
    }
}
