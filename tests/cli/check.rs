use serde_json::{Value, json};

use super::program::{Listener, PHONE, SERVER, config, run, run_with, with};
use crate::endpoint::test_pki::{HOST, TestPki};

const LINES: [&str; 2] = [
    "user=\"4021\" server=\"sip.example.com:5061\" protocol=\"tls\"",
    "user=\"4022\" server=\"[2001:db8::1]\" protocol=\"udp\"",
];

#[track_caller]
fn check(name: &str, changes: &[(&str, &str)], words: &[&str]) -> super::program::Run {
    let config = config(name, &LINES, &with(&PHONE, changes));
    run([&["check", &config], words].concat())
}

/// The row of an option.
#[track_caller]
fn option<'a>(report: &'a Value, name: &str) -> &'a Value {
    let options = report["options"].as_array().unwrap();
    options
        .iter()
        .find(|option| option["name"] == name)
        .unwrap()
}

#[test]
fn the_report_is_a_table_with_everything_in_it() {
    let changes = [
        ("cipher-list", "ECDHE+AESGCM:AES128-SHA"),
        ("trusted-ca", "root-and-intermediate.pem"),
        ("use_srtp", "disabled"),
    ];
    let run = check("table.config", &changes, &[]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{run:?}");
    let good = TestPki::get().path("client-only.pem").display().to_string();
    for part in [
        "Connections\n  4021  sip.example.com:5061  tls\n",
        "  4022  [2001:db8::1]:5061    udp  not TLS, so not used here\n",
        &format!("  certificate            applied  {good}\n"),
        "  cipher-list            applied  ECDHE+AESGCM:AES128-SHA\n",
        "  sec-protocol           default  TLS 1.2 and up\n",
        "  use_srtp               ignored  not a TLS option\n",
        "Certificates\n  option       subject                 key     ",
        "  certificate  CN = client-only        EC P-256  2090-01-01, in ",
        "  trusted-ca   CN = Test Root          EC P-256  2090-01-01, in ",
        "; not self-signed, so",
        "Revocation lists\n  issuer                  entries  issued      next update\n",
        "  CN = Test Intermediate  2        2021-01-01  2090-01-01, in ",
        "  TLS 1.3  TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_GCM_SHA256\n",
        "  TLS 1.2  ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-",
        "  static RSA key exchange  AES128-SHA\n",
        "\nUsable for outgoing and incoming connections.\n",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part:?} is not in\n{}",
            run.stdout
        );
    }
    assert!(!run.stdout.contains('\x1b'), "no colours but on a terminal");
}

#[test]
fn suites_that_only_clients_have_leave_outgoing_connections() {
    let changes = [
        ("cipher-list", "DHE+AESGCM"),
        ("sec-protocol", "TLSv12"),
        ("certificate", "rsa.pem"),
        ("certificate-key", "rsa.key"),
    ];
    let run = check("clients-only.config", &changes, &[]);
    let expected = "\nUsable for outgoing connections only: `cipher-list` leaves no suite for incoming ones.\n";
    assert!(run.stdout.ends_with(expected), "{run:?}");
}

#[test]
fn json_holds_all_of_it() {
    let run = check(
        "json.config",
        &[("cipher-list", "ECDHE+AESGCM:AES128-SHA")],
        &["--json"],
    );
    let report = run.json();
    assert_eq!(run.exit, 0);
    assert_eq!(
        (&report["usable"], &report["server_side"], &report["error"]),
        (&json!(true), &json!(true), &json!(null))
    );
    assert!(report["config"].as_str().unwrap().ends_with("json.config"));
    let connections = json!([
        {"user": "4021", "server": "sip.example.com:5061", "protocol": "tls", "result": null},
        {"user": "4022", "server": "[2001:db8::1]:5061", "protocol": "udp", "result": null},
    ]);
    assert_eq!(report["connections"], connections);
    assert_eq!(
        option(&report, "tls-target-name-check")["outcome"],
        "applied"
    );
    assert_eq!(option(&report, "sec-protocol")["outcome"], "default");
    let certificates = report["certificates"].as_array().unwrap();
    let subjects: Vec<_> = certificates
        .iter()
        .map(|c| c["subject"].as_str().unwrap())
        .collect();
    assert_eq!(
        subjects,
        [
            "CN = client-only",
            "CN = Test Intermediate",
            "CN = Test Root"
        ]
    );
    let root = &certificates[2];
    assert_eq!(
        (&root["option"], &root["issuer"], &root["key"]),
        (
            &json!("trusted-ca"),
            &json!("CN = Test Root"),
            &json!("EC P-256")
        )
    );
    assert_eq!(
        (&root["anchor"], &certificates[0]["anchor"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(root["not_after"], 3_786_912_000_i64);
    assert!(root["days_left"].as_i64().unwrap() > 365);
    let list = &report["revocation_lists"][0];
    assert_eq!(
        (&list["issuer"], &list["entries"]),
        (&json!("CN = Test Intermediate"), &json!(2))
    );
    assert_eq!(
        (&list["this_update"], &list["next_update"]),
        (&json!(1_609_459_200), &json!(3_786_912_000_i64))
    );
    assert_eq!(
        report["suites"]["tls12"][0],
        "ECDHE-ECDSA-AES256-GCM-SHA384"
    );
    assert_eq!(report["suites"]["tls13"].as_array().unwrap().len(), 3);
    assert_eq!(
        report["suites"]["not_offered"],
        json!([{"name": "AES128-SHA", "reason": "static RSA key exchange"}])
    );
    assert_eq!(report["version"], 1);
}

#[test]
fn an_rsa_key_and_a_past_date_are_told() {
    let changes = [
        ("certificate", "rsa.pem"),
        ("certificate-key", "rsa.key"),
        ("trusted-ca", "expired-root.pem"),
        ("tls-crl", "expired.crl"),
    ];
    let text = check("rsa.config", &changes, &[]).stdout;
    assert!(
        text.contains("  CN = rsa                RSA 2048  2090-01-01, in "),
        "{text}"
    );
    assert!(
        text.contains("  CN = Expired Root       EC P-256  2025-01-01, EXPIRED "),
        "{text}"
    );
    assert!(
        text.contains("  0        2020-01-01  2025-01-01, EXPIRED "),
        "{text}"
    );
}

#[test]
fn what_is_narrowed_or_doubtful_is_said() {
    let changes = [
        ("sec-protocol", "SSLv23"),
        (
            "cipher-list",
            "ECDHE+AESGCM:ECDHE-RSA-AES128-GCM-SHA265:@SECLEVEL=1",
        ),
    ];
    let run = check("narrowed.config", &changes, &["--json"]);
    let report = run.json();
    assert_eq!(run.exit, 0);
    for name in ["sec-protocol", "cipher-list"] {
        assert_eq!(option(&report, name)["outcome"], "narrowed");
        assert!(option(&report, name)["reason"].is_string());
    }
    let findings = report["findings"].as_array().unwrap();
    let is_rule = |finding: &&Value| finding["code"] == "cipher-rule";
    let rule = findings.iter().find(is_rule).unwrap();
    assert_eq!(rule["severity"], "warning");
    let text = rule["text"].as_str().unwrap();
    assert!(
        text.contains("did you mean `ECDHE-RSA-AES128-GCM-SHA256`?"),
        "{text}"
    );
    let text = check("narrowed.config", &changes, &[]).stdout;
    assert!(
        text.contains("\n  sec-protocol           narrowed  SSLv23\n      TLS 1.2 and up: "),
        "{text}"
    );
    assert!(text.contains("\n  warning  cipher-list, line "), "{text}");
}

#[test]
fn a_refused_option_is_exit_code_2_after_the_rest_of_the_table() {
    let changes = [
        ("certificate-key", "good.key"),
        ("tls-crl", "root.pem"),
        ("sec-protocol", "SSLv23"),
    ];
    let run = check("refused.config", &changes, &["--json"]);
    let report = run.json();
    assert_eq!((run.exit, &report["usable"]), (2, &json!(false)));
    assert_eq!(report["error"], run.error());
    assert!(
        run.error().contains("does not match the certificate"),
        "{run:?}"
    );
    for (name, outcome) in [
        ("certificate-key", "refused"),
        ("tls-crl", "refused"),
        ("sec-protocol", "narrowed"),
        ("tls-target-name-check", "applied"),
    ] {
        assert_eq!(option(&report, name)["outcome"], outcome, "{name}");
    }
    assert_eq!(report["certificates"][0]["subject"], "CN = client-only");
    assert_eq!(report["certificates"][1]["subject"], "CN = Test Root");

    let run = check("refused.config", &changes, &[]);
    assert_eq!(run.exit, 2);
    assert!(
        run.stdout
            .contains("\n      `certificate-key`: the private key"),
        "{run:?}"
    );
    assert!(
        run.stdout
            .ends_with("\nThis configuration cannot be used.\n"),
        "{run:?}"
    );
}

#[test]
fn a_value_that_cannot_be_read_is_refused_too() {
    let run = check("value.config", &[("sec-protocol", "TLSv11")], &["--json"]);
    assert_eq!(
        (
            run.exit,
            option(&run.json(), "sec-protocol")["outcome"].clone()
        ),
        (2, json!("refused"))
    );
    assert_eq!(option(&run.json(), "certificate")["outcome"], "applied");
    let run = check("value.config", &[("cipher-list", "FOO")], &["--json"]);
    let cure = run.json()["findings"][0]["cure"].clone();
    let expected = "see `sip-tls ciphers --explain` for what each word selects";
    assert_eq!((run.exit, cure), (2, json!(expected)));
}

#[test]
fn the_value_that_counts_is_refused_and_the_other_is_overridden() {
    let config = config("overridden.config", &LINES, &PHONE);
    for option in ["certificate", "certificate-key", "trusted-ca", "tls-crl"] {
        let pair = format!("{option}=no.pem");
        let run = run(["check", &config, "--json", "-o", &pair]);
        assert_eq!(run.exit, 2, "{run:?}");
        let report = run.json();
        let rows = report["options"].as_array().unwrap().iter();
        let rows: Vec<_> = rows.filter(|row| row["name"] == option).collect();
        assert_eq!(
            (&rows[0]["outcome"], &rows[0]["reason"]),
            (&json!("overridden"), &json!("`-o`"))
        );
        assert_eq!(
            (&rows[1]["outcome"], &rows[1]["value"]),
            (&json!("refused"), &json!("no.pem"))
        );
    }
    let none = run(["check", &config, "-o", "tls-crl="]).stdout;
    assert!(
        none.contains("  tls-crl                overridden by `-o`  "),
        "{none}"
    );
    assert!(
        none.contains("Revocation lists\n  none: revocation is not checked\n"),
        "{none}"
    );
}

#[test]
fn the_error_names_the_cause_and_the_file() {
    let line = LINES[..1].to_vec();
    for (name, from, to, expected) in [
        (
            "cause-option.config",
            "name=\"trusted-ca\"",
            "name=\"trusted_ca\"",
            ": line 8, column 1: `trusted_ca`: no such option; `trusted-ca` was probably meant",
        ),
        (
            "cause-section.config",
            "\"security\"",
            "\"securty\"",
            ": line 5, column 23: section `securty` is unknown; `security` was probably meant",
        ),
        (
            "cause-domain.config",
            "\"system\"",
            "\"System\"",
            ": line 5, column 1: domain `System` is unknown; `system` was probably meant",
        ),
        (
            "cause-other-section.config",
            "\"security\"",
            "\"secur\"",
            ": the file has no setting in section `security` of domain `system`",
        ),
        (
            "cause-other-domain.config",
            "\"system\"",
            "\"policy\"",
            ": the file has no setting in section `security` of domain `system`",
        ),
        (
            "cause-missing.config",
            "name=\"trusted-ca\"",
            "name=\"colour\"",
            ": `trusted-ca`: the option is not given: without it no peer can be verified",
        ),
    ] {
        let path = config(name, &line, &PHONE);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let run = run(["check", &path, "--json"]);
        assert_eq!((run.exit, &run.json()["error"]), (2, &json!(run.error())));
        let expected = format!("{path}{expected}");
        assert!(run.error().starts_with(&expected), "{expected}: {run:?}");
    }
}

#[test]
fn of_a_file_that_is_no_configuration_nothing_is_shown_but_the_error() {
    let pem = std::fs::read(TestPki::get().path("root.pem")).unwrap();
    for (name, content, expected) in [
        ("no-content.config", &b""[..], "the file is empty"),
        (
            "no-content.pem",
            &pem,
            "the file is PEM, not a configuration file; ",
        ),
    ] {
        let path = super::program::file(name, content).display().to_string();
        let run = run(["check", &path]);
        assert!(run.stdout.starts_with("Findings\n  error "), "{run:?}");
        let expected = format!("{path}: {expected}");
        assert!(run.error().starts_with(&expected), "{run:?}");
    }
}

#[test]
fn options_alone_are_a_configuration() {
    let run = run_with(&["check", "--json"], &[("trusted-ca", "webpki-roots")]);
    assert_eq!((run.exit, &run.json()["server_side"]), (0, &json!(false)));
    let text = run_with(&["check"], &[("trusted-ca", "webpki-roots")]).stdout;
    assert!(
        text.contains("  trusted-ca  Mozilla's public CAs\n"),
        "{text}"
    );
    assert!(
        text.contains("Revocation lists\n  none: revocation is not checked\n"),
        "{text}"
    );
    assert!(
        text.ends_with(
            "Usable for outgoing connections; for incoming ones `certificate` is missing.\n"
        ),
        "{text}"
    );

    let no_list = [("trusted-ca", "webpki-roots"), ("tls-crl", "")];
    let text = run_with(&["check"], &no_list).stdout;
    assert!(
        text.contains("Revocation lists\n  none: revocation is not checked\n"),
        "{text}"
    );
    let blank = [("trusted-ca", "webpki-roots"), ("tls-crl", " ")];
    let run = run_with(&["check"], &blank);
    assert_eq!(run.exit, 2, "{run:?}");
    assert!(
        run.stdout
            .contains("Revocation lists\n  could not be read\n"),
        "{run:?}"
    );

    let run = run_with(&["check"], &[]);
    assert_eq!(
        (run.exit, run.error()),
        (2, "neither a configuration nor `-o NAME=VALUE` is given")
    );
    let run = run_with(&["check", "--json", "no-such.config"], &[]);
    assert_eq!((run.exit, &run.json()["error"]), (2, &json!(run.error())));
}

#[test]
fn connect_makes_every_connection_in_turn_after_the_check() {
    let listener = Listener::mutual(&[]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = closed.local_addr().unwrap();
    drop(closed);
    let lines = [
        format!(
            "user=\"1\" server=\"{}\" protocol=\"tls\"",
            listener.address
        ),
        format!("user=\"2\" server=\"{dead}\" protocol=\"tls\""),
        "user=\"3\" server=\"sip.example.com:5060\" protocol=\"udp\"".to_owned(),
    ];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let settings = with(&PHONE, &[("tls-target-name", HOST)]);
    let all_lines = config("check-connect.config", &lines, &settings);
    let all = run(["check", &all_lines, "--connect", "--json"]);
    let report = all.json();
    assert_eq!(all.exit, 3, "{all:?}");
    let result = |line: usize| &report["connections"][line]["result"];
    assert_eq!(result(0)["result"], "connected");
    assert_eq!(result(0)["sip"]["status"], 200);
    assert_eq!(result(1)["result"], "failed");
    assert_eq!(*result(2), json!(null));

    let good = config("check-connect-good.config", &lines[..1], &settings);
    let text = run(["check", &good, "--connect"]);
    assert_eq!(text.exit, 0, "{text:?}");
    assert!(
        text.stdout.contains("  tls  connected, TLSv1.3, "),
        "{text:?}"
    );
    assert!(text.stdout.contains("OPTIONS: 200 OK\n"), "{text:?}");
}

#[test]
fn a_line_that_cannot_be_used_does_not_hinder_connections_of_others() {
    let listener = Listener::mutual(&[]);
    let good = format!(
        "user=\"2\" server=\"{}\" protocol=\"tls\"",
        listener.address
    );
    let lines = [
        "user=\"1\" server=\"{server:port}\" protocol=\"tls\"",
        &good,
    ];
    let settings = with(&PHONE, &[("tls-target-name", HOST)]);
    let config = config("placeholder.config", &lines, &settings);
    for words in [
        &["connect", &config][..],
        &["connect", &config, "--user", "2"],
    ] {
        let made = run(words);
        assert_eq!(made.exit, 0, "{made:?}");
        assert!(
            made.stderr.contains("unusable `Connectivity`: "),
            "{made:?}"
        );
    }
    let refused = run(["connect", &config, "--user", "1"]);
    assert_eq!(refused.exit, 2);
    assert!(
        refused.error().ends_with(
            "unusable `Connectivity`: `server`: `{server:port}` is not `host:port` or `[IPv6 address]:port`"
        ),
        "{refused:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_may_have_a_zone() {
    let listener = Listener::start(&["--bind", "[::1]:0"], &SERVER);
    let line = format!(
        "user=\"1\" server=\"[::1%1]:{}\" protocol=\"tls\"",
        listener.address.port()
    );
    let changes = [("tls-target-name-check", "no")];
    let config = config("zone.config", &[&line], &with(&PHONE, &changes));
    let run = run(["connect", &config, "--json"]);
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(run.json()["sip"]["status"], 200);
}
