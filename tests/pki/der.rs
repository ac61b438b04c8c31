//! DER that rcgen cannot write.

/// Writes an element of less than 64 KiB.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let header = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        _ => vec![tag, 0x82, high, low],
    };
    [header, content].concat()
}

pub(super) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

pub(super) fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    seq(&[&tlv(6, &[oid]), &tlv(4, &[value])])
}

/// Replaces every occurrence of these octets by others of the same length.
#[track_caller]
pub(super) fn replaced(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut changed = der.to_vec();
    let places: Vec<_> = (0..der.len())
        .filter(|at| der[*at..].starts_with(from))
        .collect();
    assert!(!places.is_empty(), "{from:02x?} is not there");
    for at in places {
        changed[at..at + to.len()].copy_from_slice(to);
    }
    changed
}

/// Gives the outermost SEQUENCE an indefinite length instead of its length in the long form.
pub(super) fn indefinite(der: &[u8]) -> Vec<u8> {
    let octets = usize::from(der[1] - 0x80);
    [&[0x30, 0x80], &der[2 + octets..], &[0, 0]].concat()
}
