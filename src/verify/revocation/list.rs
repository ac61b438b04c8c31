use rustls::pki_types::SignatureVerificationAlgorithm;

use super::question::{PathSignatures, Question};
use super::signature::ListSignature;
use crate::pki::{Origin, RevocationList};
use crate::verify::code::VerifyCode;
use crate::x509::distribution_point::IssuingDistributionPoint;
use crate::x509::extension::AuthorityKeyId;
use crate::x509::serial::SerialSet;
use crate::x509::time::Time;
use crate::x509::{Certificate, CrlFacts};

/// A revocation list in use.
pub(crate) struct Crl {
    pub(crate) facts: CrlFacts,
    pub(crate) origin: Origin,
    /// Canonical.
    pub(super) issuer: Vec<u8>,
    pub(super) authority_key_id: Option<AuthorityKeyId>,
    pub(super) scope: Option<IssuingDistributionPoint>,
    /// The list, or an entry of it, has a critical extension that OpenSSL does not handle.
    pub(super) has_unhandled_critical: bool,
    pub(super) this_update: Time,
    next_update: Option<Time>,
    revoked: SerialSet,
    /// `None` if it can be nobody's.
    signature: Option<ListSignature>,
}

impl Crl {
    pub(crate) fn new(list: RevocationList) -> Self {
        let (list, origin) = list.into_parts();
        Self {
            facts: list.facts,
            origin,
            issuer: list.issuer,
            authority_key_id: list.authority_key_id,
            scope: list.scope,
            has_unhandled_critical: list.has_unhandled_critical,
            this_update: list.this_update,
            next_update: list.next_update,
            revoked: list.revoked,
            signature: ListSignature::new(list.signed),
        }
    }

    /// Verifies the signature with the key of a trusted certificate, and keeps the result.
    pub(super) fn verify_with(
        &self,
        issuer: &Certificate<'_>,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) {
        let question = Question {
            path: &[issuer],
            depth: 0,
            now: 0,
            algorithms,
            signatures: PathSignatures::Verified,
        };
        self.is_signed_by(issuer, question);
    }

    /// Checks that the list is in force (`check_crl_time` in OpenSSL).
    pub(super) fn check_dates(&self, now: i64) -> Result<(), VerifyCode> {
        match self.this_update.valid {
            None => return Err(VerifyCode::ErrorInCrlLastUpdateField),
            Some(from) if now < from => return Err(VerifyCode::CrlNotYetValid),
            Some(_) => {}
        }
        match self.next_update.map(|time| time.valid) {
            Some(None) => Err(VerifyCode::ErrorInCrlNextUpdateField),
            // `X509_cmp_time(3)` calls the same second earlier.
            Some(Some(until)) if now >= until => Err(VerifyCode::CrlHasExpired),
            _ => Ok(()),
        }
    }

    /// The first second in which the list is no longer in force.
    pub(crate) fn expires(&self) -> i64 {
        let time = self.next_update.and_then(|time| time.valid);
        time.unwrap_or(i64::MAX)
    }

    /// Whether it is by the same issuer and key, and about the same certificates.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && self.authority_key_id == other.authority_key_id
            && self.scope == other.scope
    }

    pub(super) fn revokes(&self, serial: &[u8]) -> bool {
        self.revoked.contains(serial)
    }

    /// Whether the key of `issuer`, a certificate of the path in question, signed the list.
    pub(super) fn is_signed_by(&self, issuer: &Certificate<'_>, question: Question<'_>) -> bool {
        let signature = self.signature.as_ref();
        signature.is_some_and(|signature| signature.is_by(issuer, question))
    }
}
