//! One row of a table, and its target.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::measure::{Race, Spread};

/// The same work, done by us and by another implementation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Row {
    pub name: String,
    pub ours: Figure,
    pub other: Option<Other>,
    pub target: Option<Target>,
    /// The ratio if OpenSSL runs without AVX-512.
    pub without_avx512: Option<Spread>,
    /// The place of the row in a plot.
    pub point: Option<Point>,
}

/// Who does the same work, and how it went.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Other {
    pub who: String,
    pub figure: Figure,
    /// How many times as much as ours it is: above 1, we are ahead. `None` for allocations.
    pub ratio: Option<Spread>,
}

/// What was measured; less is better.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Figure {
    Bytes(f64),
    Count(f64),
    Seconds(f64),
}

/// The target of a figure.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Target {
    /// Our figure is at most this, in its own unit.
    AtMost(f64),
    /// We are at least this many times as fast, or as small.
    Times(f64),
    /// Our figure is at most this share of the other one.
    Share(f64),
}

/// A value of a line or bar in a plot.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Point {
    pub series: String,
    pub x: f64,
}

impl Row {
    /// Makes a row of our figure alone.
    pub fn alone(name: impl Into<String>, ours: Figure) -> Self {
        Self {
            name: name.into(),
            ours,
            other: None,
            target: None,
            without_avx512: None,
            point: None,
        }
    }

    /// Makes a row of two lanes of a race.
    pub fn of_race(
        name: impl Into<String>,
        race: &Race,
        ours: usize,
        (who, other): (&str, usize),
    ) -> Self {
        let figure = Figure::Seconds(race.time(other));
        let ratio = race.ratio(ours, other);
        Self::alone(name, Figure::Seconds(race.time(ours))).beside(who, figure, Some(ratio))
    }

    /// Makes a row of two figures that are the same each time.
    pub fn exact(name: impl Into<String>, ours: Figure, who: &str, other: Figure) -> Self {
        let is_count = matches!(ours, Figure::Count(_));
        let ratio = (!is_count).then(|| Spread::exact(other.value() / ours.value()));
        Self::alone(name, ours).beside(who, other, ratio)
    }

    fn beside(mut self, who: &str, figure: Figure, ratio: Option<Spread>) -> Self {
        self.other = Some(Other {
            who: who.into(),
            figure,
            ratio,
        });
        self
    }

    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    pub fn point(mut self, series: &str, x: f64) -> Self {
        self.point = Some(Point {
            series: series.into(),
            x,
        });
        self
    }

    /// The target in words, and whether it is met.
    pub fn verdict(&self) -> Option<String> {
        let target = self.target?;
        let ratio = self
            .other
            .as_ref()
            .and_then(|other| Some(other.ratio?.median));
        let (wanted, is_met) = match target {
            Target::AtMost(most) => {
                let wanted = format!("≤ {}", self.ours.with(most));
                (wanted, self.ours.value() <= most)
            }
            Target::Times(least) => (format!("≥ {least}"), ratio? >= least),
            Target::Share(most) => {
                let share = 1.0 / ratio?;
                (format!("≤ {most} of it ({share:.3})"), share <= most)
            }
        };
        let verdict = if is_met { "met" } else { "**missed**" };
        Some(format!("{wanted}: {verdict}"))
    }
}

impl Other {
    pub fn ratio_text(&self) -> String {
        self.ratio
            .map_or_else(String::new, |ratio| ratio.to_string())
    }
}

impl Figure {
    pub fn value(self) -> f64 {
        match self {
            Self::Bytes(value) | Self::Count(value) | Self::Seconds(value) => value,
        }
    }

    /// Another value in the same unit.
    fn with(self, value: f64) -> Self {
        match self {
            Self::Bytes(_) => Self::Bytes(value),
            Self::Count(_) => Self::Count(value),
            Self::Seconds(_) => Self::Seconds(value),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Bytes(bytes) => scaled(*bytes, &[("B", 1.0), ("kB", 1e3), ("MB", 1e6)]),
            Self::Count(count) => format!("{count:.0}"),
            Self::Seconds(time) => {
                let units = [("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)];
                scaled(*time, &units)
            }
        };
        f.pad(&text)
    }
}

/// Formats a value with three digits, in the largest unit that makes it at least one.
fn scaled(value: f64, units: &[(&str, f64)]) -> String {
    let fits = |unit: &&(&str, f64)| value >= unit.1;
    let (name, unit) = units.iter().rev().find(fits).unwrap_or(&units[0]);
    let scaled = value / unit;
    match scaled {
        ..10.0 => format!("{scaled:.2} {name}"),
        10.0..100.0 => format!("{scaled:.1} {name}"),
        _ => format!("{scaled:.0} {name}"),
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.low == self.high {
            true => f.pad(&format!("{:.2}", self.median)),
            false => f.pad(&format!(
                "{:.2} ({:.2}–{:.2})",
                self.median, self.low, self.high
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_or_missed() {
        let row =
            |ours, other| Row::exact("work", Figure::Bytes(ours), "OpenSSL", Figure::Bytes(other));
        for (row, verdict) in [
            (row(10.0, 29.0).target(Target::Times(2.9)), "≥ 2.9: met"),
            (
                row(10.0, 28.0).target(Target::Times(2.9)),
                "≥ 2.9: **missed**",
            ),
            (
                row(20.0, 80.0).target(Target::Share(0.25)),
                "≤ 0.25 of it (0.250): met",
            ),
            (
                row(22e3, 80e3).target(Target::AtMost(21e3)),
                "≤ 21.0 kB: **missed**",
            ),
        ] {
            assert_eq!(row.verdict().unwrap(), verdict);
        }
    }

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        for (figure, text) in [
            (Figure::Seconds(1.234e-6), "1.23 µs"),
            (Figure::Seconds(0.0456), "45.6 ms"),
            (Figure::Seconds(0.0), "0.00 ns"),
            (Figure::Bytes(35_700.0), "35.7 kB"),
            (Figure::Count(193.0), "193"),
        ] {
            assert_eq!(figure.to_string(), text);
        }
    }
}
