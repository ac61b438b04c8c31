//! The part of the differential test that always runs.

use compat_openssl::{
    answer::Answer, build::Built, cases, compare::Report, divergence::Divergences, fixed,
    handshake, oracle, ours, plan::Revocation, protocol, random, tls,
};
use openssl::ssl::SslVersion;

#[test]
fn fixed_cases_differ_only_as_listed() {
    assert_passes(&fixed::run("", &list()));
}

#[test]
#[ignore = "needs the x509-limbo suite, which is not part of the repository"]
fn limbo_cases_differ_only_as_listed() {
    assert_passes(&fixed::run_limbo(&list()).unwrap());
}

/// Differences are our policies, and policies are few.
#[test]
fn few_differences_are_listed() {
    let count = list().cases().count();
    assert!(count <= MOST_LISTED, "{count} differences are listed");
}

const MOST_LISTED: usize = 45;

/// Many more cases run with `differential random`, optimised.
#[test]
fn random_cases_differ_only_as_listed() {
    let found = random::search(1, 400, &list(), ours::ask);
    let failures: Vec<_> = found.failures.values().map(String::as_str).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(
        found.accepted_by_both > 60 && found.refused_alike > 100,
        "the search is one-sided: {found:?}"
    );
}

/// A mutation that OpenSSL always refuses, or whose cases cannot be made, tests nothing.
#[test]
fn openssl_accepts_some_cases_of_each_mutation_and_refuses_some() {
    let harmless = ["policies", "trusted"];
    for mix in random::mix(100) {
        assert_eq!(mix.panic, None);
        assert!(mix.accepted() >= 5, "{mix:?}");
        assert!(
            mix.refused() >= 3 || harmless.contains(&mix.name),
            "{mix:?}"
        );
    }
}

#[test]
fn connections_differ_only_as_listed() {
    let met = protocol::run(&list());
    let failures = met.iter().filter(|met| !met.is_as_listed);
    let failures: Vec<_> = failures.map(|met| met.text.as_str()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn handshakes_end_as_openssls_do() {
    let failures = tls::run();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
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
        agreeing > 15 * apart,
        "{agreeing} handshakes came to verification, {apart} did not"
    );
}

/// Only sip-tls has `covered`: at least as strict as a check of the end entity, at most as strict as a check of the
/// chain.
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
