//! Dates as people write them.

use std::time::{SystemTime, UNIX_EPOCH};

use x509_parser::time::ASN1Time;

/// Prints the day, such as `2027-03-01`, of a moment in seconds since the epoch.
pub(crate) fn day(seconds: i64) -> String {
    match ASN1Time::from_timestamp(seconds) {
        Ok(time) => time.to_datetime().date().to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// Full days from now until then; negative if it is past.
pub(crate) fn days_until(seconds: i64) -> i64 {
    seconds.saturating_sub(now()).div_euclid(24 * 60 * 60)
}

pub(crate) fn is_past(seconds: i64) -> bool {
    seconds < now()
}

/// Seconds since the epoch.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_printed_in_utc() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_772_323_199), "2026-02-28");
        assert_eq!(day(1_772_323_200), "2026-03-01");
        assert_eq!(day(i64::MAX), "?");
    }
}
