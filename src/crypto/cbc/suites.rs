//! The suites.
//!
//! Each is made of a suite of the base with the same signatures and, for the transcript and the key
//! derivation, the same hash. That hash is SHA-256 except in the suites named SHA384; the SHA1 in a
//! suite's name is the hash of the MAC alone. The suites are those of RFC 5246, RFC 5289 and RFC
//! 8422.

use rustls::crypto::tls12::Prf;
use rustls::crypto::{CipherSuiteCommon, KeyExchangeAlgorithm};
use rustls::{CipherSuite, SupportedCipherSuite, Tls12CipherSuite};

use super::{Cbc, Hash, KeysFirst};
use crate::crypto::order;
use crate::crypto::suites::keep_tls12;

/// Makes every suite that `base` has the parts for. They stay in memory for good.
pub(in crate::crypto) fn all(base: &[SupportedCipherSuite]) -> Vec<SupportedCipherSuite> {
    let made = SUITES.iter().filter_map(|recipe| recipe.make(base));
    made.collect()
}

/// How to make one suite.
struct Recipe {
    number: u16,
    /// The suite of the base with the same signatures and hash.
    donor: u16,
    kx: KeyExchangeAlgorithm,
    key_len: usize,
    hash: Hash,
}

impl Recipe {
    /// `None` if the base lacks the donor.
    fn make(&self, base: &[SupportedCipherSuite]) -> Option<SupportedCipherSuite> {
        let SupportedCipherSuite::Tls12(donor) = order::find(base, self.donor)? else {
            return None;
        };
        let prf_provider = || -> &'static dyn Prf {
            match self.hash {
                Hash::Sha1 | Hash::Sha256 => donor.prf_provider,
                Hash::Sha384 => Box::leak(Box::new(KeysFirst {
                    inner: donor.prf_provider,
                    mac_keys: 2 * 48,
                })),
            }
        };
        let make = || Tls12CipherSuite {
            common: CipherSuiteCommon {
                suite: CipherSuite::from(self.number),
                hash_provider: donor.common.hash_provider,
                confidentiality_limit: LIMIT,
            },
            prf_provider: prf_provider(),
            kx: self.kx,
            sign: donor.sign,
            aead_alg: Box::leak(Box::new(Cbc {
                hash: self.hash,
                key_len: self.key_len,
            })),
        };
        Some(keep_tls12(self.number, donor, make))
    }
}

/// A suite with ECDHE.
const fn ecdhe(number: u16, donor: u16, key_len: usize, hash: Hash) -> Recipe {
    Recipe {
        number,
        donor,
        kx: KeyExchangeAlgorithm::ECDHE,
        key_len,
        hash,
    }
}

/// A suite with DHE-RSA.
const fn dhe(number: u16, key_len: usize, hash: Hash) -> Recipe {
    Recipe {
        number,
        donor: RSA_SHA256,
        kx: KeyExchangeAlgorithm::DHE,
        key_len,
        hash,
    }
}

/// In OpenSSL's order.
const SUITES: [Recipe; 12] = [
    ecdhe(0xc024, ECDSA_SHA384, 32, Hash::Sha384), // ECDHE-ECDSA-AES256-SHA384
    ecdhe(0xc028, RSA_SHA384, 32, Hash::Sha384),   // ECDHE-RSA-AES256-SHA384
    dhe(0x006b, 32, Hash::Sha256),                 // DHE-RSA-AES256-SHA256
    ecdhe(0xc023, ECDSA_SHA256, 16, Hash::Sha256), // ECDHE-ECDSA-AES128-SHA256
    ecdhe(0xc027, RSA_SHA256, 16, Hash::Sha256),   // ECDHE-RSA-AES128-SHA256
    dhe(0x0067, 16, Hash::Sha256),                 // DHE-RSA-AES128-SHA256
    ecdhe(0xc00a, ECDSA_SHA256, 32, Hash::Sha1),   // ECDHE-ECDSA-AES256-SHA
    ecdhe(0xc014, RSA_SHA256, 32, Hash::Sha1),     // ECDHE-RSA-AES256-SHA
    dhe(0x0039, 32, Hash::Sha1),                   // DHE-RSA-AES256-SHA
    ecdhe(0xc009, ECDSA_SHA256, 16, Hash::Sha1),   // ECDHE-ECDSA-AES128-SHA
    ecdhe(0xc013, RSA_SHA256, 16, Hash::Sha1),     // ECDHE-RSA-AES128-SHA
    dhe(0x0033, 16, Hash::Sha1),                   // DHE-RSA-AES128-SHA
];

const ECDSA_SHA256: u16 = 0xc02b; // ECDHE-ECDSA-AES128-GCM-SHA256
const ECDSA_SHA384: u16 = 0xc02c; // ECDHE-ECDSA-AES256-GCM-SHA384
const RSA_SHA256: u16 = 0xc02f; // ECDHE-RSA-AES128-GCM-SHA256
const RSA_SHA384: u16 = 0xc030; // ECDHE-RSA-AES256-GCM-SHA384

/// Full-size records that one key may encrypt: 2^34 blocks, where two of them are equal with a
/// chance of 2^-60.
const LIMIT: u64 = 1 << 24;
