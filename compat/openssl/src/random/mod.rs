//! Cases put together at random from the changes of the fixed cases and from changes that are random themselves.

mod change;
mod mix;
mod mutate;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

pub use change::{Change, by_name, named, plan};
pub use mix::{Mix, mix};

use crate::{
    answer::Answer,
    build::Built,
    compare::{self, Ask, Judgement},
    divergence::Divergences,
    oracle, policy,
    rng::Rng,
};

/// What a random search found.
#[derive(Debug, Default)]
pub struct Found {
    pub cases: usize,
    pub accepted_by_both: usize,
    pub refused_alike: usize,
    /// Differences that the list explains, by the listed case or the answer that one of our policies gave.
    pub explained: BTreeMap<String, usize>,
    /// What failed, by the number of the case.
    pub failures: BTreeMap<usize, String>,
}

/// The answers of both to a case.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Verdict {
    /// The answers differ; `rest` tells whether they also differ without what our policies refuse.
    Differs {
        openssl: Answer,
        ours: Answer,
        rest: bool,
    },
    Panics(String),
    /// We refused by a policy, and both agree about the rest.
    Refused(Answer),
    Same(Answer),
}

/// Searches with this seed; the n-th case of a seed does not depend on how many are run.
pub fn search(seed: u64, count: usize, list: &Divergences, ask: Ask) -> Found {
    let fixed = change::combined();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut found = Found::default();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return found;
            }
            let mut rng = Rng(seed.wrapping_mul(1_000_003).wrapping_add(n as u64));
            found.weigh(n, &change::choose(&fixed, &mut rng), list, ask);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let all = workers
            .into_iter()
            .map(|w| w.join().expect("panics are caught"));
        all.fold(Found::default(), Found::and)
    })
}

impl Found {
    fn and(mut self, other: Self) -> Self {
        self.cases += other.cases;
        self.accepted_by_both += other.accepted_by_both;
        self.refused_alike += other.refused_alike;
        for (why, count) in other.explained {
            *self.explained.entry(why).or_default() += count;
        }
        self.failures.extend(other.failures);
        self
    }

    fn weigh(&mut self, n: usize, changes: &[Change], list: &Divergences, ask: Ask) {
        self.cases += 1;
        match verdict(changes, list, ask) {
            Verdict::Same(answer) if answer.accepts() => self.accepted_by_both += 1,
            Verdict::Same(_) => self.refused_alike += 1,
            Verdict::Refused(ours) => {
                let why = format!("a policy that says {}", without_depth(ours));
                *self.explained.entry(why).or_default() += 1;
            }
            first => self.explain(n, &shrink(changes, &first, list, ask), list, ask),
        }
    }

    /// Checks that a difference that needs these changes is listed for one of them.
    fn explain(&mut self, n: usize, changes: &[Change], list: &Divergences, ask: Ask) {
        let verdict = verdict(changes, list, ask);
        match listed(changes, &verdict, list) {
            Some(why) => *self.explained.entry(why).or_default() += 1,
            None => {
                let text = format!("#{n} {}: {}", named(changes), verdict.text());
                self.failures.insert(n, text);
            }
        }
    }
}

fn without_depth(answer: Answer) -> String {
    let text = answer.to_string();
    text.split('@').next().unwrap_or_default().to_owned()
}

/// Returns the change for which this difference is listed, with the same number and depth.
fn listed(changes: &[Change], verdict: &Verdict, list: &Divergences) -> Option<String> {
    let Verdict::Differs { openssl, ours, .. } = *verdict else {
        return None;
    };
    if compare::judge(openssl, ours) == Judgement::Laxer {
        return None;
    }
    let names = changes.iter().map(Change::name);
    let mut fitting = names.filter(|name| {
        list.get(name)
            .is_some_and(|l| l.openssl == openssl && l.ours == ours)
    });
    fitting.next()
}

fn verdict(changes: &[Change], list: &Divergences, ask: Ask) -> Verdict {
    compare::caught(|| compared(changes, list, ask)).unwrap_or_else(Verdict::Panics)
}

fn compared(changes: &[Change], list: &Divergences, ask: Ask) -> Verdict {
    let plan = plan(changes);
    let (openssl, ours) = both(&plan.build(), ask);
    let differs = |openssl, ours, rest| Verdict::Differs {
        openssl,
        ours,
        rest,
    };
    let Some(rest) = policy::rest(&plan, list.policies()) else {
        return match openssl == ours {
            true => Verdict::Same(openssl),
            false => differs(openssl, ours, false),
        };
    };
    let is_policy = !ours.accepts() && rest.policies.iter().any(|policy| policy.allows(ours));
    if openssl != ours && !is_policy {
        return differs(openssl, ours, false);
    }
    match both(&rest.case, ask) {
        (openssl, ours) if openssl != ours => differs(openssl, ours, true),
        _ if openssl == ours => Verdict::Same(openssl),
        _ => Verdict::Refused(ours),
    }
}

fn both(case: &Built, ask: Ask) -> (Answer, Answer) {
    (oracle::ask(case), ask(case))
}

/// Removes the changes that the difference does not need.
fn shrink(changes: &[Change], first: &Verdict, list: &Divergences, ask: Ask) -> Vec<Change> {
    let mut smallest = changes.to_vec();
    let mut n = 0;
    while n < smallest.len() {
        let mut fewer = smallest.clone();
        fewer.remove(n);
        match verdict(&fewer, list, ask).is_like(first) {
            true => smallest = fewer,
            false => n += 1,
        }
    }
    smallest
}

impl Verdict {
    /// Whether the other one is the same kind of difference.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Panics(_), Self::Panics(_)) => true,
            (
                Self::Differs {
                    openssl,
                    ours,
                    rest,
                },
                Self::Differs {
                    openssl: o,
                    ours: u,
                    rest: r,
                },
            ) => rest == r && compare::judge(*openssl, *ours) == compare::judge(*o, *u),
            _ => false,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Differs {
                openssl,
                ours,
                rest,
            } => {
                let rest = match rest {
                    true => ", without what our policies refuse",
                    false => "",
                };
                let judgement = compare::judge(*openssl, *ours);
                format!("OpenSSL says {openssl}, we say {ours} ({judgement:?}{rest})")
            }
            Self::Panics(text) => format!("panic: {text}"),
            Self::Refused(answer) | Self::Same(answer) => format!("no difference: {answer}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cases, fixed, policy::Thing, rng::Rng};

    fn list() -> Divergences {
        Divergences::read(&fixed::list_path()).unwrap()
    }

    /// Answers as OpenSSL does, except for a policy.
    fn without_deltas(case: &Built) -> Answer {
        match policy::holds(case, Thing::DeltaList) {
            true => Answer::Load,
            false => oracle::ask(case),
        }
    }

    /// Answers in the same way, but ignores revocation.
    fn blind(case: &Built) -> Answer {
        match without_deltas(case) {
            Answer::Refused { code: 23, .. } => Answer::Accepted,
            answer => answer,
        }
    }

    #[test]
    fn a_verifier_with_a_policy_passes() {
        let found = search(1, 200, &list(), without_deltas);
        assert!(found.failures.is_empty(), "{:?}", found.failures);
        assert_eq!(found.cases, 200);
    }

    #[test]
    fn a_fault_behind_a_policy_is_seen() {
        let changes = by_name("leaf/plain+list/revoked+list/delta-of-another-issuer").unwrap();
        let first = verdict(&changes, &list(), blind);
        assert!(
            matches!(first, Verdict::Differs { rest: true, .. }),
            "{first:?}"
        );
        let smallest = shrink(&changes, &first, &list(), blind);
        assert_eq!(
            named(&smallest),
            "list/revoked+list/delta-of-another-issuer"
        );
        let good = verdict(&changes, &list(), without_deltas);
        assert_eq!(good, Verdict::Refused(Answer::Load));
    }

    /// Cases are made to be used alone. In combination, they must not break each other.
    #[test]
    fn any_two_changes_go_together() {
        let fixed = cases::all();
        let mut rng = Rng(7);
        for second in fixed.iter().cloned().map(Change::Fixed) {
            for n in 0..12 {
                let first = Change::Fixed(rng.pick(&fixed));
                let (name, mutation) = rng.pick(mutate::ALL);
                let random = Change::Random(name, mutation, rng.next());
                let all = [first, random.clone(), second.clone(), random];
                // Most of the time is spent in building them.
                let made = compare::caught(|| _ = (n == 0).then(|| plan(&all).build()));
                assert_eq!(made, Ok(()), "{}", named(&all));
                let made = compare::caught(|| _ = plan(&all));
                assert_eq!(made, Ok(()), "{}", named(&all));
            }
        }
    }

    #[test]
    fn a_name_gives_the_same_changes_again() {
        let changes = change::choose(&change::combined(), &mut Rng(3));
        let name = named(&changes);
        assert_eq!(named(&by_name(&name).unwrap()), name);
    }
}
