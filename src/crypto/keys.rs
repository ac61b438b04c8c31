//! Private keys: those that the base provider loads, P-521 and RSA-PSS. Any other is refused by
//! name.
//!
//! OpenSSL loads keys of many more kinds than TLS can use here. A base provider answers to each of
//! them with a general error. So the key is looked at once more, to say what it is and what would
//! work: the error of `certificate-key` is often the first thing that a user of an old deployment
//! sees.

use std::sync::Arc;

use p521::pkcs8::der::asn1::{AnyRef, UintRef};
use p521::pkcs8::der::{Decode as _, SliceReader};
use p521::pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls::Error;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;

use super::kept::{Kept, Part};
use super::{p521 as nist_p521, rsa_pss};

/// Wraps the loader of a base provider. It stays in memory for good.
pub(super) fn complete(base: &'static dyn KeyProvider) -> &'static dyn KeyProvider {
    static KEPT: Kept<Part<dyn KeyProvider>, &dyn KeyProvider> = Kept::new();
    KEPT.get_or_make(Part(base), || Box::leak(Box::new(Keys { base })))
}

/// Tries the base first, then our own kinds of keys.
#[derive(Debug)]
struct Keys {
    base: &'static dyn KeyProvider,
}

impl KeyProvider for Keys {
    fn load_private_key(&self, key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        // The call consumes the key, which is needed again if the base cannot load it.
        match self.base.load_private_key(key.clone_key()) {
            Ok(loaded) => Ok(loaded),
            Err(error) => nist_p521::load(&key)
                .or_else(|| rsa_pss::load(&key, self.base))
                .ok_or_else(|| refusal(&key).map_or(error, Error::General)),
        }
    }
}

/// Says why no provider accepts a key, if the reason is known.
///
/// `None` if the key is of a kind that should have worked, or cannot be read; the base's own error
/// counts then.
fn refusal(key: &PrivateKeyDer<'_>) -> Option<String> {
    match key {
        PrivateKeyDer::Pkcs1(der) => rsa_refusal(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => {
            let info = PrivateKeyInfoRef::try_from(der.secret_pkcs8_der()).ok()?;
            let curve = info.algorithm.parameters_oid().ok();
            match info.algorithm.oid {
                RSA => rsa_refusal(info.private_key.as_bytes()),
                RSA_PSS => rsa_refusal(info.private_key.as_bytes()).or_else(|| {
                    let why = "RSA-PSS keys that require another mask or a longer salt than TLS uses are not supported";
                    Some(why.to_owned())
                }),
                EC => Some(curve_refusal(curve?)),
                other => algorithm_refusal(other),
            }
        }
        _ => None,
    }
}

/// A sentence about a short RSA key; `None` if it is long enough.
fn rsa_refusal(der: &[u8]) -> Option<String> {
    let bits = rsa_bits(der)?;
    (bits < MIN_RSA_BITS).then(|| {
        format!("RSA keys of {bits} bits are too short: TLS needs at least {MIN_RSA_BITS}")
    })
}

/// The length of the modulus in a key of PKCS#1.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(AnyRef::from_der(der).ok()?.value()).ok()?;
    UintRef::decode(&mut reader).ok()?;
    let modulus = UintRef::decode(&mut reader).ok()?;
    let first = modulus.as_bytes().first()?;
    Some(modulus.as_bytes().len() * 8 - first.leading_zeros() as usize)
}

/// A sentence about an EC key on a curve that no suite here can sign with.
fn curve_refusal(curve: ObjectIdentifier) -> String {
    let known = CURVES.iter().find(|(oid, _)| *oid == curve);
    let name = known.map_or_else(|| curve.to_string(), |(_, name)| (*name).to_owned());
    format!(
        "keys on the curve {name} are not supported; supported curves are P-256, P-384 and P-521"
    )
}

/// A sentence about a key of another kind; `None` if the kind has no name here.
fn algorithm_refusal(algorithm: ObjectIdentifier) -> Option<String> {
    let (_, name) = ALGORITHMS.iter().find(|(oid, _)| *oid == algorithm)?;
    Some(format!(
        "{name} keys are not supported; supported kinds are RSA, ECDSA and Ed25519"
    ))
}

/// The least size that the providers accept, and OpenSSL at security level 2.
const MIN_RSA_BITS: usize = 2048;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Curves that OpenSSL signs with, and the providers here do not.
const CURVES: [(ObjectIdentifier, &str); 4] = [
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "secp256k1"),
    (
        ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7"),
        "brainpoolP256r1",
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11"),
        "brainpoolP384r1",
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.13"),
        "brainpoolP512r1",
    ),
];

/// Other kinds of keys that are refused by their name.
const ALGORITHMS: [(ObjectIdentifier, &str); 5] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"), "DSA"),
    // The next three only agree on secrets, and sign nothing.
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1"),
        "Diffie-Hellman",
    ),
    (ObjectIdentifier::new_unwrap("1.3.101.110"), "X25519"),
    (ObjectIdentifier::new_unwrap("1.3.101.111"), "X448"),
    (ObjectIdentifier::new_unwrap("1.3.101.113"), "Ed448"),
];

#[cfg(test)]
mod tests {
    use rustls::pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};

    use super::*;
    use crate::x509::test_pki::{integer, octets, oid, seq};

    /// The first fields of an RSAPrivateKey, with a modulus of this length.
    fn rsa(bits: usize) -> Vec<u8> {
        let mut modulus = vec![0; bits.div_ceil(8)];
        modulus[0] = 1 << ((bits - 1) % 8);
        if modulus[0] == 0x80 {
            modulus.insert(0, 0);
        }
        seq(&[integer(&[0]), integer(&modulus)])
    }

    fn pkcs8(algorithm: &str, parameters: &[u8], key: &[u8]) -> PrivateKeyDer<'static> {
        let algorithm = ObjectIdentifier::new_unwrap(algorithm);
        let algorithm = seq(&[oid(algorithm.as_bytes()), parameters.to_vec()]);
        let info = seq(&[integer(&[0]), algorithm, octets(key)]);
        PrivatePkcs8KeyDer::from(info).into()
    }

    #[test]
    fn rsa_keys_of_less_than_2048_bits_are_too_short() {
        for (bits, is_short) in [
            (512, true),
            (1000, true),
            (1024, true),
            (2040, true),
            (2041, true),
            (2047, true),
            (2048, false),
            (2049, false),
            (4096, false),
        ] {
            let why = format!("RSA keys of {bits} bits are too short: TLS needs at least 2048");
            let why = is_short.then_some(why);
            let pkcs1 = PrivateKeyDer::from(PrivatePkcs1KeyDer::from(rsa(bits)));
            assert_eq!(refusal(&pkcs1), why);
            let key = pkcs8("1.2.840.113549.1.1.1", &[5, 0], &rsa(bits));
            assert_eq!(refusal(&key), why);
            let restricted = "RSA-PSS keys that require another mask or a longer salt than TLS uses are not supported";
            let key = pkcs8("1.2.840.113549.1.1.10", &[], &rsa(bits));
            assert_eq!(refusal(&key), why.or_else(|| Some(restricted.to_owned())));
        }
    }

    #[test]
    fn curves_and_kinds_of_keys_are_refused_by_name() {
        for (curve, name) in [
            ("1.3.132.0.10", "secp256k1"),
            ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
            ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
            ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
            ("1.3.132.0.33", "1.3.132.0.33"),
        ] {
            let parameters = oid(ObjectIdentifier::new_unwrap(curve).as_bytes());
            let key = pkcs8("1.2.840.10045.2.1", &parameters, &[]);
            let why = format!(
                "keys on the curve {name} are not supported; supported curves are P-256, P-384 and P-521"
            );
            assert_eq!(refusal(&key), Some(why));
        }
        for (algorithm, name) in [
            ("1.2.840.10040.4.1", "DSA"),
            ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
            ("1.3.101.110", "X25519"),
            ("1.3.101.111", "X448"),
            ("1.3.101.113", "Ed448"),
        ] {
            let why = format!(
                "{name} keys are not supported; supported kinds are RSA, ECDSA and Ed25519"
            );
            assert_eq!(refusal(&pkcs8(algorithm, &[], &[])), Some(why));
        }
        // An algorithm that is not known, and one that should have worked.
        for algorithm in ["1.2.3.4", "1.3.101.112"] {
            assert_eq!(refusal(&pkcs8(algorithm, &[], &[])), None);
        }
    }
}
