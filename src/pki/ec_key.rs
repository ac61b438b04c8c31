//! Private keys on elliptic curves (RFC 5915), in the one form that every crypto provider reads.
//!
//! OpenSSL reads a private key, which is a number, in any number of octets. GnuTLS writes a zero in front of every
//! second key, as in an INTEGER. Crypto providers require exactly as many octets as the curve has.
//!
//! The key is put into as many octets as the curve has, with zeros in front or without them. Everything else is kept as
//! it is. Only the curves that the providers have are rewritten; a key on another curve goes to the provider unchanged,
//! which names its own reason.

use zeroize::Zeroizing;

use crate::x509::der::{CONSTRUCTED_SEQUENCE, INTEGER, OCTET_STRING, Reader, context, encode};

/// Rewrites an ECPrivateKey that names its curve. `None` if there is nothing to change.
pub(super) fn sec1(key: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Reader::new(key).sequence()?;
    fields.expect(INTEGER)?;
    fields.expect(OCTET_STRING)?;
    let curve = fields.expect(context(0))?.explicit()?.object_identifier()?;
    with_whole_number(key, curve)
}

/// Rewrites a PrivateKeyInfo (RFC 5958). `None` if there is nothing to change.
pub(super) fn pkcs8(info: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Reader::new(info).sequence()?;
    let version = fields.expect(INTEGER)?;
    let algorithm = fields.next()?;
    let wrapped = fields.expect(OCTET_STRING)?;
    let mut identifiers = algorithm.fields()?;
    if wrapped.is_constructed || identifiers.object_identifier()? != EC_PUBLIC_KEY {
        return None;
    }
    let key = with_whole_number(wrapped.content, identifiers.object_identifier()?)?;
    let key = Zeroizing::new(encode(OCTET_STRING, &Zeroizing::new(key)));
    Some(sequence(&[version.raw, algorithm.raw, &key, fields.rest()]))
}

/// Rewrites the ECPrivateKey itself. `None` for an unknown curve, and if the number has its length already.
fn with_whole_number(key: &[u8], curve: &[u8]) -> Option<Vec<u8>> {
    let (_, len) = CURVES.iter().find(|(known, _)| *known == curve)?;
    let mut fields = Reader::new(key).sequence()?;
    let version = fields.expect(INTEGER)?;
    let number = fields.expect(OCTET_STRING)?;
    if number.is_constructed || number.content.len() == *len {
        return None;
    }
    let number = Zeroizing::new(encode(OCTET_STRING, &padded(number.content, *len)?));
    Some(sequence(&[version.raw, &number, fields.rest()]))
}

/// Returns the number in `len` octets. `None` if it does not fit.
fn padded(number: &[u8], len: usize) -> Option<Zeroizing<Vec<u8>>> {
    let (zeros, number) = number.split_at(number.len().saturating_sub(len));
    let mut octets = Zeroizing::new(vec![0; len]);
    octets[len - number.len()..].copy_from_slice(number);
    zeros.iter().all(|octet| *octet == 0).then_some(octets)
}

/// Encodes a SEQUENCE. The copy in between is wiped.
fn sequence(fields: &[&[u8]]) -> Vec<u8> {
    encode(CONSTRUCTED_SEQUENCE, &Zeroizing::new(fields.concat()))
}

/// id-ecPublicKey (RFC 5480, section 2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// P-256, P-384 and P-521 (RFC 5480, section 2.1.1.1), with the lengths of their orders in octets.
const CURVES: &[(&[u8], usize)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], 32),
    (&[0x2b, 0x81, 4, 0, 34], 48),
    (&[0x2b, 0x81, 4, 0, 35], 66),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der::OBJECT_IDENTIFIER;

    #[test]
    fn the_number_gets_as_many_octets_as_its_curve_has() {
        for (curve, len) in CURVES {
            let number = vec![0x81; *len];
            let short = &number[1..];
            let from_zero = [&[0], short].concat();
            for (written, expected) in [
                (number.clone(), None),
                ([&[0], &*number].concat(), Some(number.clone())),
                ([&[0, 0], &*number].concat(), Some(number.clone())),
                (short.to_vec(), Some(from_zero)),
                ([&[1], &*number].concat(), None),
            ] {
                let expected = expected.map(|number| key(curve, &number));
                assert_eq!(sec1(&key(curve, &written)), expected);
                let expected = expected.map(|key| info(curve, &key));
                assert_eq!(pkcs8(&info(curve, &key(curve, &written))), expected);
            }
        }
    }

    #[test]
    fn other_keys_stay_as_they_are() {
        let brainpool = [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7];
        let other = key(&brainpool, &[0; 33]);
        for der in [&*other, b"", &[0x30, 3, 2, 1, 1], &other[..9]] {
            assert_eq!(sec1(der), None);
            assert_eq!(pkcs8(der), None);
        }
    }

    /// id-ecDH is an algorithm of its own (RFC 5480, section 2.1.2).
    #[test]
    fn a_key_of_another_algorithm_stays_as_it_is_even_on_a_known_curve() {
        const EC_DH: &[u8] = &[0x2b, 0x81, 4, 1, 12];
        let (curve, _) = CURVES[0];
        let key = key(curve, &[0x81; 31]);
        assert!(pkcs8(&info_of(EC_PUBLIC_KEY, curve, &key)).is_some());
        assert_eq!(pkcs8(&info_of(EC_DH, curve, &key)), None);
    }

    fn key(curve: &[u8], number: &[u8]) -> Vec<u8> {
        let curve = encode(0xa0, &encode(OBJECT_IDENTIFIER, curve));
        let public = encode(0xa1, &[3, 2, 0, 9]);
        sequence(&[&[2, 1, 1], &encode(OCTET_STRING, number), &curve, &public])
    }

    fn info(curve: &[u8], key: &[u8]) -> Vec<u8> {
        info_of(EC_PUBLIC_KEY, curve, key)
    }

    fn info_of(algorithm: &[u8], curve: &[u8], key: &[u8]) -> Vec<u8> {
        let identifiers = [algorithm, curve].map(|oid| encode(OBJECT_IDENTIFIER, oid));
        let algorithm = sequence(&[&identifiers.concat()]);
        sequence(&[&[2, 1, 0], &algorithm, &encode(OCTET_STRING, key)])
    }
}
