use std::{
    fmt,
    time::{Duration, Instant},
};

/// One line: the same work by both.
pub struct Row {
    pub name: String,
    pub ours: Figure,
    pub openssl: Figure,
}

/// What was measured; less is better.
#[derive(Clone, Copy)]
pub enum Figure {
    Bytes(u64),
    Time(Duration),
}

impl Row {
    /// Runs both in turn, and takes the medians.
    pub fn time<A, B>(
        name: impl Into<String>,
        runs: usize,
        ours: impl FnMut() -> A,
        openssl: impl FnMut() -> B,
    ) -> Self {
        let (ours, openssl) = interleaved(runs, ours, openssl);
        Self {
            name: name.into(),
            ours: Figure::Time(ours),
            openssl: Figure::Time(openssl),
        }
    }
}

/// The medians of work that is done in turn, so that whatever else the machine does slows down both.
pub fn interleaved<A, B>(
    runs: usize,
    mut first: impl FnMut() -> A,
    mut second: impl FnMut() -> B,
) -> (Duration, Duration) {
    let mut times = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    for _ in 0..runs {
        times.0.push(timed(&mut first));
        times.1.push(timed(&mut second));
    }
    (median(times.0), median(times.1))
}

/// The result is dropped after the clock has stopped.
fn timed<T>(work: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    let taken = start.elapsed();
    drop(result);
    taken
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

impl Figure {
    fn value(self) -> f64 {
        match self {
            Self::Bytes(bytes) => bytes as f64,
            Self::Time(time) => time.as_secs_f64(),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Bytes(bytes) => format!("{:.1} MB", *bytes as f64 / 1e6),
            Self::Time(time) => format!("{:.3?}", time),
        };
        f.pad(&text)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self.ours.value() / self.openssl.value();
        write!(
            f,
            "{:<44}{:>12}{:>12}{ratio:>14.3}",
            self.name, self.ours, self.openssl
        )
    }
}
