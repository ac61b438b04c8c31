//! Times each suite beside OpenSSL's: the same work by both, in turn, in one thread.

use std::time::{Duration, Instant};

use compat_suites::memory::Pair;
use compat_suites::openssl_pair::{self, OpenSsl};
use compat_suites::ours::{self, Ours};
use compat_suites::suites::{SUITES, Suite};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    println!(
        "{:<32}{:>22}{:>22}{:>22}",
        "", "handshakes/s", "16 KiB, MB/s", "500 B, messages/s"
    );
    for suite in &SUITES {
        if wanted.is_empty()
            || wanted
                .iter()
                .any(|wanted| suite.name.contains(wanted.as_str()))
        {
            println!("{}", row(suite));
        }
    }
}

/// Ours, OpenSSL's, and how often the second goes into the first.
fn row(suite: &Suite) -> String {
    let (client, server) = (ours::client(suite), ours::server(suite));
    let context = openssl_pair::context(suite);
    let shakes = interleaved(
        || drop(Ours::connect(&client, &server)),
        || drop(OpenSsl::connect(&context)),
    );
    let mut ours = Ours::connect(&client, &server);
    let mut theirs = OpenSsl::connect(&context);
    let mut bulk = |size: usize| {
        let (message, mut buffer, mut other) = (vec![1; size], vec![0; size], vec![0; size]);
        interleaved(
            || ours.send(&message, &mut buffer),
            || theirs.send(&message, &mut other),
        )
    };
    let (large, small) = (bulk(16384), bulk(500));
    format!(
        "{:<32}{}{}{}",
        suite.name,
        figures(shakes, 1.0),
        figures(large, 16384.0 / 1e6),
        figures(small, 1.0)
    )
}

fn figures((ours, theirs): (f64, f64), unit: f64) -> String {
    let ratio = ours / theirs;
    format!("{:>8.0} {:>8.0} {ratio:>4.2}", ours * unit, theirs * unit)
}

/// How often a second each can be done. The best of several rounds in turn counts.
fn interleaved(mut ours: impl FnMut(), mut theirs: impl FnMut()) -> (f64, f64) {
    let mut best = (0f64, 0f64);
    for _ in 0..ROUNDS {
        best.0 = best.0.max(rate(&mut ours));
        best.1 = best.1.max(rate(&mut theirs));
    }
    best
}

fn rate(work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut done = 0;
    while start.elapsed() < ROUND {
        for _ in 0..4 {
            work();
        }
        done += 4;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}

const ROUNDS: usize = 8;
const ROUND: Duration = Duration::from_millis(40);
