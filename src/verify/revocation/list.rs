//! One revocation list in use: the parsed list, where it comes from, and who signed it.
//!
//! Many endpoints of a process often read the same files. The parsed contents, the knowledge of the signature, and
//! whole sets of lists are each kept once for all of them. Two lists are one if their bytes are the same; two
//! signatures only if the verifiers trust the same.

use std::convert::Infallible;
use std::ops::Deref;
#[cfg(all(
    test,
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
use std::sync::Weak;
use std::sync::{Arc, LazyLock};

use rustls::pki_types::SignatureVerificationAlgorithm;

use super::question::Question;
use super::signature::{Basis, ListSignature};
use crate::pki::{Origin, RevocationList, SharedList};
use crate::shared::Pool;
use crate::verify::code::VerifyCode;
use crate::verify::verifier::Verifier;
#[cfg(feature = "crl-fetch")]
use crate::x509::CrlFacts;
use crate::x509::{Certificate, CertificateList};

/// A revocation list in use. Its contents, and what is known of its signature, are shared with all other users of the
/// same list in the process.
pub(crate) struct Crl {
    list: Arc<SharedList>,
    pub(crate) origin: Origin,
    signature: Arc<ListSignature>,
}

impl Crl {
    /// `basis` says whose keys count. A list that is in use with the same basis shares what is known of its
    /// signature.
    pub(crate) fn new(list: RevocationList, basis: &Basis) -> Self {
        static SIGNATURES: LazyLock<Pool<ListSignature>> = LazyLock::new(Pool::new);
        let (list, der, origin) = list.into_parts();
        let is_same = |known: &ListSignature| known.is_of(&list, basis);
        let make = || Ok::<_, Infallible>(ListSignature::new(list.clone(), der, basis.clone()));
        let Ok(signature) = SIGNATURES.find_or_make(Arc::as_ptr(&list), is_same, make);
        Self {
            list,
            origin,
            signature,
        }
    }

    /// Whether both share the list and the knowledge of its signature, and have the same origin.
    fn is_one_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.list, &other.list)
            && Arc::ptr_eq(&self.signature, &other.signature)
            && self.origin.is_same(&other.origin)
    }

    /// Whether both share the contents of the list, and what is known of its signature.
    #[cfg(all(
        test,
        any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
    ))]
    pub(super) fn shares(&self, other: &Self) -> (bool, bool) {
        let list = Arc::ptr_eq(&self.list, &other.list);
        (list, Arc::ptr_eq(&self.signature, &other.signature))
    }

    /// References to what others may share.
    #[cfg(all(
        test,
        any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
    ))]
    pub(super) fn shared(&self) -> [Weak<dyn Send + Sync>; 2] {
        let list: Weak<SharedList> = Arc::downgrade(&self.list);
        let signature: Weak<ListSignature> = Arc::downgrade(&self.signature);
        [list, signature]
    }

    /// Returns the lists, or those of another verifier that has the same.
    pub(super) fn share_all(lists: Vec<Self>) -> Arc<Vec<Self>> {
        static LISTS: LazyLock<Pool<Vec<Crl>>> = LazyLock::new(Pool::new);
        let key: Vec<_> = lists.iter().map(|list| Arc::as_ptr(&list.list)).collect();
        LISTS.share_by(key, lists, |known, lists| {
            let mut pairs = known.iter().zip(lists);
            known.len() == lists.len() && pairs.all(|(known, list)| known.is_one_with(list))
        })
    }

    /// Verifies the signature with the key of a trusted certificate, and keeps the result.
    pub(super) fn verify_with(
        &self,
        issuer: &Certificate<'_>,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) {
        self.is_signed_by(issuer, Question::of_ca(&[issuer], algorithms));
    }

    /// Checks that the list is in force (`check_crl_time` in OpenSSL).
    ///
    /// The findings are 15 and 16 for dates that cannot be read, 11 and 12 for a list that is not yet or no longer in
    /// force. A list without nextUpdate does not expire.
    pub(crate) fn check_dates(&self, now: i64) -> Result<(), VerifyCode> {
        match self.this_update.valid {
            None => return Err(VerifyCode::ErrorInCrlLastUpdateField),
            Some(from) if now < from => return Err(VerifyCode::CrlNotYetValid),
            Some(_) => {}
        }
        match self.next_update.map(|time| time.valid) {
            Some(None) => Err(VerifyCode::ErrorInCrlNextUpdateField),
            // `X509_cmp_time(3)` treats an equal time as earlier.
            Some(Some(until)) if now >= until => Err(VerifyCode::CrlHasExpired),
            _ => Ok(()),
        }
    }

    /// The first second in which the list is no longer in force.
    ///
    /// `i64::MAX` for a list that never expires.
    pub(crate) fn expires(&self) -> i64 {
        let time = self.next_update.and_then(|time| time.valid);
        time.unwrap_or(i64::MAX)
    }

    /// Whether both are by the same issuer and key, and about the same certificates.
    ///
    /// Of lists that are alike, the newest one that is in force counts.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && self.authority_key_id == other.authority_key_id
            && self.scope == other.scope
    }

    /// Whether the list names this CA as its issuer.
    ///
    /// It goes by name and authorityKeyIdentifier (`crl_akid_check` in OpenSSL), and not by the signature.
    pub(crate) fn is_named_by(&self, ca: &Certificate<'_>) -> bool {
        *self.issuer == *ca.subject() && ca.is_meant_by(self.authority_key_id.as_ref())
    }

    /// Whether the list's issuer has this name, in its canonical form.
    pub(crate) fn has_issuer(&self, canonical: &[u8]) -> bool {
        self.issuer == canonical
    }

    /// Whether the key of this CA signed the list.
    pub(crate) fn is_signed_with_key_of(&self, ca: &Certificate<'_>, verifier: &Verifier) -> bool {
        self.is_signed_by(ca, Question::of_ca(&[ca], verifier.algorithms().all))
    }

    /// Whether the list was made before the other one.
    ///
    /// False if one of the dates cannot be read.
    pub(crate) fn is_older_than(&self, other: &Self) -> bool {
        other.this_update.is_after(self.this_update)
    }

    /// Whether the list replaces the other one: it was made later, and has the higher number if both have numbers (RFC
    /// 5280, section 5.2.3).
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        let is_numbered_lower = || {
            let (ours, others) = (number(&self.facts)?, number(&other.facts)?);
            Some(ours < others)
        };
        self.this_update.is_after(other.this_update) && is_numbered_lower() != Some(true)
    }

    /// Whether both have the same signature, and are therefore the same list.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.signature.is_same(&other.signature)
    }

    /// The time span, in seconds since the epoch, in which a newer list is to be fetched. `None` if the list never
    /// expires.
    ///
    /// The list is fetched at some time within the span, so that not all endpoints fetch at once. The span ends a
    /// tenth of the list's life before its end, and at least five minutes before, but never before the middle of its
    /// life.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn renewal(&self) -> Option<(i64, i64)> {
        let (from, until) = (self.this_update.valid?, self.next_update?.valid?);
        let life = until.saturating_sub(from).max(0);
        let margin = (life / 10).max(SOME_MINUTES.min(life / 2));
        Some((until - 2 * margin, until - margin))
    }

    /// Whether a newer list should be available by now.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn is_running_out(&self, now: i64) -> bool {
        self.renewal().is_some_and(|(_, last)| now >= last)
    }

    /// Whether the list can answer for a certificate at all: extended CRL support is off, as in OpenSSL.
    ///
    /// A fetched list that cannot is refused; one in a file is a finding of [`Check`](crate::check::Check).
    pub(crate) fn can_answer(&self) -> bool {
        !self.has_unhandled_critical && self.has_usable_scope()
    }

    /// Whether any certificate can be in the scope of the list.
    pub(crate) fn has_usable_scope(&self) -> bool {
        self.scope.as_ref().is_none_or(|scope| {
            let is_out = scope.is_contradictory() || scope.is_indirect || scope.only_some_reasons;
            !(is_out || scope.only_attribute)
        })
    }

    /// Whether the list is about CAs only.
    pub(crate) fn is_for_cas_only(&self) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.only_ca)
    }

    /// `serial` are the content octets of the certificate's serial number.
    pub(super) fn revokes(&self, serial: &[u8]) -> bool {
        self.revoked.contains(serial)
    }

    /// Whether the key of `issuer`, a certificate of the path in question, signed the list.
    pub(super) fn is_signed_by(&self, issuer: &Certificate<'_>, question: Question<'_>) -> bool {
        self.signature.is_by(issuer, question)
    }
}

impl Deref for Crl {
    type Target = CertificateList;

    fn deref(&self) -> &CertificateList {
        &self.list
    }
}

/// The number of a list, in a form that compares by value. `None` if the list has no number, or a negative one.
#[cfg(feature = "crl-fetch")]
fn number(facts: &CrlFacts) -> Option<(usize, &str)> {
    let digits = facts.number()?.strip_prefix("0x")?.trim_start_matches('0');
    Some((digits.len(), digits))
}

/// In seconds.
#[cfg(feature = "crl-fetch")]
const SOME_MINUTES: i64 = 300;
