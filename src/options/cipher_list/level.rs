//! OpenSSL's security levels.
//!
//! The limits are those of `ssl_security_default_callback`. The level is judged when a suite, a key, a group or a
//! signature is used, and not when the list is read.

use std::fmt;

use super::suite::{Authentication, CipherSuite, KeyExchange, Mac};

/// A security level of OpenSSL, 0 to 5.
///
/// OpenSSL up to 3.1 defaults to level 1. Debian and its derivatives build it with level 2, the
/// default of OpenSSL since 3.2. The default here is 2, which is also the lowest level that can be in force: the crypto providers
/// refuse anyway what only a lower level permits (RSA keys under 2048 bits, SHA-1 signatures). A cipher
/// list can ask for a higher level with `@SECLEVEL=n`; a lower one is [narrowed](Self::effective).
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherSuite, SecurityLevel};
///
/// let asked = SecurityLevel::new(1);
/// assert_eq!(SecurityLevel::effective(asked).number(), 2);
/// assert_eq!(SecurityLevel::default().bits(), 112);
///
/// let suite = CipherSuite::by_openssl_name("ECDHE-RSA-AES128-GCM-SHA256").ok_or("unknown")?;
/// let permits = |number| SecurityLevel::new(number).map(|level| level.permits(suite));
/// assert_eq!([permits(3), permits(4)], [Some(true), Some(false)]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SecurityLevel(u8);

impl SecurityLevel {
    /// The level of this number, if OpenSSL has it.
    pub fn new(number: u8) -> Option<Self> {
        (number < 6).then_some(Self(number))
    }

    /// The level in force, given the level that was asked for, if any.
    pub fn effective(asked: Option<Self>) -> Self {
        asked.map_or_else(Self::default, |level| level.max(Self::default()))
    }

    /// The number after `@SECLEVEL=`.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The bits of security that suites, keys, groups and signatures must have at least.
    ///
    /// A key of RSA has 112 bits of security if it has 2048 bits, and 128 if it has 3072; a curve has half of its size.
    pub fn bits(self) -> u16 {
        [0, 80, 112, 128, 192, 256][usize::from(self.0)]
    }

    /// Whether OpenSSL negotiates a suite at this level.
    ///
    /// Level 0 permits all. From level 1 on, suites without authentication, with MD5 or without encryption are out;
    /// from level 3 on, suites of TLS 1.2 without forward secrecy; from level 4 on, SHA-1 as the MAC and ciphers with
    /// 128 bits.
    pub fn permits(self, suite: &CipherSuite) -> bool {
        if self.0 == 0 {
            return true;
        }
        suite.strength_bits() >= self.bits()
            && suite.authentication() != Authentication::Null
            && suite.mac() != Mac::Md5
            && (self.0 < 3 || is_forward_secret(suite))
            // HMAC-SHA1 counts 160 bits.
            && (self.bits() <= 160 || suite.mac() != Mac::Sha1)
    }
}

/// Level 2, as Debian and its derivatives build OpenSSL.
impl Default for SecurityLevel {
    fn default() -> Self {
        Self(2)
    }
}

impl fmt::Display for SecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether the key exchange is ephemeral. In TLS 1.3 it always is.
fn is_forward_secret(suite: &CipherSuite) -> bool {
    use KeyExchange as K;
    matches!(
        suite.key_exchange(),
        K::Any | K::Dhe | K::DhePsk | K::Ecdhe | K::EcdhePsk
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_raised_and_never_lowered() {
        let effective = |number| SecurityLevel::effective(SecurityLevel::new(number)).number();
        assert_eq!([0, 1, 2, 3, 4, 5].map(effective), [2, 2, 2, 3, 4, 5]);
        assert_eq!(SecurityLevel::effective(None), SecurityLevel::default());
        assert_eq!(SecurityLevel::new(6), None);
    }
}
