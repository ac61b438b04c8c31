//! Cipher suites, with the properties that OpenSSL knows.
//!
//! The properties are the columns of `openssl ciphers -v`: protocol, `Kx`, `Au`, `Enc` and `Mac`.
//! Words of a cipher string select by them.

use std::fmt;

use super::table::{SUITES, TLS13_SUITES};

/// A cipher suite of OpenSSL 3.0, whether or not rustls supports it.
///
/// Suites are compared by all their properties; each number, OpenSSL name and IANA name occurs
/// once.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherSuite, KeyExchange};
///
/// let suite = CipherSuite::by_number(0xC02F).ok_or("unknown")?;
/// assert_eq!(suite.to_string(), "ECDHE-RSA-AES128-GCM-SHA256");
/// assert_eq!(suite.iana_name(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
/// assert_eq!(suite.key_exchange(), KeyExchange::Ecdhe);
/// assert_eq!(suite.strength_bits(), 128);
/// # Ok::<(), &str>(())
/// ```
#[derive(Eq, Hash, PartialEq)]
pub struct CipherSuite {
    number: u16,
    openssl_name: &'static str,
    iana_name: &'static str,
    key_exchange: KeyExchange,
    authentication: Authentication,
    encryption: Encryption,
    mac: Mac,
    min_version: MinVersion,
}

impl CipherSuite {
    /// All suites of OpenSSL 3.0: TLS 1.3 first, then the others in OpenSSL's order of preference.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TLS13_SUITES.iter().chain(&SUITES)
    }

    /// The suite with this number on the wire.
    ///
    /// It is the number in IANA's registry "TLS Cipher Suites", the two bytes in network order.
    pub fn by_number(number: u16) -> Option<&'static Self> {
        Self::all().find(|suite| suite.number == number)
    }

    /// The suite with this OpenSSL name. OpenSSL compares names exactly.
    pub fn by_openssl_name(name: &str) -> Option<&'static Self> {
        Self::all().find(|suite| suite.openssl_name == name)
    }

    /// The suite with this name in IANA's registry.
    pub fn by_iana_name(name: &str) -> Option<&'static Self> {
        Self::all().find(|suite| suite.iana_name == name)
    }

    /// The number on the wire, such as `0xC02F`.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// OpenSSL's name, such as `ECDHE-RSA-AES128-GCM-SHA256`.
    pub fn openssl_name(&self) -> &'static str {
        self.openssl_name
    }

    /// The name in IANA's registry, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
    pub fn iana_name(&self) -> &'static str {
        self.iana_name
    }

    /// How the two sides agree on a secret.
    pub fn key_exchange(&self) -> KeyExchange {
        self.key_exchange
    }

    /// How the server proves who it is.
    pub fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// How records are encrypted.
    pub fn encryption(&self) -> Encryption {
        self.encryption
    }

    /// How records are authenticated.
    pub fn mac(&self) -> Mac {
        self.mac
    }

    /// The first protocol version that has the suite.
    pub fn min_version(&self) -> MinVersion {
        self.min_version
    }

    /// The strength that OpenSSL sorts by, and compares with the security level.
    ///
    /// It is the size of the cipher's key: ChaCha20 counts 256, and CCM with a short tag counts as
    /// CCM does. Without encryption it is 0.
    pub fn strength_bits(&self) -> u16 {
        self.encryption.strength_bits()
    }

    pub(in crate::options) fn is_tls13(&self) -> bool {
        self.min_version == MinVersion::Tls13
    }

    /// Whether the word `COMPLEMENTOFDEFAULT` holds the suite.
    ///
    /// These are CCM, ARIA, Camellia, DSS and suites without authentication, but none without
    /// encryption.
    pub(super) fn is_outside_default(&self) -> bool {
        let odd_cipher = self.encryption.is_ccm() || self.encryption.is_aria_or_camellia();
        let odd_authentication = matches!(
            self.authentication,
            Authentication::Dss | Authentication::Null
        );
        self.encryption != Encryption::Null && (odd_cipher || odd_authentication)
    }

    /// Whether the word `FIPS` holds the suite.
    ///
    /// They are those with AES in CBC or GCM mode, except for SRP.
    pub(super) fn is_fips(&self) -> bool {
        use Encryption as E;
        matches!(
            self.encryption,
            E::Aes128Cbc | E::Aes128Gcm | E::Aes256Cbc | E::Aes256Gcm
        ) && self.key_exchange != KeyExchange::Srp
    }
}

impl fmt::Debug for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CipherSuite")
            .field(&self.openssl_name)
            .finish()
    }
}

/// Prints OpenSSL's name.
impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.openssl_name)
    }
}

/// OpenSSL's name of a suite, if OpenSSL 3.0 has it.
///
/// # Examples
///
/// ```
/// use sip_tls::options::openssl_name;
///
/// assert_eq!(openssl_name(0x1301), Some("TLS_AES_128_GCM_SHA256"));
/// assert_eq!(openssl_name(0x0005), None, "RC4-SHA is no suite of OpenSSL 3.0");
/// ```
pub fn openssl_name(number: u16) -> Option<&'static str> {
    CipherSuite::by_number(number).map(CipherSuite::openssl_name)
}

/// Joins names by colons, as a cipher string and the output of `openssl ciphers` have them.
pub(super) fn join_names(suites: impl Iterator<Item = &'static CipherSuite>) -> String {
    let names: Vec<_> = suites.map(CipherSuite::openssl_name).collect();
    names.join(":")
}

/// How the two sides agree on a secret. Printed as `openssl ciphers -v` prints it after `Kx=`.
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyExchange {
    /// TLS 1.3, where it is negotiated apart from the suite.
    Any,
    Dhe,
    DhePsk,
    Ecdhe,
    EcdhePsk,
    Psk,
    Rsa,
    RsaPsk,
    Srp,
}

impl fmt::Display for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Any => "any",
            Self::Dhe => "DH",
            Self::DhePsk => "DHEPSK",
            Self::Ecdhe => "ECDH",
            Self::EcdhePsk => "ECDHEPSK",
            Self::Psk => "PSK",
            Self::Rsa => "RSA",
            Self::RsaPsk => "RSAPSK",
            Self::Srp => "SRP",
        })
    }
}

/// How the server proves who it is. Printed as `openssl ciphers -v` prints it after `Au=`.
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Authentication {
    /// TLS 1.3, where it is negotiated apart from the suite.
    Any,
    Dss,
    Ecdsa,
    /// Nobody is authenticated.
    Null,
    Psk,
    Rsa,
    Srp,
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Any => "any",
            Self::Dss => "DSS",
            Self::Ecdsa => "ECDSA",
            Self::Null => "None",
            Self::Psk => "PSK",
            Self::Rsa => "RSA",
            Self::Srp => "SRP",
        })
    }
}

/// How records are encrypted. Printed as `openssl ciphers -v` prints it after `Enc=`.
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Encryption {
    Aes128Cbc,
    Aes128Ccm,
    /// CCM with a tag of eight bytes.
    Aes128Ccm8,
    Aes128Gcm,
    Aes256Cbc,
    Aes256Ccm,
    /// CCM with a tag of eight bytes.
    Aes256Ccm8,
    Aes256Gcm,
    Aria128Gcm,
    Aria256Gcm,
    Camellia128Cbc,
    Camellia256Cbc,
    Chacha20Poly1305,
    /// No encryption at all.
    Null,
}

impl Encryption {
    fn strength_bits(self) -> u16 {
        match self {
            Self::Null => 0,
            Self::Aes128Cbc
            | Self::Aes128Ccm
            | Self::Aes128Ccm8
            | Self::Aes128Gcm
            | Self::Aria128Gcm
            | Self::Camellia128Cbc => 128,
            Self::Aes256Cbc
            | Self::Aes256Ccm
            | Self::Aes256Ccm8
            | Self::Aes256Gcm
            | Self::Aria256Gcm
            | Self::Camellia256Cbc
            | Self::Chacha20Poly1305 => 256,
        }
    }

    pub(super) fn is_gcm_or_chacha20(self) -> bool {
        matches!(
            self,
            Self::Aes128Gcm | Self::Aes256Gcm | Self::Chacha20Poly1305
        )
    }

    fn is_ccm(self) -> bool {
        matches!(
            self,
            Self::Aes128Ccm | Self::Aes128Ccm8 | Self::Aes256Ccm | Self::Aes256Ccm8
        )
    }

    fn is_aria_or_camellia(self) -> bool {
        matches!(
            self,
            Self::Aria128Gcm | Self::Aria256Gcm | Self::Camellia128Cbc | Self::Camellia256Cbc
        )
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aes128Cbc => "AES(128)",
            Self::Aes128Ccm => "AESCCM(128)",
            Self::Aes128Ccm8 => "AESCCM8(128)",
            Self::Aes128Gcm => "AESGCM(128)",
            Self::Aes256Cbc => "AES(256)",
            Self::Aes256Ccm => "AESCCM(256)",
            Self::Aes256Ccm8 => "AESCCM8(256)",
            Self::Aes256Gcm => "AESGCM(256)",
            Self::Aria128Gcm => "ARIAGCM(128)",
            Self::Aria256Gcm => "ARIAGCM(256)",
            Self::Camellia128Cbc => "Camellia(128)",
            Self::Camellia256Cbc => "Camellia(256)",
            Self::Chacha20Poly1305 => "CHACHA20/POLY1305(256)",
            Self::Null => "None",
        })
    }
}

/// How records are authenticated. Printed as `openssl ciphers -v` prints it after `Mac=`.
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mac {
    /// The cipher authenticates the records itself.
    Aead,
    Md5,
    Sha1,
    Sha256,
    Sha384,
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aead => "AEAD",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
        })
    }
}

/// The first protocol version that has a suite. Printed as `openssl ciphers -v` prints it.
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MinVersion {
    Ssl3,
    Tls1,
    Tls12,
    Tls13,
}

impl fmt::Display for MinVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ssl3 => "SSLv3",
            Self::Tls1 => "TLSv1",
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        })
    }
}

/// A row of the tables in `table`.
#[expect(clippy::too_many_arguments, reason = "a row of a table")]
pub(super) const fn row(
    number: u16,
    openssl_name: &'static str,
    iana_name: &'static str,
    key_exchange: KeyExchange,
    authentication: Authentication,
    encryption: Encryption,
    mac: Mac,
    min_version: MinVersion,
) -> CipherSuite {
    CipherSuite {
        number,
        openssl_name,
        iana_name,
        key_exchange,
        authentication,
        encryption,
        mac,
        min_version,
    }
}
