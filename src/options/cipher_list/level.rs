//! OpenSSL's security levels.

use std::fmt;

use super::suite::{Authentication, CipherSuite, KeyExchange, Mac};

/// A security level of OpenSSL, 0 to 5.
///
/// OpenSSL as its authors ship it defaults to level 1, and to 2 as Debian and its derivatives build
/// it. The default here is 2, which is also the lowest level that can be in force: the crypto providers
/// refuse anyway what only a lower level permits (RSA keys under 2048 bits, SHA-1 signatures). A cipher
/// list can ask for a higher level with `@SECLEVEL=n`; a lower one is [narrowed](Self::effective).
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
    pub fn bits(self) -> u16 {
        [0, 80, 112, 128, 192, 256][usize::from(self.0)]
    }

    /// Whether OpenSSL negotiates a suite at this level.
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
