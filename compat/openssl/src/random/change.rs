//! What a random case is made of.

use super::mutate::{self, Mutation};
use crate::{
    cases::{self, Case},
    plan::Plan,
    rng::Rng,
};

/// A change to the plan, with a name that a later run understands.
#[derive(Clone)]
pub enum Change {
    Fixed(Case),
    Random(&'static str, Mutation, u64),
}

impl Change {
    pub(super) fn apply(&self, plan: &mut Plan) {
        match self {
            Self::Fixed(case) => case.apply(plan),
            Self::Random(_, mutation, seed) => mutation(plan, &mut Rng(*seed)),
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Fixed(case) => case.name.clone(),
            Self::Random(name, _, seed) => format!("random/{name}#{seed:x}"),
        }
    }
}

/// The fixed cases that random cases are made of.
pub(super) fn combined() -> Vec<Case> {
    let mut all = cases::all();
    all.retain(is_worth_combining);
    all
}

/// Long chains would take up most of the time. There are short ones, and a mutation makes a long one now and then.
fn is_worth_combining(case: &Case) -> bool {
    let excluded = ["50-inter", "99-inter", "100-inter", "101-inter", "forty"];
    !excluded.iter().any(|part| case.name.contains(part))
}

/// One to four changes.
pub(super) fn choose(fixed: &[Case], rng: &mut Rng) -> Vec<Change> {
    let count = 1 + rng.below(4);
    let change = |rng: &mut Rng| match rng.one_in(3) {
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
        let known = match part.strip_prefix("random/").and_then(|r| r.split_once('#')) {
            Some((kind, seed)) => mutation(kind, seed),
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

fn mutation(kind: &str, seed: &str) -> Option<Change> {
    let (name, mutation) = mutate::ALL.iter().find(|m| m.0 == kind)?;
    let seed = u64::from_str_radix(seed, 16).ok()?;
    Some(Change::Random(name, *mutation, seed))
}

/// Makes the plan.
pub fn plan(changes: &[Change]) -> Plan {
    let mut plan = Plan::new();
    changes.iter().for_each(|change| change.apply(&mut plan));
    plan
}

/// The name of a case made of these changes.
pub fn named(changes: &[Change]) -> String {
    let names: Vec<_> = changes.iter().map(Change::name).collect();
    names.join("+")
}
