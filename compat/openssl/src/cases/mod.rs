//! The cases. Each has a name, a change to the plan that has nothing wrong with it, and OpenSSL 3.0's answer.
//!
//! The answer is written down to reveal a case that does not test what it means to test.

mod address;
mod anchor;
mod beside;
mod chain;
mod constraint_forms;
mod constraints;
mod date;
mod encoding;
mod ident;
mod key;
mod leaf;
mod list;
mod list_file;
mod name;
mod purpose;
mod resource;

use std::{fmt, sync::Arc};

use crate::{answer::Answer, plan::Plan};

#[derive(Clone)]
pub struct Case {
    pub name: String,
    /// OpenSSL 3.0's answer.
    pub expect: Answer,
    change: Arc<dyn Fn(&mut Plan) + Send + Sync>,
}

impl Case {
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::new();
        self.apply(&mut plan);
        plan
    }

    pub fn apply(&self, plan: &mut Plan) {
        (self.change)(plan);
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Cases of one topic, whose names begin with it.
pub(crate) struct Topic {
    name: &'static str,
    cases: Vec<Case>,
}

impl Topic {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            cases: Vec::new(),
        }
    }

    fn case(
        &mut self,
        name: &str,
        expect: &str,
        change: impl Fn(&mut Plan) + Send + Sync + 'static,
    ) {
        self.cases.push(Case {
            name: format!("{}/{name}", self.name),
            expect: expect.parse().expect("an answer"),
            change: Arc::new(change),
        });
    }
}

/// All cases, in the order of their topics.
pub fn all() -> Vec<Case> {
    let topics = [
        leaf::cases(),
        ident::cases(),
        purpose::cases(),
        chain::cases(),
        constraints::cases(),
        anchor::cases(),
        beside::cases(),
        encoding::cases(),
        resource::cases(),
        key::cases(),
        date::cases(),
        name::cases(),
        list::cases(),
        list_file::cases(),
    ];
    topics.into_iter().flat_map(|t| t.cases).collect()
}
