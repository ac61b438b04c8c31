//! The part of the differential that always runs.

use compat_openssl::{
    cases, compare::Report, divergence::Divergences, fixed, handshake, limbo, oracle, ours, random,
};
use openssl::ssl::SslVersion;

#[test]
fn fixed_cases_differ_only_as_listed() {
    assert_passes(&fixed::run("", &list()));
}

#[test]
fn limbo_cases_differ_only_as_listed() {
    if !limbo::path().is_file() {
        eprintln!("skipped: there is no {}", limbo::path().display());
        return;
    }
    assert_passes(&fixed::run_limbo(&list()).unwrap());
}

#[test]
fn random_cases_differ_only_as_listed() {
    let found = random::search(1, 1500, &list(), ours::ask);
    assert!(found.failures.is_empty(), "{}", found.failures.join("\n"));
    assert!(
        found.accepted_by_both > 100 && found.refused_alike > 500,
        "the search is one-sided: {found:?}"
    );
}

#[test]
fn handshakes_say_what_verification_by_itself_says() {
    let (mut agreeing, mut apart) = (0, 0);
    for case in cases::all() {
        let built = case.plan().build();
        for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
            let outcome = handshake::run(&built, version);
            match outcome.agrees(oracle::ask(&built)) {
                Some(is_same) => {
                    assert!(is_same, "{}: {outcome:?}", case.name);
                    agreeing += 1;
                }
                None => apart += 1,
            }
        }
    }
    assert!(
        agreeing > 20 * apart,
        "{agreeing} handshakes came to verification, {apart} did not"
    );
}

fn list() -> Divergences {
    Divergences::read(&fixed::list_path()).unwrap()
}

#[track_caller]
fn assert_passes(report: &Report) {
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
    assert!(report.cases > 150, "only {} cases ran", report.cases);
}
