//! The cells of the tests, and how both sides are set up for them.

use std::fmt;

use crate::pki::Identity;

/// A test with a peer in one role and one version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cell {
    pub(crate) scenario: Scenario,
    pub(crate) role: Role,
    pub(crate) version: Version,
}

/// The role of the peer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    Client,
    Server,
}

/// The only version that the peer may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scenario {
    Good,
    TheirsRevoked,
    TheirsExpired,
    TheirsElsewhere,
    TheirsUnknown,
    OursRevoked,
    OursExpired,
    OursElsewhere,
    OursUnknown,
    NoCertificate,
    OtherVersion,
    Dhe,
    Ccm8,
    Cbc,
    CbcNotNamed,
    StaticRsa,
}

/// The setup of the peer. It trusts the root, asks for a certificate, and checks lists and names as far as it can.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Setup {
    pub(crate) role: Role,
    pub(crate) version: Version,
    pub(crate) identity: Option<Identity>,
    pub(crate) suites: Suites,
}

/// The suites that the peer offers or accepts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Suites {
    Default,
    Cbc,
    Ccm8,
    Dhe,
    StaticRsa,
}

impl Cell {
    /// All combinations that make sense.
    pub(crate) fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for role in [Role::Server, Role::Client] {
            for version in [Version::Tls12, Version::Tls13] {
                for scenario in Scenario::ALL {
                    let cell = Self {
                        scenario,
                        role,
                        version,
                    };
                    if cell.makes_sense() {
                        cells.push(cell);
                    }
                }
            }
        }
        cells
    }

    fn makes_sense(self) -> bool {
        use Scenario as S;
        match (self.scenario, self.role, self.version) {
            // A server does not know which host name its client should have.
            (S::TheirsElsewhere, Role::Client, _) | (S::OursElsewhere, Role::Server, _) => false,
            (S::Dhe | S::Cbc | S::CbcNotNamed | S::StaticRsa, _, Version::Tls13) => false,
            _ => true,
        }
    }

    /// The setup of the peer.
    pub(crate) fn theirs(self) -> Setup {
        use Scenario as S;
        Setup {
            role: self.role,
            version: self.version,
            identity: match (self.scenario, self.role) {
                (S::TheirsRevoked, _) => Some(Identity::Revoked),
                (S::TheirsExpired, _) => Some(Identity::Expired),
                (S::TheirsElsewhere, _) => Some(Identity::Elsewhere),
                (S::TheirsUnknown, _) => Some(Identity::Stranger),
                (S::NoCertificate, Role::Client) => None,
                (S::Ccm8, Role::Server) => Some(Identity::Ec),
                _ => Some(Identity::Good),
            },
            suites: match self.scenario {
                S::Dhe => Suites::Dhe,
                S::Ccm8 => Suites::Ccm8,
                S::Cbc | S::CbcNotNamed => Suites::Cbc,
                S::StaticRsa => Suites::StaticRsa,
                _ => Suites::Default,
            },
        }
    }

    /// Our certificate.
    pub(crate) fn our_identity(self) -> Option<Identity> {
        use Scenario as S;
        match (self.scenario, self.role) {
            (S::OursRevoked, _) => Some(Identity::Revoked),
            (S::OursExpired, _) => Some(Identity::Expired),
            (S::OursElsewhere, _) => Some(Identity::Elsewhere),
            (S::OursUnknown, _) => Some(Identity::Stranger),
            (S::NoCertificate, Role::Server) => None,
            (S::Ccm8, Role::Client) => Some(Identity::Ec),
            _ => Some(Identity::Good),
        }
    }

    /// Our options other than certificates, authorities and lists.
    pub(crate) fn our_options(self) -> &'static [&'static str] {
        match (self.scenario, self.version) {
            (Scenario::OtherVersion, Version::Tls12) => &["sec-protocol=TLSv13"],
            (Scenario::OtherVersion, Version::Tls13) => &["sec-protocol=TLSv12"],
            (Scenario::Ccm8, Version::Tls12) => &["cipher-list=ECDHE-ECDSA-AES128-CCM8"],
            (Scenario::Ccm8, Version::Tls13) => &["ciphersuites=TLS_AES_128_CCM_8_SHA256"],
            (Scenario::Cbc, _) => &["cipher-list=ECDHE-RSA-AES128-SHA"],
            _ => &[],
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.role {
            Role::Client => "the peer calls us",
            Role::Server => "we call the peer",
        };
        write!(
            f,
            "{}, {what}, {}",
            self.scenario.name(),
            self.version.name()
        )
    }
}

impl Scenario {
    pub(crate) const ALL: [Self; 16] = [
        Self::Good,
        Self::TheirsRevoked,
        Self::TheirsExpired,
        Self::TheirsElsewhere,
        Self::TheirsUnknown,
        Self::OursRevoked,
        Self::OursExpired,
        Self::OursElsewhere,
        Self::OursUnknown,
        Self::NoCertificate,
        Self::OtherVersion,
        Self::Dhe,
        Self::Ccm8,
        Self::Cbc,
        Self::CbcNotNamed,
        Self::StaticRsa,
    ];

    /// The heading of the scenario's column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::TheirsRevoked => "theirs revoked",
            Self::TheirsExpired => "theirs expired",
            Self::TheirsElsewhere => "their name wrong",
            Self::TheirsUnknown => "their CA unknown",
            Self::OursRevoked => "ours revoked",
            Self::OursExpired => "ours expired",
            Self::OursElsewhere => "our name wrong",
            Self::OursUnknown => "our CA unknown",
            Self::NoCertificate => "no client certificate",
            Self::OtherVersion => "we want the other version",
            Self::Dhe => "DHE only",
            Self::Ccm8 => "CCM8 only",
            Self::Cbc => "CBC only",
            Self::CbcNotNamed => "CBC only, not in our list",
            Self::StaticRsa => "static RSA only",
        }
    }
}

impl Version {
    /// The name of the version that `sip-tls` prints.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }
}

impl Suites {
    /// OpenSSL's cipher string for TLS 1.2, for peers that accept one.
    pub(crate) fn openssl(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::Cbc => "ECDHE-RSA-AES128-SHA",
            Self::Ccm8 => "ECDHE-ECDSA-AES128-CCM8",
            Self::Dhe => "DHE-RSA-AES128-GCM-SHA256",
            Self::StaticRsa => "AES128-GCM-SHA256",
        }
    }
}
