//! The sources of passphrases for the program.

use std::path::{Path, PathBuf};
use std::process::Command;
#[cfg(target_os = "linux")]
use std::process::Stdio;

use super::program::{Run, command};
use crate::child;
#[cfg(target_os = "linux")]
use crate::child::Running;

const WRONG: &str = "cannot be decrypted: the passphrase is wrong, or the file is damaged";
const NONE: &str = "is encrypted, and no passphrase was given";

fn data(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/pki");
    Path::new(folder).join(name).display().to_string()
}

/// The command `check` with an encrypted key, and without a passphrase.
fn check(words: &[&str]) -> Command {
    let pairs = [
        ("trusted-ca", "rsa.pem"),
        ("certificate", "rsa.pem"),
        ("certificate-key", "rsa.encrypted.pem"),
    ];
    let pairs = pairs.map(|(name, file)| format!("{name}={}", data(file)));
    let mut command = command(["check"]);
    for pair in &pairs {
        command.args(["-o", pair]);
    }
    command.args(words);
    command.env_remove("SIP_TLS_PASSPHRASE_FILE");
    command.env_remove("CREDENTIALS_DIRECTORY");
    command
}

fn run(command: &mut Command) -> Run {
    Run::of(&child::output(command))
}

/// A folder with a file of this name and content.
fn file(test: &str, name: &str, content: &str) -> (PathBuf, PathBuf) {
    let name_of_folder = format!("sip-tls-{}-passphrase-{test}", std::process::id());
    let folder = std::env::temp_dir().join(name_of_folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn the_passphrase_is_the_first_line_of_the_file() {
    for (content, error) in [
        ("password\nSECOND\n", None),
        ("password", None),
        ("password\r\n", None),
        (" password\n", Some(WRONG)),
        ("\npassword\n", Some(WRONG)),
        ("", Some(WRONG)),
    ] {
        let (folder, path) = file("file", "passphrase", content);
        let run = run(&mut check(&["--passphrase-file", path.to_str().unwrap()]));
        assert_eq!(
            run.exit,
            if error.is_some() { 2 } else { 0 },
            "{content:?} {run:?}"
        );
        if let Some(error) = error {
            assert!(run.error().ends_with(error), "{run:?}");
        }
        let shown = format!("{run:?}");
        assert!(!shown.contains("SECOND"), "{shown}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let run = run(&mut check(&["--passphrase-file", "/no/such/file"]));
    assert_eq!(run.exit, 2);
    assert!(
        run.error()
            .starts_with("cannot read the passphrase from /no/such/file: "),
        "{run:?}"
    );
}

#[test]
fn the_environment_may_name_the_file() {
    let (folder, path) = file("environment", "sip-tls.passphrase", "password\n");
    let by_name = run(check(&[]).env("SIP_TLS_PASSPHRASE_FILE", &path));
    assert_eq!(by_name.exit, 0, "{by_name:?}");
    let of_systemd = run(check(&[]).env("CREDENTIALS_DIRECTORY", &folder));
    assert_eq!(of_systemd.exit, 0, "{of_systemd:?}");
    // If a service has only one credential, it is the passphrase, whatever its name is.
    std::fs::rename(&path, folder.join("phone")).unwrap();
    let only_one = run(check(&[]).env("CREDENTIALS_DIRECTORY", &folder));
    assert_eq!(only_one.exit, 0, "{only_one:?}");
    std::fs::write(folder.join("other"), "x").unwrap();
    let one_of_two = run(check(&[]).env("CREDENTIALS_DIRECTORY", &folder));
    assert!(one_of_two.error().ends_with(NONE), "{one_of_two:?}");
    let neither = run(&mut check(&[]));
    assert!(neither.error().ends_with(NONE), "{neither:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// The terminal is made by `script`.
#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_the_passphrase_is_asked_for_without_echo() {
    let check = check(&[]);
    let program = [check.get_program()].into_iter().chain(check.get_args());
    let words: Vec<_> = program.map(|word| word.to_str().unwrap()).collect();
    for (typed, code) in [("wrong\npassword\n", 0), ("a\nb\nc\n", 2)] {
        // `script` is part of every Debian.
        let mut command = child::command("script");
        command
            .args(["-qec", &words.join(" "), "/dev/null"])
            .env_remove("SIP_TLS_PASSPHRASE_FILE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut script = Running::start(&mut command);
        script.say(typed);
        let output = script.output();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains("Passphrase of "), "{text}");
        assert!(text.contains("(certificate-key): "), "{text}");
        assert!(text.contains("that passphrase is wrong"), "{text}");
    }
}
