use std::fmt;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::name::ReferenceName;
use super::policy::Policy;
use super::revocation::{Crl, CrlError, RevocationDepth, RevocationIndex};
use super::trust_store::TrustStore;
use super::verifier::{Inner, Verifier};
use crate::options::{NameCheck, SecurityLevel};
use crate::pki::{RevocationList, TrustSettings, TrustedCertificate};

/// Collects what a [`Verifier`] is to trust and to check.
#[derive(Debug)]
pub struct VerifierBuilder {
    algorithms: WebPkiSupportedAlgorithms,
    trusted: Vec<(CertificateDer<'static>, TrustSettings)>,
    with_public_roots: bool,
    lists: Option<Vec<CertificateRevocationListDer<'static>>>,
    policy: Policy,
}

impl VerifierBuilder {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self {
            algorithms,
            trusted: Vec::new(),
            with_public_roots: false,
            lists: None,
            policy: Policy::default(),
        }
    }

    /// Adds certificates as those of `trusted-ca`: the self-signed ones are trust anchors, the others complete paths.
    pub fn trusted_certificates(
        mut self,
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Self {
        let with_settings = certificates
            .into_iter()
            .map(|der| (der, TrustSettings::default()));
        self.trusted.extend(with_settings);
        self
    }

    /// Adds the certificates of a file, with the trust settings that they carry.
    pub fn trusted(mut self, certificates: &[TrustedCertificate]) -> Self {
        let with_settings = certificates
            .iter()
            .map(|certificate| (certificate.der().clone(), certificate.trust().clone()));
        self.trusted.extend(with_settings);
        self
    }

    /// Adds Mozilla's public CAs, from the crate webpki-roots.
    pub fn webpki_roots(mut self) -> Self {
        self.with_public_roots = true;
        self
    }

    /// Turns revocation checks on, with these lists.
    pub fn crls(
        mut self,
        lists: impl IntoIterator<Item = CertificateRevocationListDer<'static>>,
    ) -> Self {
        self.lists.get_or_insert_default().extend(lists);
        self
    }

    /// Turns revocation checks on, with these lists.
    pub fn revocation_lists(self, lists: impl IntoIterator<Item = RevocationList>) -> Self {
        let parts = lists.into_iter().map(RevocationList::into_parts);
        self.crls(parts.map(|(list, _)| list.signed.der))
    }

    /// Which certificates of a path the lists must cover; [`RevocationDepth::Covered`] if not said.
    pub fn revocation_depth(mut self, depth: RevocationDepth) -> Self {
        self.policy.revocation_depth = depth;
        self
    }

    /// Whether the name must match; off if not said.
    pub fn name_check(mut self, check: NameCheck) -> Self {
        self.policy.name_check = check;
        self
    }

    /// The name to check servers against, whatever name the connection was made to.
    pub fn target_name(mut self, name: ReferenceName) -> Self {
        self.policy.target_name = Some(name);
        self
    }

    /// How strong keys and signatures must be; level 2 if not said.
    pub fn security_level(mut self, level: SecurityLevel) -> Self {
        self.policy.security_level = SecurityLevel::effective(Some(level));
        self
    }

    /// Reads certificates and lists, and verifies the lists' signatures as far as their issuers are known.
    ///
    /// # Errors
    ///
    /// - There is neither a trusted certificate nor were the public CAs asked for.
    /// - A certificate or a list cannot be read, or not be used without becoming less safe.
    /// - Revocation checks were turned on with no list.
    pub fn build(self) -> Result<Verifier, VerifierError> {
        let public_roots = match self.with_public_roots {
            true => webpki_roots::TLS_SERVER_ROOTS,
            false => &[],
        };
        if self.trusted.is_empty() && public_roots.is_empty() {
            return Err(VerifierError::NoTrustedCertificate);
        }
        let store = TrustStore::new(self.trusted, public_roots)?;
        let revocation = match self.lists {
            Some(lists) if lists.is_empty() => return Err(VerifierError::NoList),
            Some(lists) => Some(index(lists, &store, self.algorithms)?),
            None => None,
        };
        let inner = Inner {
            store,
            revocation,
            algorithms: self.algorithms,
        };
        Ok(Verifier::new(inner, self.policy))
    }
}

fn index(
    lists: Vec<CertificateRevocationListDer<'static>>,
    store: &TrustStore,
    algorithms: WebPkiSupportedAlgorithms,
) -> Result<RevocationIndex, VerifierError> {
    let lists = lists
        .into_iter()
        .enumerate()
        .map(|(number, der)| {
            Crl::parse(der).map_err(|source| VerifierError::List { number, source })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let index = RevocationIndex::new(lists);
    index.verify_with(store.certificates(), algorithms.all);
    Ok(index)
}

/// Why a verifier could not be made.
#[non_exhaustive]
#[derive(Debug)]
pub enum VerifierError {
    /// A revocation list cannot be used.
    List {
        /// Which one, counting from 0.
        number: usize,
        /// What is wrong with it.
        source: CrlError,
    },
    /// Revocation checks were turned on with no list: every peer would be refused.
    NoList,
    /// Nothing is trusted: every peer would be refused.
    NoTrustedCertificate,
    /// A trusted certificate cannot be read.
    UnreadableCertificate {
        /// Which one, counting from 0.
        number: usize,
    },
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List { number, .. } => write!(f, "unusable revocation list {}", number + 1),
            Self::NoList => f.write_str("revocation checks are on, but there is no list"),
            Self::NoTrustedCertificate => f.write_str("there is no trusted certificate"),
            Self::UnreadableCertificate { number } => {
                write!(f, "trusted certificate {} cannot be read", number + 1)
            }
        }
    }
}

impl std::error::Error for VerifierError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::List { source, .. } => Some(source),
            _ => None,
        }
    }
}
