use sip_tls::options::OPTIONS;

use super::program::run;

#[test]
fn every_command_explains_itself() {
    let all = run(["--help"]);
    assert_eq!((all.exit, all.stderr.as_str()), (0, ""));
    for command in [
        "demo", "check", "connect", "listen", "verify", "ciphers", "options",
    ] {
        assert!(all.stdout.contains(&format!("\n  {command} ")), "{all:?}");
        let usage = format!("\nUsage: sip-tls {command}");
        for words in [[command, "--help"], [command, "-h"], ["help", command]] {
            let help = run(words);
            assert_eq!((help.exit, help.stderr.as_str()), (0, ""));
            assert!(help.stdout.contains(&usage), "{help:?}");
            assert!(
                help.stdout.lines().all(|line| line.chars().count() <= 100),
                "{help:?}"
            );
        }
    }
    assert_eq!(run(["help"]).stdout, all.stdout);
}

#[test]
fn the_version_is_that_of_the_package() {
    for word in ["--version", "-V"] {
        let expected = format!("sip-tls {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(run([word]).stdout, expected);
    }
}

#[test]
fn a_command_line_that_says_nothing_is_unusable() {
    for words in [
        &[][..],
        &["frobnicate"],
        &["--frobnicate"],
        &["options", "x"],
        &["demo", "x"],
    ] {
        let run = run(words);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{words:?}");
        assert!(run.stderr.starts_with("sip-tls: "), "{run:?}");
    }
}

#[test]
fn the_options_are_those_of_the_table() {
    let text = run(["options"]).stdout;
    let json = run(["options", "--json"]).json();
    for (number, option) in OPTIONS.iter().enumerate() {
        assert!(text.contains(option.meaning), "{text}");
        assert_eq!(json["options"][number]["name"], option.name);
        assert_eq!(json["options"][number]["values"], option.values);
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let mut child = Command::new(env!("CARGO_BIN_EXE_sip-tls"))
        .args(["check", "-o", "trusted-ca=webpki-roots"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(
        (child.wait().unwrap().code(), stderr.as_str()),
        (Some(0), "")
    );
}
