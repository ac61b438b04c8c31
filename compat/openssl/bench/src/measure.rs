//! How all work is timed: the sides take turns, only CPU time counts, and the result is the median of the ratios of
//! all rounds.

use std::hint::black_box;
use std::time::Duration;

use crate::clock;

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Measures everything once and little of it, which only shows that it works.
    pub smoke: bool,
    /// The seconds for all rounds of one row.
    pub budget: f64,
    /// Only rows whose names hold one of these words; all if there is none.
    pub words: Vec<&'static str>,
}

impl Effort {
    pub fn full() -> Self {
        Self {
            smoke: false,
            budget: 2.0,
            words: Vec::new(),
        }
    }

    pub fn smoke() -> Self {
        Self {
            smoke: true,
            ..Self::full()
        }
    }

    /// Returns `smoke` if this is a smoke test, otherwise `full`.
    pub fn pick<T>(&self, full: T, smoke: T) -> T {
        if self.smoke { smoke } else { full }
    }

    /// Whether a row of this name is measured.
    pub fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }
}

/// One side's work.
pub struct Lane<'a>(Turn<'a>);

/// Does the work this many times, and returns how long it took.
type Turn<'a> = Box<dyn FnMut(u32) -> Duration + 'a>;

impl<'a> Lane<'a> {
    /// Work whose time includes dropping its result: whoever makes a connection has to end it as well.
    pub fn new<T>(mut work: impl FnMut() -> T + 'a) -> Self {
        Self(Box::new(move |times| {
            let start = clock::now();
            for _ in 0..times {
                black_box(work());
            }
            clock::now() - start
        }))
    }

    /// Work whose time does not include dropping its result: whoever loads something keeps it.
    pub fn keeping<T>(mut work: impl FnMut() -> T + 'a) -> Self {
        Self::timed(move |times| (0..times).map(|_| time(&mut work)).sum())
    }

    /// Work that measures its time itself.
    pub fn timed(work: impl FnMut(u32) -> Duration + 'a) -> Self {
        Self(Box::new(work))
    }
}

/// Measures the time of work whose result is dropped after the clock has stopped.
pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = clock::now();
    let result = black_box(work());
    let taken = clock::now() - start;
    drop(result);
    taken
}

/// The times of each lane in each round, in seconds for one piece of work.
pub struct Race(Vec<Vec<f64>>);

/// Runs the lanes in turn, and begins each round with another lane, so that other work of the machine slows all of
/// them.
pub fn race(effort: &Effort, mut lanes: Vec<Lane<'_>>) -> Race {
    let once: Vec<f64> = lanes.iter_mut().map(|lane| warm(effort, lane)).collect();
    let times: Vec<u32> = once.iter().map(|time| turns(effort, *time)).collect();
    let round: f64 = once
        .iter()
        .zip(&times)
        .map(|(o, t)| o * f64::from(*t))
        .sum();
    let rounds = match effort.smoke {
        true => 1,
        false => ((effort.budget / round) as usize).clamp(FEWEST, MOST),
    };
    let mut all = vec![Vec::with_capacity(rounds); lanes.len()];
    for round in 0..rounds {
        for n in 0..lanes.len() {
            let lane = (round + n) % lanes.len();
            let taken = (lanes[lane].0)(times[lane]);
            all[lane].push(taken.as_secs_f64() / f64::from(times[lane]));
        }
    }
    Race(all)
}

/// The time of one piece of work, when caches are warm.
fn warm(effort: &Effort, lane: &mut Lane<'_>) -> f64 {
    let first = (lane.0)(1).as_secs_f64();
    match effort.smoke || first > LONG {
        true => first,
        false => (lane.0)(3).as_secs_f64() / 3.0,
    }
}

fn turns(effort: &Effort, once: f64) -> u32 {
    match effort.smoke {
        true => 1,
        false => ((TURN / once.max(1e-9)) as u32).clamp(1, 100_000),
    }
}

/// Seconds of one turn, unless one piece of work takes longer.
const TURN: f64 = 0.004;
/// Work that takes more seconds than this is not run again before it is measured.
const LONG: f64 = 0.05;
const FEWEST: usize = 5;
const MOST: usize = 301;

impl Race {
    /// Makes a race of times that were measured elsewhere, the same number for each lane.
    pub fn of(times: Vec<Vec<f64>>) -> Self {
        Self(times)
    }

    /// The median time of one piece of work.
    pub fn time(&self, lane: usize) -> f64 {
        Spread::of(self.0[lane].clone()).median
    }

    /// How many times as long as `ours` the other takes.
    pub fn ratio(&self, ours: usize, other: usize) -> Spread {
        let rounds = self.0[ours].iter().zip(&self.0[other]);
        Spread::of(rounds.map(|(ours, other)| other / ours).collect())
    }
}

/// The middle of many ratios, and where the middle half of them lies.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    /// # Panics
    ///
    /// There is no value.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let at = |part: usize| values[(values.len() - 1) * part / 4];
        Self {
            low: at(1),
            median: at(2),
            high: at(3),
        }
    }

    /// The spread of one value, measured once.
    pub fn exact(value: f64) -> Self {
        Self::of(vec![value])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds() {
        let race = Race(vec![vec![1.0, 2.0, 4.0], vec![3.0, 4.0, 4.0]]);
        let spread = race.ratio(0, 1);
        assert_eq!((spread.low, spread.median, spread.high), (1.0, 2.0, 2.0));
        assert_eq!(race.time(0), 2.0);
    }

    #[test]
    fn each_lane_works_in_each_round() {
        let (mut one, mut other) = (0, 0);
        let lanes = vec![
            Lane::new(|| one += 1),
            Lane::timed(|times| {
                other += times;
                Duration::from_millis(1)
            }),
        ];
        let race = race(&Effort::smoke(), lanes);
        assert_eq!(race.time(1), 0.001);
        assert_eq!((one, other), (2, 2));
    }
}
