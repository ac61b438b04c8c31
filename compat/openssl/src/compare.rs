//! The two laws: never accept what OpenSSL refuses, and list whatever else differs.

use std::panic::{self, AssertUnwindSafe};

use crate::{
    answer::Answer,
    build::Built,
    der,
    divergence::{Divergences, Listed},
    oracle,
};

/// How two answers stand to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Judgement {
    /// OpenSSL answers like us once it is not led astray by some other certificate.
    AnotherPath,
    /// We accept what OpenSSL refuses.
    Laxer,
    /// Both refuse, for different reasons.
    OtherReason,
    Same,
    /// We refuse what OpenSSL accepts.
    Stricter,
}

/// Compares the answers to a case.
pub fn judge(case: &Built, openssl: Answer, ours: Answer) -> Judgement {
    match (openssl.accepts(), ours.accepts()) {
        _ if openssl == ours => Judgement::Same,
        (true, _) => Judgement::Stricter,
        (false, _) if is_end_of_a_path(ours) && has_another_path(case, ours) => {
            Judgement::AnotherPath
        }
        (false, true) => Judgement::Laxer,
        (false, false) => Judgement::OtherReason,
    }
}

/// Accepted, or refused for nothing but the name: our search found a path.
fn is_end_of_a_path(ours: Answer) -> bool {
    matches!(
        ours,
        Answer::Accepted | Answer::Refused { code: 62 | 64, .. }
    )
}

/// Whether OpenSSL answers like us with fewer certificates sent or trusted, if the peer sends the trusted ones as well.
///
/// OpenSSL takes the first certificate that fits and does not come back to try another; nor does it go back to those
/// that were sent once it has taken one of the trusted. Anybody can send what is trusted, so that is no secret.
fn has_another_path(case: &Built, ours: Answer) -> bool {
    // Lists stay, and so does what the user has set trust on: neither led the search astray.
    let (plain, kept): (Vec<String>, Vec<String>) = case
        .trusted
        .iter()
        .cloned()
        .partition(|pem| is_certificate(pem));
    let (sent, trusted) = (case.chain.len() - 1, plain.len());
    let all = sent + trusted;
    let subsets: Box<dyn Iterator<Item = u64>> = match all {
        0..=12 => Box::new(0..1 << all),
        13..=64 => Box::new((0..all).flat_map(move |a| (0..=a).map(move |b| !(1 << a | 1 << b)))),
        _ => return false,
    };
    subsets.into_iter().any(|subset| {
        let mut fewer = case.clone();
        fewer.chain = [&case.chain[..1], &selected(&case.chain[1..], subset)].concat();
        fewer.trusted = [&kept[..], &selected(&plain, subset >> sent)].concat();
        let mut more = fewer.clone();
        more.chain
            .extend(plain.iter().filter_map(|pem| der::from_pem(pem)));
        oracle::ask(&fewer) == ours || oracle::ask(&more) == ours
    })
}

fn is_certificate(pem: &str) -> bool {
    pem.trim_start().starts_with("-----BEGIN CERTIFICATE-----")
}

fn selected<T: Clone>(all: &[T], subset: u64) -> Vec<T> {
    let is_in = |n: usize| n < 64 && subset >> n & 1 == 1;
    all.iter()
        .enumerate()
        .filter(|(n, _)| is_in(*n))
        .map(|(_, item)| item.clone())
        .collect()
}

/// What came of many cases.
#[derive(Debug, Default)]
pub struct Report {
    pub cases: usize,
    pub accepted_by_both: usize,
    pub refused_alike: usize,
    pub listed: usize,
    pub failures: Vec<String>,
}

impl Report {
    /// Asks both about a case and holds the answers against the list.
    pub fn add(
        &mut self,
        name: &str,
        case: &Built,
        expected: Option<Answer>,
        list: &Divergences,
        ask: Ask,
    ) {
        let openssl = oracle::ask(case);
        let ours = guarded(case, ask);
        let listed = list.get(name);
        self.cases += 1;
        if expected.is_some_and(|expected| expected != openssl) {
            self.failures.push(format!(
                "{name}: OpenSSL says {openssl}, which the case does not expect"
            ));
        }
        match ours {
            Err(panic) => self
                .failures
                .push(format!("{name}: OpenSSL says {openssl}, we panic: {panic}")),
            Ok(ours) => self.weigh(name, case, openssl, ours, listed),
        }
    }

    fn weigh(
        &mut self,
        name: &str,
        case: &Built,
        openssl: Answer,
        ours: Answer,
        listed: Option<&Listed>,
    ) {
        let judgement = judge(case, openssl, ours);
        let is_listed = listed.is_some_and(|l| l.openssl == openssl && l.ours == ours);
        match judgement {
            Judgement::Same => {
                if listed.is_some() {
                    self.failures
                        .push(format!("{name}: listed, but both say {openssl}"));
                }
                match openssl.accepts() {
                    true => self.accepted_by_both += 1,
                    false => self.refused_alike += 1,
                }
            }
            Judgement::Laxer => self.fail(name, openssl, ours, "WE ACCEPT WHAT OPENSSL REFUSES"),
            _ if is_listed => self.listed += 1,
            Judgement::AnotherPath => {
                self.fail(name, openssl, ours, "not listed: another valid path")
            }
            Judgement::OtherReason => self.fail(name, openssl, ours, "not listed: another reason"),
            Judgement::Stricter => self.fail(name, openssl, ours, "not listed: we are stricter"),
        }
    }

    fn fail(&mut self, name: &str, openssl: Answer, ours: Answer, why: &str) {
        self.failures.push(format!(
            "{name}: OpenSSL says {openssl}, we say {ours} ({why})"
        ));
    }

    /// Notes the listed cases that do not exist (any more).
    pub fn require_known(
        &mut self,
        list: &Divergences,
        known: &[String],
        is_ours: impl Fn(&str) -> bool,
    ) {
        for case in list.cases().filter(|c| is_ours(c)) {
            if !known.iter().any(|k| k == case) {
                self.failures
                    .push(format!("{case}: listed, but there is no such case"));
            }
        }
    }
}

/// A verifier: ours, or another in its place.
pub type Ask = fn(&Built) -> Answer;

/// Asks, and turns a panic into an error.
///
/// # Errors
///
/// The verifier panicked.
pub fn guarded(case: &Built, ask: Ask) -> Result<Answer, String> {
    panic::catch_unwind(AssertUnwindSafe(|| ask(case))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message")
            .to_owned()
    })
}
