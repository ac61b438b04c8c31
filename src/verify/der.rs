/// Reads DER element by element, looking no further than it is asked to.
///
/// As OpenSSL does, it takes lengths with superfluous octets; it does not take indefinite ones.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// Header and contents.
    pub(crate) raw: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn peek_tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Returns the next element, or `None` if there is none or it is malformed.
    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, after_tag) = self.rest.split_first()?;
        let (&first, after_first) = after_tag.split_first()?;
        if tag & HIGH_TAG_NUMBER == HIGH_TAG_NUMBER {
            return None;
        }
        let (len, body) = match first {
            0..0x80 => (usize::from(first), after_first),
            0x80 => return None,
            _ => {
                let (octets, body) = after_first.split_at_checked(usize::from(first & 0x7f))?;
                (length(octets)?, body)
            }
        };
        let (content, rest) = body.split_at_checked(len)?;
        let raw = &self.rest[..self.rest.len() - rest.len()];
        self.rest = rest;
        Some(Element { tag, content, raw })
    }

    /// Returns the contents of the next element, which must be of type `tag`.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = self.next()?;
        (element.tag == tag).then_some(element.content)
    }

    /// Takes the next element if it is of type `tag`; `None` if it is, and malformed.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.peek_tag() == Some(tag) {
            self.expect(tag).map(Some)
        } else {
            Some(None)
        }
    }

    /// Returns `None` if anything is left.
    pub(crate) fn end(self) -> Option<()> {
        self.is_empty().then_some(())
    }
}

/// Checks the contents of an INTEGER or ENUMERATED as OpenSSL does: neither empty nor padded.
pub(crate) fn integer(content: &[u8]) -> Option<&[u8]> {
    match content {
        [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => None,
        _ => Some(content),
    }
}

/// Returns the octets of a BIT STRING, those bits cleared that it declares unused.
pub(crate) fn bits(content: &[u8]) -> Option<Vec<u8>> {
    let (&unused, octets) = content.split_first()?;
    if unused > 7 {
        return None;
    }
    let mut octets = octets.to_vec();
    if let Some(last) = octets.last_mut() {
        *last &= 0xff << unused;
    }
    Some(octets)
}

/// Checks the contents of an OBJECT IDENTIFIER.
pub(crate) fn object_identifier(content: &[u8]) -> Option<&[u8]> {
    let mut starts = true;
    for octet in content {
        if starts && *octet == 0x80 {
            return None;
        }
        starts = octet & 0x80 == 0;
    }
    (starts && !content.is_empty()).then_some(content)
}

/// Checks the contents of an AlgorithmIdentifier.
pub(crate) fn algorithm_identifier(content: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(content);
    object_identifier(reader.expect(OBJECT_IDENTIFIER)?)?;
    if !reader.is_empty() {
        let parameters = reader.next()?;
        match (parameters.tag, parameters.content) {
            (BOOLEAN, [_]) | (NULL, []) => {}
            (BOOLEAN | NULL | 0, _) => return None,
            (OBJECT_IDENTIFIER, oid) => drop(object_identifier(oid)?),
            (INTEGER | ENUMERATED, number) => drop(integer(number)?),
            (BIT_STRING, octets) => drop(bits(octets)?),
            _ => {}
        }
    }
    reader.end()?;
    Some(content)
}

/// Reads a Time that `X509_cmp_time(3)` would take, in seconds since the epoch: to the second, in UTC.
pub(crate) fn time(element: Element<'_>) -> Option<i64> {
    let (year_digits, digits) = match (element.tag, element.content) {
        (UTC_TIME, [digits @ .., b'Z']) if digits.len() == 12 => (2, digits),
        (GENERALIZED_TIME, [digits @ .., b'Z']) if digits.len() == 14 => (4, digits),
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| {
        let value = |n: i64, digit: &u8| n * 10 + i64::from(digit - b'0');
        digits.iter().fold(0, value)
    };
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

fn length(octets: &[u8]) -> Option<usize> {
    let start = octets.iter().position(|octet| *octet != 0);
    let significant = &octets[start.unwrap_or(octets.len())..];
    if significant.len() > 4 {
        return None;
    }
    let value = |n: u64, octet: &u8| n << 8 | u64::from(*octet);
    usize::try_from(significant.iter().fold(0, value)).ok()
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

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let of_year: i64 = (1..month).map(|month| days_in(year, month)).sum();
    365 * before + leap_days + of_year + day - 1 - DAYS_TO_1970
}

const DAYS_TO_1970: i64 = 719_162;

const HIGH_TAG_NUMBER: u8 = 0x1f;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_openssl_reads_them() {
        let read = |bytes| Reader::new(bytes).next().map(|element| element.content);
        assert_eq!(read(&[4, 1, 7]), Some(&[7][..]));
        assert_eq!(read(&[4, 0x81, 1, 7]), Some(&[7][..]));
        assert_eq!(read(&[4, 0x85, 0, 0, 0, 0, 1, 7]), Some(&[7][..]));
        for malformed in [&[][..], &[4], &[4, 2, 7], &[4, 0x80], &[0x1f, 1, 7]] {
            assert_eq!(read(malformed), None, "{malformed:?}");
        }
        assert_eq!(read(&[4, 0x85, 1, 0, 0, 0, 1, 7]), None);
    }

    #[test]
    fn padded_and_empty_integers_are_malformed() {
        for good in [&[0][..], &[0x7f], &[0xff], &[0, 0x80], &[0xff, 0x7f]] {
            assert!(integer(good).is_some(), "{good:?}");
        }
        for malformed in [&[][..], &[0, 0], &[0, 0x7f], &[0xff, 0x80], &[0xff, 0xff]] {
            assert!(integer(malformed).is_none(), "{malformed:?}");
        }
    }

    #[test]
    fn truncated_and_padded_object_identifiers_are_malformed() {
        assert!(object_identifier(&[0x55, 0x1d, 21]).is_some());
        assert!(object_identifier(&[0x2a, 0x86, 0x48]).is_some());
        for malformed in [&[][..], &[0x80, 1], &[0x55, 0x80, 1], &[0x2a, 0x86]] {
            assert!(object_identifier(malformed).is_none(), "{malformed:?}");
        }
    }

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
        ];
        for (tag, text, expected) in cases {
            let content = text.as_bytes();
            let element = Element {
                tag,
                content,
                raw: &[],
            };
            assert_eq!(time(element), expected, "{text}");
        }
    }
}
