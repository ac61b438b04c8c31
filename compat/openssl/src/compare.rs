//! The rule: we accept exactly what OpenSSL accepts, except where the list of differences says that we refuse.

use std::{
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
};

use crate::{
    answer::Answer,
    build::Built,
    divergence::{Divergences, Listed},
    oracle,
};

/// How two answers compare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Judgement {
    /// We accept what OpenSSL refuses.
    Laxer,
    /// Both refuse, for different reasons.
    OtherReason,
    Same,
    /// We refuse what OpenSSL accepts.
    Stricter,
}

/// Compares two answers to a case.
pub fn judge(openssl: Answer, ours: Answer) -> Judgement {
    match (openssl.accepts(), ours.accepts()) {
        _ if openssl == ours => Judgement::Same,
        (true, _) => Judgement::Stricter,
        (false, true) => Judgement::Laxer,
        (false, false) => Judgement::OtherReason,
    }
}

/// The results of many cases.
#[derive(Debug, Default)]
pub struct Report {
    pub cases: usize,
    pub accepted_by_both: usize,
    pub refused_alike: usize,
    pub listed: usize,
    /// The names of the cases whose difference is not listed, by OpenSSL's answer and ours.
    pub unlisted: BTreeMap<(Answer, Answer), Vec<String>>,
    pub failures: Vec<String>,
}

impl Report {
    /// Asks both about a case, and compares the answers with the list.
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
            Ok(ours) => self.weigh(name, openssl, ours, listed),
        }
    }

    fn weigh(&mut self, name: &str, openssl: Answer, ours: Answer, listed: Option<&Listed>) {
        let is_listed = listed.is_some_and(|l| l.openssl == openssl && l.ours == ours);
        match judge(openssl, ours) {
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
            Judgement::OtherReason => self.fail(name, openssl, ours, "not listed: another reason"),
            Judgement::Stricter => self.fail(name, openssl, ours, "not listed: we are stricter"),
        }
    }

    fn fail(&mut self, name: &str, openssl: Answer, ours: Answer, why: &str) {
        self.failures.push(format!(
            "{name}: OpenSSL says {openssl}, we say {ours} ({why})"
        ));
        let alike = self.unlisted.entry((openssl, ours)).or_default();
        alike.push(name.to_owned());
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
    caught(|| ask(case))
}

/// Runs the work, and returns its result, or the text of its panic.
///
/// # Errors
///
/// The work panicked.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message")
            .to_owned()
    })
}
