use super::*;
use crate::x509::der::encode;

const SEQUENCE: u8 = 0x30;

fn seq(fields: &[&[u8]]) -> Vec<u8> {
    encode(SEQUENCE, &fields.concat())
}

fn integer(number: u64) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let unused = octets
        .iter()
        .take_while(|octet| **octet == 0)
        .count()
        .min(7);
    match octets[unused] >= 0x80 {
        true => encode(2, &[&[0], &octets[unused..]].concat()),
        false => encode(2, &octets[unused..]),
    }
}

/// PBES2 with AES-128-CBC and this derivation.
fn pbes2(derivation: &[u8]) -> Vec<u8> {
    let aes = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
    let encryption = seq(&[&aes, &encode(4, &[0; 16])]);
    let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
    let algorithm = seq(&[&oid, &seq(&[derivation, &encryption])]);
    seq(&[&algorithm, &encode(4, &[0; 32])])
}

fn pbkdf2(fields: &[&[u8]]) -> Vec<u8> {
    let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
    pbes2(&seq(&[&oid, &seq(fields)]))
}

fn scrypt(n: u64, r: u64, p: u64) -> Vec<u8> {
    let oid = [6, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
    let fields = [encode(4, &[0; 8]), integer(n), integer(r), integer(p)];
    pbes2(&seq(&[
        &oid,
        &seq(&fields.each_ref().map(|field| &field[..])),
    ]))
}

fn refused(der: &[u8]) -> Option<DecryptionError> {
    EncryptedKey::pkcs8(der).err()
}

#[test]
fn work_without_end_is_refused_before_a_passphrase_is_asked_for() {
    let salt = encode(4, &[0; 8]);
    for iterations in [10_000_001, 1 << 31, u64::MAX] {
        let der = pbkdf2(&[&salt, &integer(iterations)]);
        assert_eq!(
            refused(&der),
            Some(DecryptionError::TooCostly),
            "{iterations}"
        );
    }
    let longer = encode(2, &[0x7f; 100]);
    assert_eq!(
        refused(&pbkdf2(&[&salt, &longer])),
        Some(DecryptionError::TooCostly)
    );
    for (n, r, p) in [
        (1 << 15, 8, 1),
        (1 << 30, 8, 1),
        (1 << 62, 1, 1),
        (2, 1 << 30, 1),
        (1 << 14, 8, 1 << 14),
        (2, 1, u64::MAX / 2),
    ] {
        let der = scrypt(n, r, p);
        assert_eq!(
            refused(&der),
            Some(DecryptionError::TooCostly),
            "{n} {r} {p}"
        );
    }
    // What OpenSSL writes by default.
    assert_eq!(refused(&pbkdf2(&[&salt, &integer(2048)])), None);
    assert_eq!(refused(&scrypt(1 << 14, 8, 1)), None);
}

#[test]
fn parameters_that_mean_nothing_are_damage() {
    let salt = encode(4, &[0; 8]);
    let (one, sixteen) = (integer(1), integer(16));
    assert_eq!(refused(&pbkdf2(&[&salt, &one, &sixteen])), None);
    for fields in [
        &[][..],
        &[&salt[..]],
        &[&one, &one],
        &[&salt, &integer(0)],
        &[&salt, &[2, 1, 0xff]],
        &[&salt, &[2, 0]],
        // The length of another key.
        &[&salt, &one, &integer(32)],
        &[&salt, &one, &sixteen, &salt],
    ] {
        assert_eq!(
            refused(&pbkdf2(fields)),
            Some(DecryptionError::Damaged),
            "{fields:02x?}"
        );
    }
    for (n, r, p) in [(0, 8, 1), (1, 8, 1), (3, 8, 1), (16, 0, 1), (16, 8, 0)] {
        assert_eq!(refused(&scrypt(n, r, p)), Some(DecryptionError::Damaged));
    }
}

#[test]
fn a_digest_that_is_not_known_is_named() {
    let salt = encode(4, &[0; 8]);
    let md5 = seq(&[&[6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 6], &[5, 0]]);
    let name = "HMAC-MD5".to_owned();
    assert_eq!(
        refused(&pbkdf2(&[&salt, &integer(1), &md5])),
        Some(DecryptionError::Derivation { name })
    );
}
