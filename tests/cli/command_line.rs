//! The settings of `connect` from a configuration and from the command line.

use serde_json::json;

use super::program::{Listener, PHONE, arguments, config, file, run, with};

#[test]
fn the_configuration_says_where_to_and_users_choose() {
    let listener = Listener::mutual(&[]);
    let address = listener.address.to_string();
    let lines = [
        "user=\"1\" server=\"sip.example.com:5060\" protocol=\"udp\"",
        "user=\"2\" server=\"sip.example.com:5061\" protocol=\"TLS\"",
        "user=\"3\" server=\"other.example.com:5061\" protocol=\"tls\"",
    ];
    let config = config("where.config", &lines, &PHONE);
    let to = |words: &[&str]| {
        run([
            &["connect", &config, "--connect-to", &address, "--json"],
            words,
        ]
        .concat())
    };

    let first = to(&[]);
    assert_eq!((first.exit, &first.json()["user"]), (0, &json!("2")));
    let note = "2 lines of the configuration use TLS; using the first, `2` at sip.example.com:5061 (`--user` and \
                `--server` select another one)";
    assert_eq!(first.json()["note"], note);
    let chosen = to(&["--user", "2"]).json();
    assert_eq!(chosen["note"], json!(null));
    assert_eq!(chosen["result"], "connected");
    let other = to(&["--user", "3"]);
    assert_eq!(
        (other.exit, &other.json()["server"]),
        (1, &json!("other.example.com:5061"))
    );
    assert_eq!(other.json()["openssl"]["code"], 62);
    let udp = to(&["--user", "1"]);
    assert_eq!(udp.exit, 2);
    assert_eq!(
        udp.error(),
        format!(
            "{config}: no `Connectivity` of user `1` uses TLS: the protocol to sip.example.com:5060 is udp"
        )
    );
    let unknown = to(&["--user", "4"]);
    assert_eq!(
        (unknown.exit, unknown.error()),
        (
            2,
            &*format!("{config}: no `Connectivity` of user `4`; the users are `1`, `2`, `3`")
        )
    );
    // The command line overrides the configuration.
    let by_hand = to(&[
        "--server",
        "sip.example.com",
        "--user",
        "9",
        "-o",
        "sec-protocol=TLSv12",
    ])
    .json();
    assert_eq!(
        (&by_hand["user"], &by_hand["protocol"]),
        (&json!("9"), &json!("TLSv1.2"))
    );
}

#[test]
fn what_cannot_be_used_is_exit_code_2_and_json_all_the_same() {
    let empty = config("empty.config", &[], &PHONE);
    let broken = file("broken.config", "<SipEndpoint>\n <a></b>");
    let broken = broken.display().to_string();
    let conflict = config(
        "bad-option.config",
        &[],
        &with(&PHONE, &[("sec-protocol", "TLSv9")]),
    );
    let cases: [(Vec<String>, &str); 8] = [
        (
            arguments(&["connect"], &PHONE),
            "neither a configuration nor `--server HOST:PORT` is given",
        ),
        (
            arguments(&["connect", &empty], &[]),
            "empty.config: there is no `Connectivity`; give the server with `--server`",
        ),
        (
            arguments(&["connect", &broken], &[]),
            "broken.config: line 2, column ",
        ),
        (
            arguments(&["connect", &conflict, "--server", "a"], &[]),
            "bad-option.config: line 11, column 1: unusable option `sec-protocol`: `TLSv9` is not one of",
        ),
        (
            arguments(&["connect", "no-such.config"], &[]),
            "cannot read no-such.config: ",
        ),
        (
            arguments(&["connect", "--server", "a"], &[]),
            "`trusted-ca` is not given: without it no peer can be verified",
        ),
        (
            arguments(
                &["connect", "--server", "a", "-o", "sec-protokol=TLSv12"],
                &[],
            ),
            "unusable option `sec-protokol`: no such option; `sec-protocol` was probably meant",
        ),
        (
            arguments(&["connect", "--server", "a", "-o", "nonsense"], &[]),
            "`-o nonsense` is not of the form NAME=VALUE",
        ),
    ];
    for (mut words, error) in cases {
        words.push("--json".to_owned());
        let run = run(&words);
        assert_eq!(run.exit, 2, "{run:?}");
        assert!(run.error().contains(error), "{run:?}");
        assert_eq!(run.json()["result"], "failed");
        assert_eq!(run.json()["error"], run.error());
    }
}

#[test]
fn words_that_cannot_be_read_are_exit_code_2() {
    for words in [
        vec!["connect", "--server", "a:b"],
        vec!["connect", "--server", "a", "--connect-to", "name:1"],
        vec!["connect", "--server", "a", "--timeout", "0"],
        vec!["connect", "--server", "a", "--timeout", "nan"],
        vec!["connect", "--server", "a", "--timeout"],
        vec!["connect", "--frobnicate"],
        vec!["connect", "one.config", "two.config"],
    ] {
        let run = run(&words);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{words:?}");
        run.error();
    }
}

#[test]
fn a_place_to_listen_is_a_host_and_a_port() {
    let refusal = "for '--bind <HOST:PORT>': it is not HOST:PORT, such as ";
    for place in [
        "127.0.0.1",
        "5061",
        ":5061",
        "localhost:sip",
        "2001:db8::5061",
        "[::1]",
    ] {
        let run = run(["listen", "--bind", place]);
        assert_eq!(run.exit, 2, "{place}");
        assert!(run.error().contains(refusal), "{run:?}");
    }
    for place in ["localhost:0", "[::1]:0", "[fe80::1%1]:5061", ":::5061"] {
        let run = run(["listen", "--bind", place]);
        assert!(!run.error().contains(refusal), "{run:?}");
    }
}

#[test]
fn an_option_that_takes_one_value_is_not_given_twice() {
    for words in [
        ["listen", "--bind", "127.0.0.1:0", "--bind", "127.0.0.1:1"],
        ["connect", "--server", "a", "--server", "b"],
        ["connect", "--user", "1", "--user", "2"],
        ["check", "--days", "1", "--days", "2"],
        ["verify", "--host", "a", "--host", "b"],
    ] {
        let run = run(words);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{words:?}");
        let expected = format!("the argument '{} <", words[1]);
        assert!(run.error().starts_with(&expected), "{run:?}");
        assert!(
            run.error().ends_with("cannot be used multiple times"),
            "{run:?}"
        );
    }
    assert_eq!(run(["connect", "--sip", "--no-sip"]).exit, 2);
}

#[test]
fn errors_of_a_configuration_name_its_file_and_line() {
    let line = "user=\"1\" server=\"127.0.0.1:9\" protocol=\"tls\"";
    let file = |name: &str, changes: &[(&str, &str)]| config(name, &[line], &with(&PHONE, changes));
    let list = file("named-list.config", &[("tls-crl", "root.pem")]);
    let key = file("named-key.config", &[("certificate-key", "good.key")]);
    let older = [("priv_key_file", "good.key"), ("certificate-key", "")];
    let older = file("named-older.config", &older);
    let ca = file("named-ca.config", &[("trusted-ca", "")]);
    let setting = file("named-setting.config", &[("crl", "current.crl")]);
    let none = config("named-none.config", &[line], &[]);
    let lone = config("named-lone.config", &[line], &[("trusted-ca", "root.pem")]);
    let broken = "user=\"1\" server=\"{server:port}\" protocol=\"tls\"";
    let broken = config("named-line.config", &[broken], &PHONE);
    for (config, place, expected) in [
        (&list, ": line 10, column 1", "`tls-crl`: "),
        (
            &key,
            ": line 10, column 1",
            "`certificate-key`: the private key in ",
        ),
        (
            &older,
            ": line 10, column 1",
            "`priv_key_file`: the private key in ",
        ),
        (&ca, "", "`trusted-ca` is not given: "),
        (
            &none,
            ": the file has no setting in section `security` of domain `system`",
            "`trusted-ca` is not given: ",
        ),
        (&setting, ": line 11, column 1", "setting `crl` is not "),
        (&broken, ": line 2, column 25", "unusable `Connectivity`: "),
    ] {
        let run = run(["connect", config]);
        let expected = format!("sip-tls: {config}{place}: {expected}");
        assert!(run.stderr.starts_with(&expected), "{expected}: {run:?}");
    }
    let server = run(["listen", "--bind", "127.0.0.1:0", &lone]);
    let expected = format!("{lone}: `certificate` is not given: incoming connections need one");
    assert_eq!(server.error(), expected);
    // The file says nothing about a value of `-o`.
    let run = run(["connect", &list, "-o", "tls-crl=no.crl"]);
    assert!(run.error().starts_with("`tls-crl`: cannot "), "{run:?}");
}

#[test]
fn of_two_options_with_one_name_the_last_counts_and_it_is_said() {
    let words = ["check", "--json", "-o", "trusted-ca=webpki-roots"];
    let more = [
        "-o",
        "cert_file=old.pem",
        "-o",
        "certificate=",
        "-o",
        "sec-protocol=TLSv12",
        "-o",
        "sec-protocol=TLSv13",
    ];
    let run = run(words.iter().chain(&more));
    assert_eq!(run.exit, 0, "{run:?}");
    let notes: Vec<_> = run.stderr.lines().collect();
    assert_eq!(
        notes,
        [
            "sip-tls: `-o certificate=` overrides `-o cert_file=old.pem`",
            "sip-tls: `-o sec-protocol=TLSv13` overrides `-o sec-protocol=TLSv12`",
        ]
    );
    let report = run.json();
    let options = report["options"].as_array().unwrap();
    let protocol = options
        .iter()
        .find(|option| option["name"] == "sec-protocol");
    assert_eq!(protocol.unwrap()["value"], "TLSv13");
}
