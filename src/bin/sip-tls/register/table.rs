//! The table that `--register` draws on a terminal.
//!
//! It has one row for each line of the configuration, also for those that cannot be registered.

use std::time::{Duration, Instant};

use super::board::Row;
use super::record::State;
use crate::output::{Table, printable};

/// Formats a table of all lines of the configuration.
pub(super) fn lines(rows: &[Row], now: Instant) -> Vec<String> {
    let mut table = Table::new([
        "user",
        "server",
        "state",
        "since",
        "until",
        "peer",
        "last event",
    ])
    .wide();
    for row in rows {
        let until = row.until.map(|until| until.saturating_duration_since(now));
        table.row([
            printable(&row.user),
            row.server.clone().unwrap_or_default(),
            row.state.painted(),
            time(now.saturating_duration_since(row.since)),
            match (row.state, until) {
                (State::Registered, Some(left)) => format!("expires in {}", time(left)),
                (_, Some(left)) => format!("again in {}", time(left)),
                (_, None) => String::new(),
            },
            row.peer.map(|peer| peer.to_string()).unwrap_or_default(),
            printable(&row.event),
        ]);
    }
    table.lines()
}

/// Formats a duration in the largest unit of which there are at least two.
fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (seconds, text) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7199, "119 min"),
            (7200, "2 h"),
            (200_000, "2 days"),
        ] {
            assert_eq!(time(Duration::from_secs(seconds)), text);
        }
    }
}
