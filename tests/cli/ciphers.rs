use std::ffi::OsString;

use serde_json::json;

use super::program::run;
use crate::child;

const STRINGS: &[&str] = &[
    "DEFAULT",
    "ALL",
    "HIGH:!aNULL:!MD5",
    "HIGH:!aNULL:-SHA:+RSA:@STRENGTH",
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM",
    "kRSA",
    "-ALL",
    "",
    "no-such-suite",
    "ALL:!",
    "SUITEB128",
    "@SECLEVEL=9",
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA265",
];

#[test]
fn the_line_is_that_of_openssl_and_so_is_the_reason() {
    if !child::is_found("openssl") {
        return;
    }
    let mut strings: Vec<OsString> = STRINGS.iter().map(OsString::from).collect();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        strings.push(OsString::from_vec(b"HIGH:\xff\xfe".to_vec()));
        strings.push(OsString::from_vec(b"HIGH:FOO\xff:!aNULL".to_vec()));
    }
    for string in strings {
        let ours = run([OsString::from("ciphers"), "--".into(), string.clone()]);
        let mut command = child::command("openssl");
        command.args(["ciphers", "-ciphersuites", "", "--"]);
        let theirs = child::output(command.arg(&string));
        let line = String::from_utf8(theirs.stdout).unwrap();
        let exit = theirs.status.code().unwrap();
        assert_eq!((ours.exit, &ours.stdout), (exit, &line), "{string:?}");
        if exit != 0 {
            let theirs = String::from_utf8_lossy(&theirs.stderr);
            let error = theirs.lines().find(|line| line.contains(":error:"));
            let reason = error.unwrap().split(':').nth(5).unwrap();
            assert!(
                ours.error().starts_with(reason),
                "{string:?}: {ours:?}, {reason}"
            );
        }
    }
}

#[test]
fn a_known_line_is_printed() {
    let run = run(["ciphers", "ECDHE+AESGCM:!AES256"]);
    let line = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256\n";
    assert_eq!(
        (run.exit, run.stdout.as_str(), run.stderr.as_str()),
        (0, line, "")
    );
}

#[test]
fn what_openssl_refuses_is_exit_code_1_and_a_missing_string_2() {
    let cases = [
        (
            "FOO",
            "no cipher match: no word of the list is known: `FOO`",
        ),
        ("ALL:!", "invalid command at byte 5, in `!`"),
    ];
    for (string, error) in cases {
        let run = run(["ciphers", string]);
        assert_eq!((run.exit, run.stdout.as_str(), run.error()), (1, "", error));
    }
    let missing = run(["ciphers"]);
    assert_eq!(
        (missing.exit, missing.error()),
        (
            2,
            "the following required arguments were not provided: <STRING>"
        )
    );
    let refused = run(["ciphers", "--json", "FOO"]);
    assert_eq!(
        (refused.exit, &refused.json()["reason"]),
        (1, &json!("no cipher match"))
    );
    assert_eq!(refused.json()["error"], refused.error());
    assert_eq!(refused.json()["rules"][0]["word"], "FOO");
}

#[test]
fn usable_leaves_what_is_offered_at_the_level_in_force() {
    let usable = |string: &str| run(["ciphers", "--usable", string]);
    let offered = usable("AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
    let line = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384\n";
    assert_eq!((offered.exit, offered.stdout.as_str()), (0, line));
    let strong = usable("ECDHE+AESGCM:@SECLEVEL=4");
    let line = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384\n";
    assert_eq!((strong.exit, strong.stdout.as_str()), (0, line));
    let nothing = usable("kRSA:!NULL");
    assert_eq!((nothing.exit, nothing.stdout.as_str()), (1, ""));
    assert!(
        nothing
            .error()
            .starts_with("no suite of the list can be used: static RSA key exchange ("),
        "{nothing:?}"
    );
    assert_eq!(usable("SUITEB128").exit, 1);
    let server = run([
        "ciphers",
        "--usable",
        "--server",
        "AESGCM+ECDHE+aRSA:DHE+AESGCM",
    ]);
    assert_eq!(
        server.stdout,
        "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256\n"
    );
}

#[test]
fn verbose_is_a_table_for_a_ticket() {
    let run = run([
        "ciphers",
        "-v",
        "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:ECDHE-RSA-AES128-GCM-SHA265",
    ]);
    let expected = "  suite                        protocol  Kx    Au   Enc          Mac   sip-tls
  ECDHE-RSA-AES128-GCM-SHA256  TLSv1.2   ECDH  RSA  AESGCM(128)  AEAD  offered
  AES256-SHA                   SSLv3     RSA   RSA  AES(256)     SHA1  no: static RSA key exchange

2 suites, 1 offered at security level 2
    1  static RSA key exchange
warning: `ECDHE-RSA-AES128-GCM-SHA265`: unknown, ignored; did you mean
         `ECDHE-RSA-AES128-GCM-SHA256`?
";
    assert_eq!((run.exit, run.stdout.as_str()), (0, expected));
}

#[test]
fn explain_goes_through_the_string_word_by_word() {
    let run = run([
        "ciphers",
        "--explain",
        "ECDHE+AESGCM:kRSA:!kRSA:FOO:@SECLEVEL=1",
    ]);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "  word          what it does");
    assert_eq!(lines[1], "  ECDHE+AESGCM  adds 4 suites");
    assert!(lines[2].starts_with("  kRSA          adds "), "{run:?}");
    assert!(lines[3].starts_with("  !kRSA         removes "), "{run:?}");
    assert_eq!(lines[4], "  FOO           unknown, ignored");
    assert_eq!(lines[5], "  @SECLEVEL=1   sets security level 1");
    assert_eq!(
        lines[7],
        "4 suites, 4 offered at security level 2, the lowest that is supported (`@SECLEVEL=1`)"
    );
}

#[test]
fn json_holds_all_of_it() {
    let run = run([
        "ciphers",
        "--json",
        "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:FOO:@SECLEVEL=1",
    ]);
    let found = run.json();
    assert_eq!(run.exit, 0);
    assert_eq!(found["openssl"], "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA");
    assert_eq!(found["usable"], json!(["ECDHE-RSA-AES128-GCM-SHA256"]));
    assert_eq!(
        (&found["security_level"], &found["asked_security_level"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(found["suite_b"], json!(null));
    let suite = json!({
        "name": "ECDHE-RSA-AES128-GCM-SHA256",
        "iana_name": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "number": "0xC02F",
        "protocol": "TLSv1.2",
        "kx": "ECDH",
        "au": "RSA",
        "enc": "AESGCM(128)",
        "mac": "AEAD",
        "strength_bits": 128,
        "usable": true,
        "reason": null,
    });
    assert_eq!(found["suites"][0], suite);
    assert_eq!(found["suites"][1]["reason"], "static RSA key exchange");
    assert_eq!(found["rules"][2]["word"], "FOO");
    assert_eq!(found["rules"][2]["doubtful"], true);
}
