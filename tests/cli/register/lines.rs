//! Several lines side by side, and the output about them.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::program::{PHONE, arguments, command, config, run, with};
use super::phone::Phone;
use super::registrar::{Heard, Registrar, Reply, header};
use crate::endpoint::test_pki::HOST;

/// A configuration with these lines. The servers have a certificate for a name other than their address.
fn lines(name: &str, lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    config(name, &lines, &with(&PHONE, &[("tls-target-name", HOST)]))
}

fn line(user: &str, server: impl ToString, protocol: &str) -> String {
    let server = server.to_string();
    format!("user=\"{user}\" server=\"{server}\" protocol=\"{protocol}\"")
}

fn dead_port() -> std::net::SocketAddr {
    // No program listens on a port that was just released.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[test]
fn every_line_is_registered_by_itself_and_a_dead_server_hinders_no_other() {
    let (one, two) = (granting(100), granting(200));
    let dead = dead_port();
    let config = lines(
        "register-lines.config",
        &[
            line("1", dead, "tls"),
            line("2", one.address, "tls"),
            line("3", two.address, "tls"),
            line("4", "sip.example.com:5060", "udp"),
            line("5", "", "tls"),
            line("", two.address, "tls"),
        ],
    );
    let words = ["connect", "--register", &config, "--retry", "0.1"];
    let phone = Phone::of(&mut command(words));
    let mut told = BTreeSet::new();
    while told.len() < 6 {
        // The line with the dead server is reported again and again.
        let line = phone.line();
        let line = line.split("; next attempt").next().unwrap();
        told.insert(line.to_owned());
    }
    let (one_is, two_is) = (one.address, two.address);
    let expected = [
        format!(" at {two_is}: unusable: it has no `user`, so nobody can be registered"),
        format!("1 at {dead}: cannot reach {dead}; {dead}: Connection refused (os error 111)"),
        format!("2 at {one_is}: registered, expires in 100 s"),
        format!("3 at {two_is}: registered, expires in 200 s"),
        "4 at sip.example.com:5060: unusable: the protocol is udp, not tls".to_owned(),
    ];
    let broken = told.pop_last().unwrap();
    assert!(
        broken.starts_with(&format!("5: unusable: {config}: line 2, column ")),
        "{broken}"
    );
    assert!(
        broken.ends_with(": unusable `Connectivity`: it has no `server`"),
        "{broken}"
    );
    assert_eq!(told, BTreeSet::from(expected));
    assert!(header(&one.message(), "To").starts_with("<sip:2@"));
    assert!(header(&two.message(), "To").starts_with("<sip:3@"));

    // A lost connection changes nothing for the other lines.
    one.close();
    one.wait_for(&Heard::Connected);
    one.message();
    assert!(two.is_left_alone(Duration::from_millis(300)));
    let end = phone.end();
    assert_eq!(end.exit, Some(3), "{end:?}");
    let error = end.errors.last().unwrap();
    assert!(
        error.starts_with(&format!("sip-tls: 1 at {dead}: ")),
        "{error}"
    );
    assert_eq!(header(&one.message(), "Expires"), "0");
    assert_eq!(header(&two.message(), "Expires"), "0");
}

fn granting(seconds: u32) -> Registrar {
    Registrar::start(move |_, _| Reply::grant(seconds))
}

#[test]
fn lines_for_other_transports_are_no_failure_and_broken_ones_are() {
    let registrar = granting(600);
    let good = line("1", registrar.address, "tls");
    let other = line("2", "sip.example.com", "tcp");
    let broken = line("3", "sip.example.com", "sctp");
    for (name, all, exit) in [
        ("register-tcp.config", vec![good.clone(), other.clone()], 0),
        (
            "register-broken.config",
            vec![good.clone(), broken.clone()],
            2,
        ),
        (
            "register-both.config",
            vec![other.clone(), broken, good.clone()],
            2,
        ),
    ] {
        let config = lines(name, &all);
        let end = run(["connect", "--register", &config, "--for", "1"]);
        assert_eq!(end.exit, exit, "{end:?}");
        assert_eq!(end.stdout.matches(": unusable: ").count(), all.len() - 1);
        assert_eq!(end.stdout.matches(": unregistered\n").count(), 1);
        if exit == 2 {
            let error = "unusable `Connectivity`: `protocol`: `sctp` is not ";
            let last = end.stderr.lines().last().unwrap();
            assert!(
                last.starts_with(&format!("sip-tls: 3: {config}: line ")) && last.contains(error),
                "{end:?}"
            );
        }
    }
}

#[test]
fn users_and_servers_choose_among_the_lines() {
    let (one, two) = (granting(100), granting(200));
    let config = lines(
        "register-chosen.config",
        &[
            line("1", one.address, "tls"),
            line("2", one.address, "tls"),
            line("2", two.address, "tls"),
            line("9", "a", "nonsense"),
        ],
    );
    let registered = |words: &[&str]| {
        let mut all = vec!["connect", "--register", "--for", "1", &config];
        all.extend(words);
        let end = run(&all);
        assert_eq!(end.exit, 0, "{end:?}");
        let lines = end
            .stdout
            .lines()
            .filter(|line| line.contains(": registered"));
        let names = lines.map(|line| line.split(": ").next().unwrap().to_owned());
        names
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let at = |user: &str, registrar: &Registrar| format!("{user} at {}", registrar.address);
    let first = one.address.to_string();
    assert_eq!(
        registered(&["--server", &first]),
        [at("1", &one), at("2", &one)]
    );
    assert_eq!(
        registered(&["--server", &first, "--user", "2"]),
        [at("2", &one)]
    );
    let mut both = [at("2", &one), at("2", &two)];
    both.sort();
    assert_eq!(registered(&["--user", "2"]), both);
    // A user without a line for this server is registered as given on the command line.
    assert_eq!(
        registered(&["--server", &first, "--user", "7"]),
        [at("7", &one)]
    );
}

#[test]
fn two_connections_of_one_user_at_one_server_have_numbers_of_their_own() {
    let registrar = granting(600);
    let other = granting(600);
    let line_of = |registrar: &Registrar| line("1", registrar.address, "tls");
    let config = lines(
        "register-twice.config",
        &[line_of(&registrar), line_of(&other)],
    );
    let end = run(["connect", "--register", &config, "--for", "1"]);
    assert_eq!(end.exit, 0, "{end:?}");
    let contacts = [registrar.message(), other.message()];
    let parameters: BTreeSet<_> = contacts
        .iter()
        .map(|text| header(text, "Contact").split_once(">;").unwrap().1)
        .map(|parameters| parameters.split_once(';').unwrap())
        .collect();
    let numbers: Vec<_> = parameters.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, ["reg-id=1", "reg-id=2"]);
    let instances: BTreeSet<_> = parameters.iter().map(|(_, instance)| *instance).collect();
    assert_eq!(instances.len(), 1, "the program is one instance");
}

#[test]
fn json_is_an_object_a_line_for_every_change() {
    let registrar = granting(300);
    let phone = Phone::start(registrar.address, &["--json", "--retry", "0.1"]);
    let change = |state: &str, changes: &[(&str, Value)]| {
        let mut object = json!({
            "user": "4021", "server": "sip.example.com:5061", "peer": registrar.address.to_string(),
            "state": state, "expires": null, "retry": null, "error": null, "about": null,
            "openssl": null, "alert": null, "note": null,
        });
        for (name, value) in changes {
            object[name] = value.clone();
        }
        object
    };
    let connecting = change("connecting", &[("peer", json!(null))]);
    assert_eq!(phone.json(), connecting);
    assert_eq!(phone.json(), change("registering", &[]));
    assert_eq!(
        phone.json(),
        change("registered", &[("expires", json!(300))])
    );
    registrar.close();
    let lost = phone.json();
    let changes = [
        ("retry", lost["retry"].clone()),
        ("error", json!("the server closed the connection")),
        ("openssl", json!({"code": 0, "name": "X509_V_OK"})),
    ];
    assert_eq!(lost, change("failed", &changes));
    assert!(lost["retry"].is_number(), "{lost}");
    assert_eq!(phone.json(), connecting);
    phone.wait_for("registered");
    let end = phone.end();
    assert_eq!(end.exit, Some(0), "{end:?}");
    let last: Value = serde_json::from_str(&end.lines[0]).unwrap();
    assert_eq!((last, end.lines.len()), (change("unregistered", &[]), 1));
}

#[test]
fn what_tls_refuses_is_told_in_the_words_of_connect() {
    let registrar = granting(600);
    let phone = Phone::start(
        registrar.address,
        &["--json", "-o", "tls-target-name=other.example"],
    );
    let refused = phone.wait_for("refused");
    let error = refused["error"].as_str().unwrap();
    let start = "the peer's certificate was refused: hostname mismatch (62) at depth 0";
    assert!(error.starts_with(start), "{error}");
    assert_eq!(refused["openssl"]["code"], 62);
    let about = refused["about"].as_str().unwrap();
    assert!(about.contains("DNS:sip.example.com"), "{about}");
    assert_eq!(phone.end().exit, Some(1));

    // In TLS 1.3 the server refuses the client after the handshake.
    let address = registrar.address.to_string();
    for protocol in ["TLSv12", "TLSv13"] {
        let mut words = vec![
            "connect",
            "--register",
            "--server",
            HOST,
            "--user",
            "1",
            "--json",
        ];
        words.extend(["--connect-to", &address]);
        let options = [("trusted-ca", "root.pem"), ("sec-protocol", protocol)];
        let phone = Phone::of(&mut command(arguments(&words, &options)));
        let refused = phone.wait_for("refused");
        let error = refused["error"].as_str().unwrap();
        assert!(error.contains("`certificate` is not given"), "{error}");
        assert!(refused["alert"]["code"].is_number(), "{refused}");
        assert_eq!(phone.end().exit, Some(1));
    }
}

#[test]
fn a_reader_who_does_not_read_holds_up_nobody() {
    let registrar = granting(600);
    let words = ["--json", "--retry", "0.001"];
    let phone = Phone::unread(&mut Phone::command(registrar.address, &words));
    // A pipe takes 64 KiB, which are some 300 changes.
    for _ in 0..150 {
        registrar.message();
        // Long enough for the connection to count as one that worked.
        std::thread::sleep(Duration::from_millis(3));
        registrar.close();
    }
    registrar.message();
    let end = phone.end();
    assert!(end.took < Duration::from_secs(5), "{end:?}");
    assert_eq!(end.exit, Some(0), "{end:?}");
}

#[test]
fn options_that_make_no_sense_together_are_exit_code_2() {
    let start = ["connect", "--server", "a", "-o", "trusted-ca=webpki-roots"];
    let with_register: [&[&str]; 10] = [
        &["--no-sip", "--user", "1"],
        &["--show-certs", "--user", "1"],
        &["--save-certs", "x.pem", "--user", "1"],
        &["--expires", "0", "--user", "1"],
        &["--expires", "x", "--user", "1"],
        &["--keep-alive", "0", "--user", "1"],
        &["--retry", "-1", "--user", "1"],
        &["--for", "0", "--user", "1"],
        &["--user", ""],
        &[],
    ];
    for words in with_register {
        let run = run(start.iter().chain(&["--register"]).chain(words));
        assert_eq!(
            (run.exit, run.stdout.as_str()),
            (2, ""),
            "{words:?} {run:?}"
        );
        run.error();
    }
    for words in [
        ["--expires", "60"],
        ["--keep-alive", "60"],
        ["--retry", "1"],
        ["--for", "1"],
        ["--auth-user", "a"],
        ["--auth-password-file", "f"],
    ] {
        let run = run(start.iter().chain(&words));
        assert_eq!(
            (run.exit, run.stdout.as_str()),
            (2, ""),
            "{words:?} {run:?}"
        );
        assert!(run.error().contains("--register"), "{run:?}");
    }
}

#[test]
fn a_configuration_that_has_nothing_to_register_is_exit_code_2() {
    let none = lines("register-none.config", &[]);
    let udp = lines("register-udp.config", &[line("1", "a", "udp")]);
    let nameless = lines("register-nameless.config", &[line("", "a", "tls")]);
    let in_file = |config: &str, error: &str| format!("{config}: {error}");
    let cases: [(&[&str], String); 5] = [
        (
            &[],
            "neither a configuration nor `--server HOST:PORT` is given".to_owned(),
        ),
        (
            &[&none],
            in_file(
                &none,
                "there is no `Connectivity`; give the server with `--server`",
            ),
        ),
        (
            &[&udp],
            in_file(
                &udp,
                "no `Connectivity` uses TLS: the protocol to a:5061 is udp",
            ),
        ),
        (
            &[&nameless],
            in_file(
                &nameless,
                "the line for a:5061: it has no `user`, so nobody can be registered",
            ),
        ),
        (
            &[&udp, "--user", "2"],
            in_file(&udp, "no `Connectivity` of user `2`; the users are `1`"),
        ),
    ];
    for (words, error) in cases {
        let run = run(["connect", "--register", "--json"].iter().chain(words));
        assert_eq!((run.exit, run.error()), (2, &*error), "{run:?}");
        assert_eq!(run.json(), json!({"error": error}));
    }
}
