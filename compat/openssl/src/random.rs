//! Cases put together at random from the changes of the fixed cases and from changes that are random themselves.

mod mutate;

use std::collections::BTreeMap;

use crate::{
    answer::Answer,
    build::Built,
    cases::{self, Case},
    compare::{self, Ask, Judgement},
    divergence::Divergences,
    oracle,
    plan::Plan,
    rng::Rng,
};

/// What a random search found.
#[derive(Debug, Default)]
pub struct Found {
    pub cases: usize,
    pub accepted_by_both: usize,
    pub refused_alike: usize,
    /// Differences that the list explains, by the listed cases.
    pub explained: BTreeMap<String, usize>,
    pub other_paths: usize,
    pub failures: Vec<String>,
}

/// Searches with this seed; the n-th case of a seed does not depend on how many are run.
pub fn search(seed: u64, count: usize, list: &Divergences, ask: Ask) -> Found {
    let fixed: Vec<Case> = cases::all()
        .into_iter()
        .filter(is_worth_combining)
        .collect();
    let mut found = Found::default();
    for n in 0..count {
        let mut rng = Rng(seed.wrapping_mul(1_000_003).wrapping_add(n as u64));
        let changes = choose(&fixed, &mut rng);
        found.weigh(n, &changes, list, ask);
    }
    found
}

/// Long chains take up most of the time, and what no provider can verify hides all else.
fn is_worth_combining(case: &Case) -> bool {
    let excluded = [
        "100-inter",
        "101-inter",
        "forty",
        "dsa2048",
        "brainpool",
        "k256",
        "p224",
        "ed448",
        "rsa-pss",
        "sha224",
    ];
    !excluded.iter().any(|part| case.name.contains(part))
}

/// A change to the plan, with a name that a later run understands.
#[derive(Clone)]
pub enum Change {
    Fixed(Case),
    Random(&'static str, mutate::Mutation, u64),
}

impl Change {
    fn apply(&self, plan: &mut Plan) {
        match self {
            Self::Fixed(case) => case.apply(plan),
            Self::Random(_, mutation, seed) => mutation(plan, &mut Rng(*seed)),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Fixed(case) => case.name.clone(),
            Self::Random(name, _, seed) => format!("random/{name}#{seed:x}"),
        }
    }
}

fn choose(fixed: &[Case], rng: &mut Rng) -> Vec<Change> {
    let count = 1 + rng.below(4);
    let change = |rng: &mut Rng| match rng.one_in(2) {
        true => Change::Fixed(rng.pick(fixed)),
        false => {
            let (name, mutation) = rng.pick(mutate::ALL);
            Change::Random(name, mutation, rng.next())
        }
    };
    (0..count).map(|_| change(rng)).collect()
}

/// The changes that a name of the form `a+b+c` lists.
///
/// # Errors
///
/// A part is no case, or no mutation with its seed.
pub fn by_name(name: &str) -> Result<Vec<Change>, String> {
    let fixed = cases::all();
    let part = |part: &str| {
        let random = part.strip_prefix("random/").and_then(|r| r.split_once('#'));
        let known = match random {
            Some((kind, seed)) => {
                let mutation = mutate::ALL.iter().find(|m| m.0 == kind);
                let seed = u64::from_str_radix(seed, 16).ok();
                mutation
                    .zip(seed)
                    .map(|(m, seed)| Change::Random(m.0, m.1, seed))
            }
            None => fixed
                .iter()
                .find(|c| c.name == part)
                .cloned()
                .map(Change::Fixed),
        };
        known.ok_or_else(|| format!("there is no case `{part}`"))
    };
    name.split('+').map(part).collect()
}

/// Makes the case.
pub fn build(changes: &[Change]) -> Built {
    let mut plan = Plan::new();
    changes.iter().for_each(|change| change.apply(&mut plan));
    plan.build()
}

impl Found {
    fn weigh(&mut self, n: usize, changes: &[Change], list: &Divergences, ask: Ask) {
        self.cases += 1;
        let case = build(changes);
        match both(&case, ask) {
            Err(panic) => self
                .failures
                .push(format!("#{n} {}: panic: {panic}", named(changes))),
            Ok((openssl, ours)) => match compare::judge(&case, openssl, ours) {
                Judgement::Same if openssl.accepts() => self.accepted_by_both += 1,
                Judgement::Same => self.refused_alike += 1,
                Judgement::AnotherPath => self.other_paths += 1,
                judgement => self.explain(n, changes, judgement, list, ask),
            },
        }
    }

    /// Takes away what the difference does not need; what remains must be listed.
    fn explain(
        &mut self,
        n: usize,
        changes: &[Change],
        judgement: Judgement,
        list: &Divergences,
        ask: Ask,
    ) {
        let smallest = shrink(changes, judgement, ask);
        let (openssl, ours) = both(&build(&smallest), ask).expect("shrinking keeps the difference");
        let names: Vec<_> = smallest.iter().map(Change::name).collect();
        let listed = names
            .iter()
            .find(|name| list.get(name).is_some())
            .map(String::as_str);
        match listed.or_else(|| list.class(openssl, ours)) {
            Some(why) if judgement != Judgement::Laxer => {
                *self.explained.entry(why.into()).or_default() += 1
            }
            _ => {
                let text = format!(
                    "#{n} {}: OpenSSL says {openssl}, we say {ours} ({judgement:?})",
                    names.join("+")
                );
                self.failures.push(text);
            }
        }
    }
}

fn both(case: &Built, ask: Ask) -> Result<(Answer, Answer), String> {
    Ok((oracle::ask(case), compare::guarded(case, ask)?))
}

fn shrink(changes: &[Change], judgement: Judgement, ask: Ask) -> Vec<Change> {
    let mut smallest = changes.to_vec();
    let mut n = 0;
    while n < smallest.len() {
        let mut fewer = smallest.clone();
        fewer.remove(n);
        let case = build(&fewer);
        let is_same = both(&case, ask).is_ok_and(|(o, u)| compare::judge(&case, o, u) == judgement);
        match is_same {
            true => smallest = fewer,
            false => n += 1,
        }
    }
    smallest
}

fn named(changes: &[Change]) -> String {
    changes
        .iter()
        .map(Change::name)
        .collect::<Vec<_>>()
        .join("+")
}
