//! The words of the language, and what they select.
//!
//! A word is an exact text: the OpenSSL name of a suite, or an alias such as `HIGH` or `kRSA`. Each stands for a
//! condition on the properties of a suite: sets of key exchanges, authentications, ciphers and MACs, a strength class,
//! a version. Words that are joined with `+` are met together: the sets are intersected. If a set becomes empty,
//! OpenSSL drops the rule.
//!
//! The aliases are those of `cipher_aliases` in ssl/ssl_ciph.c, with the words that are known and select nothing:
//! whether a word is known decides where an error is seen.

use super::suite::{Authentication, CipherSuite, Encryption, KeyExchange, Mac, MinVersion};
use super::table::SUITES;

/// What a word selects, or several words joined with `+`.
///
/// Every field is a condition, and a suite is selected if it meets all of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern {
    key_exchange: u32,
    authentication: u32,
    encryption: u32,
    mac: u32,
    strength: u32,
    /// Only suites of `COMPLEMENTOFDEFAULT`.
    outside_default: bool,
    min_version: Option<MinVersion>,
}

impl Pattern {
    /// Selects every suite.
    pub(super) const EVERYTHING: Self = Self {
        key_exchange: ANY,
        authentication: ANY,
        encryption: ANY,
        mac: ANY,
        strength: ANY,
        outside_default: false,
        min_version: None,
    };

    /// The pattern of a word of the language; words are compared exactly.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let suite = SUITES.iter().find(|suite| suite.openssl_name() == word);
        let alias = || ALIASES.iter().find(|(name, _)| *name == word);
        suite
            .map(Self::of_suite)
            .or_else(|| alias().map(|(_, pattern)| *pattern))
    }

    /// The name of a suite stands for all its properties except the version. No two suites have all of
    /// these in common, so the name selects one suite.
    fn of_suite(suite: &CipherSuite) -> Self {
        Self {
            key_exchange: kx(suite.key_exchange()),
            authentication: au(suite.authentication()),
            encryption: enc(suite.encryption()),
            mac: mac(suite.mac()),
            strength: strength(suite),
            outside_default: suite.is_outside_default(),
            min_version: None,
        }
    }

    /// The pattern that meets both conditions, or `None` if they exclude each other.
    ///
    /// The order matters in one case: the first strength class wipes an earlier `COMPLEMENTOFDEFAULT`.
    pub(super) fn and(self, word: Self) -> Option<Self> {
        let min_version = match (self.min_version, word.min_version) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.or(other),
        };
        // OpenSSL stores the first strength class over the bit of COMPLEMENTOFDEFAULT.
        let first_strength = self.strength == ANY && word.strength != ANY;
        let both = Self {
            key_exchange: self.key_exchange & word.key_exchange,
            authentication: self.authentication & word.authentication,
            encryption: self.encryption & word.encryption,
            mac: self.mac & word.mac,
            strength: self.strength & word.strength,
            outside_default: word.outside_default || (self.outside_default && !first_strength),
            min_version,
        };
        let masks = [
            both.key_exchange,
            both.authentication,
            both.encryption,
            both.mac,
            both.strength,
        ];
        masks.iter().all(|mask| *mask != 0).then_some(both)
    }

    /// Whether a suite meets all conditions.
    pub(super) fn selects(&self, suite: &CipherSuite) -> bool {
        self.key_exchange & kx(suite.key_exchange()) != 0
            && self.authentication & au(suite.authentication()) != 0
            && self.encryption & enc(suite.encryption()) != 0
            && self.mac & mac(suite.mac()) != 0
            && self
                .min_version
                .is_none_or(|version| version == suite.min_version())
            && self.strength & strength(suite) != 0
            && (!self.outside_default || suite.is_outside_default())
    }
}

/// Every word of the language, suite names first.
pub(super) fn all_words() -> impl Iterator<Item = &'static str> {
    let suites = SUITES.iter().map(CipherSuite::openssl_name);
    suites.chain(ALIASES.iter().map(|(name, _)| *name))
}

/// The set of all variants. A set has one bit for each variant of an enum.
const ANY: u32 = !0;

const fn kx(key_exchange: KeyExchange) -> u32 {
    1 << key_exchange as u32
}

const fn au(authentication: Authentication) -> u32 {
    1 << authentication as u32
}

const fn enc(encryption: Encryption) -> u32 {
    1 << encryption as u32
}

const fn mac(mac: Mac) -> u32 {
    1 << mac as u32
}

/// The strength classes of a suite. Every suite that encrypts is `HIGH` in OpenSSL 3.0: it builds no weaker ones.
fn strength(suite: &CipherSuite) -> u32 {
    let class = if suite.encryption() == Encryption::Null {
        NO_STRENGTH
    } else {
        HIGH
    };
    if suite.is_fips() { class | FIPS } else { class }
}

/// The classes are bits of one set. `LOW` and `MEDIUM` are known, and no suite has them; `FIPS` may stand beside
/// `HIGH`.
const NO_STRENGTH: u32 = 1;
const LOW: u32 = 1 << 1;
const MEDIUM: u32 = 1 << 2;
const HIGH: u32 = 1 << 3;
const FIPS: u32 = 1 << 4;

const DHE: u32 = kx(KeyExchange::Dhe);
const ECDHE: u32 = kx(KeyExchange::Ecdhe);
const K_RSA: u32 = kx(KeyExchange::Rsa);
const SRP: u32 = kx(KeyExchange::Srp);
const ANY_PSK: u32 = kx(KeyExchange::Psk)
    | kx(KeyExchange::RsaPsk)
    | kx(KeyExchange::DhePsk)
    | kx(KeyExchange::EcdhePsk);

const A_NULL: u32 = au(Authentication::Null);
const A_RSA: u32 = au(Authentication::Rsa);
const DSS: u32 = au(Authentication::Dss);
const ECDSA: u32 = au(Authentication::Ecdsa);

const E_NULL: u32 = enc(Encryption::Null);
/// A cipher that OpenSSL 3.0 still knows, but that no suite uses.
const TRIPLE_DES: u32 = 1 << 31;
const AES128_CCM8: u32 = enc(Encryption::Aes128Ccm8);
const AES128_CCM: u32 = enc(Encryption::Aes128Ccm) | AES128_CCM8;
const AES128_CBC: u32 = enc(Encryption::Aes128Cbc);
const AES128_GCM: u32 = enc(Encryption::Aes128Gcm);
const AES128: u32 = AES128_CBC | AES128_GCM | AES128_CCM;
const AES256_CCM8: u32 = enc(Encryption::Aes256Ccm8);
const AES256_CCM: u32 = enc(Encryption::Aes256Ccm) | AES256_CCM8;
const AES256_CBC: u32 = enc(Encryption::Aes256Cbc);
const AES256_GCM: u32 = enc(Encryption::Aes256Gcm);
const AES256: u32 = AES256_CBC | AES256_GCM | AES256_CCM;
const ARIA128: u32 = enc(Encryption::Aria128Gcm);
const ARIA256: u32 = enc(Encryption::Aria256Gcm);
const CAMELLIA128: u32 = enc(Encryption::Camellia128Cbc);
const CAMELLIA256: u32 = enc(Encryption::Camellia256Cbc);
const CAMELLIA: u32 = CAMELLIA128 | CAMELLIA256;
const CBC: u32 = AES128_CBC | AES256_CBC | CAMELLIA | TRIPLE_DES;

const SHA1: u32 = mac(Mac::Sha1);

const fn key_exchange(key_exchange: u32) -> Pattern {
    Pattern {
        key_exchange,
        ..Pattern::EVERYTHING
    }
}

const fn authentication(authentication: u32) -> Pattern {
    Pattern {
        authentication,
        ..Pattern::EVERYTHING
    }
}

const fn key_exchange_by(key_exchange: u32, authentication: u32) -> Pattern {
    Pattern {
        key_exchange,
        authentication,
        ..Pattern::EVERYTHING
    }
}

const fn encryption(encryption: u32) -> Pattern {
    Pattern {
        encryption,
        ..Pattern::EVERYTHING
    }
}

const fn hash(mac: u32) -> Pattern {
    Pattern {
        mac,
        ..Pattern::EVERYTHING
    }
}

const fn version(version: MinVersion) -> Pattern {
    Pattern {
        min_version: Some(version),
        ..Pattern::EVERYTHING
    }
}

const fn class(strength: u32) -> Pattern {
    Pattern {
        strength,
        ..Pattern::EVERYTHING
    }
}

/// A suite of older versions, whose name OpenSSL still knows.
const fn triple_des(authentication: u32) -> Pattern {
    Pattern {
        key_exchange: DHE,
        authentication,
        encryption: TRIPLE_DES,
        mac: SHA1,
        strength: HIGH | FIPS,
        ..Pattern::EVERYTHING
    }
}

/// The words that are not names of suites.
#[rustfmt::skip]
static ALIASES: &[(&str, Pattern)] = &[
    ("ALL", encryption(!E_NULL)),
    ("COMPLEMENTOFALL", encryption(E_NULL)),
    ("COMPLEMENTOFDEFAULT", Pattern { outside_default: true, ..Pattern::EVERYTHING }),

    ("kRSA", key_exchange(K_RSA)),
    ("kEDH", key_exchange(DHE)),
    ("kDHE", key_exchange(DHE)),
    ("DH", key_exchange(DHE)),
    ("kEECDH", key_exchange(ECDHE)),
    ("kECDHE", key_exchange(ECDHE)),
    ("ECDH", key_exchange(ECDHE)),
    ("kPSK", key_exchange(kx(KeyExchange::Psk))),
    ("kRSAPSK", key_exchange(kx(KeyExchange::RsaPsk))),
    ("kDHEPSK", key_exchange(kx(KeyExchange::DhePsk))),
    ("kECDHEPSK", key_exchange(kx(KeyExchange::EcdhePsk))),
    ("PSK", key_exchange(ANY_PSK)),
    ("kSRP", key_exchange(SRP)),
    ("SRP", key_exchange(SRP)),

    ("aRSA", authentication(A_RSA)),
    ("aDSS", authentication(DSS)),
    ("DSS", authentication(DSS)),
    ("aECDSA", authentication(ECDSA)),
    ("ECDSA", authentication(ECDSA)),
    ("aNULL", authentication(A_NULL)),
    ("aPSK", authentication(au(Authentication::Psk))),
    ("aSRP", authentication(au(Authentication::Srp))),

    ("EDH", key_exchange_by(DHE, !A_NULL)),
    ("DHE", key_exchange_by(DHE, !A_NULL)),
    ("EECDH", key_exchange_by(ECDHE, !A_NULL)),
    ("ECDHE", key_exchange_by(ECDHE, !A_NULL)),
    ("RSA", key_exchange_by(K_RSA, A_RSA)),
    ("ADH", key_exchange_by(DHE, A_NULL)),
    ("AECDH", key_exchange_by(ECDHE, A_NULL)),

    ("eNULL", encryption(E_NULL)),
    ("NULL", encryption(E_NULL)),
    ("3DES", encryption(TRIPLE_DES)),
    ("AES128", encryption(AES128)),
    ("AES256", encryption(AES256)),
    ("AES", encryption(AES128 | AES256)),
    ("AESGCM", encryption(AES128_GCM | AES256_GCM)),
    ("AESCCM", encryption(AES128_CCM | AES256_CCM)),
    ("AESCCM8", encryption(AES128_CCM8 | AES256_CCM8)),
    ("ARIA128", encryption(ARIA128)),
    ("ARIA256", encryption(ARIA256)),
    ("ARIA", encryption(ARIA128 | ARIA256)),
    ("ARIAGCM", encryption(ARIA128 | ARIA256)),
    ("CAMELLIA128", encryption(CAMELLIA128)),
    ("CAMELLIA256", encryption(CAMELLIA256)),
    ("CAMELLIA", encryption(CAMELLIA)),
    ("CHACHA20", encryption(enc(Encryption::Chacha20Poly1305))),
    ("CBC", encryption(CBC)),

    // The MAC of a suite. The `SHA256` at the end of `AES128-GCM-SHA256` is not a MAC.
    ("MD5", hash(mac(Mac::Md5))),
    ("SHA1", hash(SHA1)),
    ("SHA", hash(SHA1)),
    ("SHA256", hash(mac(Mac::Sha256))),
    ("SHA384", hash(mac(Mac::Sha384))),

    ("SSLv3", version(MinVersion::Ssl3)),
    ("TLSv1", version(MinVersion::Tls1)),
    ("TLSv1.0", version(MinVersion::Tls1)),
    ("TLSv1.2", version(MinVersion::Tls12)),

    ("LOW", class(LOW)),
    ("MEDIUM", class(MEDIUM)),
    ("HIGH", class(HIGH)),
    ("FIPS", Pattern { encryption: !E_NULL, ..class(FIPS) }),

    ("EDH-DSS-DES-CBC3-SHA", triple_des(DSS)),
    ("EDH-RSA-DES-CBC3-SHA", triple_des(A_RSA)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_that_mean_the_same_select_the_same() {
        for (one, other) in [
            ("kEDH", "DH"),
            ("EDH", "DHE"),
            ("SHA", "SHA1"),
            ("TLSv1", "TLSv1.0"),
            ("ARIA", "ARIAGCM"),
            ("HIGH", "ALL"),
        ] {
            assert_eq!(selected(&[one]), selected(&[other]), "{one} and {other}");
        }
    }

    #[test]
    fn words_of_older_versions_are_known_and_select_nothing() {
        for word in ["3DES", "LOW", "MEDIUM", "EDH-RSA-DES-CBC3-SHA"] {
            assert_eq!(selected(&[word]), Some(Vec::new()), "{word}");
        }
    }

    #[test]
    fn words_are_compared_exactly() {
        for word in ["all", "kRsa", "AESGCM ", "AESGC", "RC4", ""] {
            assert_eq!(selected(&[word]), None, "{word}");
        }
    }

    #[test]
    fn the_name_of_a_suite_selects_that_suite_alone() {
        for suite in &SUITES {
            let name = suite.openssl_name();
            assert_eq!(selected(&[name]), Some(vec![name]));
        }
        // The version is no part of what the name stands for.
        assert_eq!(selected(&["AES128-SHA", "TLSv1.2"]), Some(Vec::new()));
        assert_eq!(
            selected(&["NULL-SHA256", "kRSA"]),
            Some(vec!["NULL-SHA256"])
        );
    }

    #[test]
    fn words_that_exclude_each_other_make_no_pattern() {
        assert_eq!(selected(&["ECDHE", "kRSA"]), None);
        assert_eq!(selected(&["HIGH", "FIPS"]), None);
        assert_eq!(selected(&["TLSv1", "TLSv1.2"]), None);
        assert_eq!(selected(&["AES128-GCM-SHA256", "SHA256"]), None);
        // `SHA256` means the MAC, and AES-GCM is an AEAD cipher: not contradictory, but no suite has both.
        assert_eq!(selected(&["AESGCM", "SHA256"]), Some(Vec::new()));
    }

    #[test]
    fn the_first_strength_class_wipes_an_earlier_complementofdefault() {
        assert_eq!(
            selected(&["COMPLEMENTOFDEFAULT", "HIGH"]),
            selected(&["HIGH"])
        );
        assert_eq!(
            selected(&["HIGH", "COMPLEMENTOFDEFAULT"]),
            selected(&["COMPLEMENTOFDEFAULT"])
        );
    }

    fn selected(words: &[&str]) -> Option<Vec<&'static str>> {
        let both = |pattern: Pattern, word: &&str| pattern.and(Pattern::of_word(word)?);
        let pattern = words.iter().try_fold(Pattern::EVERYTHING, both)?;
        let suites = SUITES.iter().filter(|suite| pattern.selects(suite));
        Some(suites.map(CipherSuite::openssl_name).collect())
    }
}
