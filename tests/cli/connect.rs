use std::io::Write;
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use super::peers::{Script, Server};
use super::program::{
    Listener, PHONE, Run, SERVER, arguments, command, connect, file, run_with, with,
};
use crate::blocking;
use crate::child;
use crate::endpoint::test_pki::{HOST, TestPki};

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
        let mut found = run.json();
        let timing = found["timing"].take();
        for phase in ["tcp", "tls", "sip"] {
            assert!(
                timing[phase].as_f64().is_some_and(|took| took >= 0.0),
                "{timing}"
            );
        }
        assert_eq!(timing["look_up"], json!(null));
        let expected = json!({
            "timing": null,
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
            "about": null,
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
  revocation   not revoked according to the list of CN = Test Intermediate
  OPTIONS      200 OK
",
        listener.address
    );
    let time = run.stdout.strip_prefix(&expected).expect(&run.stdout);
    assert!(
        time.starts_with("  time         TCP ") && time.contains(" ms, OPTIONS "),
        "{time}"
    );
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
            let told = format!(" ({code}) at depth {depth}");
            assert!(
                error.starts_with("the peer's certificate was refused: ") && error.ends_with(&told),
                "{error}"
            );
            let about = found["about"].as_str().unwrap();
            assert!(about.starts_with("the certificate `CN = "), "{about}");
            assert_eq!(found["openssl"]["name"], *name);
            assert!(
                run.error().ends_with(&format!("{error}; {about}")),
                "{run:?}"
            );

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
            let told = found["error"].as_str().unwrap();
            let cause = match who == nobody {
                true => {
                    "the server asked for a client certificate issued by `CN = Test Root`; `certificate` is not given"
                }
                false => {
                    "the server refused our certificate `CN = revoked`, issued by `CN = Test Intermediate`"
                }
            };
            assert!(told.starts_with(&format!("{error}: {cause}")), "{told}");

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
    // No program listens on a port that was just released.
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
            "the TLS handshake failed: what the peer sends is not TLS (it speaks SIP without TLS on this port): `SIP/2.0 400 Bad Request\\r\\n",
        ),
        (
            b"",
            &[],
            "the TLS handshake failed: the peer closed the connection without an alert; the server sent nothing after our ClientHello",
        ),
        (
            b"",
            &["--timeout", "0.3"],
            "no connection after 0.3 seconds: TCP connected, but the TLS handshake was not finished: the server sent nothing after our ClientHello",
        ),
    ];
    for (says, words, error) in cases {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_silent = !words.is_empty();
        let peer = thread::spawn(move || {
            let mut stream = blocking::accept(&listener);
            stream.write_all(says).unwrap();
            // A silent peer stays until the client goes. The others close the connection in an orderly way.
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
        (Script::Silence, "no answer to SIP OPTIONS after 2 seconds"),
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
        // An answer to another request.
        (
            Script::Say("SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n"),
            "no answer to SIP OPTIONS: the server closed the connection",
        ),
    ];
    for (script, error) in cases {
        let server = Server::start(script, &[]);
        let run = connect(server.address, &["--json", "--timeout", "2"], &[]);
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
    let server = Server::start(Script::Answer("503 Service Unavailable"), &[]);
    let run = connect(server.address, &["--json"], &[]);
    assert_eq!((run.exit, &run.json()["result"]), (0, &json!("connected")));
    let sip = json!({"status": 503, "reason": "Service Unavailable"});
    assert_eq!(run.json()["sip"], sip);
    server.wait();
}

#[test]
fn requests_and_pings_before_the_answer_are_answered() {
    const ASKED: &str = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS 10.0.0.1;branch=z9hG4bK1\r\n\
        From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: theirs\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n\
        \r\n\r\n\
        NOTIFY sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS 10.0.0.1;branch=z9hG4bK2\r\n\
        From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: theirs\r\nCSeq: 2 NOTIFY\r\nl: 0\r\n\r\n";
    // The answer to the ping is a single CRLF, before the second answer.
    const ANSWERS: [&str; 2] = [
        "SIP/2.0 200 OK\r\n",
        "\r\nSIP/2.0 405 Method Not Allowed\r\n",
    ];
    let server = Server::start(Script::Ask(ASKED, &ANSWERS), &[]);
    let run = connect(server.address, &["--json"], &[]);
    assert_eq!(run.exit, 0, "{run:?}");
    let sip = json!({"status": 200, "reason": "OK"});
    assert_eq!(run.json()["sip"], sip);
    server.wait();
}

#[test]
fn a_server_that_takes_none_of_our_suites_is_told_with_what_it_may_have_wanted() {
    let tls12 = ("sec-protocol", "TLSv12");
    let theirs = ("cipher-list", "ECDHE-ECDSA-AES128-GCM-SHA256");
    let mut listener = Listener::start(&["--json"], &with(&SERVER, &[tls12, theirs]));
    let ours = ("cipher-list", "ECDHE-ECDSA-AES256-GCM-SHA384:AES128-SHA");
    let run = connect(listener.address, &["--json"], &[tls12, ours]);
    assert_eq!((run.exit, &run.json()["result"]), (1, &json!("refused")));
    let error = run.json()["error"].as_str().unwrap().to_owned();
    assert!(
        error.starts_with(
            "the peer refused the connection: TLS alert handshake_failure (40): the peer refused our only suite"
        ) && error.contains("AES128-SHA, which is not offered: static RSA key exchange"),
        "{error}"
    );
    let theirs = listener.json();
    let error = theirs["error"].as_str().unwrap();
    assert!(
        error.contains("the peer offers none of our suites"),
        "{error}"
    );
}

/// The list has no suite of TLS 1.2 that is supported.
#[test]
fn tls_1_2_is_never_off_without_a_word() {
    let list = ("cipher-list", "kRSA");
    let why = "`cipher-list`: TLS 1.2 is off: no suite of the list can be used: ";
    let mut listener = Listener::mutual(&["--json"]);
    let run = connect(listener.address, &["--json"], &[list]);
    assert_eq!(run.exit, 0, "{run:?}");
    assert!(
        run.stderr.starts_with(&format!("sip-tls: {why}")),
        "{run:?}"
    );
    listener.json();
    let one = ["listen", "--bind", "127.0.0.1:0", "--count", "0"];
    let run = run_with(&one, &with(&SERVER, &[list]));
    assert_eq!(run.exit, 0, "{run:?}");
    assert!(
        run.stderr.starts_with(&format!("sip-tls: {why}")),
        "{run:?}"
    );
    // If TLS 1.2 is the only version, it is an error.
    let run = connect(listener.address, &[], &[list, ("sec-protocol", "TLSv12")]);
    assert_eq!(run.exit, 2, "{run:?}");
    assert!(
        run.error().contains("no suite of the list can be used"),
        "{run:?}"
    );
}

#[test]
fn a_server_that_goes_right_after_the_handshake_is_suspicious() {
    let server = Server::start(Script::Leave, &[]);
    let run = connect(server.address, &["--json", "--no-sip"], &[]);
    assert_eq!((run.exit, &run.json()["result"]), (0, &json!("connected")));
    let note = "the server closed the connection right after the handshake; it may have refused \
                our certificate";
    assert_eq!(run.json()["note"], note);
    server.wait();
}

#[test]
fn the_certificates_of_the_server_are_shown_and_saved_even_if_it_is_refused() {
    let mut listener = Listener::mutual(&["--json"]);
    let path = file("saved.pem", "");
    let save = ["--show-certs", "--save-certs", path.to_str().unwrap()];
    for (changes, exit) in [
        (&[][..], 0),
        (&[("tls-target-name", "other.example.com")], 1),
    ] {
        std::fs::write(&path, "").unwrap();
        let run = connect(listener.address, &save, changes);
        assert_eq!(run.exit, exit, "{run:?}");
        listener.json();
        for part in [
            "certificate 0\n  subject  CN=good\n  issuer   CN=Test Intermediate\n  serial   14\n",
            "  valid    2020-01-01 to 2090-01-01\n  names    DNS:sip.example.com\n  key      EC, 256 bits\n  SHA-256  ",
            "certificate 1\n  subject  CN=Test Intermediate\n",
        ] {
            assert!(
                run.stdout.contains(part),
                "{part:?} is not in {}",
                run.stdout
            );
        }
        let saved = std::fs::read(&path).unwrap();
        assert_eq!(
            saved,
            std::fs::read(TestPki::get().path("good.pem")).unwrap()
        );
    }
    let nowhere = ["--save-certs", "/no/such/folder/x.pem"];
    let run = connect(listener.address, &nowhere, &[]);
    assert_eq!(run.exit, 2, "{run:?}");
}

#[test]
fn secrets_are_logged_only_where_the_environment_says_and_never_in_silence() {
    let mut listener = Listener::mutual(&["--json"]);
    let log = file("secrets.log", "");
    std::fs::remove_file(&log).unwrap();
    let mut words = arguments(&["connect", "--server", HOST], &PHONE);
    words.extend(["--connect-to".to_owned(), listener.address.to_string()]);
    for is_set in [false, true] {
        let mut command = command(&words);
        command.env_remove("SSLKEYLOGFILE");
        if is_set {
            command.env("SSLKEYLOGFILE", &log);
        }
        let run = Run::of(&child::output(&mut command));
        assert_eq!(run.exit, 0, "{run:?}");
        listener.json();
        assert_eq!(
            run.stderr.contains("SSLKEYLOGFILE is set: "),
            is_set,
            "{run:?}"
        );
        assert_eq!(log.exists(), is_set);
    }
    let secrets = std::fs::read_to_string(&log).unwrap();
    assert!(
        secrets.contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET "),
        "{secrets}"
    );
}

#[test]
fn the_steps_of_a_handshake_are_told_on_both_sides_if_they_are_asked_for() {
    let mut listener = Listener::mutual(&["-v"]);
    let run = connect(listener.address, &["-v"], &[]);
    assert_eq!(run.exit, 0, "{run:?}");
    for part in [
        "sip.example.com:5061: TCP connected to ",
        "ClientHello: TLS 1.3 at most, ",
        ", SNI sip.example.com\n",
        "ServerHello: TLS 1.3\n",
        "certificate of the peer: CN = good < CN = Test Intermediate < CN = Test Root: accepted\n",
        "the peer signed the handshake with ECDSA_NISTP256_SHA256\n",
        "we sign the handshake with ECDSA_NISTP256_SHA256\n",
        "the server asks for a certificate, and names 1 CAs: ours was sent\n",
        ": TLS 1.3, TLS_AES_256_GCM_SHA384, group X25519\n",
    ] {
        assert!(
            run.stderr.contains(part),
            "{part:?} is not in {}",
            run.stderr
        );
    }
    assert!(
        !run.stderr.contains("suites: "),
        "that is for -vv: {}",
        run.stderr
    );
    listener.line();
    let more = connect(
        listener.address,
        &["-vv"],
        &[("tls-target-name", "other.example.com")],
    );
    assert_eq!(more.exit, 1);
    for part in [
        "suites: TLS_AES_256_GCM_SHA384 ",
        "groups: X25519 ",
        "refused: hostname mismatch (62) at depth 0",
        "handshake failed after ",
    ] {
        assert!(
            more.stderr.contains(part),
            "{part:?} is not in {}",
            more.stderr
        );
    }
    let quiet = connect(listener.address, &[], &[]);
    assert_eq!(quiet.stderr, "");

    let mut words = arguments(&["connect", "--server", HOST], &PHONE);
    words.extend(["--connect-to".to_owned(), listener.address.to_string()]);
    let mut logging = command(&words);
    logging.env("RUST_LOG", "sip_tls::handshake=debug");
    let logged = Run::of(&child::output(&mut logging)).stderr;
    assert!(
        logged.contains(" DEBUG sip_tls::handshake: #1: ServerHello: TLS 1.3\n"),
        "{logged}"
    );
}
