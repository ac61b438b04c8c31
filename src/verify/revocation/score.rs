//! How well a list answers for a certificate: OpenSSL's scores, from `get_crl_score` to `crl_crldp_check`.
//!
//! The name of the list's issuer must be that of the certificate's issuer: indirect lists need extended CRL support,
//! which OpenSSL has off by default and this crate lacks. For the lists that remain, the score orders them;
//! [`goes_before`](Candidate::goes_before) decides between equal ones. The score is no verdict: a list that is out of
//! scope or expired can be the best one there is, and is then the reason for the refusal.

use std::cmp::Ordering;

use super::list::Crl;
use super::question::Question;
use crate::verify::code::VerifyCode;
use crate::x509::Certificate;
use crate::x509::distribution_point::{DistributionPoint, IssuingDistributionPoint, Reasons};
use crate::x509::extension::KeyUsage;

/// A list that may answer for a certificate, and how well it is suited (`get_crl_score` in OpenSSL).
#[derive(Clone, Copy)]
pub(super) struct Candidate<'l, 'a> {
    pub(super) list: &'l Crl,
    /// The certificate whose key must have signed the list.
    pub(super) issuer: &'a Certificate<'a>,
    pub(super) score: Score,
    /// The reasons for revocation that are covered once this list has answered.
    pub(super) reasons: Reasons,
}

/// How well a list is suited; the most important criterion comes first.
///
/// The fields stand in the order of OpenSSL's bits: `CRL_SCORE_NOCRITICAL`, `CRL_SCORE_SCOPE`, `CRL_SCORE_TIME`, and
/// `CRL_SCORE_ISSUER_CERT`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Score {
    /// No critical extension is unknown.
    pub(super) has_no_critical: bool,
    /// The certificate is among those the list is for.
    pub(super) is_in_scope: bool,
    /// The list is in force now.
    pub(super) is_current: bool,
    /// The list's issuer is the next certificate of the path, not one above it.
    pub(super) is_by_issuer: bool,
}

impl<'l, 'a> Candidate<'l, 'a> {
    /// Makes a candidate. `None` if the list cannot answer, or covers no more reasons than `reasons` already does.
    ///
    /// The conditions are those for which OpenSSL does not consider a list at all, so that the finding is 3 if no
    /// other list remains.
    pub(super) fn new(list: &'l Crl, question: Question<'a>, reasons: Reasons) -> Option<Self> {
        let certificate = question.path[question.depth];
        let scope = list.scope.as_ref();
        // OpenSSL needs its extended CRL support for the latter two.
        if scope.is_some_and(|s| s.is_contradictory() || s.is_indirect || s.only_some_reasons) {
            return None;
        }
        if *list.issuer != *certificate.issuer() {
            return None;
        }
        let (issuer, is_by_issuer) = find_issuer(list, question)?;
        let covered = covered_reasons(certificate, list);
        if covered.is_some_and(|covered| covered.are_within(reasons)) {
            return None;
        }
        Some(Self {
            list,
            issuer,
            score: Score {
                has_no_critical: !list.has_unhandled_critical,
                is_in_scope: covered.is_some(),
                is_current: list.check_dates(question.now).is_ok(),
                is_by_issuer,
            },
            reasons: reasons.with(covered.unwrap_or_default()),
        })
    }

    /// Whether this list takes precedence over `best`, which was loaded earlier.
    ///
    /// Of two equally good lists OpenSSL takes the one that was loaded first, which depends on the application. We
    /// take the one that revokes the certificate.
    ///
    /// A newer list takes precedence over an older one of the same score. The CRL number is not looked at, as in
    /// OpenSSL.
    pub(super) fn goes_before(&self, best: &Self, question: Question<'_>) -> bool {
        let (time, best_time) = (self.list.this_update, best.list.this_update);
        match self.score.cmp(&best.score) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if time == best_time => {
                let serial = question.serial();
                self.list.revokes(serial) && !best.list.revokes(serial)
            }
            Ordering::Equal => time.is_after(best_time),
        }
    }

    /// Checks the list, then the certificate against it (`check_crl` and `cert_crl` in OpenSSL).
    pub(super) fn examine(&self, question: Question<'_>) -> Result<(), VerifyCode> {
        self.is_usable(question)?;
        match self.list.revokes(question.serial()) {
            true => Err(VerifyCode::CertRevoked),
            false => Ok(()),
        }
    }

    /// The order of the checks is OpenSSL's, and decides which finding is reported: 35, 44, 11 or 12, 8, 36.
    pub(super) fn is_usable(&self, question: Question<'_>) -> Result<(), VerifyCode> {
        if self.issuer.key_usage_forbids(KeyUsage::CRL_SIGN) {
            return Err(VerifyCode::KeyusageNoCrlSign);
        }
        if !self.score.is_in_scope {
            return Err(VerifyCode::DifferentCrlScope);
        }
        self.list.check_dates(question.now)?;
        if !self.list.is_signed_by(self.issuer, question) {
            return Err(VerifyCode::CrlSignatureFailure);
        }
        if self.list.has_unhandled_critical {
            return Err(VerifyCode::UnhandledCriticalCrlExtension);
        }
        Ok(())
    }
}

/// Finds the certificate that the list's key identifier refers to (`crl_akid_check` in OpenSSL): the next one in the
/// path, or the last itself; or else one further up whose subject is the list's issuer.
fn find_issuer<'a>(list: &Crl, question: Question<'a>) -> Option<(&'a Certificate<'a>, bool)> {
    let fits = |issuer: &Certificate<'_>| issuer.is_meant_by(list.authority_key_id.as_ref());
    let path = question.path;
    let next = (question.depth + 1).min(path.len() - 1);
    if fits(path[next]) {
        return Some((path[next], true));
    }
    let mut above = path[next + 1..].iter();
    let found = above.find(|issuer| *issuer.subject() == *list.issuer && fits(issuer))?;
    Some((found, false))
}

/// Returns the reasons for which the list can revoke the certificate, or `None` if it is not in the list's scope
/// (`crl_crldp_check` in OpenSSL).
fn covered_reasons(certificate: &Certificate<'_>, list: &Crl) -> Option<Reasons> {
    let everything = IssuingDistributionPoint::default();
    let scope = list.scope.as_ref().unwrap_or(&everything);
    let extensions = &certificate.extensions;
    let is_ca = extensions.basic_constraints.is_some_and(|c| c.is_ca);
    if scope.only_attribute || (scope.only_user && is_ca) || (scope.only_ca && !is_ca) {
        return None;
    }
    let is_for = |point: &DistributionPoint<'_>| {
        let is_issuer = match &point.crl_issuers {
            Some(names) => names.iter().any(|name| name.is_directory(&list.issuer)),
            None => true,
        };
        is_issuer
            && match (&point.name, &scope.name) {
                (Some(point), Some(scope)) => point.meets(scope),
                _ => true,
            }
    };
    match certificate.distribution_points().find(is_for) {
        Some(point) => Some(point.reasons),
        None => scope.name.is_none().then_some(Reasons::ALL),
    }
}
