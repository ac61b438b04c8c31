//! A DER writer that can write what no certificate library would.

/// One element: tag, length, content.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        len @ 0..=127 => out.push(len as u8),
        len => {
            let bytes = len.to_be_bytes();
            let skip = bytes.iter().take_while(|b| **b == 0).count();
            out.push(0x80 | (bytes.len() - skip) as u8);
            out.extend(&bytes[skip..]);
        }
    }
    out.extend(content);
    out
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &parts.concat())
}

/// `[n]`, explicit (or implicit around a constructed type).
pub fn context(n: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | n, content)
}

/// `[n]`, implicit around a primitive type.
pub fn implicit(n: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | n, content)
}

/// An INTEGER of exactly these content bytes.
pub fn integer(content: &[u8]) -> Vec<u8> {
    tlv(2, content)
}

pub fn small_integer(value: u8) -> Vec<u8> {
    match value {
        0..=127 => integer(&[value]),
        _ => integer(&[0, value]),
    }
}

pub fn boolean(value: bool) -> Vec<u8> {
    tlv(1, &[if value { 0xff } else { 0 }])
}

pub fn octets(content: &[u8]) -> Vec<u8> {
    tlv(4, content)
}

/// A BIT STRING of whole bytes.
pub fn bits(content: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], content].concat())
}

/// A BIT STRING of named bits, without trailing zero bits.
pub fn named_bits(set: &[u8]) -> Vec<u8> {
    let Some(last) = set.iter().max() else {
        return tlv(3, &[0]);
    };
    let mut bytes = vec![0u8; *last as usize / 8 + 1];
    for bit in set {
        bytes[*bit as usize / 8] |= 0x80 >> (bit % 8);
    }
    tlv(3, &[&[7 - last % 8], bytes.as_slice()].concat())
}

/// An OBJECT IDENTIFIER from its dotted form.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted
        .split('.')
        .map(|a| a.parse().expect("a number"))
        .collect();
    let mut content = base128(arcs[0] * 40 + arcs[1]);
    content.extend(arcs[2..].iter().flat_map(|a| base128(*a)));
    tlv(6, &content)
}

fn base128(mut value: u64) -> Vec<u8> {
    let mut out = vec![(value & 0x7f) as u8];
    while value > 0x7f {
        value >>= 7;
        out.insert(0, 0x80 | (value & 0x7f) as u8);
    }
    out
}

/// UTCTime until 2049, GeneralizedTime from then on.
pub fn time(unix: i64) -> Vec<u8> {
    let text = generalized(unix);
    match &text[..2] {
        "19" if &text[2..4] >= "50" => tlv(0x17, &text.as_bytes()[2..]),
        "20" if &text[2..4] < "50" => tlv(0x17, &text.as_bytes()[2..]),
        _ => tlv(0x18, text.as_bytes()),
    }
}

/// `YYYYMMDDHHMMSSZ`.
pub fn generalized(unix: i64) -> String {
    let (days, seconds) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

/// Days since 1970-01-01 to year, month and day; years begin in March while counting.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let shifted = (5 * doy + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * shifted + 2) / 5 + 1,
    )
}

/// A PEM block.
pub fn pem(label: &str, der: &[u8]) -> String {
    let base64 = openssl::base64::encode_block(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|l| std::str::from_utf8(l).expect("base64"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// The content of a PEM block of any label.
pub fn from_pem(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
    openssl::base64::decode_block(&body).ok()
}
