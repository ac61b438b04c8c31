//! `tests/crypto/signed` recorded OpenSSL's verdict on each certificate. It says how the
//! certificates were made.

use std::collections::HashMap;
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
use std::time::Instant;

use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature};

use super::*;
use crate::x509::der::{self, Reader};
use crate::x509::test_pki::{integer, seq};

#[test]
fn verdicts_are_those_of_openssl_without_a_provider() {
    for case in table() {
        // Only providers verify Ed25519; this module does not.
        if !case.name.starts_with("ed25519") {
            case.assert_verdict(verify_signed(&[], case.key, case.signed));
        }
    }
}

#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn verdicts_are_those_of_openssl_with_every_provider() {
    for algorithms in providers() {
        for case in table() {
            case.assert_verdict(verify_signed(algorithms, case.key, case.signed));
        }
    }
}

/// OpenSSL reads the identifier of a key in any form, and ignores the parameters of a signature.
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn ed25519_is_verified_with_its_identifier_in_another_form() {
    const LONG: &[u8] = &[6, 0x81, 3, 0x2b, 0x65, 0x70];
    const WITH_NULL: &[u8] = &[6, 3, 0x2b, 0x65, 0x70, 5, 0];
    let table = table();
    let good = |case: &&Case| {
        case.name.starts_with("ed25519")
            && verify_signed(providers()[0], case.key, case.signed).is_ok()
    };
    let case = table.iter().find(good).expect("a good signature");
    for (of_key, of_signature) in [
        (LONG, case.signed.algorithm),
        (case.key.algorithm, LONG),
        (case.key.algorithm, WITH_NULL),
        (LONG, WITH_NULL),
    ] {
        let key = IssuerKey {
            algorithm: of_key,
            ..case.key
        };
        let signed = Signed {
            algorithm: of_signature,
            ..case.signed
        };
        for algorithms in providers() {
            assert_eq!(verify_signed(algorithms, key, signed), Ok(()));
        }
    }
}

#[test]
fn a_flipped_bit_is_refused() {
    for case in table() {
        for at in [0, 100] {
            let (key, signed) = (case.key, case.signed);
            let message = &flipped(signed.message, at);
            let signature = &flipped(signed.signature, at);
            let bits = &flipped(key.bits, 40 + at);
            let forged = [
                (key, Signed { message, ..signed }),
                (
                    key,
                    Signed {
                        signature,
                        ..signed
                    },
                ),
                (IssuerKey { bits, ..key }, signed),
            ];
            for (key, signed) in forged {
                let found = verify_signed(&[], key, signed);
                assert!(found.is_err(), "{} {at}", case.name);
            }
        }
    }
}

#[test]
fn changed_algorithms_and_cut_keys_do_no_harm() {
    for case in table() {
        let (key, signed) = (case.key, case.signed);
        for at in 0..signed.algorithm.len() {
            for octet in [0x00, 0x01, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xff] {
                let mut algorithm = signed.algorithm.to_vec();
                algorithm[at] = octet;
                let algorithm = &algorithm[..];
                let _ = verify_signed(
                    &[],
                    key,
                    Signed {
                        algorithm,
                        ..signed
                    },
                );
            }
            let algorithm = &signed.algorithm[..at];
            let found = verify_signed(
                &[],
                key,
                Signed {
                    algorithm,
                    ..signed
                },
            );
            // OpenSSL also accepts the algorithm without parameters.
            let is_whole = Algorithm::of_checked(algorithm).oid
                == Algorithm::of_checked(signed.algorithm).oid
                && Algorithm::of_checked(algorithm).parameters.is_none();
            assert!(found.is_err() || is_whole, "{} {at}", case.name);
        }
        for len in (0..key.bits.len()).take(20) {
            let bits = &key.bits[..len];
            let found = verify_signed(&[], IssuerKey { bits, ..key }, signed);
            assert!(found.is_err(), "{} {len}", case.name);
        }
        for len in (0..signed.signature.len()).take(20) {
            let signature = &signed.signature[..len];
            let found = verify_signed(
                &[],
                key,
                Signed {
                    signature,
                    ..signed
                },
            );
            assert!(found.is_err(), "{} {len}", case.name);
        }
    }
}

#[test]
fn a_provider_is_asked_once_and_its_verdict_on_a_common_key_is_final() {
    let pkcs1 = (alg_id::RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA256);
    let pss = (alg_id::RSA_ENCRYPTION, alg_id::RSA_PSS_SHA256);
    let p256 = (alg_id::ECDSA_P256, alg_id::ECDSA_SHA256);
    let ed25519 = (alg_id::ED25519, alg_id::ED25519);
    for (kind, name, expected, count) in [
        (pkcs1, "pkcs1-sha256", Err(SignatureProblem::Bad), 1),
        (pss, "pss-sha256-salt-32", Err(SignatureProblem::Bad), 1),
        (p256, "p256-sha256", Err(SignatureProblem::Bad), 1),
        (ed25519, "ed25519", Err(SignatureProblem::Bad), 1),
        // Forms that not every provider accepts.
        (pkcs1, "key-rsa2049-pkcs1", Ok(()), 1),
        (pkcs1, "key-rsa2048-e33-pkcs1", Ok(()), 1),
        (pkcs1, "key-rsa-negative-modulus-pkcs1-sha256", Ok(()), 1),
        (pkcs1, "key-rsa-trailing-octets-pkcs1-sha256", Ok(()), 1),
        (pss, "pss-salt-32-shorter", Ok(()), 1),
        (p256, "key-p256-compressed-sha256", Ok(()), 1),
        (p256, "key-p256-hybrid-sha256", Ok(()), 1),
        // Algorithms that this provider does not know.
        (pkcs1, "pkcs1-sha256-no-parameters", Ok(()), 0),
        (pss, "pss-sha256-salt-20", Ok(()), 0),
        (p256, "p256-sha384", Ok(()), 0),
        (p256, "p384-sha256", Ok(()), 0),
    ] {
        let provider = Refusing {
            kind,
            asked: AtomicUsize::new(0),
        };
        let case = find(name);
        let found = verify_signed(&[&provider], case.key, case.signed);
        let asked = provider.asked.load(Ordering::Relaxed);
        assert_eq!((found, asked), (expected, count), "{name}");
    }
}

/// An RSAPublicKey with numbers of these lengths in bits. Both are odd.
fn rsa_key(modulus: usize, exponent: usize) -> Vec<u8> {
    let number = |bits: usize| {
        let mut octets = vec![0; bits.div_ceil(8)];
        octets[0] = 1 << ((bits - 1) % 8);
        octets[(bits - 1) / 8] |= 1;
        if octets[0] >= 0x80 {
            octets.insert(0, 0);
        }
        integer(&octets)
    };
    seq(&[number(modulus), number(exponent)])
}

/// The RSA keys that all base providers accept.
#[test]
fn rsa_keys_of_usual_sizes_in_der_are_for_every_provider() {
    let is_for_providers = |der: &[u8]| {
        let key = rsa::PublicKey::read(der);
        key.is_ok_and(|key| key.is_for_providers(der))
    };
    for (modulus, exponent, expected) in [
        (1024, 17, false),
        (1984, 17, false),
        (2047, 17, false),
        (2048, 17, true),
        (2049, 17, false),
        (2056, 17, false),
        (3072, 17, true),
        (4096, 17, true),
        (7168, 17, true),
        (8191, 17, false),
        (8192, 17, true),
        (9216, 17, false),
        (16384, 17, false),
        (2048, 2, true),
        (2048, 31, true),
        (2048, 32, true),
        (2048, 33, false),
    ] {
        let der = rsa_key(modulus, exponent);
        assert_eq!(is_for_providers(&der), expected, "{modulus} {exponent}");
    }
    let der = rsa_key(2048, 17);
    let whole = Reader::new(&der).sequence().unwrap().rest().to_vec();
    let padded = [&[2, 0x82, 1, 2, 0], &whole[4..]].concat();
    for (other, name) in [
        ([&der[..], &[0]].concat(), "an octet behind it"),
        ([&[0x30, 0x80], &whole[..], &[0, 0]].concat(), "BER"),
        (seq(&[padded]), "a zero too many"),
    ] {
        assert!(rsa::PublicKey::read(&other).is_ok(), "{name}");
        assert!(!is_for_providers(&other), "{name}");
    }
}

#[test]
fn rsa_numbers_of_unusual_lengths_are_refused_when_the_key_is_read() {
    let (bad, unsupported) = (SignatureProblem::Bad, SignatureProblem::Unsupported);
    for (modulus, exponent, expected) in [
        (1016, 17, Some(bad)),
        (1024, 17, None),
        (16384, 17, None),
        (16385, 17, Some(bad)),
        (16392, 17, Some(bad)),
        (2048, 33, None),
        (2048, 34, Some(unsupported)),
        (2048, 16384, Some(unsupported)),
        // Longer than any modulus.
        (2048, 16385, Some(bad)),
        (2048, 16392, Some(bad)),
    ] {
        let der = rsa_key(modulus, exponent);
        let found = rsa::PublicKey::read(&der).err();
        assert_eq!(found, expected, "{modulus} {exponent}");
    }
    // The exponent that the crate rsa accepts last, 2^33 - 1, and the next odd one.
    for (exponent, expected) in [
        ([1, 0xff, 0xff, 0xff, 0xff], None),
        ([2, 0, 0, 0, 1], Some(unsupported)),
    ] {
        let whole = rsa_key(2048, 17);
        let mut fields = Reader::new(&whole).sequence().unwrap();
        let modulus = fields.next().unwrap().raw.to_vec();
        let der = seq(&[modulus, integer(&exponent)]);
        assert_eq!(rsa::PublicKey::read(&der).err(), expected, "{exponent:x?}");
    }
}

#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
#[test]
#[ignore = "measures; run with `--release --nocapture`"]
fn speed() {
    let algorithms = providers()[0];
    for name in [
        "pss-sha256-salt-32",
        "pss-sha256-salt-20",
        "pkcs1-sha256",
        "pkcs1-sha224",
        "key-rsa16384-pkcs1",
        "key-rsa3072-e2001-pkcs1",
        "key-rsa3073-e64-pkcs1",
        "p256-sha224",
        "p384-sha224",
        "p521-sha224",
        "k256-sha224",
    ] {
        let case = find(name);
        for (by, algorithms) in [("provider", algorithms), ("here", &[])] {
            let start = Instant::now();
            for _ in 0..200 {
                verify_signed(algorithms, black_box(case.key), case.signed).unwrap();
            }
            println!("{name} {by}: {:?}", start.elapsed() / 200);
        }
    }
}

/// A certificate of `tests/testdata/crypto/signed.txt`.
struct Case {
    name: &'static str,
    /// What OpenSSL says: `ok`, or the number of its error.
    verdict: &'static str,
    key: IssuerKey<'static>,
    signed: Signed<'static>,
}

impl Case {
    #[track_caller]
    fn assert_verdict(&self, found: Result<(), SignatureProblem>) {
        match (self.verdict, refused_here(self.name)) {
            ("ok", None) => assert_eq!(found, Ok(()), "{}", self.name),
            ("ok", Some(problem)) => assert_eq!(found, Err(problem), "{}", self.name),
            _ => assert!(found.is_err(), "{}", self.name),
        }
    }
}

/// Returns the problem of a signature that OpenSSL accepts and we refuse.
fn refused_here(name: &str) -> Option<SignatureProblem> {
    match name {
        // OpenSSL truncates these two numbers to 32 bits.
        "pss-trailer-2-to-the-32-and-1" | "pss-salt-2-to-the-32-and-32" => {
            Some(SignatureProblem::Bad)
        }
        // Digests that no TLS library signs with.
        "pss-sha512-256" | "pss-mgf-sha512-256" => Some(SignatureProblem::Bad),
        // Anybody can sign for this key.
        "key-rsa-e1" => Some(SignatureProblem::Bad),
        // The crate rsa accepts no exponent of more than 33 bits.
        "key-rsa2048-e65-pkcs1"
        | "key-rsa2048-e65-pss"
        | "key-rsa3072-e2001-pkcs1"
        | "key-rsa3072-e2001-pss"
        | "key-rsa3073-e64-pkcs1"
        | "key-rsa3073-e64-pss" => Some(SignatureProblem::Unsupported),
        "brainpool" | "ed448" | "ed448-null" => Some(SignatureProblem::Unsupported),
        _ if name.starts_with("p224-") => Some(SignatureProblem::Unsupported),
        _ if has_another_mask(name) => Some(SignatureProblem::Unsupported),
        _ => None,
    }
}

/// Whether the mask has another digest than the message, which the crate rsa does not know.
fn has_another_mask(name: &str) -> bool {
    let digests = ["sha1", "sha224", "sha256", "sha384", "sha512"];
    let [key, kind, rest @ ..] = &name.split('-').collect::<Vec<_>>()[..] else {
        return false;
    };
    match (*key, *kind, rest) {
        ("pss", "mgf", ["omitted"]) => true,
        ("pss", digest, [mask]) => {
            digests.contains(&digest) && digests.contains(mask) && digest != *mask
        }
        ("key", "pss", [.., digest, mask, _salt]) => {
            digests.contains(digest) && digests.contains(mask) && digest != mask
        }
        _ => false,
    }
}

#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];

/// The algorithms of the built-in providers, with those that are added for handshakes.
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
fn providers() -> Vec<Algorithms> {
    let bases = [
        #[cfg(feature = "graviola")]
        rustls_graviola::default_provider(),
        #[cfg(feature = "ring")]
        rustls::crypto::ring::default_provider(),
        #[cfg(feature = "aws-lc-rs")]
        rustls::crypto::aws_lc_rs::default_provider(),
    ];
    bases
        .iter()
        .map(|base| {
            crate::crypto::client_provider(base)
                .signature_verification_algorithms
                .all
        })
        .collect()
}

fn find(name: &str) -> Case {
    table().into_iter().find(|case| case.name == name).unwrap()
}

fn table() -> Vec<Case> {
    let mut keys = HashMap::new();
    let mut cases = Vec::new();
    for line in include_str!("../../../tests/testdata/crypto/signed.txt").lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["issuer", name, spki] => {
                keys.insert(name, issuer_key(octets(spki)));
            }
            ["case", name, issuer, verdict, certificate] => cases.push(Case {
                name,
                verdict,
                key: keys[issuer],
                signed: signed(octets(certificate)),
            }),
            _ => panic!("{line}"),
        }
    }
    cases
}

fn issuer_key(spki: &'static [u8]) -> IssuerKey<'static> {
    let mut spki = Reader::new(spki).sequence().unwrap();
    IssuerKey {
        algorithm: spki.expect(der::SEQUENCE).unwrap().content,
        bits: &spki.expect(der::BIT_STRING).unwrap().content[1..],
    }
}

fn signed(certificate: &'static [u8]) -> Signed<'static> {
    let mut reader = Reader::new(certificate).sequence().unwrap();
    Signed {
        message: reader.expect(der::SEQUENCE).unwrap().raw,
        algorithm: reader.expect(der::SEQUENCE).unwrap().content,
        signature: &reader.expect(der::BIT_STRING).unwrap().content[1..],
    }
}

fn octets(base64: &str) -> &'static [u8] {
    let pem = format!("-----BEGIN DATA-----\n{base64}\n-----END DATA-----\n");
    pem::parse(pem).unwrap().into_contents().leak()
}

fn flipped(octets: &[u8], at: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    if let Some(octet) = octets.get_mut(at) {
        *octet ^= 0x10;
    } else {
        octets.push(0);
    }
    octets
}

/// Refuses every signature of one kind, and counts them.
#[derive(Debug)]
struct Refusing {
    /// The algorithms of the key and of the signature.
    kind: (AlgorithmIdentifier, AlgorithmIdentifier),
    asked: AtomicUsize,
}

impl SignatureVerificationAlgorithm for Refusing {
    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Err(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.kind.0
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.kind.1
    }
}
