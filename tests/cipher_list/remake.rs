//! Remakes the recorded answers with the OpenSSL of this machine.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::records::{self, Answer};
use super::{EVERY_SUITE, path, recorded};
use crate::child;

#[test]
#[ignore = "remakes the recorded answers, with OpenSSL 3.0"]
fn remake_the_recorded_answers() {
    let version = openssl(&["version"], b"");
    assert!(
        version.unwrap().starts_with("OpenSSL 3.0."),
        "the answers are those of 3.0"
    );
    for name in ["tricky.txt", "real-world.txt", "random.txt"] {
        rewrite(name, |text| {
            numbers(openssl(&["ciphers", "-V", "-ciphersuites", "", "--"], text))
        });
    }
    rewrite("ciphersuites.txt", |names| {
        let names = String::from_utf8(names.to_vec()).unwrap();
        let mut all = numbers(openssl(&["ciphers", "-V", "-ciphersuites", &names], b"ALL"))?;
        all.retain(|number| number >> 8 == 0x13);
        Ok(all)
    });
    rewrite("levels.txt", |text| {
        let would_negotiate = [
            "ciphers",
            "-s",
            "-psk",
            "-srp",
            "-V",
            "-ciphersuites",
            TLS13,
        ];
        numbers(openssl(&would_negotiate, text))
    });
    remake_suites();
}

fn remake_suites() {
    let every = |style| {
        let arguments = ["ciphers", style, "-ciphersuites", TLS13];
        openssl(&arguments, EVERY_SUITE.as_bytes()).unwrap()
    };
    let (facts, names) = (every("-V"), every("-stdname"));
    let lines = facts.lines().zip(names.lines()).map(|(facts, names)| {
        let facts = facts.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = names.split_whitespace().next().unwrap();
        format!("{facts} {name}\n")
    });
    fs::write(path("suites.txt"), lines.collect::<String>()).unwrap();
}

fn rewrite(name: &str, ask: impl Fn(&[u8]) -> Answer) {
    fs::write(path(name), answer_again(&recorded(name), ask)).unwrap();
}

/// Returns the file with the same questions and new answers.
fn answer_again(file: &str, ask: impl Fn(&[u8]) -> Answer) -> String {
    let mut remade = String::new();
    for line in file.lines().filter(|line| records::answer(line).is_none()) {
        remade += line;
        remade += "\n";
        if let Some(text) = records::question(line) {
            remade += &match ask(&text) {
                Ok(suites) => {
                    let numbers = suites.iter().map(|number| format!(" {number:04X}"));
                    format!("={}\n", numbers.collect::<String>())
                }
                Err(reason) => format!("! {reason}\n"),
            };
        }
    }
    remade
}

/// Returns the lines that `openssl` prints for a string, or its reason to refuse it.
fn openssl(arguments: &[&str], text: &[u8]) -> Result<String, String> {
    let mut command = child::command("openssl");
    command.args(arguments);
    if arguments.len() > 1 {
        command.arg(OsStr::from_bytes(text));
    }
    let output = child::output(&mut command);
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let known = ["invalid command", "no cipher match"];
    let reason = known.into_iter().find(|reason| errors.contains(reason));
    Err(reason
        .unwrap_or_else(|| panic!("a known reason: {errors}"))
        .to_owned())
}

/// The numbers of the suites in lines such as `0xC0,0x2C - ECDHE-ECDSA-AES256-GCM-SHA384 ...`.
fn numbers(lines: Result<String, String>) -> Answer {
    let number = |line: &str| {
        let digits = line
            .split_whitespace()
            .next()
            .unwrap()
            .replace("0x", "")
            .replace(',', "");
        u16::from_str_radix(&digits, 16).unwrap()
    };
    Ok(lines?.lines().map(number).collect())
}

const TLS13: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:\
    TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
