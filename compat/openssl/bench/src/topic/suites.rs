//! Messages and records in each suite.

use compat_suites::memory::Pair;
use compat_suites::openssl_pair::{self, OpenSsl};
use compat_suites::ours::{self, Ours};
use compat_suites::suites::{SUITES, Suite};

use super::Topic;
use crate::measure::{Effort, Lane, race};
use crate::row::{Row, Target};

pub static TOPIC: Topic = Topic {
    name: "suites",
    title: "Messages and records in each suite",
    choices: "One connection of each side, over memory, in one thread: the client writes, the server reads. 500 and 1,400 bytes \
              are one record each, 16,384 bytes fill one. Neither side makes an effort beyond its defaults, but OpenSSL is \
              told not to use encrypt-then-MAC with CBC, which rustls does not have.",
    avx512: &["CHACHA20"],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    // There are many rows, and their work is the same each time.
    let effort = &Effort {
        budget: 0.6,
        ..effort.clone()
    };
    let wanted = SUITES.iter().filter(|suite| effort.wants(suite.name));
    wanted.flat_map(|suite| of_suite(effort, suite)).collect()
}

fn of_suite(effort: &Effort, suite: &Suite) -> Vec<Row> {
    let mut ours = Ours::connect(&ours::client(suite), &ours::server(suite));
    let mut other = OpenSsl::connect(&openssl_pair::context(suite));
    let row = |size: usize| {
        let (message, mut near, mut far) = (vec![1; size], vec![0; size], vec![0; size]);
        let lanes = vec![
            Lane::new(|| ours.send(&message, &mut near)),
            Lane::new(|| other.send(&message, &mut far)),
        ];
        let name = format!("{}, {size} bytes", suite.name);
        let mut row = Row::of_race(name, &race(effort, lanes), 0, ("OpenSSL", 1));
        row.target = target(suite, size);
        row
    };
    [500, 1_400, 16_384].into_iter().map(row).collect()
}

fn target(suite: &Suite, size: usize) -> Option<Target> {
    let asked = size == 500 && suite.name.contains("GCM");
    let times = if suite.is_tls13() { 1.3 } else { 1.1 };
    asked.then_some(Target::Times(times))
}
