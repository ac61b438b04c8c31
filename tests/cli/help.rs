use std::process::Stdio;

use sip_tls::options::OPTIONS;

#[cfg(target_os = "linux")]
use super::program::file;
use super::program::{command, run};
#[cfg(target_os = "linux")]
use crate::child;
use crate::child::Running;

#[test]
fn every_command_explains_itself() {
    let all = run(["--help"]);
    assert_eq!((all.exit, all.stderr.as_str()), (0, ""));
    for command in [
        "demo",
        "check",
        "connect",
        "listen",
        "verify",
        "ciphers",
        "options",
        "completions",
        "man",
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
fn the_version_says_what_the_program_was_built_with() {
    let version = format!("sip-tls {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(["-V"]).stdout, version);
    let text = run(["--version"]).stdout;
    assert!(text.starts_with(&(version + "provider: ")), "{text}");
    assert!(
        text.contains("\nfeatures: ") && text.contains("cli"),
        "{text}"
    );
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
    let mut command = command(["check", "-o", "trusted-ca=webpki-roots"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut program = Running::start(command.stdout(writer).stderr(Stdio::piped()));
    assert_eq!(program.stderr.rest(), "");
    assert_eq!(program.wait().code(), Some(0));
}

/// All flags of each command.
fn words() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        ("demo", &["--json"]),
        (
            "check",
            &[
                "--days",
                "--strict",
                "--connect",
                "--passphrase-file",
                "--json",
            ],
        ),
        (
            "connect",
            &[
                "--user",
                "--server",
                "--connect-to",
                "--no-sip",
                "--timeout",
                "--json",
                "--register",
                "--for",
                "--expires",
                "--keep-alive",
                "--retry",
                "--auth-user",
                "--auth-password-file",
            ],
        ),
        (
            "listen",
            &[
                "--bind",
                "--count",
                "--serverpref",
                "--watch",
                "--idle",
                "--json",
            ],
        ),
        (
            "verify",
            &[
                "--trusted-ca",
                "--untrusted",
                "--crl-depth",
                "--at",
                "--explain",
            ],
        ),
        (
            "ciphers",
            &["--usable", "--server", "--verbose", "--explain"],
        ),
        ("options", &["--json"]),
        ("completions", &[]),
        ("man", &[]),
    ]
}

#[test]
fn completions_for_every_shell_have_all_words() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let run = run(["completions", shell]);
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{shell}");
        for (command, flags) in words() {
            assert!(run.stdout.contains(command), "{shell}: {command}");
            for flag in flags {
                // fish writes flags without dashes.
                let flag = flag.trim_start_matches('-');
                assert!(run.stdout.contains(flag), "{shell}: {flag}");
            }
        }
    }
    assert_eq!(run(["completions", "tcsh"]).exit, 2);
}

/// Bash is on every machine on which these tests run.
#[cfg(target_os = "linux")]
#[test]
fn bash_completes_commands_and_flags() {
    let script = file("completions.bash", run(["completions", "bash"]).stdout);
    for (line, expected) in [
        ("sip-tls che", "check"),
        ("sip-tls check --str", "--strict"),
        ("sip-tls verify --crl-d", "--crl-depth"),
        ("sip-tls verify --crl-depth end", "end-entity"),
    ] {
        let typed: Vec<_> = line.split(' ').collect();
        let (current, previous) = (typed[typed.len() - 1], typed[typed.len() - 2]);
        let program = format!(
            "set -e; source {}; COMP_WORDS=({line}); COMP_CWORD={}; \
             name=$(complete -p sip-tls); name=${{name#*-F }}; ${{name%% *}} sip-tls '{current}' '{previous}'; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            typed.len() - 1
        );
        let output = child::output(child::command("bash").args(["-c", &program]));
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(found.trim(), expected, "{line}: {:?}", output.stderr);
    }
}

#[test]
fn the_manual_page_has_all_commands_and_flags() {
    let page = run(["man"]).stdout.replace("\\-", "-");
    assert!(page.contains(".TH sip-tls 1"), "{page}");
    for (command, flags) in words() {
        let title = format!(".SH \"SIP-TLS {}\"", command.to_uppercase());
        assert!(page.contains(&title), "{title}");
        for flag in flags {
            assert!(page.contains(flag), "{command} {flag}");
        }
    }
    assert!(page.contains("Exit codes: 0 done"), "{page}");
    for usage in [
        ".SH \"SIP-TLS CRL FETCH\"",
        ".SH \"SIP-TLS CRL SHOW\"",
        " [CONFIG] [-o <NAME=VALUE>]... [--passphrase-file <FILE>]",
        " --bind <HOST:PORT> ",
        " <CHAIN>... [--trusted-ca <FILE>]...",
    ] {
        assert!(page.contains(usage), "{usage}");
    }
    assert!(!page.contains("SIP-TLS HELP"), "{page}");
    let (_, last) = page.split_once(".SH \"SIP-TLS MAN\"").unwrap();
    assert!(!last.contains(".SS NOTES"), "{last}");
}
