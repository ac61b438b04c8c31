//! The cases, and their expected results.

use stack_pki::{Identity, Lists};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

impl Version {
    /// The value of `sec-protocol`.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Tls12 => "TLSv12",
            Self::Tls13 => "TLSv13",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    Client,
    Server,
}

/// The setup of one program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) role: Role,
    pub(crate) version: Version,
    pub(crate) identity: Option<Identity>,
    pub(crate) lists: Lists,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Case {
    Good,
    ServerRevoked,
    ServerElsewhere,
    ServerStranger,
    ClientListExpired,
    ClientNone,
    ClientRevoked,
    ClientStranger,
    ServerListExpired,
}

impl Case {
    pub(crate) const ALL: [Self; 9] = [
        Self::Good,
        Self::ServerRevoked,
        Self::ServerElsewhere,
        Self::ServerStranger,
        Self::ClientListExpired,
        Self::ClientNone,
        Self::ClientRevoked,
        Self::ClientStranger,
        Self::ServerListExpired,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "all is well",
            Self::ServerRevoked => "server revoked",
            Self::ServerElsewhere => "server of another host",
            Self::ServerStranger => "server of an unknown CA",
            Self::ClientListExpired => "client's list expired",
            Self::ClientNone => "client has no certificate",
            Self::ClientRevoked => "client revoked",
            Self::ClientStranger => "client of an unknown CA",
            Self::ServerListExpired => "server's list expired",
        }
    }

    pub(crate) fn setup(self, role: Role, version: Version) -> Setup {
        let identity = match (self, role) {
            (Self::ServerRevoked, Role::Server) | (Self::ClientRevoked, Role::Client) => {
                Some(Identity::Revoked)
            }
            (Self::ServerElsewhere, Role::Server) => Some(Identity::Elsewhere),
            (Self::ServerStranger, Role::Server) | (Self::ClientStranger, Role::Client) => {
                Some(Identity::Stranger)
            }
            (Self::ClientNone, Role::Client) => None,
            _ => Some(Identity::Good),
        };
        let lists = match (self, role) {
            (Self::ClientListExpired, Role::Client) | (Self::ServerListExpired, Role::Server) => {
                Lists::Expired
            }
            _ => Lists::Current,
        };
        Setup {
            role,
            version,
            identity,
            lists,
        }
    }

    /// The expected refusal. `None` if the call succeeds.
    pub(crate) fn refusal(self) -> Option<Refusal> {
        let (by, reasons, alerts): (_, &[_], &[_]) = match self {
            Self::Good => return None,
            Self::ServerRevoked => (Role::Client, REVOKED, REVOKED_ALERT),
            Self::ServerElsewhere => (Role::Client, MISMATCH, BAD_ALERT),
            Self::ServerStranger => (Role::Client, NO_ISSUER, UNKNOWN_CA_ALERT),
            Self::ClientListExpired => (Role::Client, LIST_EXPIRED, EXPIRED_ALERT),
            Self::ClientNone => (Role::Server, NONE, NONE_ALERT),
            Self::ClientRevoked => (Role::Server, REVOKED, REVOKED_ALERT),
            Self::ClientStranger => (Role::Server, NO_ISSUER, UNKNOWN_CA_ALERT),
            Self::ServerListExpired => (Role::Server, LIST_EXPIRED, EXPIRED_ALERT),
        };
        Some(Refusal {
            by,
            reasons,
            alerts,
        })
    }
}

/// A refusal, as the programs must report it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) by: Role,
    /// Texts of which the program that refuses must print one.
    pub(crate) reasons: &'static [&'static str],
    /// Names of the alert of which the refused program must print one: as in RFC 8446, or as in rustls.
    pub(crate) alerts: &'static [&'static str],
}

pub(crate) const REVOKED: &[&str] = &["certificate revoked (23)"];
const MISMATCH: &[&str] = &["hostname mismatch (62)"];
const NO_ISSUER: &[&str] = &["unable to get local issuer certificate (20)"];
const LIST_EXPIRED: &[&str] = &["CRL has expired (12)"];
/// The text of sip-tls, and that of rustls.
const NONE: &[&str] = &[
    "the client sent no certificate",
    "peer sent no certificates",
];
pub(crate) const REVOKED_ALERT: &[&str] = &["certificate_revoked", "CertificateRevoked"];
const BAD_ALERT: &[&str] = &["bad_certificate", "BadCertificate"];
const UNKNOWN_CA_ALERT: &[&str] = &["unknown_ca", "UnknownCA"];
const EXPIRED_ALERT: &[&str] = &["certificate_expired", "CertificateExpired"];
/// The alert that rustls sends even in TLS 1.2, and the alert that OpenSSL sends there.
const NONE_ALERT: &[&str] = &[
    "certificate_required",
    "CertificateRequired",
    "handshake_failure",
    "HandshakeFailure",
];
