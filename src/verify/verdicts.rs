//! The cache of verdicts: what was found about a peer that comes again.
//!
//! OpenSSL verifies a peer's certificates in each handshake. SIP phones and trunks connect again and again with the
//! same certificates, so the verdict on an accepted peer is kept. The two halves of the cache take turns: a new
//! verdict goes into the recent half, and when that is full, it becomes the older half and the former older half is
//! dropped. A verdict that is used moves to the recent half. So those in use stay, without a list of when each was
//! used.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::pki_types::CertificateDer;

use super::name::ReferenceName;
use super::purpose::Purpose;
use super::status::VerifyStatus;

/// The verdicts of one verifier on peers that it accepted, for their next connections, new or with a resumed session.
///
/// The same certificates get the same verdict from the same files until a certificate or a list becomes valid or
/// expires. So a verdict is kept with the time until which it cannot change. A refusal is not kept, because an
/// attacker could make up any number of peers that are refused. The signature of the handshake is verified on every
/// connection, even with a verdict that is kept.
#[derive(Default)]
pub(super) struct Verdicts {
    /// Half of the maximum number of verdicts.
    half: usize,
    kept: Mutex<Kept>,
}

/// The verdicts that are kept: in `recent` those used since it last became `older`, and in `older` those from before.
#[derive(Default)]
struct Kept {
    recent: HashMap<Question, Verdict>,
    older: HashMap<Question, Verdict>,
}

/// A key that tells most questions apart without comparing whole certificates.
///
/// Signatures are random or depend on the whole certificate, so few certificates end in the same octets. The
/// certificates themselves are compared after a verdict is found.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(super) struct Question {
    purpose: Purpose,
    reference: Option<ReferenceName>,
    /// The last octets of the end entity's signature.
    end: [u8; 32],
}

/// The certificates are those that the peer sent, all of them, in its order.
struct Verdict {
    chain: Vec<CertificateDer<'static>>,
    status: VerifyStatus,
    /// When the verdict was given, in seconds since the epoch.
    since: i64,
}

impl Verdicts {
    /// Keeps at most `most` verdicts; none if it is 0.
    pub(super) fn new(most: usize) -> Self {
        Self {
            half: most.div_ceil(2),
            kept: Mutex::default(),
        }
    }

    pub(super) fn are_kept(&self) -> bool {
        self.half > 0
    }

    /// Returns the verdict on these certificates, if it still holds.
    ///
    /// A verdict does not hold at a time before it was given, when the clock was set back: a list may not be in force
    /// then.
    pub(super) fn find<'p>(
        &self,
        question: &Question,
        chain: impl Iterator<Item = &'p CertificateDer<'p>>,
        now: i64,
    ) -> Option<VerifyStatus> {
        let mut kept = self.kept();
        if !kept.recent.contains_key(question) {
            let (question, verdict) = kept.older.remove_entry(question)?;
            self.add(&mut kept, question, verdict);
        }
        let verdict = kept.recent.get(question)?;
        let holds = (verdict.since..verdict.status.validity.until).contains(&now);
        let is_same = || chain.eq(verdict.chain.iter());
        (holds && is_same()).then(|| verdict.status.clone())
    }

    /// Keeps the verdict on these certificates, if the same question would get the same answer later.
    ///
    /// A refusal is not kept, and neither is a verdict that the caller's function or a date changes at once.
    pub(super) fn keep<'p>(
        &self,
        question: Question,
        chain: impl Iterator<Item = &'p CertificateDer<'p>>,
        now: i64,
        status: &VerifyStatus,
    ) {
        if !status.is_accepted() || status.validity.until <= now {
            return;
        }
        let verdict = Verdict {
            chain: chain.map(|der| der.clone().into_owned()).collect(),
            status: status.clone(),
            since: now,
        };
        self.add(&mut self.kept(), question, verdict);
    }

    /// Adds a verdict to the recent half, and drops the older half if the recent one is full.
    fn add(&self, kept: &mut Kept, question: Question, verdict: Verdict) {
        if kept.recent.len() >= self.half {
            kept.older = std::mem::take(&mut kept.recent);
        }
        kept.recent.insert(question, verdict);
    }

    #[cfg(all(
        test,
        any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
    ))]
    pub(super) fn count(&self) -> usize {
        let kept = self.kept();
        kept.recent.len() + kept.older.len()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // The maps are consistent at any time, so a panic elsewhere cannot have left them incomplete.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Question {
    pub(super) fn new(
        end_entity: Option<&CertificateDer<'_>>,
        purpose: Purpose,
        reference: Option<ReferenceName>,
    ) -> Self {
        let end = end_entity.and_then(|der| der.last_chunk());
        Self {
            purpose,
            reference,
            end: end.copied().unwrap_or_default(),
        }
    }

    pub(super) fn reference(&self) -> Option<ReferenceName> {
        self.reference.clone()
    }
}

impl fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdicts").finish_non_exhaustive()
    }
}
