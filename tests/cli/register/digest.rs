//! Passwords for digest authentication.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

use super::super::program::{file, run};
use super::phone::Phone;
use super::registrar::{Heard, Registrar, Reply, header};

const PASSWORD: &str = "s3cr\u{e9}t word";

fn hash(algorithm: &str, text: &str) -> String {
    let bytes = match algorithm {
        "MD5" => Md5::digest(text).to_vec(),
        "SHA-256" => Sha256::digest(text).to_vec(),
        "SHA-512-256" => Sha512_256::digest(text).to_vec(),
        other => panic!("{other}"),
    };
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The parameters of an Authorization header.
fn parameters(value: &str) -> HashMap<&str, &str> {
    let list = value.strip_prefix("Digest ").expect(value);
    let pairs = list.split(", ").map(|pair| {
        let (name, value) = pair.split_once('=').expect(pair);
        (name, value.trim_matches('"'))
    });
    pairs.collect()
}

/// The response by RFC 7616, from the password and the client's parameters.
fn expected(algorithm: &str, user: &str, said: &HashMap<&str, &str>) -> String {
    let h = |text: &str| hash(algorithm, text);
    let secret = h(&format!("{user}:{}:{PASSWORD}", said["realm"]));
    let request = h(&format!("REGISTER:{}", said["uri"]));
    let (nonce, nc) = (said["nonce"], said["nc"]);
    h(&format!(
        "{secret}:{nonce}:{nc}:{}:auth:{request}",
        said["cnonce"]
    ))
}

fn challenge(algorithm: &str, nonce: &str, more: &str) -> String {
    format!(
        "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"{nonce}\", algorithm={algorithm}, \
         qop=\"auth,auth-int\", opaque=\"o\"{more}\r\n"
    )
}

/// A registrar that sends these challenges, and checks the answers to the one with this algorithm.
fn asking(challenges: String, algorithm: &'static str) -> impl FnMut(usize, &str) -> Reply + Send {
    let mut used = 0;
    move |_, request| {
        let value = request
            .lines()
            .find_map(|line| line.strip_prefix("Authorization: "));
        let Some(value) = value else {
            return Reply::Answer("401 Unauthorized", challenges.clone());
        };
        let said = parameters(value);
        assert_eq!((said["uri"], said["opaque"]), ("sip:sip.example.com", "o"));
        assert_eq!(said["algorithm"], algorithm);
        let count = u32::from_str_radix(said["nc"], 16).unwrap();
        assert_eq!(count, used + 1, "nonces are counted");
        used = count;
        match said["response"] == expected(algorithm, said["username"], &said) {
            true => Reply::grant(2),
            false => Reply::Answer("403 Forbidden", String::new()),
        }
    }
}

fn password_file(name: &str, content: &str) -> String {
    file(name, content).display().to_string()
}

#[test]
fn the_password_is_answered_for_in_every_algorithm_and_the_nonce_is_used_again() {
    let md5 = challenge("MD5", "one", "");
    let (sha256, sha512) = (
        challenge("SHA-256", "two", ""),
        challenge("SHA-512-256", "three", ""),
    );
    let cases = [
        ("MD5", md5.clone()),
        ("SHA-256", format!("{md5}{sha256}")),
        ("SHA-256", format!("{sha256}{md5}")),
        ("SHA-512-256", format!("{sha256}{sha512}{md5}")),
    ];
    for (algorithm, challenges) in cases {
        let registrar = Registrar::start(asking(challenges, algorithm));
        let file = password_file("register-password", &format!("{PASSWORD}\r\nSECOND\n"));
        let words = ["--auth-user", "alice", "--auth-password-file", &file];
        let phone = Phone::start(registrar.address, &words);
        assert_eq!(phone.change(), "registered, expires in 2 s");
        let without = registrar.message();
        assert!(!without.contains("Authorization: "), "{without}");
        let mut last = registrar.message();
        assert!(last.contains("username=\"alice\""), "{last}");
        // The next two requests have the right response at the first try.
        for count in ["nc=00000002", "nc=00000003"] {
            last = registrar.message();
            assert!(last.contains(count), "{last}");
        }
        assert_eq!(header(&last, "CSeq"), "4 REGISTER");
        let end = phone.end();
        assert_eq!(end.exit, Some(0), "{end:?}");
        assert_eq!(end.lines, ["4021 at sip.example.com:5061: unregistered"]);
    }
}

#[test]
fn the_environment_may_have_the_password_and_the_line_the_name() {
    let registrar = Registrar::start(asking(challenge("MD5", "n", ""), "MD5"));
    let mut command = Phone::command(registrar.address, &["--json"]);
    let phone = Phone::of(command.env("SIP_TLS_AUTH_PASSWORD", PASSWORD));
    phone.wait_for("registered");
    registrar.message();
    assert!(registrar.message().contains("username=\"4021\""));
}

#[test]
fn a_wrong_password_is_said_once_and_the_registrar_left_alone() {
    // Two registrars refuse with another challenge, the first of them with a new nonce each time. One refuses with 403.
    let by_challenge = |number: usize, _: &str| {
        let nonce = format!("n{number}");
        Reply::Answer("401 Unauthorized", challenge("MD5", &nonce, ""))
    };
    let same = |_: usize, _: &str| Reply::Answer("401 Unauthorized", challenge("MD5", "n", ""));
    let text = "the registrar refused the user name `4021` or the password (realm `example.com`); next attempt in ";
    let forbidden = "the registrar answered REGISTER with 403 Forbidden; next attempt in ";
    let registrars = [
        (Registrar::start(by_challenge), text),
        (Registrar::start(same), text),
        (
            Registrar::start(asking(challenge("MD5", "n", ""), "MD5")),
            forbidden,
        ),
    ];
    for (registrar, error) in registrars {
        let mut command = Phone::command(registrar.address, &["--retry", "0.1", "-vv"]);
        let phone = Phone::of(command.env("SIP_TLS_AUTH_PASSWORD", "wr0ng-secret"));
        let change = phone.change();
        let pause: u32 = change
            .strip_prefix(error)
            .and_then(|rest| rest.strip_suffix(" s"))
            .expect(&change)
            .parse()
            .unwrap();
        assert!((900..=1800).contains(&pause), "{pause}");
        registrar.message();
        registrar.message();
        registrar.wait_for(&Heard::End);
        assert!(registrar.is_left_alone(Duration::from_millis(700)));
        let end = phone.end();
        assert_eq!(end.exit, Some(1), "{end:?}");
        assert!(!format!("{end:?}").contains("wr0ng-secret"), "{end:?}");
    }
}

#[test]
fn a_nonce_that_ran_out_is_no_wrong_password() {
    let file = password_file("register-stale", PASSWORD);
    let nonces = Arc::new(Mutex::new(Vec::new()));
    let seen = nonces.clone();
    let registrar = Registrar::start(move |number, request| {
        let value = request
            .lines()
            .find_map(|line| line.strip_prefix("Authorization: "));
        if let Some(value) = value {
            seen.lock()
                .unwrap()
                .push(parameters(value)["nonce"].to_owned());
        }
        match number {
            0 => Reply::Answer("401 Unauthorized", challenge("MD5", "a", "")),
            1 => Reply::Answer("401 Unauthorized", challenge("MD5", "b", ", stale=true")),
            // Later the registrar forgets the nonce without `stale=true`.
            3 => Reply::Answer("401 Unauthorized", challenge("MD5", "c", "")),
            _ => {
                let next = "Authentication-Info: nextnonce=\"d\"\r\n";
                Reply::Answer(
                    "200 OK",
                    format!("Expires: 1\r\n{}", if number == 4 { next } else { "" }),
                )
            }
        }
    });
    let phone = Phone::start(registrar.address, &["--auth-password-file", &file]);
    assert_eq!(phone.change(), "registered, expires in 1 s");
    for _ in 0..6 {
        registrar.message();
    }
    assert_eq!(nonces.lock().unwrap()[..5], ["a", "b", "b", "c", "d"]);
}

#[test]
fn a_proxy_may_ask_too() {
    let file = password_file("register-proxy", PASSWORD);
    let registrar = Registrar::start(|_, request| {
        match (
            request.contains("Proxy-Authorization: "),
            request.contains("\r\nAuthorization: "),
        ) {
            (true, true) => Reply::grant(600),
            (true, false) => Reply::Answer("401 Unauthorized", challenge("MD5", "n", "")),
            _ => {
                let of_proxy = challenge("SHA-256", "p", "").replace("WWW-", "Proxy-");
                Reply::Answer("407 Proxy Authentication Required", of_proxy)
            }
        }
    });
    let phone = Phone::start(registrar.address, &["--auth-password-file", &file]);
    assert_eq!(phone.change(), "registered, expires in 600 s");
}

#[test]
fn a_question_for_a_password_that_is_not_given_names_the_option() {
    let registrar = Registrar::start(asking(challenge("MD5", "n", ""), "MD5"));
    let phone = Phone::start(registrar.address, &["--json"]);
    let change = phone.wait_for("refused");
    let error = change["error"].as_str().unwrap();
    assert!(
        error.contains("(realm `example.com`): give the name with `--auth-user`"),
        "{error}"
    );
    let end = phone.end();
    assert_eq!(end.exit, Some(1));
}

#[test]
fn a_question_that_nobody_can_answer_is_told() {
    let file = password_file("register-odd", PASSWORD);
    for (headers, why) in [
        (String::new(), "it sent no challenge"),
        (
            "WWW-Authenticate: Basic realm=\"r\"\r\n".to_owned(),
            "`Basic` is not supported, only Digest",
        ),
        (
            challenge("AKAv1-MD5", "n", ""),
            "unknown algorithm \"AKAv1-MD5\"",
        ),
    ] {
        let registrar =
            Registrar::start(move |_, _| Reply::Answer("401 Unauthorized", headers.clone()));
        let phone = Phone::start(registrar.address, &["--auth-password-file", &file]);
        let change = phone.change();
        let error = "the registrar asks for a password in a way that is not supported: ";
        assert!(change.starts_with(&format!("{error}{why}; ")), "{change}");
    }
}

#[test]
fn a_password_that_cannot_be_used_is_exit_code_2() {
    let empty = password_file("register-empty", "\nsecond\n");
    let path = file("register-binary", [0xff, 0xfe, b'\n']);
    let binary = path.display().to_string();
    let start = [
        "connect",
        "--register",
        "--server",
        "a",
        "--user",
        "1",
        "-o",
        "trusted-ca=webpki-roots",
    ];
    let cases: [(&[&str], &str); 4] = [
        (
            &["--auth-password-file", "/no/such/file"],
            "cannot read the password from /no/such/file: ",
        ),
        (&["--auth-password-file", &empty], "register-empty is empty"),
        (
            &["--auth-password-file", &binary],
            "register-binary is not UTF-8",
        ),
        (
            &["--auth-user", "alice"],
            "`--auth-user` is given, but no password",
        ),
    ];
    for (words, error) in cases {
        let run = run(start.iter().chain(words));
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.error().contains(error), "{run:?}");
    }
}
