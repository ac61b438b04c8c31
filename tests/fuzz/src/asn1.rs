//! Functions that write DER.

/// Writes an element with a tag of one octet.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        0x100..=0xffff => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        _ => vec![
            tag,
            0x83,
            (length >> 16) as u8,
            (length >> 8) as u8,
            length as u8,
        ],
    };
    out.extend(content);
    out
}

pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub fn oid(content: &[u8]) -> Vec<u8> {
    tlv(6, content)
}

pub fn octets(content: &[u8]) -> Vec<u8> {
    tlv(4, content)
}

pub fn bits(content: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], content].concat())
}

/// Writes an INTEGER. The first bit of its first octet has to be 0.
pub fn integer(content: &[u8]) -> Vec<u8> {
    tlv(2, content)
}

pub fn boolean(value: bool) -> Vec<u8> {
    tlv(1, &[if value { 0xff } else { 0 }])
}

/// Writes an Extension.
pub fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = match is_critical {
        true => boolean(true),
        false => Vec::new(),
    };
    seq(&[oid(id), critical, octets(value)])
}

/// Writes a Name with this common name; without attributes if the common name is empty.
pub fn name(common_name: &[u8]) -> Vec<u8> {
    match common_name {
        [] => seq(&[]),
        text => seq(&[tlv(0x31, &seq(&[oid(&[0x55, 4, 3]), tlv(0x0c, text)]))]),
    }
}

/// The content octets of the identifiers of extensions. Those that OpenSSL interprets come first.
pub const EXTENSIONS: [&[u8]; 16] = [
    &[0x55, 0x1d, 17],
    &[0x55, 0x1d, 30],
    &[0x55, 0x1d, 35],
    &[0x55, 0x1d, 31],
    &[0x55, 0x1d, 19],
    &[0x55, 0x1d, 15],
    &[0x55, 0x1d, 37],
    &[0x55, 0x1d, 14],
    &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1],
    &[0x2b, 6, 1, 5, 5, 7, 1, 7],
    &[0x2b, 6, 1, 5, 5, 7, 1, 8],
    &[0x2b, 6, 1, 5, 5, 7, 1, 14],
    &[0x55, 0x1d, 28],
    &[0x55, 0x1d, 32],
    &[0x55, 0x1d, 18],
    &[0x2a, 3, 4],
];
