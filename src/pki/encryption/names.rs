//! Names of algorithms that are not supported, for errors.
//!
//! An error that says `1.2.840.113549.1.12.1.1` helps nobody; one that says RC4 tells what to
//! convert.

/// Returns the name of an algorithm, or the numbers of its object identifier.
pub(in crate::pki) fn of(oid: &[u8]) -> String {
    let known = NAMES.iter().find(|(known, _)| *known == oid);
    known.map_or_else(|| numbers(oid), |(_, name)| (*name).to_owned())
}

/// The numbers in the usual notation. The first octets hold the first two numbers (X.690, section
/// 8.19).
fn numbers(oid: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0u64;
    for octet in oid.iter().take(MOST_OCTETS) {
        arc = arc << 7 | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let first = arcs.first().copied().unwrap_or(0);
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - 40 * root);
    for arc in arcs.iter().skip(1) {
        text.push_str(&format!(".{arc}"));
    }
    text
}

/// A longer object identifier names no algorithm.
const MOST_OCTETS: usize = 32;

const NAMES: &[(&[u8], &str)] = &[
    // PBES1 (RFC 8018, appendix A.3).
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 1],
        "DES and MD2 (PBES1)",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 3],
        "DES and MD5 (PBES1)",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 4],
        "RC2 and MD2 (PBES1)",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 6],
        "RC2 and MD5 (PBES1)",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 10],
        "DES and SHA-1 (PBES1)",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 11],
        "RC2 and SHA-1 (PBES1)",
    ),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 14], "PBMAC1"),
    // PKCS#12 (RFC 7292, appendix C).
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 1],
        "RC4-128",
    ),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 2], "RC4-40"),
    // Ciphers of PBES2.
    (&[0x2b, 0x0e, 3, 2, 7], "DES-CBC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 2], "RC2-CBC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 4], "RC4"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 9], "RC5-CBC"),
    (
        &[0x2a, 0x83, 0x08, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 2],
        "Camellia-128-CBC",
    ),
    (
        &[0x2a, 0x83, 0x08, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 3],
        "Camellia-192-CBC",
    ),
    (
        &[0x2a, 0x83, 0x08, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 4],
        "Camellia-256-CBC",
    ),
    (
        &[0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 1, 1, 2],
        "ARIA-128-CBC",
    ),
    (
        &[0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 1, 1, 7],
        "ARIA-192-CBC",
    ),
    (
        &[0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 1, 1, 12],
        "ARIA-256-CBC",
    ),
    (&[0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x44, 1, 4], "SEED-CBC"),
    (&[0x2b, 6, 1, 4, 1, 0x97, 0x55, 1, 2], "Blowfish-CBC"),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf6, 0x7d, 7, 0x42, 10],
        "CAST5-CBC",
    ),
    (&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x68, 2], "SM4-CBC"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 4], "AES-128-CFB"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 24], "AES-192-CFB"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 44], "AES-256-CFB"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 3], "AES-128-OFB"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 23], "AES-192-OFB"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 43], "AES-256-OFB"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 6], "AES-128-GCM"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 46], "AES-256-GCM"),
    // Digests of PBKDF2 and of MACs.
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 6], "HMAC-MD5"),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 12],
        "HMAC-SHA512/224",
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 13],
        "HMAC-SHA512/256",
    ),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 8], "SHA3-256"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 10], "SHA3-512"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_without_a_name_is_told_by_its_numbers() {
        assert_eq!(of(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 4]), "RC4");
        assert_eq!(of(&[0x2a, 0x86, 0x48, 1]), "1.2.840.1");
        assert_eq!(of(&[0x88, 0x37, 3]), "2.999.3");
        assert_eq!(of(&[]), "0.0");
    }
}
