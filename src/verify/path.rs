use super::certificate::Certificate;
use super::code::VerifyCode;
use super::policy::Policy;
use super::purpose::Purpose;
use super::status::Finding;
use super::trust_store::{TrustStore, Trusted};
use crate::pki::Trust;

/// A path from the end entity upwards, as OpenSSL builds it.
pub(crate) struct Path<'a> {
    /// The end entity first.
    pub(crate) certificates: Vec<&'a Certificate<'a>>,
    /// Where the certificates of `trusted-ca` begin.
    pub(crate) untrusted: usize,
    trusted: Vec<&'a Trusted>,
}

impl<'a> Path<'a> {
    /// The path that webpki found, with the certificate of `trusted-ca` in which it ends.
    ///
    /// `None` if OpenSSL would not have gone that way: key identifiers contradict it, or it goes past a self-signed
    /// certificate.
    pub(crate) fn ending_in(
        untrusted: Vec<&'a Certificate<'a>>,
        anchor: &'a Trusted,
    ) -> Option<Self> {
        let mut path = Self {
            untrusted: untrusted.len(),
            certificates: untrusted,
            trusted: Vec::new(),
        };
        let goes_past = path.certificates.iter().any(|c| c.is_self_signed());
        path.push_trusted(anchor);
        let is_linked = path
            .certificates
            .is_sorted_by(|subject, issuer| may_have_issued(issuer, subject));
        (is_linked && !goes_past).then_some(path)
    }

    fn last(&self) -> &'a Certificate<'a> {
        self.certificates[self.certificates.len() - 1]
    }

    fn push_trusted(&mut self, trusted: &'a Trusted) {
        self.certificates.push(&trusted.certificate);
        self.trusted.push(trusted);
    }

    fn contains(&self, certificate: &Certificate<'_>) -> bool {
        self.certificates
            .iter()
            .any(|known| known.der() == certificate.der())
    }

    /// The trust settings decide before the certificate's own purposes do.
    pub(crate) fn explicit_trust(&self, depth: usize, purpose: Purpose) -> Trust {
        depth
            .checked_sub(self.untrusted)
            .and_then(|i| self.trusted.get(i))
            .map_or(Trust::Unspecified, |trusted| {
                trusted.explicit_trust(purpose)
            })
    }
}

/// Walks from the end entity to a certificate that `trusted-ca` trusts, as OpenSSL does: greedily, by name and
/// key identifier, `trusted-ca` before the peer's certificates, never looking back
/// (`build_chain` in OpenSSL; `openssl-verification-options(1)`, "Certification Path Building").
///
/// `peer` holds the end entity first. The finding says why the walk did not arrive.
pub(crate) fn build_path<'a>(
    peer: &'a [Certificate<'a>],
    store: &'a TrustStore,
    purpose: Purpose,
    now: i64,
) -> (Path<'a>, Option<Finding>) {
    let mut path = Path {
        certificates: vec![&peer[0]],
        untrusted: 1,
        trusted: Vec::new(),
    };
    let mut take_peer = true;
    loop {
        let last = path.last();
        let within_depth = path.certificates.len() <= Policy::MAX_DEPTH + 1;
        if let Some(found) = trusted_issuer(store, last, now).filter(|_| within_depth) {
            let is_new = !last.is_self_signed();
            // A self-signed certificate that only shares its name with a trusted one is an impostor.
            if is_new || found.certificate.der() == last.der() {
                if !is_new {
                    path.certificates.pop();
                    path.untrusted = path.untrusted.min(path.certificates.len());
                    path.trusted
                        .truncate(path.certificates.len() - path.untrusted);
                }
                path.push_trusted(found);
                take_peer = false;
                match found.trust(purpose) {
                    Trust::Trusted => return (path, None),
                    Trust::Rejected => {
                        let finding = finding(&path, VerifyCode::CertRejected);
                        return (path, Some(finding));
                    }
                    Trust::Unspecified if !found.certificate.is_self_signed() => continue,
                    Trust::Unspecified => break,
                }
            }
        }
        let next = match take_peer && within_depth && !last.is_self_signed() {
            true => peer_issuer(&path, peer, now),
            false => None,
        };
        match next {
            Some(issuer) => {
                path.certificates.push(issuer);
                path.untrusted += 1;
            }
            None => break,
        }
    }
    let finding = finding(&path, why_untrusted(&path));
    (path, Some(finding))
}

fn finding(path: &Path<'_>, code: VerifyCode) -> Finding {
    Finding::new(
        code,
        path.certificates.len() - 1,
        path.last().subject_text(),
    )
}

fn why_untrusted(path: &Path<'_>) -> VerifyCode {
    if path.certificates.len() > Policy::MAX_DEPTH + 1 {
        VerifyCode::CertChainTooLong
    } else if path.last().is_self_signed() {
        match path.certificates.len() {
            1 => VerifyCode::DepthZeroSelfSignedCert,
            _ => VerifyCode::SelfSignedCertInChain,
        }
    } else if path.untrusted < path.certificates.len() {
        VerifyCode::UnableToGetIssuerCert
    } else {
        VerifyCode::UnableToGetIssuerCertLocally
    }
}

/// The first issuer that is valid now, else the one that expired last.
fn trusted_issuer<'a>(
    store: &'a TrustStore,
    subject: &Certificate<'_>,
    now: i64,
) -> Option<&'a Trusted> {
    let candidates = store
        .named(&subject.issuer)
        .filter(|trusted| may_have_issued(&trusted.certificate, subject));
    best(candidates, |trusted| &trusted.certificate, now)
}

fn peer_issuer<'a>(
    path: &Path<'a>,
    peer: &'a [Certificate<'a>],
    now: i64,
) -> Option<&'a Certificate<'a>> {
    let subject = path.last();
    let candidates = peer
        .iter()
        .filter(|issuer| may_have_issued(issuer, subject) && !path.contains(issuer));
    best(candidates, |certificate| certificate, now)
}

fn best<'a, T: Copy>(
    candidates: impl Iterator<Item = T>,
    certificate: impl Fn(T) -> &'a Certificate<'a>,
    now: i64,
) -> Option<T> {
    let mut best: Option<T> = None;
    for candidate in candidates {
        let found = certificate(candidate);
        if found.not_before <= now && now < found.not_after {
            return Some(candidate);
        }
        if best.is_none_or(|best| found.not_after > certificate(best).not_after) {
            best = Some(candidate);
        }
    }
    best
}

/// By name, key identifier and kind of key, not by signature (`X509_check_issued` in OpenSSL).
fn may_have_issued(issuer: &Certificate<'_>, subject: &Certificate<'_>) -> bool {
    issuer.subject == subject.issuer
        && !issuer.is_invalid
        && !subject.is_invalid
        && subject
            .authority_key_id
            .as_ref()
            .is_none_or(|id| id.fits(issuer))
        && subject
            .strength
            .signature
            .is_some_and(|kind| kind.fits(issuer.strength.key))
}
