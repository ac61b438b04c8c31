//! Revocation lists with OpenSSL's rules (`check_revocation` in its x509_vfy.c, without extended CRL support).
//!
//! A list is looked for in memory: nothing is fetched here. For each certificate in question, the best list answers
//! (`get_crl_score`), the list itself is checked (`check_crl`), and then the certificate's serial number is looked up
//! (`cert_crl`). Missing, expired and badly signed lists are refusals, as in OpenSSL: there is no soft failure.
//!
//! Where this differs from OpenSSL, it is stricter:
//!
//! - some lists are refused when they are loaded: delta lists, lists signed with MD5 or SHA-1, and lists with an
//!   extension that cannot be read ([`CrlError`](crate::x509::CrlError));
//! - of two equally good lists, the one that revokes counts;
//! - the default [`RevocationDepth`] also looks for CAs that a list revokes.
//!
//! The signature of a list is verified once, not in every handshake, and its serial numbers stand in a sorted index.
//! So a list of a million entries costs a handshake hardly more than a short one.

mod list;
mod question;
mod score;
mod signature;

use std::sync::Arc;

use rustls::pki_types::SignatureVerificationAlgorithm;

use self::question::Question;
use self::score::Candidate;
use super::code::VerifyCode;
use super::status::Finding;
use super::trust_store::TrustStore;
use crate::x509::Certificate;
pub(crate) use crate::x509::CrlFacts;
use crate::x509::distribution_point::Reasons;
pub(crate) use list::Crl;
pub(crate) use question::PathSignatures;
pub(crate) use signature::Basis;

/// Which certificates of a path the revocation lists must cover.
///
/// Lists have to be given at all: without `tls-crl`, or
/// [`VerifierBuilder::revocation_lists`](super::VerifierBuilder::revocation_lists), no certificate is checked.
/// [`EndpointBuilder::revocation_depth`](crate::EndpointBuilder::revocation_depth) sets the depth of an endpoint.
///
/// # Examples
///
/// ```
/// use sip_tls::options::TlsOptions;
/// use sip_tls::verify::RevocationDepth;
/// use sip_tls::{Endpoint, EndpointBuilder};
///
/// assert_eq!(RevocationDepth::default(), RevocationDepth::Covered);
///
/// /// Asks for a list of every CA as well, as `openssl verify -crl_check_all` does.
/// fn check_all(options: TlsOptions) -> EndpointBuilder {
///     Endpoint::builder(options).revocation_depth(RevocationDepth::Chain)
/// }
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RevocationDepth {
    /// Every certificate, the trust anchor included. This is OpenSSL's `X509_V_FLAG_CRL_CHECK_ALL`.
    ///
    /// A self-signed trust anchor needs a list, too, which it has to issue itself.
    Chain,
    /// The end entity. Other certificates need no list, but no good list may revoke them.
    ///
    /// This is stricter than OpenSSL's `X509_V_FLAG_CRL_CHECK`, but needs no more lists.
    #[default]
    Covered,
    /// The end entity only; no other certificate is checked. This is OpenSSL's `X509_V_FLAG_CRL_CHECK`.
    EndEntity,
}

/// The revocation lists in use.
///
/// Lists of files change with a reload only. Fetched lists come in between: an index with other fetched lists shares
/// the lists of files with the one before.
pub(crate) struct RevocationIndex {
    /// The lists of files.
    lists: Arc<Vec<Crl>>,
    /// The lists that were fetched from where certificates say that they are found; none without `tls-crl` = `fetch`.
    fetched: Vec<Arc<Crl>>,
}

/// What the lists say about one certificate.
///
/// One list answers for all reasons of revocation, or several together.
enum Answer<'a> {
    Good {
        list: &'a Crl,
    },
    Refused {
        code: VerifyCode,
        /// `None` if there is no list at all for the certificate.
        list: Option<&'a Crl>,
    },
}

/// What the lists say about a path.
pub(crate) struct PathRevocation<'a> {
    /// In order of depth; the first is what OpenSSL reports.
    pub(crate) refusals: Vec<Finding>,
    /// The list that answered for the end entity.
    pub(crate) list: Option<&'a Crl>,
    /// The first second in which the answer may change, because a list becomes valid or expires.
    pub(crate) until: i64,
    /// The depths of certificates whose list expires soon.
    #[cfg(feature = "crl-fetch")]
    pub(crate) running_out: Vec<usize>,
}

/// Which list was asked about a certificate, for an explanation.
pub(crate) struct Consulted<'a> {
    /// Whether a list has to cover the certificate.
    pub(crate) is_asked: bool,
    /// How many lists the certificate's issuer has.
    pub(crate) by_issuer: usize,
    /// The list that answered.
    pub(crate) list: Option<&'a Crl>,
}

impl RevocationIndex {
    /// Makes an index of lists. Their order does not matter.
    pub(crate) fn new(lists: Vec<Crl>) -> Self {
        Self {
            lists: Crl::share_all(lists),
            fetched: Vec::new(),
        }
    }

    /// Returns an index with the same lists of files, and with these fetched lists.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn with_fetched(&self, fetched: Vec<Arc<Crl>>) -> Self {
        Self {
            lists: self.lists.clone(),
            fetched,
        }
    }

    /// What the lists say about themselves.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &CrlFacts> {
        self.all().map(|list| &list.facts)
    }

    /// The lists of files.
    pub(crate) fn lists(&self) -> &[Crl] {
        &self.lists
    }

    #[cfg(feature = "crl-fetch")]
    pub(crate) fn fetched(&self) -> impl Iterator<Item = &Arc<Crl>> {
        self.fetched.iter()
    }

    /// The lists of files, and those that were fetched.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Crl> {
        let fetched = self.fetched.iter().map(|list| &**list);
        self.lists.iter().chain(fetched)
    }

    /// Verifies the signatures of the lists whose issuers are in `trusted-ca`, so that no handshake has to.
    pub(crate) fn verify_with(
        &self,
        store: &TrustStore,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) {
        for list in self.lists.iter() {
            for trusted in store.named(&list.issuer) {
                list.verify_with(trusted.certificate(), algorithms);
            }
        }
    }

    /// Asks the lists about the certificates of `path` that `depth` selects.
    ///
    /// The lists are always asked about the end entity. `depth` decides about the certificates above it. `signatures`
    /// says whether the path itself is proven: the key of an unproven path must not be remembered as the signer of a
    /// list.
    pub(crate) fn check_path<'s>(
        &'s self,
        path: &[&Certificate<'_>],
        depth: RevocationDepth,
        now: i64,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
        signatures: PathSignatures,
    ) -> PathRevocation<'s> {
        let mut result = PathRevocation {
            refusals: Vec::new(),
            list: None,
            until: self.changes_at(now),
            #[cfg(feature = "crl-fetch")]
            running_out: Vec::new(),
        };
        for i in 0..path.len() {
            let question = Question {
                path,
                depth: i,
                now,
                algorithms,
                signatures,
            };
            let answer = match depth {
                _ if i == 0 => self.answer(question),
                RevocationDepth::Chain => self.answer(question),
                RevocationDepth::Covered => match self.revoking(question) {
                    Some(list) => revoked(list),
                    None => continue,
                },
                RevocationDepth::EndEntity => break,
            };
            #[cfg(feature = "crl-fetch")]
            if let Answer::Good { list } = &answer
                && list.is_running_out(now)
            {
                result.running_out.push(i);
            }
            result.add(i, path[i], answer);
        }
        result
    }

    /// Says which lists [`check_path`](Self::check_path) asks.
    pub(crate) fn consult<'s>(
        &'s self,
        path: &[&Certificate<'_>],
        depth: RevocationDepth,
        now: i64,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> Vec<Consulted<'s>> {
        let consulted = |i: usize| {
            let question = Question {
                path,
                depth: i,
                now,
                algorithms,
                signatures: PathSignatures::Unverified,
            };
            let is_asked = i == 0 || depth == RevocationDepth::Chain;
            let list = match is_asked {
                true => match self.answer(question) {
                    Answer::Good { list } => Some(list),
                    Answer::Refused { list, .. } => list,
                },
                false if depth == RevocationDepth::Covered => self.revoking(question),
                false => None,
            };
            let is_by_issuer = |list: &&Crl| list.has_issuer(path[i].issuer());
            Consulted {
                is_asked,
                by_issuer: self.all().filter(is_by_issuer).count(),
                list,
            }
        };
        (0..path.len()).map(consulted).collect()
    }

    /// Asks the lists about one certificate (`check_cert` in OpenSSL).
    ///
    /// The best list for the reasons that are still open answers first. Most lists cover all reasons, so that one
    /// list is enough. If its answer is an error, no other list is asked: a newer list that is badly signed hides an
    /// older good one, as in OpenSSL.
    fn answer<'s>(&'s self, question: Question<'_>) -> Answer<'s> {
        let (mut reasons, mut first) = (Reasons::default(), None);
        // Distribution points may divide the reasons for revocation among several lists.
        loop {
            let Some(best) = self.best(question, reasons, |_| true) else {
                let (code, list) = (VerifyCode::UnableToGetCrl, first);
                return Answer::Refused { code, list };
            };
            let list = best.list;
            if let Err(code) = best.examine(question) {
                let list = Some(list);
                return Answer::Refused { code, list };
            }
            reasons = best.reasons;
            let list = *first.get_or_insert(list);
            if reasons == Reasons::ALL {
                return Answer::Good { list };
            }
        }
    }

    /// When the next list becomes valid or expires. Another list may count from then on, and may revoke what is good
    /// until then.
    fn changes_at(&self, now: i64) -> i64 {
        let times = self
            .all()
            .flat_map(|list| [list.this_update.valid, Some(list.expires())]);
        let to_come = times.flatten().filter(|time| *time > now);
        to_come.min().unwrap_or(i64::MAX)
    }

    /// Returns the list that revokes the certificate, among the lists that can be used.
    ///
    /// The certificate needs no list here, so lists with an error are passed over, and do not count as refusals.
    fn revoking<'s>(&'s self, question: Question<'_>) -> Option<&'s Crl> {
        let usable = |candidate: &Candidate<'_, '_>| candidate.is_usable(question).is_ok();
        let mut reasons = Reasons::default();
        loop {
            let best = self.best(question, reasons, usable)?;
            if best.list.revokes(question.serial()) {
                return Some(best.list);
            }
            reasons = best.reasons;
        }
    }

    /// Returns the list that OpenSSL would consider, among those that `admits` accepts: by score, then the newest.
    fn best<'s, 'a>(
        &'s self,
        question: Question<'a>,
        reasons: Reasons,
        admits: impl Fn(&Candidate<'s, 'a>) -> bool,
    ) -> Option<Candidate<'s, 'a>> {
        self.all()
            .filter_map(|list| Candidate::new(list, question, reasons))
            .filter(admits)
            .reduce(|best, next| match next.goes_before(&best, question) {
                true => next,
                false => best,
            })
    }
}

impl<'a> PathRevocation<'a> {
    /// Notes the answer for the certificate at `depth`. The list that answered for the end entity is the one that a
    /// status names.
    fn add(&mut self, depth: usize, certificate: &Certificate<'_>, answer: Answer<'a>) {
        let (code, list) = match answer {
            Answer::Good { list } => (VerifyCode::Ok, Some(list)),
            Answer::Refused { code, list } => (code, list),
        };
        if depth == 0 {
            self.list = list;
        }
        if code != VerifyCode::Ok {
            let finding = Finding::new(code, depth, certificate);
            self.refusals.push(match list {
                Some(list) => finding.by_list(&list.facts, &list.origin),
                None => finding,
            });
        }
    }
}

/// The answer that a list revokes the certificate.
fn revoked(list: &Crl) -> Answer<'_> {
    Answer::Refused {
        code: VerifyCode::CertRevoked,
        list: Some(list),
    }
}

#[cfg(test)]
mod tests;
