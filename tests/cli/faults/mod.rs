//! Planted faults, each beside a healthy twin in which nothing may be found.

mod cases;
mod pki;
mod scene;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::cases::{CASES, Case};
use self::scene::{Checked, Scene};

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

    /// Errors are exit code 2, warnings only with `--strict`, advice never.
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

    /// Each finding has a sentence, a cure, and the line of its setting.
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
