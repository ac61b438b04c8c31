use super::*;
use crate::x509::der::{CONSTRUCTED_SEQUENCE, encode};

fn seq(fields: &[&[u8]]) -> Vec<u8> {
    encode(CONSTRUCTED_SEQUENCE, &fields.concat())
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

/// PBES2 with AES in CBC mode, an initialization vector of zeros, and this derivation.
fn pbes2(aes: u8, derivation: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let aes = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, aes];
    let encryption = seq(&[&aes, &encode(4, &[0; 16])]);
    let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
    let algorithm = seq(&[&oid, &seq(&[derivation, &encryption])]);
    seq(&[&algorithm, &encode(4, ciphertext)])
}

/// The derivation by PBKDF2 with these parameters.
fn pbkdf2_of(fields: &[&[u8]]) -> Vec<u8> {
    let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
    seq(&[&oid, &seq(fields)])
}

fn pbkdf2(fields: &[&[u8]]) -> Vec<u8> {
    pbes2(AES_128, &pbkdf2_of(fields), &[0; 32])
}

/// The AlgorithmIdentifier of an HMAC (RFC 8018, appendix B.1).
fn hmac(digest: u8) -> Vec<u8> {
    let oid = [6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, digest];
    seq(&[&oid, &[5, 0]])
}

fn scrypt(n: u64, r: u64, p: u64) -> Vec<u8> {
    scrypt_with(&[&integer(n), &integer(r), &integer(p)])
}

fn scrypt_with(numbers: &[&[u8]]) -> Vec<u8> {
    let oid = [6, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
    let fields = seq(&[&encode(4, &[0; 8]), &numbers.concat()]);
    pbes2(AES_128, &seq(&[&oid, &fields]), &[0; 32])
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
fn a_key_that_is_longer_than_the_digest_costs_the_rounds_twice() {
    let salt = encode(4, &[0; 8]);
    for (aes, digest, most) in [
        (AES_128, HMAC_SHA1, 10_000_000),
        (AES_192, HMAC_SHA1, 5_000_000),
        (AES_256, HMAC_SHA1, 5_000_000),
        (AES_192, HMAC_SHA224, 10_000_000),
        (AES_256, HMAC_SHA224, 5_000_000),
        (AES_256, HMAC_SHA256, 10_000_000),
    ] {
        for (iterations, expected) in [(most, None), (most + 1, Some(DecryptionError::TooCostly))] {
            let derivation = pbkdf2_of(&[&salt, &integer(iterations), &hmac(digest)]);
            let found = refused(&pbes2(aes, &derivation, &[0; 32]));
            assert_eq!(found, expected, "{aes} {digest} {iterations}");
        }
    }
}

/// The memory is 128 r (p + n + 2) octets, as in OpenSSL; times `p`, it may be 32 MiB.
#[test]
fn scrypt_may_cost_32_mebibytes_and_not_an_octet_more() {
    for (n, r, p, expected) in [
        (2, 1, 1, None),
        (4, 1 << 14, 2, None),
        (4, (1 << 14) + 1, 2, Some(DecryptionError::TooCostly)),
        (8, 1 << 14, 2, Some(DecryptionError::TooCostly)),
        (4, 1 << 14, 3, Some(DecryptionError::TooCostly)),
        (1 << 14, 15, 1, None),
        (1 << 14, 16, 1, Some(DecryptionError::TooCostly)),
        // A quarter of the memory, eight times.
        (1 << 13, 8, 8, Some(DecryptionError::TooCostly)),
    ] {
        assert_eq!(refused(&scrypt(n, r, p)), expected, "{n} {r} {p}");
    }
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
        let found = refused(&scrypt(n, r, p));
        assert_eq!(found, Some(DecryptionError::Damaged), "{n} {r} {p}");
    }
    for (stated, expected) in [
        (15, Some(DecryptionError::Damaged)),
        (16, None),
        (17, Some(DecryptionError::Damaged)),
        (32, Some(DecryptionError::Damaged)),
    ] {
        let numbers = [16, 8, 1, stated].map(integer);
        let der = scrypt_with(&numbers.each_ref().map(|number| &number[..]));
        assert_eq!(refused(&der), expected, "{stated}");
    }
}

#[test]
fn the_digests_that_openssl_uses_are_known_and_another_is_named() {
    let salt = encode(4, &[0; 8]);
    let found = |digest| refused(&pbkdf2(&[&salt, &integer(1), &hmac(digest)]));
    for digest in HMAC_SHA1..=HMAC_SHA512 {
        assert_eq!(found(digest), None, "{digest}");
    }
    for (digest, name) in [
        (6, "HMAC-MD5"),
        (12, "HMAC-SHA512/224"),
        (13, "HMAC-SHA512/256"),
    ] {
        let name = name.to_owned();
        let expected = Some(DecryptionError::Derivation { name });
        assert_eq!(found(digest), expected, "{digest}");
    }
}

/// Only whole blocks can be decrypted (`EVP_DecryptFinal_ex(3)`: wrong final block length).
#[test]
fn text_that_is_not_in_whole_blocks_is_damage() {
    let derivation = pbkdf2_of(&[&encode(4, &[0; 8]), &integer(1)]);
    for (len, expected) in [
        (0, DecryptionError::Damaged),
        (15, DecryptionError::Damaged),
        (16, DecryptionError::WrongPassphrase),
        (17, DecryptionError::Damaged),
        (32, DecryptionError::WrongPassphrase),
    ] {
        let key = EncryptedKey::pkcs8(&pbes2(AES_128, &derivation, &vec![0; len])).unwrap();
        let found = key.decrypt(b"password").err();
        assert_eq!(found, Some(expected), "{len}");
    }
}

/// Ciphertexts made by `openssl enc -aes-128-cbc` with the key that PBKDF2 derives from `password`.
#[test]
fn pkcs8_holds_a_key_in_pkcs8_and_in_no_other_form() {
    const PKCS8: u128 = 0xb852_fabb_aac3_09d7_e8b3_7a4d_4140_986e;
    const PKCS1: u128 = 0x77c2_bd5b_dd1c_c2f0_c0d9_1549_40a1_7a6c;
    const SEC1: u128 = 0x90e5_2529_5181_1ad0_fe5a_093f_0de4_8d1d;
    let derivation = pbkdf2_of(&[&encode(4, &[0; 8]), &integer(1)]);
    for (form, ciphertext, plaintext, is_key) in [
        (
            "PKCS#8",
            PKCS8,
            &[0x30, 7, 2, 1, 0, 0x30, 0, 4, 0][..],
            true,
        ),
        ("PKCS#1", PKCS1, &[0x30, 6, 2, 1, 0, 2, 1, 9], false),
        ("SEC1", SEC1, &[0x30, 7, 2, 1, 1, 4, 0, 0xa0, 0], false),
    ] {
        let der = pbes2(AES_128, &derivation, &ciphertext.to_be_bytes());
        let info = EncryptedPrivateKeyInfo::read(&der).unwrap();
        let octets = info.scheme.decrypt(Some(b"password"), &info.ciphertext);
        assert_eq!(octets.unwrap()[..], *plaintext, "{form}");
        let key = EncryptedKey::pkcs8(&der).unwrap().decrypt(b"password");
        let expected = match is_key {
            true => Ok(plaintext.to_vec()),
            false => Err(DecryptionError::WrongPassphrase),
        };
        let found = key.map(|key| key.secret_der().to_vec());
        assert_eq!(found, expected, "{form}");
    }
}

#[test]
fn rc2_is_refused_outside_pkcs12_by_its_name() {
    for (scheme, name) in [
        (3, None),
        (4, None),
        (5, Some("RC2-128")),
        (6, Some("RC2-40")),
    ] {
        let oid = [6, 10, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, scheme];
        let parameters = seq(&[&encode(4, &[0; 8]), &integer(1)]);
        let der = seq(&[&seq(&[&oid, &parameters]), &encode(4, &[0; 8])]);
        let expected = name.map(|name| DecryptionError::UnsupportedCipher {
            name: name.to_owned(),
        });
        assert_eq!(refused(&der), expected, "{scheme}");
    }
}

/// The last numbers of the object identifiers.
const AES_128: u8 = 2;
const AES_192: u8 = 22;
const AES_256: u8 = 42;
const HMAC_SHA1: u8 = 7;
const HMAC_SHA224: u8 = 8;
const HMAC_SHA256: u8 = 9;
const HMAC_SHA512: u8 = 11;
