//! Checks whether our side reports why a connection failed.

mod listed;

use crate::cell::{Cell, Role, Scenario};
use crate::expected::Expected;
use crate::ours::Record;

pub(crate) use self::listed::unused;

/// Whether our side reported the cause of an expected failure.
pub(crate) enum Telling {
    Told,
    Untold(Untold),
}

/// A cause that is not reported.
pub(crate) struct Untold {
    /// What our side printed instead.
    pub(crate) printed: String,
    /// The reason why this is accepted. Without a reason it is a failure.
    pub(crate) reason: Option<&'static str>,
}

/// Checks whether our side printed one of these words. It is an error if the cause of a listed cell is reported.
pub(crate) fn judge(
    peer: &str,
    cell: Cell,
    expected: Expected,
    words: &[&str],
    record: &Record,
) -> Result<Telling, String> {
    let printed = record.error.clone().unwrap_or_default();
    let listed = listed::find(peer, cell, expected);
    match (tells(&printed, words), listed) {
        (true, None) => Ok(Telling::Told),
        (true, Some(_)) => Err(format!("listed as not told, and told: {printed}")),
        (false, listed) => {
            let listed = listed.filter(|listed| listed.is_kept_by(&printed));
            let reason = listed.map(|listed| listed.reason);
            Ok(Telling::Untold(Untold { printed, reason }))
        }
    }
}

/// The words of which one must be reported for a cell. There are none if the cell fails only with peculiar peers.
pub(crate) fn words(cell: Cell) -> &'static [&'static str] {
    use Scenario as S;
    match (cell.scenario, cell.role) {
        // The words of OpenSSL.
        (S::TheirsRevoked, _) => &["certificate revoked"],
        (S::TheirsExpired, _) => &["certificate has expired"],
        (S::TheirsElsewhere, _) => &["hostname mismatch"],
        (S::TheirsUnknown, _) => &["unable to get local issuer certificate"],
        // The peer's alert gives the cause. Our explanation has to give it as well.
        (S::OursRevoked, _) => &["revoked"],
        (S::OursExpired, _) => &["expired"],
        (S::OursElsewhere, _) => &["hostname", "host name", "server name", "SNI"],
        (S::OursUnknown, _) => &[
            "trust its CA",
            "unknown CA",
            "none of these CAs issued ours",
        ],
        (S::NoCertificate, Role::Server) => &["client certificate", "`certificate` is not given"],
        (S::NoCertificate, Role::Client) => CLIENT_WITHOUT_CERTIFICATE,
        (S::OtherVersion, _) => &["protocol version", "TLS 1.2", "TLS 1.3"],
        // The unsupported feature, or the suites to which the peer is limited.
        (S::Dhe, _) => &["DHE", "DHE-RSA-"],
        (S::CbcNotNamed, _) => &["CBC", "ECDHE-RSA-AES128-SHA"],
        (S::StaticRsa, _) => &["static RSA", "AES128-", "AES256-"],
        (S::Good | S::Ccm8 | S::Cbc, _) => &[],
    }
}

/// Whether a text has one of these words outside of the names of certificates, which are named after their faults.
pub(crate) fn tells(text: &str, words: &[&str]) -> bool {
    let text = without_names(text);
    words.iter().any(|word| has_word(&text, word))
}

fn without_names(text: &str) -> String {
    let mut parts = text.split("CN = ");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.trim_start_matches(char::is_alphanumeric));
    std::iter::once(first).chain(rest).collect()
}

/// Whether a text has a word as a whole, and not as a part of a longer one such as the name of an alert or a suite.
fn has_word(text: &str, word: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(word).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + word.len()..]);
        // A word that ends with a hyphen is the beginning of a name.
        let is_whole = word.ends_with('-') || !after.starts_with(goes_on);
        is_whole && !before.ends_with(goes_on)
    })
}

/// The client sent no certificate. The option that requires one must be named.
pub(crate) const CLIENT_WITHOUT_CERTIFICATE: &[&str] = &["`tls-mutual`"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Version;

    fn cell(scenario: Scenario, role: Role) -> Cell {
        let version = Version::Tls12;
        Cell {
            scenario,
            role,
            version,
        }
    }

    fn is_told(scenario: Scenario, role: Role, text: &str) -> bool {
        tells(text, words(cell(scenario, role)))
    }

    fn judged(
        peer: &str,
        scenario: Scenario,
        end: Expected,
        error: &str,
    ) -> Result<Telling, String> {
        let cell = cell(scenario, Role::Client);
        let text = serde_json::json!({"result": "refused", "path": [], "error": error});
        let record = serde_json::from_value(text).unwrap();
        judge(peer, cell, end, words(cell), &record)
    }

    #[test]
    fn the_words_that_tell_one_cause_tell_no_other() {
        use Role::{Client, Server};
        use Scenario as S;
        let told = [
            (
                S::TheirsRevoked,
                Server,
                "certificate revoked (23) at depth 0",
            ),
            (
                S::TheirsExpired,
                Server,
                "certificate has expired (10) at depth 0",
            ),
            (
                S::TheirsElsewhere,
                Server,
                "hostname mismatch (62) at depth 0",
            ),
            (
                S::TheirsUnknown,
                Server,
                "unable to get local issuer certificate (20) at depth 0",
            ),
            (
                S::NoCertificate,
                Server,
                "the server asked for a client certificate; `certificate` is not given",
            ),
            (
                S::NoCertificate,
                Client,
                "the client sent no certificate, and `tls-mutual` = `1` requires one",
            ),
            (
                S::OtherVersion,
                Client,
                "there is no common protocol version",
            ),
            (
                S::Dhe,
                Client,
                "the peer offers none of our suites; it offers DHE-RSA-AES128-GCM-SHA256",
            ),
            (
                S::CbcNotNamed,
                Client,
                "the peer offers none of our suites; it offers ECDHE-RSA-AES128-SHA",
            ),
            (
                S::StaticRsa,
                Client,
                "the peer offers none of our suites; it offers AES128-GCM-SHA256",
            ),
        ];
        for (scenario, role, text) in told {
            for (other, role_of_other, _) in told {
                let is_same = (scenario, role) == (other, role_of_other);
                assert_eq!(
                    is_told(other, role_of_other, text),
                    is_same,
                    "{other:?}: {text}"
                );
            }
        }
    }

    #[test]
    fn alerts_groups_other_suites_and_names_of_certificates_tell_nothing() {
        use Role::{Client, Server};
        use Scenario as S;
        for (scenario, role, text) in [
            (S::OursRevoked, Server, "TLS alert certificate_revoked (44)"),
            (
                S::OursRevoked,
                Server,
                "the server refused our certificate `CN = revoked`",
            ),
            (
                S::OursExpired,
                Server,
                "our certificate CN = expired, issued by CN = issuing",
            ),
            (S::OursUnknown, Server, "TLS alert unknown_ca (48)"),
            (S::OursElsewhere, Client, "TLS alert bad_certificate (42)"),
            (
                S::NoCertificate,
                Server,
                "TLS alert certificate_required (116)",
            ),
            (S::NoCertificate, Client, "peer sent no certificates"),
            (S::OtherVersion, Server, "TLS alert protocol_version (70)"),
            (S::Dhe, Client, "the client offers no groups for ECDHE"),
            (
                S::Dhe,
                Client,
                "the peer offers ECDHE-RSA-AES128-GCM-SHA256",
            ),
            (
                S::CbcNotNamed,
                Client,
                "the peer offers ECDHE-RSA-AES128-SHA256",
            ),
            (
                S::StaticRsa,
                Client,
                "the peer offers DHE-RSA-AES128-GCM-SHA256",
            ),
            (S::TheirsRevoked, Client, ""),
        ] {
            assert!(!is_told(scenario, role, text), "{scenario:?}: {text}");
        }
    }

    #[test]
    fn a_cause_that_is_not_told_has_a_reason_only_where_it_is_listed_and_what_can_be_told_is_told()
    {
        let reason =
            |peer, error| match judged(peer, Scenario::OursUnknown, Expected::Alert(42), error) {
                Ok(Telling::Untold(untold)) => untold.reason,
                _ => panic!("told: {error}"),
            };
        let refused = "the client refused our certificate `CN = unknown`";
        assert!(reason("gnutls", refused).is_some());
        assert_eq!(reason("gnutls", "TLS alert bad_certificate (42)"), None);
        assert_eq!(reason("openssl", refused), None);
    }

    #[test]
    fn a_listed_cell_that_is_told_is_an_error() {
        let text = "the client refused our certificate: the peer does not trust its CA";
        let told = judged("openssl", Scenario::OursUnknown, Expected::Alert(48), text);
        assert!(matches!(told, Ok(Telling::Told)));
        let listed = judged("gnutls", Scenario::OursUnknown, Expected::Alert(42), text);
        assert!(listed.is_err());
    }
}
