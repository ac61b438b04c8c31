//! The revocation lists.
//!
//! Lists fail in more ways than anything else in a configuration, and most of these faults refuse every peer below a
//! CA. So each list is asked: is it in force, can it answer, did a CA of `trusted-ca` sign it, and is there a newer
//! one? Then each CA is asked whether it has a list. The numbers in the texts are those that a peer's refusal would
//! have.

use super::finding::Severity::{Advice, Error, Warning};
use super::inspector::{Inspector, subject};
use super::{own, trusted};
use crate::options::NameCheck;
use crate::pki::TrustedCertificate;
use crate::verify::{self, Crl, RevocationDepth, VerifyCode};
use crate::x509::extension::KeyUsage;
use crate::x509::{Certificate, describe};

/// The option that the findings are about.
const OPTION: &str = "tls-crl";

/// What depends on the CAs is checked only if all files of `trusted-ca` could be read: otherwise half of the findings
/// would be wrong.
pub(super) fn inspect(inspector: &mut Inspector<'_>) {
    let found = &inspector.inspection.trusted.found;
    if !inspector.options.checks_revocation() {
        return of_no_use(inspector);
    }
    for remark in &found.list_remarks {
        trusted::remark(inspector, OPTION, remark);
    }
    let lists = found.verifier.lists();
    if lists.is_empty() {
        return;
    }
    dates(inspector, lists);
    for list in lists {
        scope(inspector, list, lists);
    }
    let is_trust_known = inspector.inspection.trusted.errors.is_empty();
    if !is_trust_known {
        let text =
            "the lists could not be compared with the CAs, because not all files can be read";
        let cure = "correct the errors and check again";
        return inspector.note((Advice, "not-looked-at"), (OPTION, None), text, cure);
    }
    let known = Known::of(inspector);
    for list in lists {
        issuer(inspector, list, &known);
    }
    coverage(inspector, lists, &known);
}

/// Notes the lists in files of `trusted-ca`, which count only if revocation is checked.
fn of_no_use(inspector: &mut Inspector<'_>) {
    for list in inspector.inspection.trusted.found.roots.lists() {
        let text = format!(
            "the revocation list in {} has no effect, because `tls-crl` is not given",
            list.origin()
        );
        let cure = "name the file in `tls-crl` too, or remove the list";
        let origin = Some(list.origin());
        inspector.note((Advice, "list-unused"), ("trusted-ca", origin), text, cure);
    }
}

/// Checks the dates of the lists. Lists about the same certificates are checked together.
fn dates(inspector: &mut Inspector<'_>, lists: &[Crl]) {
    let mut seen: Vec<&Crl> = Vec::new();
    for list in lists {
        if seen.iter().any(|other| other.is_alike(list)) {
            continue;
        }
        seen.push(list);
        let alike: Vec<_> = lists.iter().filter(|other| other.is_alike(list)).collect();
        let good: Vec<_> = alike
            .iter()
            .copied()
            .filter(|list| list.check_dates(inspector.now).is_ok())
            .collect();
        match good.iter().copied().max_by_key(|list| list.expires()) {
            None => none_in_force(inspector, &alike),
            Some(last) => ends_soon(inspector, last),
        }
        let newest = newest(&alike);
        for old in alike.iter().filter(|list| list.is_older_than(newest)) {
            older(inspector, old, newest);
        }
    }
}

/// The list with the latest thisUpdate; the first of several.
fn newest<'a>(lists: &[&'a Crl]) -> &'a Crl {
    let mut newest = lists[0];
    for list in lists {
        if newest.is_older_than(list) {
            newest = list;
        }
    }
    newest
}

/// Notes that no list of a CA is in force. The newest list says why.
fn none_in_force(inspector: &mut Inspector<'_>, lists: &[&Crl]) {
    let newest = newest(lists);
    let name = newest.facts.issuer();
    let (code, number, text) = match newest.check_dates(inspector.now) {
        Err(VerifyCode::CrlNotYetValid) => (
            "list-not-yet-valid",
            11,
            format!(
                "the list of `{name}` is not in force before {}",
                newest
                    .facts
                    .this_update()
                    .map_or_else(String::new, describe::day)
            ),
        ),
        Err(VerifyCode::CrlHasExpired) => (
            "list-expired",
            12,
            format!(
                "the list of `{name}` expired on {}",
                describe::day(newest.expires())
            ),
        ),
        Err(other) => (
            "list-dates",
            other.number(),
            format!("the dates of the list of `{name}` cannot be read"),
        ),
        Ok(()) => return,
    };
    let text = format!("{text}: every peer below this CA is refused ({number})");
    let cure = "fetch the current list from the CA";
    inspector.note((Error, code), (OPTION, Some(&newest.origin)), text, cure);
}

/// Notes that the list that lasts longest ends soon.
fn ends_soon(inspector: &mut Inspector<'_>, list: &Crl) {
    let until = list.expires();
    if until == i64::MAX || !inspector.ends_within(until, inspector.limits.lists) {
        return;
    }
    let text = format!(
        "the list of `{}` expires on {}; then every peer below this CA is refused (12)",
        list.facts.issuer(),
        inspector.end(until)
    );
    let cure = "fetch the next list from the CA before that";
    let kind = (Warning, "list-ends-soon");
    inspector.note(kind, (OPTION, Some(&list.origin)), text, cure);
}

/// Notes a list that a newer one replaces.
fn older(inspector: &mut Inspector<'_>, list: &Crl, newest: &Crl) {
    let text = format!(
        "the list of `{}` is older than that in {}",
        list.facts.issuer(),
        newest.origin
    );
    let kind = (Warning, "list-older");
    inspector.note(kind, (OPTION, Some(&list.origin)), text, "remove it");
}

/// Checks whether the list can answer at all.
///
/// A list with a critical extension that is not supported is used all the same, unless there is one without it: see
/// `verify::revocation::score`.
fn scope(inspector: &mut Inspector<'_>, list: &Crl, lists: &[Crl]) {
    let depth = inspector
        .inspection
        .trusted
        .found
        .verifier
        .revocation_depth();
    let now = inspector.now;
    let answers =
        |other: &Crl| other.is_alike(list) && other.can_answer() && other.check_dates(now).is_ok();
    let reason = match list.has_usable_scope() {
        false => "it is indirect, or covers only some reasons or only attribute certificates",
        true if list.is_for_cas_only() && depth == RevocationDepth::EndEntity => {
            "it covers only CAs, and CAs are not looked up"
        }
        true if !list.has_unhandled_critical => return,
        true if lists.iter().any(answers) => "it has a critical extension that is not supported",
        true => return critical(inspector, list),
    };
    let text = format!(
        "the list of `{}` is not used: {reason}",
        list.facts.issuer()
    );
    let cure = "use the full list of the CA";
    inspector.note(
        (Advice, "list-unused"),
        (OPTION, Some(&list.origin)),
        text,
        cure,
    );
}

/// Notes that the list has a critical extension that is not supported.
fn critical(inspector: &mut Inspector<'_>, list: &Crl) {
    let text = format!(
        "the list of `{}` has a critical extension that is not supported: every peer below this CA is refused (36)",
        list.facts.issuer()
    );
    let cure = "ask the CA for a list without this extension";
    let kind = (Warning, "list-critical-extension");
    inspector.note(kind, (OPTION, Some(&list.origin)), text, cure);
}

/// The CAs that this check knows.
///
/// Peers may send CAs that are not known here. So a list of an unknown CA is a warning, and no error.
struct Known<'a> {
    /// The CAs of `trusted-ca` that can issue.
    trusted: Vec<&'a TrustedCertificate>,
    /// The CAs of our own chain.
    own: Vec<&'a Certificate<'static>>,
    /// The canonical name of the issuer of our own certificate.
    issuer: Option<&'a [u8]>,
}

impl<'a> Known<'a> {
    /// Collects the CAs, without those that cannot issue certificates for TLS.
    fn of(inspector: &Inspector<'a>) -> Self {
        let verifier = &inspector.inspection.trusted.found.verifier;
        let sent = own::sent(inspector).into_iter();
        let own: Vec<_> = sent.map(|(certificate, _)| certificate).collect();
        let issuer = own.first().map(|own| own.issuer());
        Self {
            trusted: verifier
                .trusted()
                .filter(|trusted| is_ca(trusted.certificate(), verifier.name_check()))
                .collect(),
            own: own.into_iter().skip(1).collect(),
            issuer,
        }
    }

    /// All CAs that are known, those of `trusted-ca` first.
    fn certificates(&self) -> impl Iterator<Item = &'a Certificate<'static>> {
        let trusted = self.trusted.iter().map(|trusted| trusted.certificate());
        trusted.chain(self.own.iter().copied())
    }

    /// Returns the CAs that `is_asked_for` selects, and the CAs from which a path leads down to one of them.
    fn above(
        &self,
        is_asked_for: impl Fn(&Certificate<'_>) -> bool,
    ) -> Vec<&'a Certificate<'static>> {
        let mut above: Vec<_> = self.certificates().filter(|ca| is_asked_for(ca)).collect();
        let mut next = 0;
        while let Some(below) = above.get(next).copied() {
            next += 1;
            for ca in self.certificates() {
                let is_issuer = !below.is_self_signed() && ca.may_have_issued(below);
                if is_issuer && above.iter().all(|known| known.der() != ca.der()) {
                    above.push(ca);
                }
            }
        }
        above
    }

    /// Whether the issuer of the list is a known CA.
    fn has_issuer_of(&self, list: &Crl) -> bool {
        self.certificates().any(|ca| list.is_named_by(ca))
            || self.issuer.is_some_and(|name| list.has_issuer(name))
    }
}

/// Whether a certificate may stand above another one, for servers or for clients.
fn is_ca(certificate: &Certificate<'_>, name_check: NameCheck) -> bool {
    let purposes = [verify::Purpose::Server, verify::Purpose::Client];
    let mut fits = purposes
        .iter()
        .map(|purpose| verify::fits_purpose(certificate, *purpose, name_check, true));
    fits.any(|fits| fits)
}

/// Checks the issuer of a list.
///
/// A list by an unknown CA, with a bad signature, or by a CA that may not sign lists helps nobody.
fn issuer(inspector: &mut Inspector<'_>, list: &Crl, known: &Known<'_>) {
    let name = list.facts.issuer();
    let verifier = &inspector.inspection.trusted.found.verifier;
    let origin = (OPTION, Some(&list.origin));
    let makers: Vec<_> = known
        .certificates()
        .filter(|ca| list.is_named_by(ca))
        .collect();
    if makers.is_empty() {
        if !known.has_issuer_of(list) {
            let text = format!(
                "there is a list of `{name}`, which is not a CA of `trusted-ca`: the list is used only for peers that \
                 send the certificate of this CA"
            );
            let cure = "use the list of the CA that issues your peers' certificates";
            inspector.note((Warning, "list-of-other-ca"), origin, text, cure);
        }
        return;
    }
    let signer = makers
        .iter()
        .find(|ca| list.is_signed_with_key_of(ca, verifier));
    match signer {
        None => {
            let text = format!(
                "the list of `{name}` is not signed with the key of this CA: every peer below it is refused (8)"
            );
            let cure = "fetch the list from the CA again, or correct `trusted-ca`";
            inspector.note((Error, "list-bad-signature"), origin, text, cure);
        }
        Some(ca) if ca.key_usage_forbids(KeyUsage::CRL_SIGN) => {
            let text = format!(
                "the CA {} may not sign lists, because its key usage lacks cRLSign: every peer below it is refused (35)",
                subject(ca)
            );
            let cure = "ask the CA to renew its certificate with the key usage cRLSign";
            inspector.note((Error, "list-issuer-may-not-sign"), origin, text, cure);
        }
        Some(_) => {}
    }
}

/// Notes the CAs that have no list.
///
/// With [`RevocationDepth::Chain`] every CA needs a list. Otherwise only the CAs that issue end entities do; which
/// these are can only be guessed, so that a CA with a list below it is passed over.
fn coverage(inspector: &mut Inspector<'_>, lists: &[Crl], known: &Known<'_>) {
    let depth = inspector
        .inspection
        .trusted
        .found
        .verifier
        .revocation_depth();
    let uncovered = known.uncovered(lists, depth);
    if let Some(first) = uncovered.first() {
        let names = uncovered
            .iter()
            .map(|trusted| subject(trusted.certificate()));
        let names: Vec<_> = names.collect();
        let text = format!(
            "there is no list of {}: every peer directly below is refused (3)",
            trusted::some(&names)
        );
        let is_hopeless =
            uncovered.len() == known.trusted.len() && !known.may_have_others(lists, depth);
        let severity = match is_hopeless {
            true => Error,
            false => Warning,
        };
        let origin = Some(first.origin()).filter(|origin| !origin.is_of_code());
        inspector.note((severity, "list-missing"), (OPTION, origin), text, ADD_LIST);
    }
    if let Some(ca) = known.own_ca_without_list(lists) {
        let text = format!(
            "there is no list of {}, which issued our own certificate: peers with certificates of this CA are refused (3)",
            subject(ca)
        );
        inspector.note((Warning, "list-missing"), (OPTION, None), text, ADD_LIST);
    }
}

impl<'a> Known<'a> {
    /// Returns the CAs of `trusted-ca` that have no list, if no CA below them has one either.
    fn uncovered(&self, lists: &[Crl], depth: RevocationDepth) -> Vec<&'a TrustedCertificate> {
        let above_lists = self.above(|ca| has_list(lists, ca));
        // The CA of our own certificate may be below any of them.
        let is_below = self.issuer.is_some_and(|name| {
            let is_seen = self.certificates().any(|ca| ca.subject() == name);
            !is_seen && lists.iter().any(|list| list.has_issuer(name))
        });
        let is_covered = |ca: &Certificate<'_>| match depth {
            RevocationDepth::Chain => has_list(lists, ca),
            _ => is_below || above_lists.iter().any(|above| above.der() == ca.der()),
        };
        let trusted = self.trusted.iter().copied();
        trusted
            .filter(|trusted| !is_covered(trusted.certificate()))
            .collect()
    }

    /// Whether a list may come from an unknown CA below one of `trusted-ca`.
    fn may_have_others(&self, lists: &[Crl], depth: RevocationDepth) -> bool {
        let may_have_cas = |trusted: &&TrustedCertificate| {
            let constraints = trusted.certificate().extensions.basic_constraints;
            constraints.is_none_or(|found| found.path_len != Some(0))
        };
        depth != RevocationDepth::Chain
            && lists.iter().any(|list| !self.has_issuer_of(list))
            && self.trusted.iter().any(may_have_cas)
    }

    /// Returns the CA of our own certificate, if it stands below a CA of `trusted-ca` and has no list.
    fn own_ca_without_list(&self, lists: &[Crl]) -> Option<&'a Certificate<'static>> {
        let ca = self.own.first().copied()?;
        let is_issuer = self.issuer == Some(ca.subject());
        let above = self.above(|other| other.der() == ca.der());
        let is_trusted = |ca: &Certificate<'_>| {
            let mut trusted = self.trusted.iter();
            trusted.any(|trusted| trusted.der() == ca.der())
        };
        let is_below = !is_trusted(ca) && above.iter().any(|above| is_trusted(above));
        (is_issuer && is_below && !has_list(lists, ca)).then_some(ca)
    }
}

/// Whether a list names the CA as its issuer, by name and key identifier.
fn has_list(lists: &[Crl], ca: &Certificate<'_>) -> bool {
    lists.iter().any(|list| list.is_named_by(ca))
}

/// What helps if a list is missing.
const ADD_LIST: &str = "add the list of this CA to `tls-crl`";
