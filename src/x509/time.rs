//! Times in certificates and lists (RFC 5280, section 4.1.2.5), read as OpenSSL's `ossl_asn1_time_to_tm` reads them.
//!
//! OpenSSL never fails to read a certificate because of its times. It looks at them when it compares them, and then
//! gives an error such as 13 or 14. So a [`Time`] has two values, either of which may be missing.

use super::der::{Element, GENERALIZED_TIME, Reader, UTC_TIME};

/// A Time (RFC 5280, section 4.1.2.5), in seconds since 1970.
///
/// OpenSSL reads certificates and lists whatever their times contain.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Time {
    /// The time, if it is given to the second and in UTC: OpenSSL compares no other form with the clock
    /// (`X509_cmp_time(3)`).
    pub(crate) valid: Option<i64>,
    /// The time, even if it is given without seconds, with a fraction or in another zone: OpenSSL compares two times
    /// in this way (`ASN1_TIME_compare(3)`).
    pub(crate) comparable: Option<i64>,
}

impl Time {
    /// The time of a given second. Trust anchors without a certificate have such times.
    pub(crate) const fn at(seconds: i64) -> Self {
        Self {
            valid: Some(seconds),
            comparable: Some(seconds),
        }
    }

    /// Whether this time is after `other`; false if they cannot be compared.
    pub(crate) fn is_after(self, other: Self) -> bool {
        let both = self.comparable.zip(other.comparable);
        both.is_some_and(|(this, other)| this > other)
    }
}

impl<'a> Reader<'a> {
    /// Reads a Time of any content.
    ///
    /// `None` if the next element is no time at all: then OpenSSL does not read the certificate.
    pub(crate) fn time(&mut self) -> Option<Time> {
        let element = self.next()?;
        if !matches!(element.tag, UTC_TIME | GENERALIZED_TIME) {
            return None;
        }
        element.string()?;
        Some(parse(element).unwrap_or_default())
    }

    /// Reads a Time, if the next element is one.
    ///
    /// A list may leave out its nextUpdate, and then never expires.
    pub(crate) fn optional_time(&mut self) -> Option<Option<Time>> {
        match self.peek() {
            Some(UTC_TIME | GENERALIZED_TIME) => self.time().map(Some),
            _ => Some(None),
        }
    }
}

/// Two-digit years below 50 are in this century, as RFC 5280, section 4.1.2.5.1, says. There are no leap seconds.
/// Fractions are read and dropped, in a GeneralizedTime alone.
fn parse(element: Element<'_>) -> Option<Time> {
    let text = element.string()?;
    let mut rest = &*text;
    let year = match element.tag {
        UTC_TIME => match number(&mut rest)? {
            year @ 0..50 => 2000 + year,
            year => 1900 + year,
        },
        _ => number(&mut rest)? * 100 + number(&mut rest)?,
    };
    let month = number(&mut rest).filter(|month| (1..=12).contains(month))?;
    let day = number(&mut rest).filter(|day| (1..=days_in(year, month)).contains(day))?;
    let hour = number(&mut rest).filter(|hour| *hour < 24)?;
    let minute = number(&mut rest).filter(|minute| *minute < 60)?;
    let (has_seconds, second) = match rest.first()? {
        b'Z' | b'+' | b'-' => (false, 0),
        _ => (true, number(&mut rest).filter(|second| *second < 60)?),
    };
    let is_strict = has_seconds && rest == b"Z";
    if element.tag == GENERALIZED_TIME
        && let Some(digits) = rest.strip_prefix(b".")
    {
        let count = digits.iter().take_while(|octet| octet.is_ascii_digit());
        rest = &digits[count.count()..];
        if rest.len() == digits.len() {
            return None;
        }
    }
    let local = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    let seconds = local - zone(rest)?;
    Some(Time {
        valid: is_strict.then_some(seconds),
        comparable: Some(seconds),
    })
}

/// Reads a time zone, in seconds east of Greenwich.
///
/// A zone of more than 12 hours is none.
fn zone(text: &[u8]) -> Option<i64> {
    let (sign, mut rest) = match text.split_first()? {
        (b'Z', []) => return Some(0),
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let hours = number(&mut rest).filter(|hours| *hours <= 12)?;
    let minutes = number(&mut rest).filter(|minutes| *minutes < 60)?;
    rest.is_empty()
        .then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads a number of two digits.
fn number(rest: &mut &[u8]) -> Option<i64> {
    let (digits, after) = rest.split_first_chunk::<2>()?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    *rest = after;
    Some(i64::from(digits[0] - b'0') * 10 + i64::from(digits[1] - b'0'))
}

/// Returns the number of days of a month.
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

/// The days from 0001-01-01 to 1970-01-01.
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
            (UTC_TIME, "240101126000Z", None),
            (UTC_TIME, "240101240000Z", None),
            (UTC_TIME, "240100120000Z", None),
            (UTC_TIME, "240132120000Z", None),
            (UTC_TIME, "240001120000Z", None),
            (UTC_TIME, "241301120000Z", None),
            (GENERALIZED_TIME, "20240101120000.5Z", None),
            (GENERALIZED_TIME, "240101120000Z", None),
            (UTC_TIME, "", None),
        ];
        for (tag, text, expected) in cases {
            let der = encode(tag, text.as_bytes());
            let found = Reader::new(&der).time().map(|time| time.valid);
            assert_eq!(found, Some(expected), "{text}");
        }
        assert_eq!(Reader::new(&encode(0x0c, b"700101000000Z")).time(), None);
    }

    #[test]
    fn months_have_as_many_days_as_in_the_gregorian_calendar() {
        let days_of = |year: u32| {
            let is_leap = matches!(year, 2000 | 2024 | 2400);
            let february = if is_leap { 29 } else { 28 };
            [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        let seconds = |year: u32, month: usize, day: u32| {
            let text = format!("{year}{month:02}{day:02}000000Z");
            let der = encode(GENERALIZED_TIME, text.as_bytes());
            Reader::new(&der).time().unwrap().valid
        };
        // `date -u -d YEAR-01-01 +%s`
        let years = [
            (1900, -2_208_988_800),
            (2000, 946_684_800),
            (2023, 1_672_531_200),
            (2024, 1_704_067_200),
            (2100, 4_102_444_800),
            (2400, 13_569_465_600),
        ];
        for (year, start) in years {
            let mut expected = start;
            for (month, days) in (1..).zip(days_of(year)) {
                for day in 1..=days {
                    assert_eq!(
                        seconds(year, month, day),
                        Some(expected),
                        "{year} {month} {day}"
                    );
                    expected += 86_400;
                }
                assert_eq!(seconds(year, month, days + 1), None, "{year} {month}");
            }
        }
    }

    #[test]
    fn the_later_of_two_times_is_after_the_other() {
        let time = Time::at;
        assert_eq!((time(5).valid, time(5).comparable), (Some(5), Some(5)));
        assert!(time(5).is_after(time(4)) && time(0).is_after(time(-1)));
        assert!(!time(5).is_after(time(5)) && !time(4).is_after(time(5)));
        let unknown = Time::default();
        assert!(!unknown.is_after(time(5)) && !time(5).is_after(unknown));
        assert!(!unknown.is_after(unknown));
        // Only one of the two is given to the second.
        let minutes = Time {
            valid: None,
            ..time(60)
        };
        assert!(minutes.is_after(time(59)) && time(61).is_after(minutes));
    }

    #[test]
    fn a_time_may_be_absent() {
        let read = |der: &[u8]| {
            let mut reader = Reader::new(der);
            Some((reader.optional_time()?, reader.rest().len()))
        };
        let utc = encode(UTC_TIME, b"700101000000Z");
        let generalized = encode(GENERALIZED_TIME, b"19700101000001Z");
        assert_eq!(read(&utc), Some((Some(Time::at(0)), 0)));
        assert_eq!(read(&generalized), Some((Some(Time::at(1)), 0)));
        let both = [utc.clone(), generalized].concat();
        assert_eq!(
            read(&both),
            Some((Some(Time::at(0)), both.len() - utc.len()))
        );
        assert_eq!(read(&[]), Some((None, 0)));
        assert_eq!(read(&[0x0c, 1, 7]), Some((None, 3)));
        assert_eq!(
            read(&encode(UTC_TIME, b"never")),
            Some((Some(Time::default()), 0))
        );
        assert_eq!(read(&[0x37, 1, 7]), None);
    }

    #[test]
    fn times_in_other_forms_can_be_compared() {
        let cases = [
            (UTC_TIME, "7001010000Z", Some(0)),
            (UTC_TIME, "700101000007+0100", Some(-3593)),
            (UTC_TIME, "7001010000-0030", Some(1800)),
            (GENERALIZED_TIME, "19700101000001.25Z", Some(1)),
            (GENERALIZED_TIME, "197001010000+1200", Some(-43_200)),
            (GENERALIZED_TIME, "19700101000000.Z", None),
            (GENERALIZED_TIME, "19700101000000.5", None),
            (UTC_TIME, "700101000000.5Z", None),
            (UTC_TIME, "700101000000+0059", Some(-3540)),
            (UTC_TIME, "700101000000+0060", None),
            (UTC_TIME, "700101000000-1200", Some(43_200)),
            (UTC_TIME, "700101000000+1300", None),
            (UTC_TIME, "700101000000+01000", None),
            (UTC_TIME, "700101000000ZZ", None),
            (UTC_TIME, "700101000000+0130", Some(-5400)),
            (UTC_TIME, "700101000000-0130", Some(5400)),
            (UTC_TIME, "700101000000", None),
            (UTC_TIME, "700101000000+1", None),
            (UTC_TIME, "700101000000*0100", None),
            (UTC_TIME, "7001010000/0Z", None),
            (UTC_TIME, "7001010000:0Z", None),
            (UTC_TIME, "70010100000", None),
        ];
        for (tag, text, expected) in cases {
            let der = encode(tag, text.as_bytes());
            let found = Reader::new(&der).time().unwrap();
            assert_eq!((found.valid, found.comparable), (None, expected), "{text}");
        }
    }
}
