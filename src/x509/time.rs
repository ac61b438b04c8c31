use super::der::{Element, GENERALIZED_TIME, Reader, UTC_TIME};

/// A point in time, in seconds since 1970; `None` if it is written in another way than RFC 5280 allows.
///
/// OpenSSL reads certificates and lists with such a time, and refuses them once it needs to know when that is
/// (`X509_cmp_time(3)`).
pub(crate) type Time = Option<i64>;

impl<'a> Reader<'a> {
    /// Reads a Time of any content.
    pub(crate) fn time(&mut self) -> Option<Time> {
        let element = self.next()?;
        if !matches!(element.tag, UTC_TIME | GENERALIZED_TIME) {
            return None;
        }
        element.string()?;
        Some(seconds(element))
    }

    /// Reads a Time, if the next element is one.
    pub(crate) fn optional_time(&mut self) -> Option<Option<Time>> {
        match self.peek() {
            Some(UTC_TIME | GENERALIZED_TIME) => self.time().map(Some),
            _ => Some(None),
        }
    }
}

/// Returns the time if it is given to the second and in UTC (RFC 5280, section 4.1.2.5).
fn seconds(element: Element<'_>) -> Time {
    let text = element.string()?;
    let (year_digits, digits) = match (element.tag, &*text) {
        (UTC_TIME, [digits @ .., b'Z']) if digits.len() == 12 => (2, digits),
        (GENERALIZED_TIME, [digits @ .., b'Z']) if digits.len() == 14 => (4, digits),
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, rest) = digits.split_at(year_digits);
    let year = match (year_digits, number(year)) {
        (2, year @ 0..50) => 2000 + year,
        (2, year) => 1900 + year,
        (_, year) => year,
    };
    let field = |i: usize| number(&rest[2 * i..2 * i + 2]);
    let (month, day, hour, minute, second) = (field(0), field(1), field(2), field(3), field(4));
    let in_range = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    in_range.then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(digits: &[u8]) -> i64 {
    let value = |n: i64, digit: &u8| n * 10 + i64::from(digit - b'0');
    digits.iter().fold(0, value)
}

fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let of_year: i64 = (1..month).map(|month| days_in(year, month)).sum();
    365 * before + leap_days + of_year + day - 1 - DAYS_TO_1970
}

const DAYS_TO_1970: i64 = 719_162;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der::encode;

    #[test]
    fn times_are_seconds_since_the_epoch() {
        // `date -u -d ... +%s`
        let cases = [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "500101000000Z", Some(-631_152_000)),
            (UTC_TIME, "240229120000Z", Some(1_709_208_000)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
            (GENERALIZED_TIME, "19000301000000Z", Some(-2_203_891_200)),
            (UTC_TIME, "230229120000Z", None),
            (UTC_TIME, "2401011200Z", None),
            (UTC_TIME, "240101120000+0100", None),
            (UTC_TIME, "240101120060Z", None),
            (UTC_TIME, "241301120000Z", None),
            (GENERALIZED_TIME, "20240101120000.5Z", None),
            (GENERALIZED_TIME, "240101120000Z", None),
            (UTC_TIME, "", None),
        ];
        for (tag, text, expected) in cases {
            let der = encode(tag, text.as_bytes());
            assert_eq!(Reader::new(&der).time(), Some(expected), "{text}");
        }
        assert_eq!(Reader::new(&encode(0x0c, b"700101000000Z")).time(), None);
    }
}
