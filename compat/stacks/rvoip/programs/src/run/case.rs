//! What is tried, and what has to come of it.

use crate::pki::{Identity, Lists};

/// A program on one end of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    Kamailio,
    /// The client and the server beside this program.
    Rvoip,
    /// `sip-tls connect` and `sip-tls listen`.
    SipTls,
    /// A client and server on another SIP stack.
    Stack(&'static str),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scenario {
    Good,
    ServerRevoked,
    ServerElsewhere,
    ServerStranger,
    ClientHasExpiredList,
    ClientRevoked,
    ClientStranger,
    ClientWithoutCertificate,
    ServerHasExpiredList,
}

/// A connection of two programs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) client: Program,
    pub(crate) server: Program,
    pub(crate) scenario: Scenario,
    pub(crate) version: Version,
}

/// What one end is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) identity: Option<Identity>,
    pub(crate) lists: Lists,
    pub(crate) version: Version,
}

/// What has to come of a case. All words have to be there.
pub(crate) struct Expected {
    /// What the table says: `ok`, OpenSSL's number by which the client refuses the server, or the alert by which the server
    /// refuses the client.
    pub(crate) cell: String,
    pub(crate) succeeds: bool,
    pub(crate) client: Vec<String>,
    pub(crate) server: Vec<String>,
}

impl Case {
    pub(crate) fn client_setup(&self) -> Setup {
        let (identity, lists) = match self.scenario {
            Scenario::ClientRevoked => (Some(Identity::Revoked), Lists::Current),
            Scenario::ClientStranger => (Some(Identity::Stranger), Lists::Current),
            Scenario::ClientWithoutCertificate => (None, Lists::Current),
            Scenario::ClientHasExpiredList => (Some(Identity::Good), Lists::Expired),
            _ => (Some(Identity::Good), Lists::Current),
        };
        let version = self.version;
        Setup {
            identity,
            lists,
            version,
        }
    }

    pub(crate) fn server_setup(&self) -> Setup {
        let (identity, lists) = match self.scenario {
            Scenario::ServerRevoked => (Identity::Revoked, Lists::Current),
            Scenario::ServerElsewhere => (Identity::Elsewhere, Lists::Current),
            Scenario::ServerStranger => (Identity::Stranger, Lists::Current),
            Scenario::ServerHasExpiredList => (Identity::Good, Lists::Expired),
            _ => (Identity::Good, Lists::Current),
        };
        Setup {
            identity: Some(identity),
            lists,
            version: self.version,
        }
    }

    pub(crate) fn expected(&self) -> Expected {
        match self.scenario {
            Scenario::Good => self.connection(),
            // Kamailio 5.6 checks no host name.
            Scenario::ServerElsewhere if self.client == Program::Kamailio => self.connection(),
            Scenario::ServerRevoked
            | Scenario::ServerElsewhere
            | Scenario::ServerStranger
            | Scenario::ClientHasExpiredList => self.refusal_by_client(),
            _ => self.refusal_by_server(),
        }
    }

    fn connection(&self) -> Expected {
        let dialogue = ["REGISTER 200", "INVITE 200", "ACK", "BYE 200"];
        let client: &[&str] = match (self.client, self.server) {
            (Program::Rvoip, Program::SipTls) => &["OPTIONS 200"],
            (Program::Rvoip, _) => &[
                "OPTIONS 200",
                dialogue[0],
                dialogue[1],
                dialogue[2],
                dialogue[3],
            ],
            (Program::Stack(_), _) => &["OPTIONS 200", "REGISTER 200", "INVITE 200", "BYE 200"],
            (Program::SipTls, _) => &["200 OK"],
            (Program::Kamailio, _) => &[],
        };
        let server: &[&str] = match (self.client, self.server) {
            (Program::Rvoip | Program::Stack(_), Program::Rvoip) => &[
                "OPTIONS from",
                "REGISTER from",
                "INVITE of",
                "ACK of",
                "BYE of",
            ],
            (_, Program::Rvoip) => &["OPTIONS from"],
            (_, Program::SipTls) => &["OPTIONS"],
            (_, Program::Stack(_)) => &["OPTIONS", "REGISTER", "INVITE", "ACK", "BYE"],
            (_, Program::Kamailio) => &[],
        };
        let version = self.version.name();
        Expected {
            cell: "ok".to_owned(),
            succeeds: true,
            client: words(client, self.client.tells_versions().then_some(version)),
            server: words(server, self.server.tells_versions().then_some(version)),
        }
    }

    /// The client tells OpenSSL's number and name; the server, the alert.
    fn refusal_by_client(&self) -> Expected {
        let (code, alert) = match self.scenario {
            Scenario::ServerRevoked => ("certificate revoked (23)", "certificate_revoked (44)"),
            Scenario::ServerElsewhere => ("hostname mismatch (62)", "bad_certificate (42)"),
            Scenario::ServerStranger => (NO_ISSUER, "unknown_ca (48)"),
            _ => (EXPIRED_LIST, "certificate_expired (45)"),
        };
        Expected {
            cell: number(code),
            succeeds: false,
            client: words(&[code], None).filtered(self.client),
            server: words(&[alert], None).filtered(self.server),
        }
    }

    /// The server tells OpenSSL's number and name; the client, the alert. In TLS 1.3 it comes after the handshake.
    fn refusal_by_server(&self) -> Expected {
        let (code, alert) = match (self.scenario, self.version) {
            (Scenario::ClientRevoked, _) => {
                ("certificate revoked (23)", "certificate_revoked (44)")
            }
            (Scenario::ClientStranger, _) => (NO_ISSUER, "unknown_ca (48)"),
            (Scenario::ServerHasExpiredList, _) => (EXPIRED_LIST, "certificate_expired (45)"),
            // OpenSSL's alert. rustls sends that of TLS 1.3.
            (_, Version::Tls12) if self.server == Program::Kamailio => {
                ("certificate", "handshake_failure (40)")
            }
            _ => ("certificate", "certificate_required (116)"),
        };
        let after = (self.version == Version::Tls13 && self.client == Program::Rvoip)
            .then_some(self.version.name());
        Expected {
            cell: format!("alert {}", number(alert)),
            succeeds: false,
            client: words(&[alert], after).filtered(self.client),
            server: words(&[code], None).filtered(self.server),
        }
    }
}

/// Kamailio's own words are not judged. Stacks that make TLS connections themselves tell alerts as rustls does.
trait Filtered {
    fn filtered(self, of: Program) -> Self;
}

impl Filtered for Vec<String> {
    fn filtered(self, of: Program) -> Self {
        match of {
            Program::Kamailio => Self::new(),
            Program::Stack(_) => self.into_iter().map(with_name_of_rustls).collect(),
            _ => self,
        }
    }
}

fn with_name_of_rustls(word: String) -> String {
    let name = match word.as_str() {
        "bad_certificate (42)" => "BadCertificate",
        "certificate_revoked (44)" => "CertificateRevoked",
        "certificate_expired (45)" => "CertificateExpired",
        "certificate_required (116)" => "CertificateRequired",
        "unknown_ca (48)" => "UnknownCA",
        _ => return word,
    };
    format!("{word}|{name}")
}

fn words(some: &[&str], more: Option<&str>) -> Vec<String> {
    some.iter()
        .copied()
        .chain(more)
        .map(str::to_owned)
        .collect()
}

/// The number in brackets at the end.
fn number(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kamailio => "Kamailio",
            Self::Rvoip => "rvoip",
            Self::SipTls => "sip-tls",
            Self::Stack(path) => path.rsplit(['/', '-']).next().unwrap_or(path),
        }
    }

    fn tells_versions(self) -> bool {
        matches!(self, Self::Rvoip | Self::SipTls)
    }

    /// Whether it makes calls, and takes them.
    pub(crate) fn calls(self) -> bool {
        !matches!(self, Self::SipTls)
    }
}

impl Version {
    pub(crate) const ALL: [Self; 2] = [Self::Tls12, Self::Tls13];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }
}

impl Scenario {
    pub(crate) const ALL: [Self; 9] = [
        Self::Good,
        Self::ServerRevoked,
        Self::ServerElsewhere,
        Self::ServerStranger,
        Self::ClientHasExpiredList,
        Self::ClientRevoked,
        Self::ClientStranger,
        Self::ClientWithoutCertificate,
        Self::ServerHasExpiredList,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::ServerRevoked => "server revoked",
            Self::ServerElsewhere => "server of another host",
            Self::ServerStranger => "server of an unknown CA",
            Self::ClientHasExpiredList => "client's list expired",
            Self::ClientRevoked => "client revoked",
            Self::ClientStranger => "client of an unknown CA",
            Self::ClientWithoutCertificate => "client without certificate",
            Self::ServerHasExpiredList => "server's list expired",
        }
    }
}

/// Who is the client of whom.
pub(crate) fn pairs(stacks: &[Program]) -> Vec<(Program, Program)> {
    let mut pairs = vec![
        (Program::Rvoip, Program::Rvoip),
        (Program::Rvoip, Program::Kamailio),
        (Program::Rvoip, Program::SipTls),
        (Program::Kamailio, Program::Rvoip),
        (Program::SipTls, Program::Rvoip),
    ];
    for stack in stacks {
        pairs.extend([(Program::Rvoip, *stack), (*stack, Program::Rvoip)]);
    }
    pairs
}

const NO_ISSUER: &str = "unable to get local issuer certificate (20)";
const EXPIRED_LIST: &str = "CRL has expired (12)";
