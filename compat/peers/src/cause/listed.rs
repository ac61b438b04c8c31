//! The causes that our side may leave out, with the reasons.

use crate::cell::{Cell, Role, Scenario};
use crate::expected::{Expected, alert};

/// Cells in which the peer is the client, and our side does not report the cause.
pub(crate) struct Listed {
    peers: &'static [&'static str],
    scenarios: &'static [Scenario],
    end: Expected,
    /// A word that must be reported in any case, if there is one.
    at_least: Option<&'static str>,
    pub(crate) reason: &'static str,
}

impl Listed {
    pub(crate) fn is_kept_by(&self, printed: &str) -> bool {
        self.at_least
            .is_none_or(|words| super::tells(printed, &[words]))
    }

    fn has(&self, peer: &str, cell: Cell, end: Expected) -> bool {
        self.peers.contains(&peer) && self.is_of(cell, end)
    }

    fn is_of(&self, cell: Cell, end: Expected) -> bool {
        cell.role == Role::Client && self.scenarios.contains(&cell.scenario) && self.end == end
    }
}

pub(super) fn find(peer: &str, cell: Cell, end: Expected) -> Option<&'static Listed> {
    LISTED.iter().find(|listed| listed.has(peer, cell, end))
}

/// The listed cells of a peer that are not among its cells.
pub(crate) fn unused(peer: &str, ends: &[(Cell, Expected)]) -> Vec<String> {
    let of_peer = LISTED.iter().filter(|listed| listed.peers.contains(&peer));
    let all = of_peer.flat_map(|listed| listed.scenarios.iter().map(|s| (*s, listed.end)));
    let is_there = |(scenario, end): &(Scenario, Expected)| {
        let is_it = |(cell, of_cell): &(Cell, Expected)| {
            cell.role == Role::Client && cell.scenario == *scenario && of_cell == end
        };
        ends.iter().any(is_it)
    };
    let text = |(scenario, end): (Scenario, Expected)| {
        format!(
            "{}, {end:?}: listed as not told, and there is no such cell",
            scenario.name()
        )
    };
    all.filter(|listed| !is_there(listed)).map(text).collect()
}

const LISTED: &[Listed] = &[
    Listed {
        peers: &["gnutls"],
        scenarios: &[Scenario::OursUnknown],
        end: Expected::Alert(alert::BAD_CERTIFICATE),
        at_least: OUR_CERTIFICATE,
        reason: UNKNOWN_CAS,
    },
    Listed {
        peers: &["jsse", "bouncycastle"],
        scenarios: &[Scenario::OursUnknown],
        end: Expected::Alert(alert::CERTIFICATE_UNKNOWN),
        at_least: OUR_CERTIFICATE,
        reason: UNKNOWN_CAS,
    },
    Listed {
        peers: &["jsse", "bouncycastle"],
        scenarios: &[Scenario::OursElsewhere],
        end: Expected::Alert(alert::CERTIFICATE_UNKNOWN),
        at_least: OUR_CERTIFICATE,
        reason: NO_SNI,
    },
    Listed {
        peers: &["wolfssl", "openssl"],
        scenarios: &[Scenario::OursElsewhere],
        end: Expected::Alert(alert::BAD_CERTIFICATE),
        at_least: OUR_CERTIFICATE,
        reason: NO_SNI,
    },
    Listed {
        peers: &["sipsak"],
        scenarios: &[
            Scenario::OursExpired,
            Scenario::OursElsewhere,
            Scenario::OursUnknown,
        ],
        end: Expected::Left,
        at_least: None,
        reason: "the peer ends the connection like any other",
    },
];

const OUR_CERTIFICATE: Option<&str> = Some("refused our certificate");
const UNKNOWN_CAS: &str = "the alert says that our certificate is refused, and not why; a client does not name the CAs that it trusts";
const NO_SNI: &str = "the alert says that our certificate is refused, and not why; the client does not send the name that it means";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Version;
    use crate::peer::KINDS;

    fn cell(role: Role, scenario: Scenario) -> Cell {
        let version = Version::Tls12;
        Cell {
            scenario,
            role,
            version,
        }
    }

    #[test]
    fn every_listed_peer_is_one_of_ours_and_no_cell_is_listed_twice() {
        for listed in LISTED {
            for peer in listed.peers {
                assert!(KINDS.iter().any(|kind| kind.name == *peer), "{peer}");
                for scenario in listed.scenarios {
                    let cell = cell(Role::Client, *scenario);
                    let has = |other: &&Listed| other.has(peer, cell, listed.end);
                    assert_eq!(LISTED.iter().filter(has).count(), 1, "{peer}, {scenario:?}");
                }
            }
        }
    }

    #[test]
    fn an_entry_for_a_cell_that_does_not_exist_is_found() {
        use Scenario as S;
        let all = [S::OursExpired, S::OursElsewhere, S::OursUnknown];
        let of = |role| all.map(|scenario| (cell(role, scenario), Expected::Left));
        let ends = of(Role::Client);
        assert!(unused("sipsak", &ends).is_empty());
        assert!(unused("kamailio", &[]).is_empty());
        assert_eq!(unused("sipsak", &ends[1..]).len(), 1);
        assert_eq!(unused("sipsak", &of(Role::Server)).len(), 3);
    }
}
