//! Verification of a peer's chain, files loaded.

use compat_openssl::build::Built;
use compat_openssl::keys::Kind;
use compat_openssl::oracle::{self, Store};
use compat_openssl::ours;

use super::Topic;
use crate::measure::{Effort, Lane, race};
use crate::pki::Pki;
use crate::row::Row;

pub static TOPIC: Topic = Topic {
    name: "verification",
    title: "Verification of a peer's certificates",
    choices: "No handshake: certificates in, verdict out, with the name that is expected. A handshake brings certificates as \
              DER, so both parse them each time. The rows with certificates that are parsed already measure \
              OpenSSL without this work; a handshake always parses.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let plan = |kind| Pki::new(kind).plan().0;
    let mut v1 = plan(Kind::P256);
    v1.leaf().v1();
    v1.question.host = None;
    let cases = [
        ("P-256, one intermediate", plan(Kind::P256)),
        ("RSA-2048, one intermediate", plan(Kind::Rsa(2048))),
        ("P-256, version 1 end entity", v1),
    ];
    let rows = cases
        .into_iter()
        .map(|(name, plan)| of_case(effort, name, &plan.build()));
    rows.flatten().collect()
}

/// Makes the rows of a case that both answer alike, from DER and with parsed certificates.
fn of_case(effort: &Effort, name: &str, case: &Built) -> [Row; 2] {
    let verifier = ours::verifier(case).expect("nothing is wrong with the files");
    let store = Store::load(case).expect("nothing is wrong with the files");
    let parsed = oracle::parse(case).expect("readable");
    let answer = store.ask(case);
    assert_eq!(
        ours::answer(&ours::verify(&verifier, case)),
        answer,
        "{name}"
    );
    assert_eq!(store.ask_parsed(&parsed, &case.question), answer, "{name}");
    let lanes = vec![
        Lane::new(|| ours::verify(&verifier, case)),
        Lane::new(|| store.ask(case)),
        Lane::new(|| store.ask_parsed(&parsed, &case.question)),
    ];
    let race = race(effort, lanes);
    [
        Row::of_race(name, &race, 0, ("OpenSSL", 1)),
        Row::of_race(name, &race, 0, ("OpenSSL, parsed before", 2)),
    ]
}
