use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use rustls::{DistinguishedName, SignatureScheme};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, VerifiedPath};

use super::builder::VerifierBuilder;
use super::certificate::Certificate;
use super::checks;
use super::code::VerifyCode;
use super::constraints;
use super::name::{self, ReferenceName};
use super::path::{Path, build_path};
use super::policy::Policy;
use super::purpose::Purpose;
use super::revocation::{CrlFacts, PathSignatures, RevocationIndex};
use super::signature;
use super::status::{Finding, VerifyStatus};
use super::trust_store::TrustStore;
use crate::options::NameCheck;

/// Verifies peers' certificates with OpenSSL's rules, without a connection.
///
/// A peer is accepted if webpki finds a valid path on which every check of OpenSSL passes as well. Beyond that two
/// kinds of certificates are accepted that webpki does not take: a self-signed one that is itself in `trusted-ca`, and
/// one that webpki cannot read or takes for a CA (X.509 v1, CA:TRUE, critical extensions that OpenSSL handles), on
/// OpenSSL's own path and never under a name constraint.
///
/// A hostile chain costs a bounded time: webpki verifies 100 signatures at most, OpenSSL's path has 100 intermediates at
/// most, and names times constraints may be 2^20 at most. On a machine where a good chain takes 0.1 ms, 91 certificates
/// of one name took 80 ms, and chains of 100 kB full of name constraints 10 ms.
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
    policy: Policy,
}

pub(crate) struct Inner {
    pub(crate) store: TrustStore,
    pub(crate) revocation: Option<RevocationIndex>,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    /// Starts a verifier that uses the signature algorithms of `provider`.
    pub fn builder(provider: &CryptoProvider) -> VerifierBuilder {
        VerifierBuilder::new(provider.signature_verification_algorithms)
    }

    /// Verifies the certificates a peer sent, end entity first.
    ///
    /// `reference` is the name that we meant to reach; a target name in the verifier goes before it.
    pub fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        purpose: Purpose,
        reference: Option<&ReferenceName>,
        now: UnixTime,
    ) -> VerifyStatus {
        let reference = match purpose {
            Purpose::Client => reference,
            Purpose::Server => self.policy.target_name.as_ref().or(reference),
        };
        let mut status = VerifyStatus::new(purpose, reference);
        match read(chain) {
            Ok(peer) => {
                let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
                let question = Question {
                    peer: &peer,
                    purpose,
                    now,
                    rules: &self.inner,
                    policy: &self.policy,
                };
                question.answer(&mut status);
            }
            Err(finding) => status.findings.push(finding),
        }
        status
    }
}

impl Verifier {
    /// What the revocation lists say of themselves; nothing if revocation is not checked.
    pub fn revocation_lists(&self) -> impl Iterator<Item = &CrlFacts> {
        self.inner
            .revocation
            .iter()
            .flat_map(RevocationIndex::facts)
    }

    pub(super) fn new(inner: Inner, policy: Policy) -> Self {
        let inner = Arc::new(inner);
        Self { inner, policy }
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn with_target_name(mut self, name: ReferenceName) -> Self {
        self.policy.target_name = Some(name);
        self
    }

    pub(super) fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.inner.algorithms
    }

    /// The schemes that a peer may sign the handshake with.
    pub(super) fn schemes(&self) -> Vec<SignatureScheme> {
        signature::schemes(&self.inner.algorithms, self.policy.security_level)
    }

    /// The names of `trusted-ca`, for the server to tell its clients. Those that only complete paths are among them: a
    /// client may know no other CA (`SSL_CTX_set_client_CA_list(3)`).
    pub(super) fn subjects(&self) -> Vec<DistinguishedName> {
        self.inner.store.subjects().collect()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

fn read<'a>(chain: &'a [CertificateDer<'_>]) -> Result<Vec<Certificate<'a>>, Finding> {
    if chain.is_empty() {
        let finding = Finding::new(VerifyCode::Unspecified, 0, "");
        return Err(finding.with_detail("the peer sent no certificate"));
    }
    let read = |(depth, der): (usize, &'a CertificateDer<'_>)| {
        Certificate::parse(CertificateDer::from(der.as_ref())).map_err(|_| {
            Finding::new(VerifyCode::Unspecified, depth, "")
                .with_detail("the certificate cannot be read")
        })
    };
    chain.iter().enumerate().map(read).collect()
}

struct Question<'a> {
    peer: &'a [Certificate<'a>],
    purpose: Purpose,
    now: i64,
    rules: &'a Inner,
    policy: &'a Policy,
}

impl<'a> Question<'a> {
    fn answer(&self, status: &mut VerifyStatus) {
        let mismatch = self.name_mismatch(status);
        match self.find_path() {
            Ok((path, examined)) => {
                status.path = subjects(&path);
                status.revocation_list = examined.revocation_list;
                status.findings.extend(mismatch);
            }
            Err(reason) => self.answer_without_webpki(&reason, mismatch, status),
        }
    }

    /// Lets webpki search, and holds OpenSSL's checks against each path that it finds.
    fn find_path(&self) -> Result<(Path<'a>, Examined), webpki::Error> {
        let end_entity = EndEntityCert::try_from(self.peer[0].der())?;
        let store = &self.rules.store;
        let borrowed = |der: &'a CertificateDer<'_>| CertificateDer::from(der.as_ref());
        let intermediates: Vec<CertificateDer<'a>> = self.peer[1..]
            .iter()
            .map(|certificate| borrowed(certificate.der()))
            .chain(store.intermediates().iter().map(borrowed))
            .collect();
        let accepted = RefCell::new(None);
        let check = |candidate: &VerifiedPath<'_>| {
            let good = self.openssl_paths(candidate).into_iter().find_map(|path| {
                let examined = self.examine(&path, None, None, None);
                examined.findings.is_empty().then_some((path, examined))
            });
            match good {
                Some(good) => {
                    accepted.replace(Some(good));
                    Ok(())
                }
                // The search goes on after this error.
                None => Err(webpki::Error::UnknownIssuer),
            }
        };
        end_entity.verify_for_usage(
            self.rules.algorithms.all,
            store.anchors(self.purpose),
            &intermediates,
            unix_time(self.now),
            AnyPurpose,
            None,
            Some(&check),
        )?;
        accepted.into_inner().ok_or(webpki::Error::UnknownIssuer)
    }

    /// The path that webpki found, in our terms, once for each certificate of `trusted-ca` that its anchor may be.
    fn openssl_paths(&self, candidate: &VerifiedPath<'_>) -> Vec<Path<'a>> {
        let store: &'a TrustStore = &self.rules.store;
        let peer = self.peer;
        let mut untrusted: Vec<&'a Certificate<'a>> = vec![&peer[0]];
        for certificate in candidate.intermediate_certificates() {
            let der = certificate.der();
            let mut known = peer.iter().chain(store.certificates());
            match known.find(|known| known.der().as_ref() == der.as_ref()) {
                // OpenSSL takes it from `trusted-ca`, and with it the trust settings there.
                Some(known) if !store.rejects(known, self.purpose) => untrusted.push(known),
                _ => return Vec::new(),
            }
        }
        store
            .behind(candidate.anchor())
            .into_iter()
            .filter_map(|anchor| Path::ending_in(untrusted.clone(), anchor))
            .collect()
    }

    /// Takes OpenSSL's own path, to accept what webpki cannot read and to say why all else is refused.
    fn answer_without_webpki(
        &self,
        reason: &webpki::Error,
        mismatch: Option<Finding>,
        status: &mut VerifyStatus,
    ) {
        let rules = self.rules;
        let (path, broken) = build_path(self.peer, &rules.store, self.purpose, self.now);
        let examined = self.examine(&path, broken, mismatch, Some(rules.algorithms.all));
        status.path = subjects(&path);
        status.revocation_list = examined.revocation_list;
        status.findings = examined.findings;
        if status.is_accepted() && !self.is_beyond_webpki(&path) {
            status.findings.push(refusal(reason, &path));
        }
    }

    /// The two widenings.
    fn is_beyond_webpki(&self, path: &Path<'_>) -> bool {
        let is_trusted_itself = path.certificates.len() == 1;
        let is_unreadable = || match EndEntityCert::try_from(self.peer[0].der()) {
            Ok(_) => self.peer[0].basic_constraints.is_some_and(|c| c.is_ca),
            Err(_) => true,
        };
        let is_constrained = path
            .certificates
            .iter()
            .any(|c| c.name_constraints.is_some());
        !is_constrained && (is_trusted_itself || is_unreadable())
    }

    /// Makes all checks of a path in OpenSSL's order (`verify_chain`), but for those name constraints
    /// that webpki knows.
    ///
    /// `broken` says why the path does not arrive; signatures are verified if algorithms are given.
    fn examine(
        &self,
        path: &Path<'_>,
        broken: Option<Finding>,
        mismatch: Option<Finding>,
        algorithms: Option<&[&dyn SignatureVerificationAlgorithm]>,
    ) -> Examined {
        let policy = self.policy;
        let is_complete = broken.is_none();
        let mut findings = Vec::new();
        findings.extend(checks::end_entity_strength(path.certificates[0], policy));
        findings.extend(broken);
        findings.extend(checks::extensions(path, self.purpose));
        findings.extend(checks::issuer_strength(path, policy));
        findings.extend(mismatch);
        let mut revocation_list = None;
        if let Some(index) = self.rules.revocation.as_ref().filter(|_| is_complete) {
            let all = self.rules.algorithms.all;
            // What webpki found has its signatures verified.
            let signatures = match algorithms {
                Some(_) => PathSignatures::Unverified,
                None => PathSignatures::Verified,
            };
            let answer = index.check_path(
                &path.certificates,
                policy.revocation_depth,
                self.now,
                all,
                signatures,
            );
            findings.extend(answer.refusals.iter().map(|refusal| {
                let subject = path.certificates[refusal.depth].subject_text();
                let list = refusal.list.as_ref().map(|list| list.issuer());
                Finding::new(refusal.code, refusal.depth, subject).by_list(list)
            }));
            revocation_list = answer.list.map(|list| list.issuer().to_owned());
        }
        findings.extend(checks::signatures_and_dates(path, self.now, algorithms));
        findings.extend(constraints::subjects(path));
        Examined {
            findings,
            revocation_list,
        }
    }

    fn name_mismatch(&self, status: &mut VerifyStatus) -> Option<Finding> {
        let reference = status.reference.as_ref()?;
        let end_entity = &self.peer[0];
        status.matched_name = name::matching(end_entity, reference);
        if status.matched_name.is_some() {
            return None;
        }
        let code = match reference {
            ReferenceName::Dns(_) => VerifyCode::HostnameMismatch,
            ReferenceName::Ip(_) => VerifyCode::IpAddressMismatch,
        };
        let is_off = self.policy.name_check == NameCheck::Off;
        Some(Finding::new(code, 0, end_entity.subject_text()).tolerated(is_off))
    }
}

struct Examined {
    findings: Vec<Finding>,
    revocation_list: Option<String>,
}

/// The purposes are checked with OpenSSL's rules, on every certificate of the path.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

fn subjects(path: &Path<'_>) -> Vec<String> {
    path.certificates
        .iter()
        .map(|c| c.subject_text().to_owned())
        .collect()
}

/// What webpki alone objects to.
fn refusal(reason: &webpki::Error, path: &Path<'_>) -> Finding {
    let code = match reason {
        webpki::Error::NameConstraintViolation => VerifyCode::PermittedViolation,
        _ => VerifyCode::ApplicationVerification,
    };
    Finding::new(code, 0, path.certificates[0].subject_text())
        .with_detail(format!("webpki: {reason}"))
}

fn unix_time(seconds: i64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds.max(0) as u64))
}
