//! How often OpenSSL accepts what each mutation makes.

use std::collections::BTreeMap;

use super::{Change, mutate, plan};
use crate::{answer::Answer, compare, oracle, rng::Rng};

/// OpenSSL's answers to one mutation alone, with many seeds.
#[derive(Debug)]
pub struct Mix {
    pub name: &'static str,
    pub answers: BTreeMap<Answer, usize>,
    /// The first seed whose case could not be made.
    pub panic: Option<String>,
}

/// Asks OpenSSL about each mutation, `count` times.
pub fn mix(count: usize) -> Vec<Mix> {
    let mut all = mutate::ALL.to_vec();
    all.dedup_by_key(|m| m.0);
    all.into_iter()
        .map(|(name, mutation)| {
            let mut of_one = Mix {
                name,
                answers: BTreeMap::new(),
                panic: None,
            };
            let mut rng = Rng(1);
            for _ in 0..count {
                of_one.add(&Change::Random(name, mutation, rng.next()));
            }
            of_one
        })
        .collect()
}

impl Mix {
    fn add(&mut self, change: &Change) {
        let one = std::slice::from_ref(change);
        match compare::caught(|| oracle::ask(&plan(one).build())) {
            Ok(answer) => *self.answers.entry(answer).or_default() += 1,
            Err(text) => {
                let told = || format!("{}: {text}", change.name());
                self.panic.get_or_insert_with(told);
            }
        }
    }

    /// How often OpenSSL accepted.
    pub fn accepted(&self) -> usize {
        self.answers.get(&Answer::Accepted).copied().unwrap_or(0)
    }

    pub fn refused(&self) -> usize {
        self.answers.values().sum::<usize>() - self.accepted()
    }
}
