//! How long to wait before the next attempt. A registrar that restarts loses all its clients at once, and has to get
//! them back one after the other.

use std::time::Duration;

/// The pauses between attempts ([RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4.5)): they grow from `base`,
/// and are partly random, so that the clients of a server that restarts do not all come at once.
#[derive(Debug)]
pub(super) struct Backoff {
    base: Duration,
    failures: u32,
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Failed {
    /// The attempt failed.
    Attempt,
    /// A connection was lost after it had been registered for this long.
    Lost(Duration),
    /// The registrar refused us. The same request would be refused again.
    Refused,
}

impl Backoff {
    pub(super) fn new(base: Duration) -> Self {
        Self { base, failures: 0 }
    }

    /// Returns the pause. `chance` is a random number from 0 to 1.
    pub(super) fn pause(&mut self, failed: Failed, chance: f64) -> Duration {
        let longest = LONGEST.max(self.base);
        match failed {
            Failed::Lost(lived) if lived >= self.base => {
                self.failures = 0;
                return (self.base / 10).mul_f64(chance);
            }
            Failed::Refused => self.failures = MOST_FAILURES,
            Failed::Attempt | Failed::Lost(_) => {
                self.failures = MOST_FAILURES.min(self.failures + 1);
            }
        }
        let grown = match failed {
            Failed::Refused => longest,
            _ => self.base.saturating_mul(1 << self.failures).min(longest),
        };
        grown.mul_f64(0.5 + 0.5 * chance)
    }
}

/// RFC 5626, section 4.5, names this as the default of the longest pause.
const LONGEST: Duration = Duration::from_secs(1800);
const MOST_FAILURES: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(backoff: &mut Backoff, failed: Failed, chance: f64) -> f64 {
        backoff.pause(failed, chance).as_secs_f64()
    }

    #[test]
    fn pauses_double_up_to_half_an_hour_and_are_cut_by_chance() {
        let mut backoff = Backoff::new(Duration::from_secs(30));
        let least: Vec<_> = (0..8)
            .map(|_| seconds(&mut backoff, Failed::Attempt, 0.0))
            .collect();
        assert_eq!(
            least,
            [30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0, 900.0]
        );
        assert_eq!(seconds(&mut backoff, Failed::Attempt, 1.0), 1800.0);
        for _ in 0..100 {
            assert_eq!(seconds(&mut backoff, Failed::Attempt, 0.5), 1350.0);
        }
    }

    #[test]
    fn a_connection_that_worked_is_made_anew_soon() {
        let mut backoff = Backoff::new(Duration::from_secs(30));
        seconds(&mut backoff, Failed::Attempt, 0.0);
        let lived = |seconds| Failed::Lost(Duration::from_secs(seconds));
        assert_eq!(seconds(&mut backoff, lived(30), 1.0), 3.0);
        assert_eq!(seconds(&mut backoff, lived(30), 0.0), 0.0);
        assert_eq!(seconds(&mut backoff, Failed::Attempt, 0.0), 30.0);
        // A connection that does not last is a failure like others.
        assert_eq!(seconds(&mut backoff, lived(29), 0.0), 60.0);
        assert_eq!(seconds(&mut backoff, lived(1), 0.0), 120.0);
    }

    #[test]
    fn a_registrar_that_refuses_is_left_alone_for_long() {
        let mut backoff = Backoff::new(Duration::from_millis(200));
        assert_eq!(seconds(&mut backoff, Failed::Refused, 0.0), 900.0);
        assert_eq!(seconds(&mut backoff, Failed::Refused, 1.0), 1800.0);
        let mut slow = Backoff::new(Duration::from_secs(7200));
        assert_eq!(seconds(&mut slow, Failed::Refused, 1.0), 7200.0);
    }
}
