//! The suites that we add, each made of a suite of the base provider.
//!
//! The suite of the base gives what depends on the hash (transcript, key derivation) and the signature schemes. We add
//! the record protection, the key exchange, or both.
//!
//! Suites are told apart by their number. Their `Debug` text prints names for the well-known ones only.

use rustls::crypto::cipher::Tls12AeadAlgorithm;
use rustls::crypto::hash::HashAlgorithm;
use rustls::crypto::{CipherSuiteCommon, KeyExchangeAlgorithm};
use rustls::{
    CipherSuite, SignatureScheme, SupportedCipherSuite, Tls12CipherSuite, Tls13CipherSuite,
};

use super::ccm::{Tls12Ccm, Tls13Ccm};
use super::kept::{Kept, Part};
use super::limit::Limited;
use super::order;

/// Makes every suite that `base` lacks and has the parts for. They stay in memory for good.
///
/// Those of TLS 1.3 come first. A suite that the base has itself is not made again.
pub(super) fn added(base: &[SupportedCipherSuite]) -> Vec<SupportedCipherSuite> {
    let tls13 = TLS13.iter().filter_map(|(number, aead)| {
        let donor = sha256_suite(base)?;
        Some(tls13_suite(*number, aead, donor))
    });
    let tls12 = TLS12.iter().filter_map(|recipe| recipe.make(base));
    tls13
        .chain(tls12)
        .filter(|suite| order::find(base, suite.suite().into()).is_none())
        .collect()
}

/// Lets the ECDSA suites of TLS 1.2 sign with each kind of key that OpenSSL allows, and makes the ChaCha20 suites
/// refuse records that are too long. The changed suites stay in memory for good.
///
/// The base providers let a suite sign with the curves that they support. OpenSSL also signs with P-521 and Ed25519
/// in the same suites, and rustls would refuse the handshake if the suite did not name the scheme. The suites with
/// ChaCha20 are wrapped in any case, because not every base checks how long the decrypted data is (RFC 5246, section
/// 6.2.1).
pub(super) fn mended(base: &[SupportedCipherSuite]) -> Vec<SupportedCipherSuite> {
    base.iter().map(|suite| mend(*suite)).collect()
}

/// Suites of TLS 1.3 name no signatures, and rustls checks the length of their records itself.
fn mend(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    let SupportedCipherSuite::Tls12(donor) = suite else {
        return suite;
    };
    let is_ecdsa = (donor.sign.iter()).any(|scheme| ECDSA_SCHEMES[1..].contains(scheme));
    let mut schemes = ECDSA_SCHEMES.iter();
    let lacks_keys = is_ecdsa && !schemes.all(|scheme| donor.sign.contains(scheme));
    let is_chacha = CHACHA20.contains(&donor.common.suite.into());
    if !lacks_keys && !is_chacha {
        return suite;
    }
    let limit = donor.common.confidentiality_limit;
    let number = donor.common.suite.into();
    let make = || Tls12CipherSuite {
        common: common(number, &donor.common, limit),
        prf_provider: donor.prf_provider,
        kx: donor.kx,
        sign: if lacks_keys {
            &ECDSA_SCHEMES
        } else {
            donor.sign
        },
        aead_alg: match is_chacha {
            true => Box::leak(Box::new(Limited(donor.aead_alg))),
            false => donor.aead_alg,
        },
    };
    keep_tls12(number, donor, make)
}

/// Returns the suite of this number that is made from `donor`.
///
/// Looks the suite up by number and donor, so that two bases get suites of their own.
pub(super) fn keep_tls12(
    number: u16,
    donor: &'static Tls12CipherSuite,
    make: impl FnOnce() -> Tls12CipherSuite,
) -> SupportedCipherSuite {
    static KEPT: Kept<(u16, Part<Tls12CipherSuite>), SupportedCipherSuite> = Kept::new();
    KEPT.get_or_make((number, Part(donor)), || {
        SupportedCipherSuite::Tls12(Box::leak(Box::new(make())))
    })
}

/// Says if a suite exchanges keys by finite-field Diffie-Hellman.
pub(super) fn is_dhe(suite: &SupportedCipherSuite) -> bool {
    matches!(suite, SupportedCipherSuite::Tls12(suite) if suite.kx == KeyExchangeAlgorithm::DHE)
}

/// A suite of TLS 1.3 with SHA-256, whose hash and key derivation the suites with AES-CCM share.
fn sha256_suite(base: &[SupportedCipherSuite]) -> Option<&'static Tls13CipherSuite> {
    base.iter()
        .filter_map(SupportedCipherSuite::tls13)
        .find(|suite| suite.common.hash_provider.algorithm() == HashAlgorithm::SHA256)
}

/// `quic` is `None`: QUIC uses AES-CCM too, but SIP does not use QUIC.
fn tls13_suite(
    number: u16,
    aead_alg: &'static Tls13Ccm,
    donor: &'static Tls13CipherSuite,
) -> SupportedCipherSuite {
    static KEPT: Kept<(u16, Part<Tls13CipherSuite>), SupportedCipherSuite> = Kept::new();
    let make = || Tls13CipherSuite {
        common: common(number, &donor.common, CCM_LIMIT),
        hkdf_provider: donor.hkdf_provider,
        aead_alg,
        quic: None,
    };
    KEPT.get_or_make((number, Part(donor)), || {
        SupportedCipherSuite::Tls13(Box::leak(Box::new(make())))
    })
}

/// ECDHE-ECDSA-CHACHA20-POLY1305 and ECDHE-RSA-CHACHA20-POLY1305.
const CHACHA20: [u16; 2] = [0xcca9, 0xcca8];

/// The signatures that a server may make in an ECDSA suite, in order of preference. A key can make one of them.
static ECDSA_SCHEMES: [SignatureScheme; 4] = [
    SignatureScheme::ED25519,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP256_SHA256,
];

/// How to make a suite of TLS 1.2 out of another.
struct Recipe {
    number: u16,
    donor: u16,
    kx: KeyExchangeAlgorithm,
    /// `None` keeps the donor's protection.
    protection: Option<&'static Tls12Ccm>,
}

impl Recipe {
    fn make(&self, base: &[SupportedCipherSuite]) -> Option<SupportedCipherSuite> {
        let SupportedCipherSuite::Tls12(donor) = order::find(base, self.donor)? else {
            return None;
        };
        let (aead_alg, limit) = match self.protection {
            Some(ccm) => (ccm as &'static dyn Tls12AeadAlgorithm, CCM_LIMIT),
            None => (donor.aead_alg, donor.common.confidentiality_limit),
        };
        let make = || Tls12CipherSuite {
            common: common(self.number, &donor.common, limit),
            prf_provider: donor.prf_provider,
            kx: self.kx,
            sign: donor.sign,
            aead_alg,
        };
        Some(keep_tls12(self.number, donor, make))
    }
}

/// The hash comes from the donor; the number and the limit are the new suite's.
fn common(number: u16, donor: &CipherSuiteCommon, confidentiality_limit: u64) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: CipherSuite::from(number),
        hash_provider: donor.hash_provider,
        confidentiality_limit,
    }
}

/// A suite with ECDHE and AES-CCM: the donor gives signatures and hash.
const fn ccm(number: u16, donor: u16, protection: &'static Tls12Ccm) -> Recipe {
    Recipe {
        number,
        donor,
        kx: KeyExchangeAlgorithm::ECDHE,
        protection: Some(protection),
    }
}

/// [RFC 8446, appendix B.4](https://www.rfc-editor.org/rfc/rfc8446#appendix-B.4). Neither is offered by default, as
/// in OpenSSL: `ciphersuites` has to name it.
const TLS13: [(u16, &Tls13Ccm); 2] = [
    (0x1304, &Tls13Ccm { tag_len: 16 }), // TLS_AES_128_CCM_SHA256
    (0x1305, &Tls13Ccm { tag_len: 8 }),  // TLS_AES_128_CCM_8_SHA256
];

/// A suite with DHE: all but the key exchange comes from the donor, unless a protection is given.
const fn dhe(number: u16, donor: u16, protection: Option<&'static Tls12Ccm>) -> Recipe {
    Recipe {
        number,
        donor,
        kx: KeyExchangeAlgorithm::DHE,
        protection,
    }
}

/// Suites of [RFC 5288](https://www.rfc-editor.org/rfc/rfc5288), [RFC 7905](https://www.rfc-editor.org/rfc/rfc7905),
/// [RFC 6655](https://www.rfc-editor.org/rfc/rfc6655) and [RFC 7251](https://www.rfc-editor.org/rfc/rfc7251), with
/// the suite that each is made from. Both have the same signatures and the same hash.
const TLS12: [Recipe; 11] = [
    dhe(0x009f, 0xc030, None),                   // DHE-RSA-AES256-GCM-SHA384
    dhe(0xccaa, 0xcca8, None),                   // DHE-RSA-CHACHA20-POLY1305
    dhe(0x009e, 0xc02f, None),                   // DHE-RSA-AES128-GCM-SHA256
    ccm(0xc0af, ECDSA_SHA256, &AES256_CCM8),     // ECDHE-ECDSA-AES256-CCM8
    ccm(0xc0ad, ECDSA_SHA256, &AES256_CCM),      // ECDHE-ECDSA-AES256-CCM
    ccm(0xc0ae, ECDSA_SHA256, &AES128_CCM8),     // ECDHE-ECDSA-AES128-CCM8
    ccm(0xc0ac, ECDSA_SHA256, &AES128_CCM),      // ECDHE-ECDSA-AES128-CCM
    dhe(0xc0a3, RSA_SHA256, Some(&AES256_CCM8)), // DHE-RSA-AES256-CCM8
    dhe(0xc09f, RSA_SHA256, Some(&AES256_CCM)),  // DHE-RSA-AES256-CCM
    dhe(0xc0a2, RSA_SHA256, Some(&AES128_CCM8)), // DHE-RSA-AES128-CCM8
    dhe(0xc09e, RSA_SHA256, Some(&AES128_CCM)),  // DHE-RSA-AES128-CCM
];

const ECDSA_SHA256: u16 = 0xc02b; // ECDHE-ECDSA-AES128-GCM-SHA256
const RSA_SHA256: u16 = 0xc02f; // ECDHE-RSA-AES128-GCM-SHA256

static AES128_CCM: Tls12Ccm = Tls12Ccm {
    key_len: 16,
    tag_len: 16,
};

static AES128_CCM8: Tls12Ccm = Tls12Ccm {
    key_len: 16,
    tag_len: 8,
};

static AES256_CCM: Tls12Ccm = Tls12Ccm {
    key_len: 32,
    tag_len: 16,
};

static AES256_CCM8: Tls12Ccm = Tls12Ccm {
    key_len: 32,
    tag_len: 8,
};

/// Full-size records that one key may encrypt, by
/// [draft-irtf-cfrg-aead-limits](https://datatracker.ietf.org/doc/draft-irtf-cfrg-aead-limits/).
const CCM_LIMIT: u64 = 1 << 23;

#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use super::*;
    use crate::crypto::{client_provider, default_base};

    #[test]
    fn a_key_protects_as_many_records_as_its_cipher_allows() {
        let suites = client_provider(&default_base().unwrap()).cipher_suites;
        let limit = |number: u16| match order::find(&suites, number).unwrap() {
            SupportedCipherSuite::Tls12(suite) => suite.common.confidentiality_limit,
            SupportedCipherSuite::Tls13(suite) => suite.common.confidentiality_limit,
        };
        // 2^23 for all suites with AES-CCM.
        for number in [
            0x1304, 0x1305, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af, 0xc09e, 0xc09f, 0xc0a2, 0xc0a3,
        ] {
            assert_eq!(limit(number), 8_388_608, "{number:#x}");
        }
        // Suites with DHE have the same cipher as those with ECDHE.
        for (number, donor) in [(0x009e, 0xc02f), (0x009f, 0xc030), (0xccaa, 0xcca8)] {
            assert_eq!(limit(number), limit(donor), "{number:#x}");
        }
    }

    /// A base may offer a suite of its own, or none of its kind.
    #[test]
    fn nothing_is_added_that_is_there_or_lacks_its_parts() {
        let base = default_base().unwrap();
        let whole = client_provider(&base).cipher_suites;
        assert!(added(&whole).is_empty());
        assert!(added(&[]).is_empty());
        let numbers = |suites: &[SupportedCipherSuite]| -> Vec<u16> {
            added(suites)
                .iter()
                .map(|suite| suite.suite().into())
                .collect()
        };
        for (donor, made) in [
            (0x1301, &[0x1304, 0x1305][..]),
            (0x1302, &[]),
            (0xc02b, &[0xc0af, 0xc0ad, 0xc0ae, 0xc0ac]),
            (0xc02c, &[]),
            (0xc02f, &[0x009e, 0xc0a3, 0xc09f, 0xc0a2, 0xc09e]),
            (0xc030, &[0x009f]),
            (0xcca8, &[0xccaa]),
        ] {
            let alone = [order::find(&whole, donor).unwrap()];
            assert_eq!(numbers(&alone), made, "{donor:#x}");
        }
    }

    #[test]
    fn suites_of_ecdsa_sign_with_every_kind_of_key_and_others_stay_as_they_are() {
        let base = default_base().unwrap().cipher_suites.clone();
        let mended = mended(&base);
        assert_eq!(mended.len(), base.len());
        let has_all = |suite: &Tls12CipherSuite| {
            let mut schemes = ECDSA_SCHEMES.iter();
            schemes.all(|scheme| suite.sign.contains(scheme))
        };
        for (old, new) in base.iter().zip(&mended) {
            assert_eq!(old.suite(), new.suite());
            let (SupportedCipherSuite::Tls12(old), SupportedCipherSuite::Tls12(new)) = (old, new)
            else {
                continue;
            };
            let number = u16::from(old.common.suite);
            let is_ecdsa = [0xc02b, 0xc02c, 0xcca9].contains(&number);
            assert!(!is_ecdsa || has_all(new), "{number:#x}");
            // Some providers have all schemes from the start.
            let lacks_keys = is_ecdsa && !has_all(old);
            assert_eq!(new.sign != old.sign, lacks_keys, "{number:#x}");
            // Those with ChaCha20 get a limit for the length of records.
            let is_changed = lacks_keys || [0xcca8, 0xcca9].contains(&number);
            assert_eq!(!std::ptr::eq(*old, *new), is_changed, "{number:#x}");
            assert_eq!(old.kx, new.kx, "{number:#x}");
        }
    }
}
