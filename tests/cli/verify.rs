use std::process::Command;

use serde_json::{Value, json};

use super::program::{Run, file, run};
use crate::child;
use crate::endpoint::test_pki::{NOW, TestPki};

/// Verifies files of the test PKI. A word that names such a file is replaced by its path.
#[track_caller]
fn verify(words: &[&str]) -> Run {
    let place = |word: &&str| match word.rsplit_once('.') {
        Some((_, "pem" | "crl" | "key")) => TestPki::get().path(word).display().to_string(),
        _ => (*word).to_owned(),
    };
    let words: Vec<_> = ["verify"].iter().chain(words).map(place).collect();
    run(words)
}

/// The arguments, and the line that is printed. An empty line stands for `OK`.
const CASES: &[(&[&str], &str)] = &[
    (&["good.pem"], ""),
    (&["--crl", "current.crl", "good.pem"], ""),
    (
        &["--crl", "current.crl", "revoked.pem"],
        "error 23 at depth 0: certificate revoked (X509_V_ERR_CERT_REVOKED)",
    ),
    (&["--crl", "older.crl", "revoked.pem"], ""),
    (
        &["--crl", "older.crl", "--crl", "current.crl", "revoked.pem"],
        "error 23 at depth 0: certificate revoked (X509_V_ERR_CERT_REVOKED)",
    ),
    (
        &["--crl", "expired.crl", "good.pem"],
        "error 12 at depth 0: CRL has expired (X509_V_ERR_CRL_HAS_EXPIRED)",
    ),
    (
        &["--crl", "stranger.crl", "good.pem"],
        "error 3 at depth 0: unable to get certificate CRL (X509_V_ERR_UNABLE_TO_GET_CRL)",
    ),
    (
        &["--crl", "forged.crl", "good.pem"],
        "error 8 at depth 0: CRL signature failure (X509_V_ERR_CRL_SIGNATURE_FAILURE)",
    ),
    (
        &["--crl", "current.crl", "--crl-depth", "chain", "good.pem"],
        "error 3 at depth 1: unable to get certificate CRL (X509_V_ERR_UNABLE_TO_GET_CRL)",
    ),
    (
        &["--crl", "all.crl", "--crl-depth", "chain", "good.pem"],
        "",
    ),
    (
        &[
            "--crl",
            "intermediate-revoked.crl",
            "--crl-depth",
            "end-entity",
            "good.pem",
        ],
        "",
    ),
    (
        &[
            "--crl",
            "intermediate-revoked.crl",
            "--crl-depth",
            "covered",
            "good.pem",
        ],
        "error 23 at depth 1: certificate revoked (X509_V_ERR_CERT_REVOKED)",
    ),
    (
        &["--crl", "intermediate-revoked.crl", "good.pem"],
        "error 23 at depth 1: certificate revoked (X509_V_ERR_CERT_REVOKED)",
    ),
    (&["--host", "sip.example.com", "good.pem"], ""),
    (
        &["--host", "other.example.com", "good.pem"],
        "error 62 at depth 0: hostname mismatch (X509_V_ERR_HOSTNAME_MISMATCH)",
    ),
    (&["--host", "192.0.2.7", "address.pem"], ""),
    (
        &["--host", "192.0.2.8", "address.pem"],
        "error 64 at depth 0: IP address mismatch (X509_V_ERR_IP_ADDRESS_MISMATCH)",
    ),
    (&["--sip-domain", "Example.com", "sip-domain.pem"], ""),
    (&["--sip-domain", "sip.example.com", "good.pem"], ""),
    (&["--sip-domain", "192.0.2.7", "address.pem"], ""),
    (&["--sip-domain", "example.com", "sip-purpose.pem"], ""),
    (
        &["--sip-domain", "edge7.provider.net", "sip-domain.pem"],
        "error 62 at depth 0: hostname mismatch: its SIP domain is `sip:example.com` (RFC 5922) (X509_V_ERR_HOSTNAME_MISMATCH)",
    ),
    (
        &["--sip-domain", "sip.example.com", "wildcard.pem"],
        "error 62 at depth 0: hostname mismatch: its SIP domain is `*.example.com` (RFC 5922) (X509_V_ERR_HOSTNAME_MISMATCH)",
    ),
    (
        &["--host", "example.com", "sip-purpose.pem"],
        "error 26 at depth 0: unsuitable certificate purpose (X509_V_ERR_INVALID_PURPOSE)",
    ),
    (
        &["--purpose", "client", "server-only.pem"],
        "error 26 at depth 0: unsuitable certificate purpose (X509_V_ERR_INVALID_PURPOSE)",
    ),
    (&["--purpose", "server", "server-only.pem"], ""),
    (
        &["client-only.pem"],
        "error 26 at depth 0: unsuitable certificate purpose (X509_V_ERR_INVALID_PURPOSE)",
    ),
    (
        &["expired.pem"],
        "error 10 at depth 0: certificate has expired (X509_V_ERR_CERT_HAS_EXPIRED)",
    ),
    (&["--at", "1700000000", "expired.pem"], ""),
    (&["--at", "1893456000", "good-in-2030.pem"], ""),
    (
        &["--at", "1000000000", "good.pem"],
        "error 9 at depth 2: certificate is not yet valid (X509_V_ERR_CERT_NOT_YET_VALID)",
    ),
    (
        &["lone.pem"],
        "error 20 at depth 0: unable to get local issuer certificate (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)",
    ),
    (&["--trusted-ca", "intermediate.pem", "lone.pem"], ""),
    (
        &["unknown.pem"],
        "error 19 at depth 1: self-signed certificate in certificate chain (X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)",
    ),
    (&["--trusted-ca", "stranger.pem", "unknown.pem"], ""),
];

#[test]
fn a_chain_is_ok_or_has_openssls_error() {
    for (words, error) in CASES {
        let run = verify(&[&["--trusted-ca", "root.pem"], *words].concat());
        if error.is_empty() {
            let chain = TestPki::get().path(words.last().unwrap());
            let expected = format!("{}: OK\n", chain.display());
            assert_eq!((run.exit, run.stdout), (0, expected), "{words:?}");
        } else {
            assert_eq!(
                (run.exit, run.stdout),
                (1, format!("{error}\n")),
                "{words:?}"
            );
        }
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn openssl_verify_says_the_same() {
    if !child::is_found("openssl") {
        return;
    }
    for (words, error) in CASES {
        let mut command = child::command("openssl");
        command
            .args(["verify", "-CAfile"])
            .arg(TestPki::get().path("root.pem"));
        if !translate(words, &mut command) {
            continue;
        }
        let output = child::output(&mut command);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        match error.split_once(" (") {
            None => assert!(text.ends_with(": OK\n"), "{words:?}: {text}"),
            Some((line, _)) => {
                let line = line
                    .replace("at depth ", "at ")
                    .replacen(':', " depth lookup:", 1);
                assert!(text.contains(&line), "{words:?}: {text}");
            }
        }
    }
}

/// Translates `words` for `openssl verify`. Returns `false` if OpenSSL has no equivalent.
fn translate(words: &[&str], command: &mut Command) -> bool {
    let pki = TestPki::get();
    let (chain, options) = words.split_last().unwrap();
    let has_lists = options.contains(&"--crl");
    let has_depth = options.contains(&"--crl-depth");
    let purpose = match options.contains(&"client") {
        true => "sslclient",
        false => "sslserver",
    };
    command.args(["-purpose", purpose]);
    for option in options.chunks(2) {
        match option {
            ["--crl", list] => command.arg("-CRLfile").arg(pki.path(list)),
            ["--crl-depth", "chain"] => command.args(["-crl_check", "-crl_check_all"]),
            ["--crl-depth", "end-entity"] => command.arg("-crl_check"),
            ["--crl-depth", _] => return false,
            // OpenSSL has no such check.
            ["--sip-domain", _] => return false,
            ["--host", name] if name.starts_with("192.") => command.args(["-verify_ip", name]),
            ["--host", name] => command.args(["-verify_hostname", name]),
            ["--at", time] => command.args(["-attime", time]),
            ["--trusted-ca", file] => command.arg("-CAfile").arg(pki.path(file)),
            _ => command,
        };
    }
    let is_revoked_above = options.contains(&"intermediate-revoked.crl") && !has_depth;
    if is_revoked_above || options.contains(&"--trusted-ca") {
        // OpenSSL does not have our default depth, and takes only one -CAfile.
        return false;
    }
    if has_lists && !has_depth {
        command.arg("-crl_check");
    }
    command
        .arg("-untrusted")
        .arg(pki.path(chain))
        .arg(pki.path(chain));
    true
}

#[test]
fn json_has_the_code_the_depth_and_all_findings() {
    let at = NOW.to_string();
    let words = ["--trusted-ca", "root.pem", "--json", "--at", &at];
    let run = verify(
        &[
            &words[..],
            &[
                "--crl",
                "current.crl",
                "--host",
                "sip.example.com",
                "good.pem",
            ],
        ]
        .concat(),
    );
    let found = run.json();
    assert_eq!(run.exit, 0);
    assert_eq!(found["openssl"], json!({"code": 0, "name": "X509_V_OK"}));
    assert_eq!(
        (&found["depth"], &found["error"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(
        found["path"],
        json!(["CN = good", "CN = Test Intermediate", "CN = Test Root"])
    );
    assert_eq!(found["matched_name"], "sip.example.com");
    assert_eq!(found["revocation_list"], "CN = Test Intermediate");

    let run = verify(
        &[
            &words[..],
            &[
                "--crl",
                "current.crl",
                "--host",
                "sip.example.com",
                "rotten.pem",
            ],
        ]
        .concat(),
    );
    let found = run.json();
    assert_eq!(run.exit, 1);
    assert_eq!(
        found["openssl"],
        json!({"code": 62, "name": "X509_V_ERR_HOSTNAME_MISMATCH"})
    );
    assert_eq!(found["depth"], 0);
    assert_eq!(
        found["error"],
        "error 62 at depth 0: hostname mismatch (X509_V_ERR_HOSTNAME_MISMATCH)"
    );
    let codes: Vec<_> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["openssl"]["code"].as_u64().unwrap())
        .collect();
    assert_eq!(codes, [62, 23, 10]);
}

#[test]
fn verbose_tells_of_the_path_and_everything_found() {
    let words = [
        "--trusted-ca",
        "root.pem",
        "-v",
        "--crl",
        "current.crl",
        "--host",
        "sip.example.com",
    ];
    let text = verify(&[&words[..], &["rotten.pem"]].concat()).stdout;
    let expected = "error 62 at depth 0: hostname mismatch (X509_V_ERR_HOSTNAME_MISMATCH)
  depth 0  CN = rotten
  depth 1  CN = Test Intermediate
  depth 2  CN = Test Root
  found    error 62 at depth 0: hostname mismatch (X509_V_ERR_HOSTNAME_MISMATCH)
  found    error 23 at depth 0: certificate revoked (X509_V_ERR_CERT_REVOKED), according to the list
           of CN = Test Intermediate
  found    error 10 at depth 0: certificate has expired (X509_V_ERR_CERT_HAS_EXPIRED)
";
    assert_eq!(text, expected);
    let text = verify(&[&words[..], &["good.pem"]].concat()).stdout;
    assert!(
        text.contains("\n  name        matches sip.example.com\n"),
        "{text}"
    );
    assert!(
        text.contains(
            "\n  revocation  not revoked according to the list of CN = Test Intermediate\n"
        ),
        "{text}"
    );
}

#[test]
fn a_der_file_is_a_chain_of_one() {
    let der = file("good.der", &TestPki::get().good.chain[0]);
    let words = [
        "--trusted-ca",
        "root.pem",
        "--trusted-ca",
        "intermediate.pem",
    ];
    let run = verify(&[&words[..], &[der.to_str().unwrap()]].concat());
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
}

#[test]
fn files_that_cannot_be_used_are_exit_code_2() {
    let cases: [(&[&str], &str); 8] = [
        (
            &["good.pem"],
            "there is no trusted certificate; name CAs with `--trusted-ca`",
        ),
        (
            &["--trusted-ca", "root.pem"],
            "the following required arguments were not provided: <CHAIN>...",
        ),
        (
            &["--trusted-ca", "root.pem", "no-such-file"],
            "cannot read no-such-file: ",
        ),
        (
            &["--trusted-ca", "no-such-file", "good.pem"],
            "`--trusted-ca`: cannot read no-such-file: ",
        ),
        (
            &["--trusted-ca", "good.key", "good.pem"],
            "holds a private key instead of a certificate",
        ),
        (
            &["--trusted-ca", "root.pem", "--crl", "root.pem", "good.pem"],
            "`--crl`: ",
        ),
        (
            &[
                "--trusted-ca",
                "root.pem",
                "--crl-depth",
                "deep",
                "good.pem",
            ],
            "invalid value 'deep' for '--crl-depth <WHICH>' [possible values: end-entity, covered, chain]",
        ),
        (
            &["--trusted-ca", "root.pem", "--at", "noon", "good.pem"],
            "noon",
        ),
    ];
    for (words, error) in cases {
        let run = verify(words);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.error().contains(error), "{run:?}");
    }
    let run = verify(&["--json", "good.pem"]);
    assert_eq!(
        run.json()["error"],
        "there is no trusted certificate; name CAs with `--trusted-ca`"
    );
}

#[test]
fn several_chains_have_a_line_each_and_the_worst_exit_code() {
    let good = verify(&["--trusted-ca", "root.pem", "good.pem", "rsa.pem"]);
    assert_eq!(good.exit, 0, "{good:?}");
    let lines: Vec<_> = good.stdout.lines().collect();
    assert!(
        lines.len() == 2 && lines.iter().all(|line| line.ends_with(".pem: OK")),
        "{good:?}"
    );

    let words = [
        "--trusted-ca",
        "root.pem",
        "good.pem",
        "expired.pem",
        "rsa.pem",
    ];
    let mixed = verify(&words);
    assert_eq!(mixed.exit, 1, "{mixed:?}");
    let lines: Vec<_> = mixed.stdout.lines().collect();
    assert!(
        lines[0].ends_with("good.pem: OK") && lines[2].ends_with("rsa.pem: OK"),
        "{mixed:?}"
    );
    assert!(
        lines[1].contains("expired.pem: error 10 at depth 0: "),
        "{mixed:?}"
    );

    let json = verify(&[&["--json"][..], &words].concat());
    let codes = json.stdout.lines().map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        record["openssl"]["code"].as_u64().unwrap()
    });
    assert_eq!(codes.collect::<Vec<_>>(), [0, 10, 0]);
}

#[test]
fn untrusted_certificates_complete_a_chain_and_are_not_trusted() {
    let words = [
        "--trusted-ca",
        "root.pem",
        "--untrusted",
        "intermediate.pem",
    ];
    assert_eq!(verify(&[&words[..], &["lone.pem"]].concat()).exit, 0);
    let words = [
        "--trusted-ca",
        "stranger.pem",
        "--untrusted",
        "root-and-intermediate.pem",
    ];
    let refused = verify(&[&words[..], &["lone.pem"]].concat());
    assert!(
        refused.stdout.starts_with("error 19 at depth 2: "),
        "{refused:?}"
    );
}

#[test]
fn a_chain_may_come_from_standard_input() {
    let pki = TestPki::get();
    let root = pki.path("root.pem").display().to_string();
    let piped = |input: &std::path::Path| {
        let mut command = super::program::command(["verify", "--trusted-ca", &root, "-"]);
        command.stdin(std::fs::File::open(input).unwrap());
        Run::of(&child::output(&mut command))
    };
    assert_eq!(piped(&pki.path("good.pem")).stdout, "-: OK\n");
    let refused = piped(&pki.path("good.key"));
    let words = "standard input holds a private key instead of a certificate";
    assert_eq!((refused.exit, refused.error()), (2, words));
    // It may be as long as a file, and is not cut.
    let mut content = std::fs::read(pki.path("good.pem")).unwrap();
    content.resize(16 << 20, b'\n');
    assert_eq!(piped(&file("long.pem", &content)).stdout, "-: OK\n");
    content.push(b'\n');
    let refused = piped(&file("long.pem", &content));
    let words = "standard input is larger than 16 MiB";
    assert_eq!((refused.exit, refused.error()), (2, words));
}

#[test]
fn the_time_may_be_a_date_with_an_offset() {
    for (at, exit) in [
        ("2024-12-31T23:59:59Z", 0),
        ("2025-01-01T00:00:00Z", 1),
        ("2025-01-01T01:59:59+02:00", 0),
        ("2024-12-31T22:00:00-02:00", 1),
    ] {
        let run = verify(&["--trusted-ca", "root.pem", "--at", at, "expired.pem"]);
        assert_eq!(run.exit, exit, "{at}: {run:?}");
    }
}

#[test]
fn every_step_is_explained() {
    let words = [
        "--explain",
        "--trusted-ca",
        "root.pem",
        "--crl",
        "current.crl",
        "--host",
        "sip.example.com",
    ];
    let good = verify(&[&words[..], &["good.pem"]].concat());
    assert_eq!(good.exit, 0);
    for part in [
        "good.pem: OK depth 0: CN = good ok the peer sent it; serial 14; its issuer",
        " ok `sip.example.com` is expected, and `sip.example.com` matches it ",
        " depth 2: CN = Test Root ",
        "; it is self-signed, so the path ends here ",
    ] {
        let words: Vec<_> = good.stdout.split_whitespace().collect();
        let text = words.join(" ");
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    let refused = verify(&[&words[..], &["--json", "revoked.pem"]].concat()).json();
    let checks = refused["steps"][0]["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|c| c["outcome"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{checks:?}");
    let text = failed[0]["text"].as_str().unwrap();
    assert!(text.starts_with("certificate revoked (23); "), "{text}");
}
