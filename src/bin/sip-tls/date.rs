//! Reading and printing of dates.
//!
//! Days are those of UTC, as in the output of OpenSSL. The library is given the time; only the
//! program asks the clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::time::ASN1Time;

/// Prints the day, such as `2027-03-01`, of a moment in seconds since the epoch.
pub(crate) fn day(seconds: i64) -> String {
    match ASN1Time::from_timestamp(seconds) {
        Ok(time) => time.to_datetime().date().to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// Counts the full days from now until a moment; negative if the moment is past.
pub(crate) fn days_until(seconds: i64) -> i64 {
    seconds.saturating_sub(now()).div_euclid(24 * 60 * 60)
}

/// Tells how many days are left until a moment, or have passed since.
pub(crate) fn in_days(seconds: i64) -> String {
    match days_until(seconds) {
        1 => "in 1 day".to_owned(),
        days if days >= 0 => format!("in {days} days"),
        -1 => "EXPIRED 1 day ago".to_owned(),
        days => format!("EXPIRED {} days ago", -days),
    }
}

/// Formats the length of a wait.
pub(crate) fn seconds(wait: Duration) -> String {
    match wait.as_secs_f32() {
        _ if wait == Duration::from_secs(1) => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

/// Whether a moment is over.
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

/// Converts a moment to the type of rustls. A moment before 1970 becomes the start of 1970.
pub(crate) fn unix(seconds: i64) -> UnixTime {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// Reads a moment: seconds since the epoch, or a date and time (RFC 3339).
pub(crate) fn read(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(time) => Ok(time.unix_timestamp()),
        Err(_) => {
            Err("neither seconds since 1970 nor a time such as 2027-03-01T12:00:00Z".to_owned())
        }
    }
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

    #[test]
    fn a_moment_is_seconds_or_a_time_with_its_offset() {
        assert_eq!(read("1772323199"), Ok(1_772_323_199));
        assert_eq!(read("-1"), Ok(-1));
        assert_eq!(read("2026-02-28T23:59:59Z"), Ok(1_772_323_199));
        assert_eq!(read("2026-03-01T01:59:59+02:00"), Ok(1_772_323_199));
        assert_eq!(read("2026-02-28t18:59:59.9-05:00"), Ok(1_772_323_199));
        for text in [
            "",
            "2026-02-28",
            "2026-02-30T00:00:00Z",
            "2026-02-28T23:59:59",
            "soon",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
