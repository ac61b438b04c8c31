//! The outputs in the README are what the program prints, except for numbers that are not those of errors.

use std::path::Path;

use super::faults::scene::{Scene, own};
use super::program::{Listener, PHONE, Run, command, config, masked, run, with};
use crate::child;
use crate::endpoint::test_pki::TestPki;

/// The lines under a command in the README.
fn shown(command: &str) -> String {
    let readme = include_str!("../../README.md");
    let start = format!("\n$ sip-tls {command}");
    let (_, rest) = readme.split_once(&start).expect(command);
    let (_, block) = rest.split_once('\n').unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    block.strip_prefix("...\n").unwrap_or(block).to_owned()
}

#[track_caller]
fn assert_shown(name: &str, printed: &Run) {
    let all = masked(&format!("{}{}", printed.stdout, printed.stderr));
    let shown = masked(&shown(name));
    assert!(
        all.contains(&shown),
        "the README has\n{shown}\nand printed is\n{all}"
    );
}

#[cfg(unix)]
#[test]
fn the_commands_of_the_readme_install_the_manual_page_and_completions() {
    let readme = include_str!("../../README.md");
    let (_, script) = readme.split_once("```sh\nprefix=/usr/local\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme-install");
    let _ = std::fs::remove_dir_all(&prefix);
    let program = Path::new(env!("CARGO_BIN_EXE_sip-tls"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut shell = child::command("sh");
    shell
        .args(["-euc", script])
        .env("prefix", &prefix)
        .env("PATH", path);
    let output = child::output(&mut shell);
    assert!(output.status.success(), "{output:?}");
    for (file, start) in [
        ("man/man1/sip-tls.1", ".ie"),
        ("bash-completion/completions/sip-tls", "_sip-tls() {"),
        ("zsh/site-functions/_sip-tls", "#compdef sip-tls"),
        ("fish/vendor_completions.d/sip-tls.fish", "#"),
    ] {
        let text = std::fs::read_to_string(prefix.join("share").join(file)).unwrap();
        assert!(text.starts_with(start), "{file}: {text:.60}");
    }
}

fn run_in(folder: &Path, words: &[&str]) -> Run {
    let mut command = command(words);
    Run::of(&child::output(command.current_dir(folder)))
}

#[test]
fn the_findings_of_check_are_those_in_the_readme() {
    let mut scene = Scene::healthy();
    scene.own(&super::faults::pki::Certificate { until: 20, ..own() });
    scene.unset("tls-crl");
    scene.set("tls_crl", "ca.crl");
    scene.set("tls-target-name-check", "no");
    let config = scene.write("readme");
    let run = run_in(config.parent().unwrap(), &["check", "SipEndpoint.config"]);
    assert_eq!(run.exit, 2);
    assert_shown("check", &run);
}

#[test]
fn the_refusal_of_connect_is_that_in_the_readme() {
    let listener = Listener::mutual(&[]);
    let line = "user=\"4021\" server=\"sip.other.example:5061\" protocol=\"tls\"";
    let config = config("readme.config", &[line], &with(&PHONE, &[]));
    let address = listener.address.to_string();
    let run = run(["connect", &config, "--connect-to", &address]);
    assert_eq!(run.exit, 1);
    assert_shown("connect", &run);
}

#[test]
fn the_explanation_of_verify_is_that_in_the_readme() {
    let folder = TestPki::get().path("root.pem");
    let words = [
        "verify",
        "--explain",
        "--trusted-ca",
        "root.pem",
        "--crl",
        "current.crl",
        "revoked.pem",
    ];
    let run = run_in(folder.parent().unwrap(), &words);
    assert_eq!(run.exit, 1);
    assert_shown("verify", &run);
}
