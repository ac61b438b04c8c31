//! The part of the differential that always runs.

use compat_openssl::{
    answer::Answer, build::Built, cases, compare::Report, divergence::Divergences, fixed,
    handshake, limbo, oracle, ours, plan::Revocation, random,
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

/// `covered` is ours: at least as strict as a check of the end entity, at most as strict as a check of the chain.
#[test]
fn covered_lies_between_end_entity_and_chain() {
    let list = list();
    let (mut between, mut failures) = (0, Vec::new());
    for case in cases::all().iter().filter(|c| list.get(&c.name).is_none()) {
        let mut plan = case.plan();
        if plan.question.revocation == Revocation::Off {
            continue;
        }
        let mut ask = |depth, ask: fn(&Built) -> Answer| {
            plan.question.revocation = depth;
            ask(&plan.build())
        };
        let end_entity = ask(Revocation::EndEntity, oracle::ask);
        let chain = ask(Revocation::Chain, oracle::ask);
        let covered = ask(Revocation::Covered, ours::ask);
        let is_revoked = matches!(chain, Answer::Refused { code: 23, .. });
        let expected = if !end_entity.accepts() || is_revoked {
            Some(false)
        } else {
            chain.accepts().then_some(true)
        };
        if expected.is_some_and(|expected| expected != covered.accepts()) {
            failures.push(format!("{}: {end_entity}, {chain}, {covered}", case.name));
        }
        between += usize::from(expected.is_some());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(between > 100, "only {between} cases tell");
}

fn list() -> Divergences {
    Divergences::read(&fixed::list_path()).unwrap()
}

#[track_caller]
fn assert_passes(report: &Report) {
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
    assert!(report.cases > 150, "only {} cases ran", report.cases);
}
