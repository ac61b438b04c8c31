use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::pki_types::CertificateDer;

use super::name::ReferenceName;
use super::purpose::Purpose;
use super::status::VerifyStatus;

/// What one verifier said of peers that it accepted, for when they come again: on a new connection, or on one whose
/// session is resumed.
///
/// The same certificates get the same verdict from the same files until one of them, or a list, comes into force or
/// expires. So a verdict is kept with the time in which nothing can change it. A refusal is not kept: peers that are
/// refused could be made up in any number. The handshake's signature is verified on every connection, whatever is kept here.
#[derive(Default)]
pub(super) struct Verdicts {
    /// Half of the verdicts that are kept at most.
    half: usize,
    kept: Mutex<Kept>,
}

/// Verdicts that were asked for since the two last changed places, and those before.
#[derive(Default)]
struct Kept {
    recent: HashMap<Question, Verdict>,
    older: HashMap<Question, Verdict>,
}

/// What tells most questions apart without a look at whole certificates.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(super) struct Question {
    purpose: Purpose,
    reference: Option<ReferenceName>,
    /// Of the end entity: the last octets of its signature.
    end: [u8; 32],
}

struct Verdict {
    chain: Vec<CertificateDer<'static>>,
    status: VerifyStatus,
    /// When it was said, in seconds since the epoch.
    since: i64,
}

impl Verdicts {
    /// Keeps so many at most; none if it is 0.
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
        // The maps are whole at any time: a panic elsewhere cannot have left them half made.
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
