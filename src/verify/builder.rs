//! What a [`Verifier`] is made of: trusted certificates, revocation lists and the policy.
//!
//! An endpoint fills the builder from its options and files. The building does what no handshake should have to do:
//! it indexes the trusted certificates by their names, shares them with other verifiers that hold the same, and
//! verifies the signatures of the lists whose issuers are trusted.

use std::fmt;

use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};

use super::identities::Authorisation;
use super::name::ReferenceName;
use super::policy::Policy;
use super::revocation::{Basis, Crl, RevocationDepth, RevocationIndex};
use super::trust_store::TrustStore;
use super::verifier::{Rules, Verifier};
use crate::options::{NameCheck, SecurityLevel};
use crate::pki::{RevocationList, TrustedCertificate};

/// Collects what a [`Verifier`] is to trust and to check.
///
/// The defaults are those of the options: no name check, no revocation check, and security level 2.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use rustls::pki_types::UnixTime;
/// use sip_tls::options::Source;
/// use sip_tls::verify::{Purpose, Verifier, VerifyCode};
/// use sip_tls::{crypto, pki};
///
/// # const CA: &str = "tests/testdata/crl/root.pem";
/// # const LIST: &str = "tests/testdata/crl/plain.der";
/// let roots = pki::roots::load(Source::path(CA))?;
/// let lists = pki::crls::load(Source::path(LIST))?;
/// let verifier = Verifier::builder(&*crypto::default_base()?)
///     .trusted(roots.certificates())
///     .revocation_lists(lists.into_lists())
///     .build()?;
///
/// // The list ended in July 2025.
/// let chain = [roots.certificates()[0].der().clone()];
/// let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
/// let status = verifier.verify(&chain, Purpose::Server, None, now);
/// assert_eq!(status.code(), VerifyCode::CrlHasExpired);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VerifierBuilder {
    algorithms: WebPkiSupportedAlgorithms,
    store: TrustStore,
    lists: Option<Vec<RevocationList>>,
    policy: Policy,
}

impl Verifier {
    /// Starts a verifier that uses the signature algorithms of `provider`.
    ///
    /// Only the algorithms for signatures on certificates, lists and handshakes are taken from the provider. A
    /// provider from [`client_provider`](crate::crypto::client_provider) has more of them than a base.
    /// [`VerifierBuilder`] has an example.
    pub fn builder(provider: &CryptoProvider) -> VerifierBuilder {
        VerifierBuilder {
            algorithms: provider.signature_verification_algorithms,
            store: TrustStore::default(),
            lists: None,
            policy: Policy::default(),
        }
    }
}

impl VerifierBuilder {
    /// Adds certificates as those of `trusted-ca`: the self-signed ones are trust anchors, the others complete paths.
    /// Trust settings that they carry are kept.
    ///
    /// The order counts only where OpenSSL's does: of several certificates that fit equally well, the first one that
    /// is valid is taken. A certificate that is added twice keeps the trust settings of its first copy.
    pub fn trusted(mut self, certificates: &[TrustedCertificate]) -> Self {
        for certificate in certificates {
            self.store.add(certificate.clone());
        }
        self
    }

    /// Adds Mozilla's public CAs, from the crate webpki-roots.
    ///
    /// Only the name, the key and the name constraints of these CAs are known. They count as CAs that never expire
    /// and have no path length limit.
    pub fn webpki_roots(mut self) -> Self {
        let anchors = webpki_roots::TLS_SERVER_ROOTS.iter();
        let certificates = anchors.filter_map(TrustedCertificate::of_anchor);
        certificates.for_each(|certificate| self.store.add(certificate));
        self
    }

    /// Turns revocation checks on, with these lists.
    ///
    /// Without this call, revocation is not checked. Further calls add lists. Once the check is on, an end entity
    /// (with [`RevocationDepth::Chain`]: any certificate) that no list covers is refused with
    /// [`VerifyCode::UnableToGetCrl`](super::VerifyCode::UnableToGetCrl): OpenSSL has no soft failure either.
    pub fn revocation_lists(mut self, lists: impl IntoIterator<Item = RevocationList>) -> Self {
        self.lists.get_or_insert_default().extend(lists);
        self
    }

    /// Sets which certificates of a path the lists must cover. Defaults to [`RevocationDepth::Covered`].
    pub fn revocation_depth(mut self, depth: RevocationDepth) -> Self {
        self.policy.revocation_depth = depth;
        self
    }

    /// Sets whether the name must match. Defaults to off.
    ///
    /// With the check off, a mismatch is still recorded, as a [tolerated](super::Finding::is_tolerated) finding.
    pub fn name_check(mut self, check: NameCheck) -> Self {
        self.policy.name_check = check;
        self
    }

    /// Sets the name to check servers against, whatever name the connection was made to.
    ///
    /// This is the option `tls-target-name`. The names of clients are never compared with it.
    pub fn target_name(mut self, name: ReferenceName) -> Self {
        self.policy.target_name = Some(name);
        self
    }

    /// Sets how strong keys and signatures must be. Defaults to level 2.
    ///
    /// A level below 2 counts as 2, see [`SecurityLevel::effective`].
    pub fn security_level(mut self, level: SecurityLevel) -> Self {
        self.policy.security_level = SecurityLevel::effective(Some(level));
        self
    }

    /// Sets whether missing lists are fetched. If they are, there may be no list at first.
    pub(crate) fn lists_are_fetched(mut self, are_fetched: bool) -> Self {
        self.policy.fetches_lists = are_fetched;
        self
    }

    /// Sets how many verdicts on accepted peers are kept at most. Defaults to none.
    pub(crate) fn kept_verdicts(mut self, most: usize) -> Self {
        self.policy.kept_verdicts = most;
        self
    }

    /// Sets the function that decides on every peer that is otherwise accepted. Defaults to none.
    pub(crate) fn authorisation(mut self, authorisation: Authorisation) -> Self {
        self.policy.authorisation = authorisation;
        self
    }

    /// Makes the verifier, and verifies the lists' signatures as far as their issuers are known.
    ///
    /// # Errors
    ///
    /// - There is no trusted certificate.
    /// - Revocation checks were turned on with no list.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::Source;
    /// use sip_tls::verify::{Verifier, VerifierError};
    /// use sip_tls::{crypto, pki};
    ///
    /// # const CA: &str = "tests/testdata/crypto/p256.crt";
    /// let provider = crypto::default_base()?;
    /// let nothing = Verifier::builder(&provider).build();
    /// assert_eq!(nothing.unwrap_err(), VerifierError::NoTrustedCertificate);
    ///
    /// let roots = pki::roots::load(Source::path(CA))?;
    /// let builder = Verifier::builder(&provider).trusted(roots.certificates());
    /// let no_list = builder.revocation_lists([]).build();
    /// assert_eq!(no_list.unwrap_err(), VerifierError::NoList);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn build(self) -> Result<Verifier, VerifierError> {
        let (verifier, refusal) = self.build_anyway();
        refusal.map_or(Ok(verifier), Err)
    }

    /// Makes the verifier, and returns the reason if it would refuse every peer.
    ///
    /// A check of a whole configuration wants the verifier even then: it reports what else is wrong.
    pub(crate) fn build_anyway(self) -> (Verifier, Option<VerifierError>) {
        let has_no_list =
            !self.policy.fetches_lists && self.lists.as_ref().is_some_and(Vec::is_empty);
        let refusal = match self.store.is_empty() {
            true => Some(VerifierError::NoTrustedCertificate),
            false => has_no_list.then_some(VerifierError::NoList),
        };
        let store = self.store.shared();
        let basis = Basis::new(&store, self.algorithms.all, self.policy.security_level);
        let revocation = self.lists.map(|lists| {
            let lists = lists.into_iter().map(|list| Crl::new(list, &basis));
            RevocationIndex::new(lists.collect())
        });
        if let Some(index) = &revocation {
            index.verify_with(&store, self.algorithms.all);
        }
        let rules = Rules {
            store,
            revocation,
            algorithms: self.algorithms,
        };
        (Verifier::new(rules, self.policy), refusal)
    }
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Why a verifier could not be made.
///
/// OpenSSL reports neither of the two: it makes such a context, and then refuses every peer.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VerifierError {
    /// Revocation checks were turned on with no list: every peer would be refused.
    NoList,
    /// Nothing is trusted: every peer would be refused.
    NoTrustedCertificate,
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoList => "revocation checks are on, but there is no list",
            Self::NoTrustedCertificate => "there is no trusted certificate",
        })
    }
}

impl std::error::Error for VerifierError {}
