//! Verification of a peer's chain, files loaded.

use compat_openssl::{
    build::Built,
    keys::{Key, Kind},
    oracle::Store,
    ours,
    plan::Plan,
};

use crate::measure::Row;

pub fn rows() -> Vec<Row> {
    let mut rsa = Plan::new();
    rsa.certs
        .iter_mut()
        .for_each(|c| c.key = Key(Kind::Rsa(2048), c.key.1));
    let mut long = Plan::new();
    long.intermediates(6);
    let mut v1 = Plan::new();
    v1.leaf().v1();
    v1.question.host = None;
    let cases = [
        ("P-256, one intermediate", Plan::new()),
        ("RSA-2048, one intermediate", rsa),
    ];
    let odd = [
        ("P-256, six intermediates", long),
        ("P-256, version 1 end entity", v1),
    ];
    cases
        .into_iter()
        .chain(odd)
        .map(|(name, plan)| row(name, &plan.build()))
        .collect()
}

pub fn row(name: &str, case: &Built) -> Row {
    let verifier = ours::verifier(case).expect("nothing is wrong with the files");
    let store = Store::load(case).expect("nothing is wrong with the files");
    assert_eq!(
        ours::answer(&ours::verify(&verifier, case)),
        store.ask(case),
        "{name}"
    );
    Row::time(
        name,
        301,
        || ours::verify(&verifier, case),
        || store.ask(case),
    )
}
