//! The causes that need not be told, with the reasons.

use crate::cell::Scenario;
use crate::expected::{Expected, alert};

/// Cells of which our side does not tell the cause.
pub(crate) struct Listed {
    peers: &'static [&'static str],
    scenarios: &'static [Scenario],
    end: Expected,
    /// What has to be told in any case, if there is something.
    at_least: Option<&'static str>,
    pub(crate) reason: &'static str,
}

impl Listed {
    pub(crate) fn is_kept_by(&self, printed: &str) -> bool {
        self.at_least
            .is_none_or(|words| super::tells(printed, &[words]))
    }

    fn has(&self, peer: &str, scenario: Scenario, end: Expected) -> bool {
        self.peers.contains(&peer) && self.scenarios.contains(&scenario) && self.end == end
    }
}

pub(super) fn find(peer: &str, scenario: Scenario, end: Expected) -> Option<&'static Listed> {
    LISTED.iter().find(|listed| listed.has(peer, scenario, end))
}

/// What is listed of a peer whose cells are these, and is none of them.
pub(crate) fn unused(peer: &str, ends: &[(Scenario, Expected)]) -> Vec<String> {
    let of_peer = LISTED.iter().filter(|listed| listed.peers.contains(&peer));
    let all = of_peer.flat_map(|listed| listed.scenarios.iter().map(|s| (*s, listed.end)));
    let unused = all.filter(|listed| !ends.contains(listed));
    let text = |(scenario, end): (Scenario, Expected)| {
        format!(
            "{}, {end:?}: listed as not told, and there is no such cell",
            scenario.name()
        )
    };
    unused.map(text).collect()
}

const LISTED: &[Listed] = &[
    Listed {
        peers: &["gnutls"],
        scenarios: &[
            Scenario::OursRevoked,
            Scenario::OursExpired,
            Scenario::OursUnknown,
        ],
        end: Expected::Alert(alert::ACCESS_DENIED),
        at_least: OUR_CERTIFICATE,
        reason: UNSPECIFIC,
    },
    Listed {
        peers: &["gnutls"],
        scenarios: &[
            Scenario::OursRevoked,
            Scenario::OursExpired,
            Scenario::OursUnknown,
        ],
        end: Expected::Alert(alert::BAD_CERTIFICATE),
        at_least: OUR_CERTIFICATE,
        reason: UNSPECIFIC,
    },
    Listed {
        peers: &["jsse", "bouncycastle"],
        scenarios: &[
            Scenario::OursRevoked,
            Scenario::OursExpired,
            Scenario::OursElsewhere,
            Scenario::OursUnknown,
        ],
        end: Expected::Alert(alert::CERTIFICATE_UNKNOWN),
        at_least: OUR_CERTIFICATE,
        reason: UNSPECIFIC,
    },
    Listed {
        peers: &[
            "gnutls", "python", "nss", "wolfssl", "mbedtls", "linphone", "openssl",
        ],
        scenarios: &[Scenario::OursElsewhere],
        end: Expected::Alert(alert::BAD_CERTIFICATE),
        at_least: OUR_CERTIFICATE,
        reason: UNSPECIFIC,
    },
    Listed {
        peers: &["sipp"],
        scenarios: &[Scenario::OursElsewhere],
        end: Expected::Alert(alert::INTERNAL_ERROR),
        at_least: None,
        reason: "the peer says that the error is its own",
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
const UNSPECIFIC: &str =
    "the alert says that our certificate is refused, and not why; that much is told";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::KINDS;

    #[test]
    fn every_listed_peer_is_one_of_ours_and_no_cell_is_listed_twice() {
        for listed in LISTED {
            for peer in listed.peers {
                assert!(KINDS.iter().any(|kind| kind.name == *peer), "{peer}");
                for scenario in listed.scenarios {
                    let has = |other: &&Listed| other.has(peer, *scenario, listed.end);
                    assert_eq!(LISTED.iter().filter(has).count(), 1, "{peer}, {scenario:?}");
                }
            }
        }
    }

    #[test]
    fn an_entry_for_a_cell_that_does_not_exist_is_found() {
        let end = Expected::Left;
        let ends = [
            (Scenario::OursExpired, end),
            (Scenario::OursElsewhere, end),
            (Scenario::OursUnknown, end),
        ];
        assert!(unused("sipsak", &ends).is_empty());
        assert!(unused("kamailio", &[]).is_empty());
        assert_eq!(unused("sipsak", &ends[1..]).len(), 1);
    }
}
