//! Which suites of a list can be offered with rustls, and why the others cannot.
//!
//! A list is OpenSSL's; an endpoint offers what is left of it here. Each suite that is left out has
//! one reason, the most telling one: first what rustls supports with no provider, then what our
//! role rules out, then the provider and the security level. The report prints the reasons.

use std::error::Error;
use std::fmt;

use super::explain::suites;
use super::level::SecurityLevel;
use super::suite::{Authentication, CipherSuite, Encryption, KeyExchange, Mac, join_names};
use crate::options::Role;

/// The suites of a list that an endpoint offers, and why it does not offer the others.
///
/// [`CipherList::select`](super::CipherList::select) and `Ciphersuites::select` make it.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherList, Role, SecurityLevel};
///
/// let list: CipherList = "ECDHE+AESGCM:ADH-AES128-GCM-SHA256".parse()?;
/// let level = SecurityLevel::default();
/// let selection = list.select(Role::Server, level, &[0xC02B, 0xC02C]);
/// assert_eq!(selection.offered().count(), 2);
/// for (suite, reason) in selection.left_out() {
///     println!("{suite}: {reason}");
/// }
/// # Ok::<(), sip_tls::options::CipherListError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selection {
    verdicts: Vec<(&'static CipherSuite, Option<Unusable>)>,
}

impl Selection {
    pub(in crate::options) fn new(
        suites: &[&'static CipherSuite],
        role: Role,
        level: SecurityLevel,
        supported: &[u16],
    ) -> Self {
        let mut verdicts: Vec<(&CipherSuite, Option<Unusable>)> = Vec::with_capacity(suites.len());
        for &suite in suites {
            // A list of TLS 1.3 suites may name a suite twice.
            if !verdicts.iter().any(|(known, _)| *known == suite) {
                verdicts.push((suite, Unusable::find(suite, role, level, supported)));
            }
        }
        Self { verdicts }
    }

    /// Every suite of the list, in order, and what keeps it from being offered.
    pub fn verdicts(&self) -> &[(&'static CipherSuite, Option<Unusable>)] {
        &self.verdicts
    }

    /// The suites that the endpoint offers, in the order of the list.
    pub fn offered(&self) -> impl Iterator<Item = &'static CipherSuite> {
        let offered = self
            .verdicts
            .iter()
            .filter(|(_, obstacle)| obstacle.is_none());
        offered.map(|(suite, _)| *suite)
    }

    /// The suites that the endpoint does not offer, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (&'static CipherSuite, Unusable)> {
        let verdicts = self.verdicts.iter();
        verdicts.filter_map(|(suite, obstacle)| obstacle.map(|obstacle| (*suite, obstacle)))
    }

    /// The names of the suites that the endpoint offers, unless there are none.
    pub(in crate::options) fn offered_names(&self) -> Option<String> {
        let names = join_names(self.offered());
        (!names.is_empty()).then_some(names)
    }

    /// How many suites each cause keeps out, the most frequent cause first.
    pub fn causes(&self) -> Vec<(Unusable, usize)> {
        let mut causes: Vec<(Unusable, usize)> = Vec::new();
        for (_, obstacle) in self.left_out() {
            match causes.iter_mut().find(|(cause, _)| *cause == obstacle) {
                Some((_, count)) => *count += 1,
                None => causes.push((obstacle, 1)),
            }
        }
        causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        causes
    }
}

/// Why an endpoint does not offer a suite that OpenSSL would have in its list.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unusable {
    /// Nobody is authenticated: an on-path attacker can impersonate the peer.
    Anonymous,
    /// ARIA, which no provider has.
    Aria,
    /// Camellia, which no provider has.
    Camellia,
    /// CBC mode, which needs the feature `cbc`, and a list that names the suite itself.
    Cbc,
    /// DHE in the role of a server. OpenSSL offers it only with parameters, which no option sets.
    DheServer,
    /// Certificates with DSS keys.
    Dss,
    /// The suite does not encrypt.
    NoEncryption,
    /// The crypto provider does not have the suite.
    NotInProvider,
    /// Pre-shared keys, which rustls does not support.
    Psk,
    /// The suite is too weak for the security level in force.
    SecurityLevel(SecurityLevel),
    /// Secure remote passwords, which rustls does not support.
    Srp,
    /// Key exchange by RSA encryption, without forward secrecy; rustls does not support it.
    StaticRsa,
}

impl Unusable {
    /// `None` if the suite is offered.
    fn find(
        suite: &CipherSuite,
        role: Role,
        level: SecurityLevel,
        supported: &[u16],
    ) -> Option<Self> {
        let in_this_role = || Self::in_role(suite, role);
        let here = || match supported.contains(&suite.number()) {
            true if level.permits(suite) => None,
            true => Some(Self::SecurityLevel(level)),
            false => Some(Self::not_supported(suite)),
        };
        Self::by_design(suite).or_else(in_this_role).or_else(here)
    }

    /// The reason why rustls does not support the suite with any provider.
    fn by_design(suite: &CipherSuite) -> Option<Self> {
        use KeyExchange as K;
        if suite.encryption() == Encryption::Null {
            return Some(Self::NoEncryption);
        }
        match (suite.key_exchange(), suite.authentication()) {
            (_, Authentication::Null) => Some(Self::Anonymous),
            (K::Rsa, _) => Some(Self::StaticRsa),
            (K::DhePsk | K::EcdhePsk | K::Psk | K::RsaPsk, _) => Some(Self::Psk),
            (K::Srp, _) => Some(Self::Srp),
            (_, Authentication::Dss) => Some(Self::Dss),
            _ => None,
        }
    }

    /// OpenSSL's server, too, offers no DHE suite without `SSL_CTX_set_dh_auto` or parameters.
    fn in_role(suite: &CipherSuite, role: Role) -> Option<Self> {
        let dhe_server = role == Role::Server && suite.key_exchange() == KeyExchange::Dhe;
        dhe_server.then_some(Self::DheServer)
    }

    /// Why a suite that rustls could have is not among those that the provider has. The cipher is
    /// the reason if no provider has it.
    fn not_supported(suite: &CipherSuite) -> Self {
        match suite.encryption() {
            Encryption::Aria128Gcm | Encryption::Aria256Gcm => Self::Aria,
            Encryption::Camellia128Cbc | Encryption::Camellia256Cbc => Self::Camellia,
            _ if suite.mac() == Mac::Aead => Self::NotInProvider,
            _ => Self::Cbc,
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "no authentication",
            Self::Aria => "ARIA cipher",
            Self::Camellia => "Camellia cipher",
            Self::Cbc => "CBC mode, needs the feature `cbc` and the suite's own name in the list",
            Self::DheServer => "DHE for a server, needs parameters that no option sets",
            Self::Dss => "DSS certificates",
            Self::NoEncryption => "no encryption",
            Self::NotInProvider => "not in the crypto provider",
            Self::Psk => "pre-shared keys",
            Self::SecurityLevel(level) => return write!(f, "too weak for security level {level}"),
            Self::Srp => "secure remote passwords",
            Self::StaticRsa => "static RSA key exchange",
        })
    }
}

/// No suite of a list can be offered.
///
/// It names the causes and, where there is one, a value that works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NothingUsable {
    causes: Vec<(Unusable, usize)>,
    way_out: Option<String>,
}

impl NothingUsable {
    pub(in crate::options) fn new(selection: &Selection, way_out: Option<String>) -> Self {
        Self {
            causes: selection.causes(),
            way_out,
        }
    }

    /// How many suites each cause keeps out, the most frequent cause first.
    pub fn causes(&self) -> &[(Unusable, usize)] {
        &self.causes
    }

    /// A value of the same option that would work, unless the endpoint can do nothing at all.
    pub fn way_out(&self) -> Option<&str> {
        self.way_out.as_deref()
    }
}

impl fmt::Display for NothingUsable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no suite of the list can be used")?;
        let mut before = ": ";
        for (cause, count) in &self.causes {
            write!(f, "{before}{cause} ({})", suites(*count))?;
            before = ", ";
        }
        match &self.way_out {
            Some(list) => write!(f, "; a list that works is `{list}`"),
            None => Ok(()),
        }
    }
}

impl Error for NothingUsable {}

#[cfg(test)]
mod tests {
    use super::super::CipherList;
    use super::*;

    /// The suites of TLS 1.2 that rustls has, in an order that differs from that of every list.
    const RUSTLS: &[u16] = &[0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9];

    #[test]
    fn suites_are_offered_in_the_order_of_the_list() {
        let list: CipherList = "ECDHE-RSA-AES128-GCM-SHA256:CHACHA20:AES256"
            .parse()
            .unwrap();
        let selection = list.select(Role::Client, SecurityLevel::default(), RUSTLS);
        let offered = selection.offered().map(CipherSuite::number);
        assert_eq!(
            offered.collect::<Vec<_>>(),
            [0xC02F, 0xCCA9, 0xCCA8, 0xC02C, 0xC030]
        );
        let together = selection.offered().count() + selection.left_out().count();
        assert_eq!(together, list.suites().len());
    }

    #[test]
    fn every_suite_that_is_left_out_has_its_reason() {
        for (name, role, reason) in [
            ("ADH-AES128-GCM-SHA256", Role::Client, "no authentication"),
            ("ECDHE-ARIA128-GCM-SHA256", Role::Client, "ARIA cipher"),
            ("DHE-RSA-CAMELLIA128-SHA", Role::Client, "Camellia cipher"),
            (
                "ECDHE-RSA-AES128-SHA",
                Role::Client,
                "CBC mode, needs the feature `cbc` and the suite's own name in the list",
            ),
            (
                "DHE-RSA-AES128-GCM-SHA256",
                Role::Server,
                "DHE for a server, needs parameters that no option sets",
            ),
            (
                "DHE-RSA-AES128-GCM-SHA256",
                Role::Client,
                "not in the crypto provider",
            ),
            ("DHE-DSS-AES128-SHA", Role::Client, "DSS certificates"),
            ("ECDHE-RSA-NULL-SHA", Role::Client, "no encryption"),
            (
                "ECDHE-ECDSA-AES128-CCM",
                Role::Server,
                "not in the crypto provider",
            ),
            ("RSA-PSK-AES128-CBC-SHA", Role::Client, "pre-shared keys"),
            (
                "SRP-DSS-AES-128-CBC-SHA",
                Role::Client,
                "secure remote passwords",
            ),
            ("AES128-GCM-SHA256", Role::Client, "static RSA key exchange"),
        ] {
            let list: CipherList = name.parse().unwrap();
            let selection = list.select(role, SecurityLevel::default(), RUSTLS);
            let reasons = selection.left_out().map(|(_, reason)| reason.to_string());
            assert_eq!(reasons.collect::<Vec<_>>(), [reason], "{name}");
        }
    }

    #[test]
    fn a_higher_level_leaves_out_what_is_too_weak_for_it() {
        let list: CipherList = "ECDHE+AESGCM:@SECLEVEL=4".parse().unwrap();
        let level = SecurityLevel::effective(list.security_level());
        let selection = list.select(Role::Client, level, RUSTLS);
        let offered = selection.offered().map(CipherSuite::number);
        assert_eq!(offered.collect::<Vec<_>>(), [0xC02C, 0xC030]);
        let (_, reason) = selection.left_out().next().unwrap();
        assert_eq!(reason.to_string(), "too weak for security level 4");
    }

    #[test]
    fn a_list_with_nothing_usable_names_the_causes_and_a_way_out() {
        let list: CipherList = "AES128-SHA:AES256-SHA:ADH-AES128-SHA".parse().unwrap();
        let select = |supported| {
            let level = SecurityLevel::default();
            list.select_some(Role::Client, level, supported)
                .unwrap_err()
                .to_string()
        };
        let causes = "no suite of the list can be used: \
            static RSA key exchange (2 suites), no authentication (1 suite)";
        let modern = format!("{causes}; a list that works is `ECDHE+AESGCM:ECDHE+CHACHA20`");
        assert_eq!(select(RUSTLS), modern);
        let ccm = format!("{causes}; a list that works is `ECDHE-ECDSA-AES128-CCM`");
        assert_eq!(select(&[0xC0AC]), ccm);
        assert_eq!(select(&[]), causes);
    }

    #[test]
    fn the_way_out_works() {
        let list: CipherList = "kRSA".parse().unwrap();
        let level = SecurityLevel::new(4).unwrap();
        let error = list.select_some(Role::Server, level, RUSTLS).unwrap_err();
        let way_out: CipherList = error.way_out().unwrap().parse().unwrap();
        assert!(way_out.select_some(Role::Server, level, RUSTLS).is_ok());
    }
}
