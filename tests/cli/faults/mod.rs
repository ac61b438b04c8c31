//! Planted faults, each with a healthy twin in which nothing may be found.

mod cases;
pub(super) mod pki;
pub(super) mod scene;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::cases::{CASES, Case};
use self::pki::Certificate;
use self::scene::{Checked, Scene, own, root};
use super::program::run;
use super::schema::violations;

#[test]
fn every_planted_fault_is_found_and_its_twin_has_none() {
    assert!(CASES.len() >= 40, "{} cases", CASES.len());
    let next = AtomicUsize::new(0);
    let failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut failures = Vec::new();
                    while let Some(case) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                        failures.extend(case.failure());
                    }
                    failures
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

impl Case {
    fn failure(&self) -> Option<String> {
        let mut twin = Scene::healthy();
        (self.twin)(&mut twin);
        let twin = twin.check(&format!("{}-twin", self.name), &[]);
        if !twin.findings().is_empty() || twin.exit != 0 {
            return Some(format!("{}: false alarm: {}", self.name, shown(&twin)));
        }
        let mut fault = Scene::healthy();
        (self.fault)(&mut fault);
        let found = fault.check(self.name, &[]);
        let mut expected = self.expected.to_vec();
        expected.sort();
        let mut kinds = found.kinds();
        kinds.sort();
        if kinds != expected {
            return Some(format!("{}: {}", self.name, shown(&found)));
        }
        self.wrong_exit(&fault, &found)
            .or_else(|| self.incomplete(&found))
    }

    /// Checks the exit code: 2 for errors, 2 for warnings only with `--strict`, never 2 for advice.
    fn wrong_exit(&self, fault: &Scene, found: &Checked) -> Option<String> {
        let strict = fault.check(&format!("{}-strict", self.name), &["--strict"]);
        let has = |severity| self.expected.iter().any(|kind| kind.0 == severity);
        let expected = match (has("error"), has("warning")) {
            (true, _) => (2, 2),
            (false, true) => (0, 2),
            (false, false) => (0, 0),
        };
        let exits = (found.exit, strict.exit);
        (exits != expected).then(|| format!("{}: exit codes {exits:?}", self.name))
    }

    /// Checks that each finding has a text, a cure, and the line of its setting.
    fn incomplete(&self, found: &Checked) -> Option<String> {
        for finding in found.findings() {
            let is_told = |field: &str| finding[field].as_str().is_some_and(|t| t.len() > 5);
            let option = finding["option"].as_str();
            let names_option = |line: &str| {
                let option = option.unwrap_or_default();
                line.contains(option)
            };
            let is_placed = match found.line(finding) {
                Some(line) => names_option(line),
                None => !self.is_in_config,
            };
            if !(is_told("text") && is_told("cure") && is_placed) {
                return Some(format!("{}: {finding}", self.name));
            }
        }
        None
    }
}

fn shown(checked: &Checked) -> String {
    let findings: Vec<_> = checked.findings().iter().map(ToString::to_string).collect();
    format!("exit {}\n    {}", checked.exit, findings.join("\n    "))
}

#[test]
fn one_run_lists_every_problem_with_its_line() {
    let mut scene = Scene::healthy();
    scene.own(&Certificate {
        until: -1,
        hosts: &[],
        ..own()
    });
    scene.file("ca.pem", root().self_signed().repeat(2));
    scene.file("empty.pem", "");
    scene.file("key.pem", own().private_key());
    scene.set("trusted-ca", "ca.pem,empty.pem,none.pem");
    scene.set("tls-crl", "ca.crl,key.pem");
    scene.set("sec-protocol", "SSLv2");
    scene.set("tls-mutual", "yes");
    scene.set("ciphersuits", "TLS_AES_128_GCM_SHA256");
    scene.set("colour", "green");
    scene.set("tls-target-name", "sip.example.com:5061");
    scene
        .lines
        .push("user=\"7\" server=\"a b\" protocol=\"tls\"".to_owned());
    let found = scene.check("all-at-once", &[]);
    let mut kinds = found.kinds();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            ("advice", "not-looked-at", "tls-crl"),
            ("advice", "trusted-twice", "trusted-ca"),
            ("error", "bad-connectivity", "Connectivity"),
            ("error", "bad-value", "sec-protocol"),
            ("error", "bad-value", "tls-mutual"),
            ("error", "file-unusable", "tls-crl"),
            ("error", "file-unusable", "trusted-ca"),
            ("error", "file-unusable", "trusted-ca"),
            ("error", "near-setting", "ciphersuits"),
            ("error", "own-expired", "certificate"),
            ("error", "target-name-port", "tls-target-name"),
            ("warning", "own-no-san", "certificate"),
            ("warning", "unknown-setting", "colour"),
        ]
    );
    for finding in found.findings() {
        let option = finding["option"].as_str().unwrap();
        let line = found.line(finding).expect("a line");
        assert!(line.contains(option), "{finding}");
    }
    let order: Vec<_> = kinds_in_order(&found);
    assert!(order.is_sorted(), "the worst first: {order:?}");
    assert_eq!((found.exit, &found.report["usable"]), (2, &false.into()));
    let error = found.report["error"].as_str().unwrap();
    assert!(error.ends_with("(and 8 more errors)"), "{error}");
}

/// The severities of the findings, 0 for the worst.
fn kinds_in_order(found: &Checked) -> Vec<usize> {
    let rank = |kind: &(&str, &str, &str)| {
        ["error", "warning", "advice"]
            .iter()
            .position(|severity| *severity == kind.0)
            .unwrap()
    };
    found.kinds().iter().map(rank).collect()
}

#[test]
fn a_missing_list_is_told_with_the_place_of_its_ca() {
    let mut scene = Scene::healthy();
    let other = Certificate::ca("Other", 9);
    scene.file(
        "ca.pem",
        [root(), other].map(|ca| ca.self_signed()).concat(),
    );
    let found = scene.check("list-missing-place", &[]);
    let [finding] = found.findings() else {
        panic!("{}", shown(&found));
    };
    assert_eq!(finding["code"], "list-missing");
    assert!(finding["file"].as_str().unwrap().ends_with("ca.pem"));
    assert_eq!(finding["block"], 2);
}

#[test]
fn what_a_broken_file_hides_is_said() {
    let mut scene = Scene::healthy();
    scene.rewritten = Some(("</section>", "</sections>"));
    let found = scene.check("broken", &[]);
    assert_eq!(
        found.kinds(),
        [("error", "bad-config", ""), ("advice", "not-looked-at", ""),]
    );
    assert!(found.findings()[0]["position"]["line"].is_u64());
    assert_eq!(found.exit, 2);
}

#[test]
fn the_json_is_that_of_the_schema() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/testdata/check.schema.json"
    );
    let schema = std::fs::read_to_string(path).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let mut broken = Scene::healthy();
    broken.set("trusted-ca", "none.pem");
    broken.set("cipher-list", "ECDHE+AESGCM:AES128-SHA");
    broken.set("cert_file", "old.pem");
    broken.set("sec-protocol", "SSLv23");
    broken.set("use_srtp", "1");
    for (name, scene) in [("schema-good", Scene::healthy()), ("schema-broken", broken)] {
        let found = scene.check(name, &[]);
        let violations = violations(&schema, &found.report, "");
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

#[test]
fn findings_are_printed_with_their_lines_and_cures() {
    let mut scene = Scene::healthy();
    scene.own(&Certificate { until: -1, ..own() });
    scene.set("tls-target-name-check", "no");
    let config = scene.write("printed").display().to_string();
    let run = run(["check", &config]);
    assert_eq!(run.exit, 2);
    for part in [
        "\nFindings\n  error   certificate, line 7             our certificate `CN = phone` expired on 2",
        "\n  advice  tls-target-name-check, line 11  the name of the server is not checked: ",
        "\n\nThis configuration cannot be used.\n",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part:?} is not in\n{}",
            run.stdout
        );
    }
    // Where these lines break depends on the length of the path.
    let words: Vec<_> = run.stdout.split_whitespace().collect();
    let words = words.join(" ");
    for part in ["block 1 (line 1) of ", "from the CA", "as Genesys advises"] {
        assert!(words.contains(part), "{part:?} is not in\n{words}");
    }
    assert!(
        run.stderr
            .contains("SipEndpoint.config: line 7, column 3: `certificate`: our "),
        "{}",
        run.stderr
    );
}
