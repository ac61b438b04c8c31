//! Writes the DER of certificates, keys and algorithms.

/// The name of every issuer.
pub(super) fn issuer_name() -> Vec<u8> {
    let attribute = sequence(&[&COMMON_NAME, &tlv(0x0c, b"issuer")]);
    sequence(&[&tlv(0x31, &attribute)])
}

pub(super) fn tbs(
    serial: &[u8],
    algorithm: &[u8],
    subject: &[u8],
    spki: &[u8],
    extensions: &[u8],
) -> Vec<u8> {
    let version = tlv(0xa0, &tlv(0x02, &[2]));
    let version = if extensions.is_empty() {
        &[]
    } else {
        &version[..]
    };
    let validity = sequence(&[&tlv(0x17, b"200101000000Z"), &tlv(0x17, b"491231235959Z")]);
    sequence(&[
        version,
        serial,
        algorithm,
        &issuer_name(),
        &validity,
        subject,
        spki,
        extensions,
    ])
}

pub(super) fn rsa_spki(bits: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&RSA_ENCRYPTION, &NULL]), &bit_string(bits)])
}

/// The AlgorithmIdentifier of RSA-PSS with all fields in full.
pub(super) fn pss(hash: &str, mgf: &str, salt: usize) -> Vec<u8> {
    let oid = |name: &str| HASHES.iter().find(|(known, _)| *known == name).unwrap().1;
    let hash = sequence(&[oid(hash), &NULL]);
    let mgf = sequence(&[&MGF1, &sequence(&[oid(mgf), &NULL])]);
    let salt = match salt {
        0..0x80 => vec![salt as u8],
        0x80..0x100 => vec![0, salt as u8],
        _ => vec![(salt >> 8) as u8, salt as u8],
    };
    let fields = [field(0, &hash), field(1, &mgf), field(2, &tlv(0x02, &salt))];
    sequence(&[
        &RSASSA_PSS,
        &sequence(&fields.each_ref().map(|field| &field[..])),
    ])
}

pub(super) fn field(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

pub(super) fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], octets].concat())
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let header = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [&header[..], content].concat()
}

pub(super) const NULL: [u8; 2] = [5, 0];

pub(super) const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 4, 3];

pub(super) const BASIC_CONSTRAINTS: [u8; 5] = [6, 3, 0x55, 0x1d, 19];

pub(super) const RSA_ENCRYPTION: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

pub(super) const MGF1: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

pub(super) const RSASSA_PSS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

pub(super) const EC_PUBLIC_KEY: [u8; 9] = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

pub(super) const P256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

pub(super) const ED25519: [u8; 5] = [6, 3, 0x2b, 0x65, 0x70];

pub(super) const ED448: [u8; 5] = [6, 3, 0x2b, 0x65, 0x71];

pub(super) const SHA512_256: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 6];

pub(super) const HASHES: [(&str, &[u8]); 5] = [
    ("sha1", &[6, 5, 0x2b, 14, 3, 2, 26]),
    ("sha224", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4]),
    ("sha256", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]),
    ("sha384", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2]),
    ("sha512", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3]),
];

pub(super) const PKCS1: [(&str, &[u8]); 4] = [
    (
        "sha224",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14],
    ),
    (
        "sha256",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
    ),
    (
        "sha384",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
    ),
    (
        "sha512",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
    ),
];

pub(super) const ECDSA: [(&str, &[u8]); 4] = [
    ("sha224", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1]),
    ("sha256", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]),
    ("sha384", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3]),
    ("sha512", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4]),
];
