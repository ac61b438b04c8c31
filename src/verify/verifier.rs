//! The verifier: OpenSSL's `X509_verify_cert(3)` for one peer, with everything it trusts and checks.
//!
//! It is made once for the files of an endpoint, and is used by all connections at the same time: a verification
//! changes nothing in it, except what the lists know about their own signatures. The verifier knows no rustls trait
//! and no clock. Who calls it hands over the certificates, the name and the time.

use std::fmt;
use std::sync::Arc;

use rustls::DistinguishedName;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, UnixTime};

use super::code::VerifyCode;
use super::name::{self, ReferenceName};
use super::path::Path;
use super::policy::Policy;
use super::purpose::Purpose;
#[cfg(feature = "crl-fetch")]
use super::revocation::Basis;
use super::revocation::{
    Consulted, Crl, CrlFacts, PathSignatures, RevocationDepth, RevocationIndex,
};
use super::status::{Finding, VerifyStatus};
use super::trust_store::TrustStore;
use super::verdicts::Verdicts;
#[cfg(feature = "crl-fetch")]
use super::wanted;
use super::{constraints, explain, extensions, resources, signatures, sip_domain, strength};
use crate::options::{NameCheck, SecurityLevel};
use crate::pki::TrustedCertificate;
use crate::x509::Certificate;

/// Verifies peers' certificates with OpenSSL's rules, without a connection.
///
/// There is one path: the one that OpenSSL builds. A peer is accepted if every check that OpenSSL makes of that path
/// passes here as well. What we refuse beyond that is listed, with the reasons, in `compat/divergences.toml`.
///
/// A hostile chain costs a bounded time. A path has 100 intermediates at most. Its signatures are verified from the
/// trust anchor downwards, up to the first that is not good. So a chain that was made without the key of a trusted CA
/// costs one verification. The number of names times the number of constraints may be 2^20 at most for each
/// certificate and each set of constraints. Names are compared with constraints only if all signatures are good.
///
/// A clone is cheap, and shares certificates and lists with the original. The [module](crate::verify) has an example.
#[derive(Clone)]
pub struct Verifier {
    rules: Arc<Rules>,
    policy: Policy,
}

/// What a verifier trusts and verifies with.
///
/// Clones of a verifier share it. What differs between them is the [`Policy`].
pub(super) struct Rules {
    pub(super) store: Arc<TrustStore>,
    pub(super) revocation: Option<RevocationIndex>,
    /// The provider's algorithms, for certificates, lists and handshakes.
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(rules: Rules, policy: Policy) -> Self {
        let rules = Arc::new(rules);
        Self { rules, policy }
    }

    /// Verifies the certificates a peer sent, end entity first.
    ///
    /// `reference` is the name that we meant to reach; a target name in the verifier overrides it.
    ///
    /// Certificates that do not belong to the path are ignored, whatever their order. An empty chain is a refusal.
    ///
    /// `now` decides about dates to the second. The function never fails: what is wrong with the peer stands in the
    /// status. The signature of a handshake is not part of this; [`ServerVerifier`](super::ServerVerifier) and
    /// [`ClientVerifier`](super::ClientVerifier) verify it.
    pub fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        purpose: Purpose,
        reference: Option<&ReferenceName>,
        now: UnixTime,
    ) -> VerifyStatus {
        self.verify_presented(chain.iter(), purpose, reference.cloned(), now)
    }

    /// Verifies certificates that need not stand in one slice, as [`verify`](Self::verify) does.
    ///
    /// Handshakes call this, so that certificates need not be copied into one slice.
    pub(super) fn verify_presented<'p>(
        &self,
        chain: impl Iterator<Item = &'p CertificateDer<'p>> + Clone,
        purpose: Purpose,
        reference: Option<ReferenceName>,
        now: UnixTime,
    ) -> VerifyStatus {
        let reference = match (purpose, &self.policy.target_name) {
            (Purpose::Server, Some(target)) => Some(target.clone()),
            _ => reference,
        };
        let mut status = VerifyStatus::new(purpose, reference);
        match parse(chain.clone()) {
            Ok(peer) => {
                self.verify_chain(&peer, seconds(now), &mut status);
                self.authorise(&peer[0], &mut status);
            }
            Err(finding) => status.findings.push(finding),
        }
        if !status.is_accepted() {
            status.presented = chain.map(|der| der.clone().into_owned()).collect();
        }
        status
    }

    /// Asks the caller whether a peer that is otherwise accepted may connect. The answer may be different next time.
    fn authorise(&self, end_entity: &Certificate<'_>, status: &mut VerifyStatus) {
        let authorisation = &self.policy.authorisation;
        if !authorisation.is_asked() || !status.is_accepted() {
            return;
        }
        status.validity.until = i64::MIN;
        if let Some(identities) = authorisation.refuses(end_entity, status.purpose) {
            let finding = Finding::new(VerifyCode::ApplicationVerification, 0, end_entity);
            let domains = sip_domain::listed(identities.sip_domains());
            let mut finding = finding.with_detail(format!("the peer is not authorised; {domains}"));
            finding.describe(explain::about(end_entity, status, finding.code()));
            status.findings.push(finding);
        }
    }

    /// Returns the intermediates of `trusted-ca` above a certificate of ours, without the root.
    ///
    /// OpenSSL completes a chain of one certificate in this way when it sends it, unless `SSL_MODE_NO_AUTO_CHAIN` is
    /// set (`SSL_CTX_set_mode(3)`).
    pub(crate) fn intermediates_above(
        &self,
        own: &Certificate<'static>,
        now: i64,
    ) -> Vec<TrustedCertificate> {
        let peer = std::slice::from_ref(own);
        let (path, _) = Path::build(peer, &self.rules.store, Purpose::Server, now);
        let found = path.trusted.into_iter();
        let is_sent = |found: &&TrustedCertificate| {
            !found.certificate().is_self_signed() && found.der() != own.der()
        };
        found.take_while(is_sent).cloned().collect()
    }

    /// Verifies without a name, at a time in seconds since the epoch.
    ///
    /// The program's checks of its own files use it, which have no connection and no caller to ask.
    pub(crate) fn verify_at(
        &self,
        chain: &[CertificateDer<'_>],
        purpose: Purpose,
        now: i64,
    ) -> VerifyStatus {
        let mut status = VerifyStatus::new(purpose, None);
        match parse(chain.iter()) {
            Ok(peer) => self.verify_chain(&peer, now, &mut status),
            Err(finding) => status.findings.push(finding),
        }
        status
    }

    /// The finding that a certificate of ours, or a CA above it, is revoked by our lists.
    ///
    /// Both purposes are tried, because a certificate may be good for one of them only.
    pub(crate) fn revocation_of_own(
        &self,
        chain: &[CertificateDer<'_>],
        now: i64,
    ) -> Option<Finding> {
        [Purpose::Client, Purpose::Server]
            .into_iter()
            .find_map(|purpose| {
                let status = self.verify_at(chain, purpose, now);
                let mut findings = status.findings.into_iter();
                findings.find(|finding| finding.code() == VerifyCode::CertRevoked)
            })
    }

    /// Builds the path and makes OpenSSL's checks in OpenSSL's order (`verify_chain` in OpenSSL).
    ///
    /// The signatures are verified earlier than their findings are listed. Lists remember the key that signed them,
    /// and only a path with good signatures may teach them a key. The dates, which OpenSSL checks together with the
    /// signatures, are listed there too.
    ///
    /// Constraints are compared at the very end and only if all else is good: this is the one check whose cost an
    /// attacker could raise without a trusted key.
    fn verify_chain(&self, peer: &[Certificate<'_>], now: i64, status: &mut VerifyStatus) {
        let (rules, policy) = (&*self.rules, &self.policy);
        let purpose = status.purpose;
        let (path, broken) = Path::build(peer, &rules.store, purpose, now);
        status.validity.until = path.changes_at;
        let is_complete = broken.is_none();
        let found = &mut status.findings;
        found.extend(strength::end_entity(&peer[0], policy.security_level));
        found.extend(broken);
        found.extend(extensions::check(&path, purpose, policy.name_check));
        found.extend(strength::check(&path, policy.security_level));
        let mismatch = name_mismatch(&peer[0], status, policy.name_check);
        status.findings.extend(mismatch);
        // Findings about signatures come later, but the check of lists has to know whether the path's signatures are
        // good.
        let is_worth_it = is_complete && status.is_accepted();
        let bad_signature = is_worth_it
            .then(|| signatures::check(&path, rules.algorithms.all))
            .flatten();
        #[cfg(feature = "crl-fetch")]
        let (is_proven, mut running_out) = (is_worth_it && bad_signature.is_none(), Vec::new());
        if let Some(index) = rules.revocation.as_ref().filter(|_| is_complete) {
            let known = match is_worth_it && bad_signature.is_none() {
                true => PathSignatures::Verified,
                false => PathSignatures::Unverified,
            };
            let depth = policy.revocation_depth;
            let answer =
                index.check_path(&path.certificates, depth, now, rules.algorithms.all, known);
            status.findings.extend(answer.refusals);
            status.revocation_list = answer.list.map(|list| list.facts.issuer().to_owned());
            status.validity.until = status.validity.until.min(answer.until);
            #[cfg(feature = "crl-fetch")]
            {
                running_out = answer.running_out;
            }
        }
        let with_dates = signatures::with_dates(&path, bad_signature, now);
        status.findings.extend(with_dates);
        if is_worth_it && status.is_accepted() {
            let found = constraints::check(&path).or_else(|| resources::check(&path));
            status.findings.extend(found);
        }
        #[cfg(feature = "crl-fetch")]
        if policy.fetches_lists && is_proven {
            status.wanted = wanted::by(&path, status, &running_out);
        }
        status.path = path.subjects();
        for finding in &mut status.findings {
            finding.come_from(path.origin(finding.depth()));
        }
        if !status.is_accepted() {
            describe(status, &path);
        }
    }
}

impl Verifier {
    /// What the revocation lists say about themselves; nothing if revocation is not checked.
    pub fn revocation_lists(&self) -> impl Iterator<Item = &CrlFacts> {
        self.rules
            .revocation
            .iter()
            .flat_map(RevocationIndex::facts)
    }

    /// Whether revocation is checked, even if no list is there yet.
    pub(super) fn checks_revocation(&self) -> bool {
        self.rules.revocation.is_some()
    }

    /// The lists of files; none if revocation is not checked.
    pub(crate) fn lists(&self) -> &[Crl] {
        let index = self.rules.revocation.as_ref();
        index.map_or(&[], RevocationIndex::lists)
    }

    /// The lists in use, with those that were fetched.
    pub(crate) fn all_lists(&self) -> impl Iterator<Item = &Crl> {
        self.rules.revocation.iter().flat_map(RevocationIndex::all)
    }

    /// The lists that were fetched.
    ///
    /// They are among [`all_lists`](Self::all_lists), after those of files.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn fetched(&self) -> impl Iterator<Item = &Arc<Crl>> {
        let index = self.rules.revocation.iter();
        index.flat_map(RevocationIndex::fetched)
    }

    /// Returns the verifier with these fetched lists in place of earlier ones. Without `fetch` nothing changes.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn with_fetched(&self, fetched: Vec<Arc<Crl>>) -> Self {
        let Some(index) = (self.rules.revocation.as_ref()).filter(|_| self.policy.fetches_lists)
        else {
            return self.clone();
        };
        let rules = Rules {
            store: self.rules.store.clone(),
            revocation: Some(index.with_fetched(fetched)),
            algorithms: self.rules.algorithms,
        };
        Self::new(rules, self.policy.clone())
    }

    /// The certificates of `trusted-ca`.
    pub(crate) fn trusted(&self) -> impl Iterator<Item = &TrustedCertificate> {
        self.rules.store.iter()
    }

    /// The certificates of `trusted-ca`, with their index.
    pub(super) fn store(&self) -> &TrustStore {
        &self.rules.store
    }

    /// Returns which lists are asked about the certificates of a path; none if revocation is not checked.
    pub(super) fn consult(&self, path: &Path<'_>, now: i64) -> Vec<Consulted<'_>> {
        let rules = &*self.rules;
        let depth = self.policy.revocation_depth;
        rules.revocation.as_ref().map_or_else(Vec::new, |index| {
            index.consult(&path.certificates, depth, now, rules.algorithms.all)
        })
    }

    pub(crate) fn revocation_depth(&self) -> RevocationDepth {
        self.policy.revocation_depth
    }

    /// A verifier of one connection, for another name than that of the options.
    #[cfg(feature = "tokio")]
    pub(crate) fn with_target_name(mut self, name: ReferenceName) -> Self {
        self.policy.target_name = Some(name);
        // This verifier is for one connection.
        self.policy.kept_verdicts = 0;
        self
    }

    /// The store for this verifier's verdicts. It keeps none if lists are fetched, because each verification checks
    /// which lists expire soon.
    pub(super) fn verdicts(&self) -> Verdicts {
        Verdicts::new(match self.policy.fetches_lists {
            true => 0,
            false => self.policy.kept_verdicts,
        })
    }

    /// What the results about the signatures of lists depend on.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn basis(&self) -> Basis {
        let rules = &*self.rules;
        let level = self.policy.security_level;
        Basis::new(&rules.store, rules.algorithms.all, level)
    }

    pub(super) fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.rules.algorithms
    }

    pub(crate) fn name_check(&self) -> NameCheck {
        self.policy.name_check
    }

    pub(super) fn security_level(&self) -> SecurityLevel {
        self.policy.security_level
    }

    /// The names of `trusted-ca`, for the server to send to its clients. CAs that only complete paths are among them:
    /// a client may know no other CA (`SSL_CTX_set_client_CA_list(3)`).
    pub(super) fn subjects(&self) -> &[DistinguishedName] {
        self.rules.store.subjects()
    }

    pub(crate) fn shared_store(&self) -> &Arc<TrustStore> {
        &self.rules.store
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Adds to each finding a description of what it is about.
///
/// It is done for refused peers only, because it costs more than the verification itself.
fn describe(status: &mut VerifyStatus, path: &Path<'_>) {
    let mut findings = std::mem::take(&mut status.findings);
    for finding in &mut findings {
        if let Some(certificate) = path.certificates.get(finding.depth()) {
            finding.describe(explain::about(certificate, status, finding.code()));
        }
    }
    status.findings = findings;
}

/// Returns a time in seconds since the epoch.
pub(super) fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// Reads what the peer sent, once.
///
/// A certificate that cannot be read refuses the peer, even if the path would not need it. OpenSSL, too, fails to
/// read the whole message then.
fn parse<'a>(
    chain: impl Iterator<Item = &'a CertificateDer<'a>>,
) -> Result<Vec<Certificate<'a>>, Finding> {
    let mut parsed: Vec<Certificate<'a>> = Vec::with_capacity(chain.size_hint().0);
    for (depth, der) in chain.enumerate() {
        let der = CertificateDer::from(der.as_ref());
        let certificate = Certificate::parse_above(parsed.last(), der).map_err(|_| {
            Finding::of_nobody(VerifyCode::Unspecified, depth)
                .with_detail("the certificate cannot be read")
        })?;
        parsed.push(certificate);
    }
    if parsed.is_empty() {
        let finding = Finding::of_nobody(VerifyCode::Unspecified, 0);
        return Err(finding.with_detail("the peer sent no certificate"));
    }
    Ok(parsed)
}

/// Compares the end entity's names with the one that we meant to reach (`check_id` in OpenSSL).
///
/// The name that matches is noted in the status. Without a name to compare with, nothing is compared: it is the
/// caller's decision to verify without one.
fn name_mismatch(
    end_entity: &Certificate<'_>,
    status: &mut VerifyStatus,
    check: NameCheck,
) -> Option<Finding> {
    let reference = status.reference.as_ref()?;
    status.matched_name = name::matching(end_entity, reference, check);
    if status.matched_name.is_some() {
        return None;
    }
    let code = match reference {
        ReferenceName::Dns(_) => VerifyCode::HostnameMismatch,
        ReferenceName::Ip(_) => VerifyCode::IpAddressMismatch,
    };
    let is_off = check == NameCheck::Off;
    let finding = Finding::new(code, 0, end_entity).tolerated(is_off);
    Some(match (check, reference) {
        (NameCheck::Sip, ReferenceName::Dns(_)) => {
            finding.with_detail(sip_domain::described(end_entity))
        }
        _ => finding,
    })
}
