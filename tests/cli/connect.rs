use std::io::Write;
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use super::peers::{Script, Server};
use super::program::{Listener, PHONE, arguments, config, run, run_with, with};
use crate::endpoint::test_pki::HOST;

/// Connects to an address as if it were the host of the certificates.
fn connect(
    address: impl ToString,
    words: &[&str],
    changes: &[(&str, &str)],
) -> super::program::Run {
    let address = address.to_string();
    let mut all = vec!["connect", "--server", HOST, "--connect-to", &address];
    all.extend(words);
    run_with(&all, &with(&PHONE, changes))
}

#[test]
fn both_sides_report_the_same_connection() {
    let mut listener = Listener::mutual(&["--json"]);
    let address = listener.address;
    for (protocol, option, cipher) in [
        ("TLSv1.3", "TLSv13", "TLS_AES_256_GCM_SHA384"),
        ("TLSv1.2", "TLSv12", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ] {
        let run = connect(address, &["--json"], &[("sec-protocol", option)]);
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
        let found = run.json();
        let expected = json!({
            "result": "connected",
            "server": "sip.example.com:5061",
            "user": "",
            "peer": address.to_string(),
            "protocol": protocol,
            "cipher": cipher,
            "group": "X25519",
            "openssl": {"code": 0, "name": "X509_V_OK"},
            "depth": null,
            "findings": [],
            "path": ["CN = good", "CN = Test Intermediate", "CN = Test Root"],
            "matched_name": "sip.example.com",
            "revocation_list": "CN = Test Intermediate",
            "alert": null,
            "error": null,
            "note": null,
            "sip": {"status": 200, "reason": "OK"},
        });
        assert_eq!(found, expected);

        let theirs = listener.json();
        assert_eq!(theirs["result"], "connected");
        assert_eq!(theirs["protocol"], protocol);
        assert_eq!(theirs["cipher"], cipher);
        assert_eq!(theirs["group"], "X25519");
        assert_eq!(theirs["client"], "CN = client-only");
        assert_eq!(theirs["openssl"], json!({"code": 0, "name": "X509_V_OK"}));
        assert_eq!(theirs["depth"], json!(null));
        assert_eq!(theirs["error"], json!(null));
        let sip = json!([{"method": "OPTIONS", "status": 200, "count": 1}]);
        assert_eq!(theirs["sip"], sip);
        assert!(theirs["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    }
}

#[test]
fn people_get_lines() {
    let mut listener = Listener::mutual(&[]);
    let run = connect(listener.address, &[], &[]);
    let expected = format!(
        "connected to sip.example.com:5061 at {}
  protocol     TLSv1.3
  cipher       TLS_AES_256_GCM_SHA384
  group        X25519
  certificate  CN = good  <  CN = Test Intermediate  <  CN = Test Root
  name         matches sip.example.com
  revocation   not revoked, says the list of CN = Test Intermediate
  OPTIONS      200 OK
",
        listener.address
    );
    assert_eq!(run.stdout, expected);
    let line = listener.line();
    let end =
        " connected, TLSv1.3, TLS_AES_256_GCM_SHA384; client CN = client-only; OPTIONS: 200\n";
    assert!(line.ends_with(end), "{line}");
}

#[test]
fn without_sip_the_connection_is_all() {
    let mut listener = Listener::mutual(&["--json"]);
    for option in ["TLSv12", "TLSv13"] {
        let run = connect(
            listener.address,
            &["--json", "--no-sip"],
            &[("sec-protocol", option)],
        );
        let found = run.json();
        assert_eq!((run.exit, &found["result"]), (0, &json!("connected")));
        assert_eq!(found["sip"], json!(null));
        assert_eq!(listener.json()["sip"], json!([]));
    }
}

#[test]
fn a_server_that_is_refused_is_told_and_reported_with_openssls_code() {
    let cases = [
        (
            "revoked",
            [].as_slice(),
            23,
            "X509_V_ERR_CERT_REVOKED",
            0,
            "certificate_revoked",
        ),
        (
            "expired",
            &[],
            10,
            "X509_V_ERR_CERT_HAS_EXPIRED",
            0,
            "certificate_expired",
        ),
        (
            "good",
            &[("tls-target-name", "other.example.com")],
            62,
            "X509_V_ERR_HOSTNAME_MISMATCH",
            0,
            "bad_certificate",
        ),
        (
            "good",
            &[("trusted-ca", "stranger.pem")],
            20,
            "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            1,
            "unknown_ca",
        ),
        (
            "good",
            &[("tls-crl", "stranger.crl")],
            3,
            "X509_V_ERR_UNABLE_TO_GET_CRL",
            0,
            "unknown_ca",
        ),
    ];
    for (identity, changes, code, name, depth, alert) in cases {
        let (certificate, key) = (format!("{identity}.pem"), format!("{identity}.key"));
        let server = [
            ("certificate", certificate.as_str()),
            ("certificate-key", key.as_str()),
            ("trusted-ca", "root.pem"),
        ];
        for protocol in ["TLSv12", "TLSv13"] {
            let mut listener = Listener::start(&["--json"], &server);
            let changes = with(changes, &[("sec-protocol", protocol)]);
            let run = connect(listener.address, &["--json"], &changes);
            let found = run.json();
            assert_eq!(run.exit, 1, "{run:?}");
            assert_eq!(found["result"], "refused");
            assert_eq!(
                found["openssl"],
                json!({"code": code, "name": name}),
                "{found}"
            );
            assert_eq!(found["depth"], depth);
            assert_eq!(found["peer"], listener.address.to_string());
            assert_eq!(found["protocol"], json!(null));
            let error = found["error"].as_str().unwrap();
            let expected =
                format!("the peer's certificate was refused: error {code} at depth {depth}: ");
            assert!(
                error.starts_with(&expected) && error.ends_with(&format!("({name})")),
                "{error}"
            );
            assert_eq!(run.error(), format!("sip.example.com:5061: {error}"));

            let theirs = listener.json();
            assert_eq!(theirs["result"], "refused", "{theirs}");
            assert_eq!(theirs["alert"]["name"], alert);
        }
    }
}

#[test]
fn a_client_that_is_refused_learns_it_with_and_without_sip_and_in_every_version() {
    let nobody = [("certificate", ""), ("certificate-key", "")];
    let revoked = [
        ("certificate", "revoked.pem"),
        ("certificate-key", "revoked.key"),
    ];
    let mut listener = Listener::mutual(&["--json"]);
    for (protocol, sip) in [
        ("TLSv12", "--sip"),
        ("TLSv13", "--sip"),
        ("TLSv13", "--no-sip"),
    ] {
        for (who, code) in [(nobody, None), (revoked, Some(23))] {
            let alert = match code {
                Some(_) => ("certificate_revoked", 44),
                None => ("certificate_required", 116),
            };
            let changes = with(&who, &[("sec-protocol", protocol)]);
            let run = connect(listener.address, &["--json", sip], &changes);
            let found = run.json();
            assert_eq!(
                (run.exit, &found["result"]),
                (1, &json!("refused")),
                "{found}"
            );
            assert_eq!(found["alert"], json!({"name": alert.0, "code": alert.1}));
            let error = format!(
                "the peer refused the connection: TLS alert {} ({})",
                alert.0, alert.1
            );
            assert_eq!(found["error"], error);

            let theirs = listener.json();
            assert_eq!(theirs["result"], "refused", "{theirs}");
            assert_eq!(theirs["openssl"]["code"], json!(code));
        }
    }
}

#[test]
fn a_name_that_is_not_checked_is_reported_all_the_same() {
    let listener = Listener::mutual(&[]);
    let changes = [
        ("tls-target-name-check", "no"),
        ("tls-target-name", "other.example.com"),
    ];
    let found = connect(listener.address, &["--json"], &changes).json();
    assert_eq!(found["result"], "connected");
    assert_eq!(found["openssl"]["code"], 0);
    assert_eq!(found["findings"][0]["openssl"]["code"], 62);
    assert_eq!(found["findings"][0]["tolerated"], true);
    let text = connect(listener.address, &[], &changes).stdout;
    let expected = "  name         not checked: error 62 at depth 0: hostname mismatch";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_network_that_fails_is_exit_code_3() {
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let run = connect(free, &["--json"], &[]);
    assert_eq!((run.exit, &run.json()["result"]), (3, &json!("failed")));
    assert_eq!(run.json()["peer"], json!(null));
    assert!(
        run.error()
            .starts_with(&format!("cannot reach sip.example.com:5061; {free}: ")),
        "{run:?}"
    );

    let run = run_with(&["connect", "--server", "no.such.name.invalid"], &PHONE);
    assert_eq!(run.exit, 3);
    assert!(
        run.error()
            .starts_with("cannot look up `no.such.name.invalid`: "),
        "{run:?}"
    );
}

#[test]
fn a_peer_that_speaks_no_tls_or_goes_or_says_nothing_is_exit_code_3() {
    let cases: [(&[u8], &[&str], &str); 3] = [
        (
            b"SIP/2.0 400 Bad Request\r\n\r\n",
            &[],
            "the TLS handshake failed: ",
        ),
        (b"", &[], "the connection broke during the TLS handshake: "),
        (
            b"",
            &["--timeout", "0.3"],
            "no connection after 0.3 seconds",
        ),
    ];
    for (says, words, error) in cases {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_silent = !words.is_empty();
        let peer = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(says).unwrap();
            // A silent peer stays until the client goes; the others close in an orderly way.
            if !is_silent {
                stream.shutdown(std::net::Shutdown::Write).unwrap();
            }
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        let run = connect(address, words, &[]);
        assert_eq!(run.exit, 3, "{run:?}");
        assert!(run.error().contains(error), "{run:?}");
        peer.join().unwrap();
    }
}

#[test]
fn a_server_without_sip_is_a_failure_that_tells_of_the_connection() {
    let cases = [
        (
            Script::Silence,
            "no answer to SIP OPTIONS after 0.3 seconds",
        ),
        (
            Script::Close,
            "no answer to SIP OPTIONS: the server closed the connection",
        ),
        (
            Script::Say("220 mail.example.com ESMTP\r\n\r\n"),
            "no answer to SIP OPTIONS: what the server sends is not SIP",
        ),
        (
            Script::Say("SIP/2.0 200 OK\r\nl: x\r\n\r\n"),
            "no answer to SIP OPTIONS: a SIP message has an unusable Content-Length",
        ),
        (
            Script::Say("SIP/2.0 200"),
            "no answer to SIP OPTIONS: the connection ended within a SIP message",
        ),
        // An answer to somebody else's question.
        (
            Script::Say("SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n"),
            "no answer to SIP OPTIONS: the server closed the connection",
        ),
    ];
    for (script, error) in cases {
        let server = Server::start(script, &[]);
        let run = connect(server.address, &["--json", "--timeout", "0.3"], &[]);
        let found = run.json();
        assert_eq!(
            (run.exit, &found["result"]),
            (3, &json!("failed")),
            "{found}"
        );
        assert_eq!(found["error"], error);
        assert_eq!(found["protocol"], "TLSv1.3");
        assert_eq!(found["openssl"]["code"], 0);
        server.wait();
    }
}

#[test]
fn an_answer_other_than_200_is_an_answer() {
    let server = Server::start(Script::Silence, &[]);
    let run = connect(server.address, &["--no-sip"], &[]);
    assert_eq!(run.exit, 0);
    server.wait();
}

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
    let note = "2 lines of the configuration use TLS; taking the first, `2` at sip.example.com:5061 \
                (`--user` and `--server` choose others)";
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
        "no `Connectivity` of user `1` uses TLS: the protocol to sip.example.com:5060 is udp"
    );
    let unknown = to(&["--user", "4"]);
    assert_eq!(
        (unknown.exit, unknown.error()),
        (2, "no `Connectivity` of user `4`; there are `1`, `2`, `3`")
    );
    // What is given by hand goes before the file.
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
    let broken = super::program::file("broken.config", "<SipEndpoint>\n <a></b>");
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
            "the configuration has no `Connectivity`; give the server with `--server`",
        ),
        (
            arguments(&["connect", &broken], &[]),
            "broken.config: line 2, column ",
        ),
        (
            arguments(&["connect", &conflict, "--server", "a"], &[]),
            "bad-option.config: line 11, column 1: unusable option `sec-protocol`: `TLSv9` is none of",
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
            "unusable option `sec-protokol`: no such option; the nearest are `sec-protocol` and ",
        ),
        (
            arguments(&["connect", "--server", "a", "-o", "nonsense"], &[]),
            "-o nonsense: unusable option `nonsense`: not of the form NAME=VALUE",
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
