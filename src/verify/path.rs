//! The path from a peer's certificate to a trust anchor, as OpenSSL builds it (`build_chain` in `x509_vfy.c`).
//!
//! The walk begins at the end entity and takes one certificate after the other. It is greedy: it looks at names, key
//! identifiers and dates, takes the first certificate that fits, and never goes back. So there is one path, or none.
//! A search for a valid path, as RFC 4158 describes it, would accept peers that OpenSSL refuses.
//!
//! `trusted-ca` is looked at before the peer's own certificates (`X509_V_FLAG_TRUSTED_FIRST`, which is OpenSSL's
//! default since 1.1.0). A certificate of `trusted-ca` that is not self-signed only continues the path: it is no
//! trust anchor, because `X509_V_FLAG_PARTIAL_CHAIN` is off.

use super::code::VerifyCode;
use super::policy::Policy;
use super::purpose::Purpose;
use super::status::{Finding, Subjects};
use super::trust_store::{TrustStore, explicit_trust, trust};
use crate::pki::{Origin, Trust, TrustedCertificate};
use crate::x509::Certificate;

/// A path from the end entity upwards.
pub(crate) struct Path<'a> {
    /// The end entity first; there is at least one.
    ///
    /// The last one is the trust anchor, if the path is complete.
    pub(crate) certificates: Vec<&'a Certificate<'a>>,
    /// The upper certificates, as far as they come from `trusted-ca`.
    ///
    /// They are the last ones of `certificates`. A self-signed end entity that stands in `trusted-ca` is among them.
    pub(super) trusted: Vec<&'a TrustedCertificate>,
    /// The first second in which a certificate in the path, or a candidate for it, becomes valid or expires.
    pub(super) changes_at: i64,
}

impl<'a> Path<'a> {
    /// Builds the path as OpenSSL does, and returns a finding if the path is not trusted (`build_chain` in OpenSSL).
    ///
    /// Certificates of `trusted-ca` are tried first. A certificate fits by name and key identifier, and not by
    /// signature. The first that fits is taken, and no choice is ever taken back: another path that would be valid is
    /// not found.
    ///
    /// The finding is the reason why the path is not trusted: 2, 18, 19, 20, 22 or 28. The path itself is returned in
    /// any case, because the other checks are made of what there is.
    ///
    /// The walk ends after [`Policy::MAX_DEPTH`] intermediates. Each of the peer's certificates is used once at most.
    pub(crate) fn build(
        peer: &'a [Certificate<'a>],
        store: &'a TrustStore,
        purpose: Purpose,
        now: i64,
    ) -> (Self, Option<Finding>) {
        let mut path = Self {
            certificates: Vec::with_capacity(USUAL_LEN),
            trusted: Vec::with_capacity(USUAL_LEN - 1),
            changes_at: changes_after(&peer[0], now),
        };
        path.certificates.push(&peer[0]);
        while path.certificates.len() <= Policy::MAX_DEPTH + 1 {
            let last = path.last();
            let found = trusted_issuer(store, last, now, &mut path.changes_at);
            if let Some(found) = found.filter(|found| path.admits(found)) {
                path.push_trusted(found);
                match trust(found, purpose) {
                    Trust::Trusted => return (path, None),
                    Trust::Rejected => {
                        let finding = path.finding(VerifyCode::CertRejected);
                        return (path, Some(finding));
                    }
                    // It is not self-signed, so its issuer is looked for.
                    Trust::Unspecified => continue,
                }
            }
            // Once a certificate of `trusted-ca` is in the path, OpenSSL does not look among the peer's certificates.
            if last.is_self_signed() || !path.trusted.is_empty() {
                break;
            }
            match path.peer_issuer(peer, now) {
                Some(issuer) => path.certificates.push(issuer),
                None => break,
            }
        }
        let finding = path.finding(path.why_untrusted());
        (path, Some(finding))
    }

    /// Returns what the trust settings of `trusted-ca` say about the certificate at `depth`.
    pub(crate) fn explicit_trust(&self, depth: usize, purpose: Purpose) -> Trust {
        let trusted = self.trusted_at(depth);
        trusted.map_or(Trust::Unspecified, |trusted| {
            explicit_trust(trusted, purpose)
        })
    }

    /// Returns where the certificate at `depth` comes from, if it is one of `trusted-ca`.
    pub(crate) fn origin(&self, depth: usize) -> Option<&'a Origin> {
        self.trusted_at(depth).map(TrustedCertificate::origin)
    }

    /// The certificates of `trusted-ca` are the upper end of the path, so the depth says which one it is.
    fn trusted_at(&self, depth: usize) -> Option<&'a TrustedCertificate> {
        let untrusted = self.certificates.len() - self.trusted.len();
        self.trusted.get(depth.checked_sub(untrusted)?).copied()
    }

    pub(crate) fn subjects(&self) -> Subjects {
        Subjects::of(&self.certificates)
    }

    /// The certificate whose issuer is looked for.
    fn last(&self) -> &'a Certificate<'a> {
        self.certificates[self.certificates.len() - 1]
    }

    /// Whether a certificate of `trusted-ca` may follow: the issuer, or for a self-signed certificate that certificate
    /// itself. A self-signed certificate that only shares the name of a trusted one is not trusted.
    fn admits(&self, found: &TrustedCertificate) -> bool {
        let last = self.last();
        !last.is_self_signed() || found.der() == last.der()
    }

    /// Adds a certificate of `trusted-ca`. It replaces the last certificate if that is self-signed.
    ///
    /// The copy of `trusted-ca` counts, because it may have trust settings.
    fn push_trusted(&mut self, found: &'a TrustedCertificate) {
        if self.last().is_self_signed() {
            self.certificates.pop();
            let left = self.certificates.len();
            self.trusted.truncate(left);
        }
        self.certificates.push(found.certificate());
        self.trusted.push(found);
    }

    /// Looks for the issuer of the last certificate among those that the peer sent, in any order (`find_issuer` in
    /// OpenSSL). Those that are in the path already are passed over, so that certificates that issued each other do
    /// not make a loop.
    fn peer_issuer(
        &mut self,
        peer: &'a [Certificate<'a>],
        now: i64,
    ) -> Option<&'a Certificate<'a>> {
        let subject = self.last();
        let certificates = &self.certificates;
        let is_new = |issuer: &Certificate<'_>| {
            let mut known = certificates.iter();
            known.all(|known| known.der() != issuer.der())
        };
        let candidates = peer
            .iter()
            .filter(|issuer| issuer.may_have_issued(subject) && is_new(issuer));
        best(
            candidates,
            |certificate| certificate,
            now,
            &mut self.changes_at,
        )
    }

    /// Findings about the path as a whole are reported at its last certificate, as in OpenSSL.
    fn finding(&self, code: VerifyCode) -> Finding {
        Finding::new(code, self.certificates.len() - 1, self.last())
    }

    /// Chooses the number that OpenSSL gives at the end of `build_chain`, by where the path ended.
    fn why_untrusted(&self) -> VerifyCode {
        let count = self.certificates.len();
        if count > Policy::MAX_DEPTH + 1 {
            VerifyCode::CertChainTooLong
        } else if self.last().is_self_signed() {
            match count {
                1 => VerifyCode::DepthZeroSelfSignedCert,
                _ => VerifyCode::SelfSignedCertInChain,
            }
        } else if self.trusted.is_empty() {
            VerifyCode::UnableToGetIssuerCertLocally
        } else {
            VerifyCode::UnableToGetIssuerCert
        }
    }
}

/// The length that few paths exceed.
const USUAL_LEN: usize = 4;

/// Looks for the issuer in `trusted-ca` (`X509_STORE_CTX_get1_issuer(3)`).
fn trusted_issuer<'a>(
    store: &'a TrustStore,
    subject: &Certificate<'_>,
    now: i64,
    changes_at: &mut i64,
) -> Option<&'a TrustedCertificate> {
    let candidates = store
        .named(subject.issuer())
        .filter(|trusted| trusted.certificate().may_have_issued(subject));
    best(candidates, |trusted| trusted.certificate(), now, changes_at)
}

/// When the certificate next becomes valid or expires.
fn changes_after(certificate: &Certificate<'_>, now: i64) -> i64 {
    let times = [certificate.not_before.valid, certificate.not_after.valid];
    let to_come = times.into_iter().flatten().filter(|time| *time > now);
    to_come.min().unwrap_or(i64::MAX)
}

/// Returns the first candidate that is valid now, or else the one that expires last. Notes when the choice may change.
///
/// An expired certificate is taken if no other fits. The check of the dates then refuses the path with 10, and not
/// with 20 for a missing issuer.
fn best<'a, T: Copy>(
    candidates: impl Iterator<Item = T>,
    certificate: impl Fn(T) -> &'a Certificate<'a>,
    now: i64,
    changes_at: &mut i64,
) -> Option<T> {
    let mut best: Option<T> = None;
    for candidate in candidates {
        let found = certificate(candidate);
        *changes_at = changes_after(found, now).min(*changes_at);
        let has_begun = found.not_before.valid.is_some_and(|from| from <= now);
        if has_begun && found.not_after.valid.is_some_and(|until| now < until) {
            return Some(candidate);
        }
        let is_later = |best| found.not_after.is_after(certificate(best).not_after);
        if best.is_none_or(is_later) {
            best = Some(candidate);
        }
    }
    best
}
